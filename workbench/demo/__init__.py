"""The embedded default: a small world with a known truth, read by an oracle that sees text alone."""
