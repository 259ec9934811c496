"""The nouns: frozen dataclasses on the standard library alone; see DESIGN's table of words in ARCHITECTURE.md."""
