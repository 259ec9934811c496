"""The window, and nothing else: it shows a project, asks for runs, and saves what a person decides."""
