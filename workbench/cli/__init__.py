"""Every stage from a terminal: proof that no window is needed. Nothing here imports torch, and little is imported to parse."""
