"""Files for other tools, going out."""
