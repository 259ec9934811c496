"""The places of the window, one for each step of the method."""
