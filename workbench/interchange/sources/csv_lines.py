"""The lines of a CSV file, bounded and counted, which can be gone back to where a record turns out to be none."""

import csv
import io
from collections import deque

from workbench.interchange.lines import MAX_LINE_BYTES


class RowTooLongError(csv.Error):
    """A record is longer than any row."""


class CsvLines:
    """An iterator of lines for csv.reader; RowTooLongError where those of one record are too many to hold.

    A quote that is never closed makes a record of all the lines up to the next quote. They are kept, so that the lines after the
    one on which the record began can be read again as records of their own, and none is lost with it.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._held, self._begun = 0, 1

    def __iter__(self) -> "CsvLines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._held += len(line)
        if self._held > MAX_LINE_BYTES:
            raise RowTooLongError(
                f"a row is longer than {MAX_LINE_BYTES // 1024**2} MB; perhaps its quote is never closed"
            )
        return line

    def begin_record(self) -> int:
        """Let go of the lines of the record before, and return the number of the line that comes next."""
        self._begun += len(self._taken)
        self._taken.clear()
        self._held = 0
        return self._begun

    def go_back(self) -> None:
        """Go back to the line after the one on which the record began."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def _read(self) -> str:
        line = self._text.readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES and not line.endswith(("\n", "\r")):
            # The rest of it is read away piece by piece, and never held.
            while (rest := self._text.readline(MAX_LINE_BYTES)) and not rest.endswith(("\n", "\r")):
                pass
        return line
