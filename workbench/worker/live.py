"""Live text: the one walk being watched, as it grows, in a small file that is cut when the text is done."""

import json
import time
from collections import Counter, deque
from collections.abc import Hashable
from pathlib import Path

from workbench.runs.watching import LIVE, Watched

#: The rate is that of so many seconds.
_SPAN = 20.0


class LiveText:
    """Writes live.jsonl: `{"walk": …, "step": …, "text": …, "rate": …}` a line, at most one every 50 ms, of the walk watched.

    step counts the records of the walk that are saved, so that whoever reads knows which of its texts is growing; rate is the
    tokens a second of all records saved within the last seconds.
    """

    def __init__(self, folder: Path, rhythm: float = 0.05) -> None:
        self._path = folder / LIVE
        self._watched = Watched(folder)
        self._rhythm = rhythm
        self._steps: Counter[str] = Counter()
        self._walk = ""
        self._written = 0.0
        self._saved: deque[tuple[float, int]] = deque()
        self._since: float | None = None

    def wants(self, walk: Hashable) -> bool:
        """Say whether anybody watches this walk."""
        return self._watched.wants(walk)

    def __call__(self, walk: Hashable, text: str) -> None:
        """Take note of a walk's text so far."""
        now = time.monotonic()
        if now - self._written < self._rhythm or not self.wants(walk):
            return
        self._written = now
        self._begin(now)
        mode = "a" if self._walk == str(walk) else "w"
        self._walk = str(walk)
        with self._path.open(mode, encoding="utf-8", errors="replace", newline="") as file:
            line = {"walk": self._walk, "step": self._steps[self._walk], "text": text, "rate": self._rate(now)}
            file.write(json.dumps(line) + "\n")

    def saved(self, walk: Hashable, records: int = 1, tokens: int = 0) -> None:
        """Take note that records of a walk are saved: the text that grew is one of them now."""
        self._steps[str(walk)] += records
        if tokens:
            now = time.monotonic()
            self._begin(now)
            self._saved.append((now, tokens))
        if str(walk) == self._walk:
            self._walk = ""
            self._path.write_bytes(b"")

    def _begin(self, now: float) -> None:
        if self._since is None:
            self._since = now

    def _rate(self, now: float) -> float:
        while self._saved and now - self._saved[0][0] > _SPAN:
            self._since, _ = self._saved.popleft()
        if self._since is None or now <= self._since:
            return 0.0
        return round(sum(tokens for _, tokens in self._saved) / (now - self._since), 1)
