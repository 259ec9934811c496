"""Formats of other tools, coming in: what each looks like, and what its rows become."""
