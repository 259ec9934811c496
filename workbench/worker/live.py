"""Live text: the one walk being watched, as it grows, in a small file that is cut when the next begins."""

import json
import time
from pathlib import Path


class LiveText:
    """Writes live.jsonl: `{"walk": …, "text": …}` a line, at most one every 50 ms, of one walk at a time.

    A walk is watched until it has said nothing for a second; then the next that speaks takes its place.
    """

    def __init__(self, path: Path, rhythm: float = 0.05, patience: float = 1.0) -> None:
        self._path = path
        self._rhythm = rhythm
        self._patience = patience
        self._walk: object = None
        self._heard = self._written = 0.0

    def tell(self, walk: object, text: str) -> None:
        """Take note of a walk's text so far."""
        now = time.monotonic()
        if walk != self._walk:
            if self._walk is not None and now - self._heard < self._patience:
                return
            self._walk = walk
            self._path.write_bytes(b"")
        self._heard = now
        if now - self._written >= self._rhythm:
            self._written = now
            with self._path.open("a", encoding="utf-8", errors="replace", newline="") as file:
                file.write(json.dumps({"walk": str(walk), "text": text}) + "\n")
