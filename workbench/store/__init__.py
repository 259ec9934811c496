"""The memory: SQLite through sqlite-utils, one writer, and the only place where SQL lives."""
