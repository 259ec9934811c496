"""How the window looks: colours, theme, style sheet."""
