"""Live text: the one walk being watched, as it grows, in a small file that is cut when the text is done."""

import json
import time
from collections import Counter
from collections.abc import Hashable
from pathlib import Path

from workbench.runs.watching import LIVE, Watched


class LiveText:
    """Writes live.jsonl: `{"walk": …, "step": …, "text": …}` a line, at most one every 50 ms, of the walk being watched.

    step counts the records of the walk that are saved, so that whoever reads knows which of its texts is growing.
    """

    def __init__(self, folder: Path, rhythm: float = 0.05) -> None:
        self._path = folder / LIVE
        self._watched = Watched(folder)
        self._rhythm = rhythm
        self._steps: Counter[str] = Counter()
        self._walk = ""
        self._written = 0.0

    def wants(self, walk: Hashable) -> bool:
        """Say whether anybody watches this walk."""
        return self._watched.wants(walk)

    def __call__(self, walk: Hashable, text: str) -> None:
        """Take note of a walk's text so far."""
        now = time.monotonic()
        if now - self._written < self._rhythm or not self.wants(walk):
            return
        self._written = now
        mode = "a" if self._walk == str(walk) else "w"
        self._walk = str(walk)
        with self._path.open(mode, encoding="utf-8", errors="replace", newline="") as file:
            file.write(json.dumps({"walk": self._walk, "step": self._steps[self._walk], "text": text}) + "\n")

    def saved(self, walk: Hashable, records: int = 1) -> None:
        """Take note that records of a walk are saved: the text that grew is one of them now."""
        self._steps[str(walk)] += records
        if str(walk) == self._walk:
            self._walk = ""
            self._path.write_bytes(b"")
