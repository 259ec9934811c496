"""decisions.jsonl: the second place of everything a person decided, on disk before the database says it is saved."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, NamedTuple

from workbench.records.identity import canonical_json
from workbench.sentences import said

FIRST = ""
#: So many lines are held at a time.
_LINES = 5000
#: The end of the file is looked through in parts of so many bytes.
_PART = 1 << 16
#: A line as it is written since data stands in it in the spelling that is hashed: id and kind, data, hash before, hash.
_SPELT = re.compile(rb'\{"id":"([^"\\]*)","kind":"(\w+)","data":(\{.*\}),"previous_hash":"(\w*)","hash":"(\w{64})"\}')


class Decision(NamedTuple):
    """Something a person decided, chained to the decision before it: a row of the database, and a line of the journal.

    kind is the kind of record, spelt the record as data in its canonical spelling, in which it is hashed and kept. The hash is a
    SHA-256 over the decision and the hash before it: whoever changes one breaks all that follow.
    """

    id: str
    kind: str
    spelt: str
    previous_hash: str
    hash: str

    @property
    def data(self) -> dict[str, Any]:
        """The record as data."""
        data: dict[str, Any] = json.loads(self.spelt)
        return data

    @property
    def line(self) -> bytes:
        """The decision as a line of the journal."""
        named = f'"id":{encode_basestring(self.id)},"kind":{encode_basestring(self.kind)}'
        hashes = f'"previous_hash":{encode_basestring(self.previous_hash)},"hash":"{self.hash}"'
        return f'{{{named},"data":{self.spelt},{hashes}}}\n'.encode("utf-8", "surrogatepass")


def chained(name: str, kind: str, spelt: str, previous_hash: str = FIRST) -> Decision:
    """Return a decision that follows another, whose hash is given."""
    # The canonical spelling of the list of the four.
    text = f"[{encode_basestring(name)},{encode_basestring(kind)},{spelt},{encode_basestring(previous_hash)}]"
    return Decision(name, kind, spelt, previous_hash, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


@dataclass(frozen=True)
class Kept:
    """A whole line of the journal: the id of its decision, and the bytes the decision is read from when it is wanted."""

    id: str
    line: bytes

    @property
    def decision(self) -> Decision:
        """The decision."""
        return _decision(json.loads(self.line))


class Journal:
    """The file of decisions, one a line, each with its hash."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, decisions: Iterable[Decision]) -> None:
        """Append decisions, however many, and flush them to disk once."""
        lines = (decision.line for decision in decisions)
        part = b"".join(islice(lines, _LINES))
        if not part:
            return
        with self.path.open("ab", buffering=0) as file:
            while part:
                _write(file, part)
                part = b"".join(islice(lines, _LINES))
            os.fsync(file.fileno())

    def cut(self, size: int) -> None:
        """Take back what was appended for a transaction that did not come about."""
        with self.path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())

    def mark(self) -> str:
        """Return what differs whenever the file does: its size, and when it was written last; empty where there is none."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return ""
        return f"{now.st_size} {now.st_mtime_ns}"

    def last_hash(self) -> str:
        """Return the hash of the last decision in it; empty where there is none, or its line is damaged."""
        if not self.path.exists():
            return FIRST
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            found = b""
            while end and b"\n" not in found[:-1]:
                start = max(0, end - _PART)
                file.seek(start)
                found, end = file.read(end - start) + found, start
        kept = _kept(found[found.rfind(b"\n", 0, -1) + 1 :])
        return kept.decision.hash if kept else FIRST

    def mend(self) -> None:
        """Cut off a torn last line: its decision was never said to be saved."""
        if self.path.exists() and (torn := self._torn()):
            self.cut(self.path.stat().st_size - torn)

    def _torn(self) -> int:
        """Return how many bytes follow the last whole line, read from the end."""
        with self.path.open("rb") as file:
            size = start = file.seek(0, os.SEEK_END)
            while start:
                start = max(0, start - _PART)
                file.seek(start)
                if (found := file.read(_PART).rfind(b"\n")) >= 0:
                    return size - (start + found + 1)
            return size

    def read(self) -> Iterator[Kept | str]:
        """Yield what each line holds or, as a sentence, that it is damaged: such a line is never taken for a decision."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    yield _kept(line) or (
                        said(
                            "Line {number} of {path} is damaged; the decision on it cannot be read from there.",
                            number=number,
                            path=self.path,
                        )
                    )


def _write(file: FileIO, part: bytes) -> None:
    """Write all of it: a full disk takes a part, and says so at the next attempt alone."""
    rest = memoryview(part)
    while rest:
        rest = rest[file.write(rest) :]


def _kept(line: bytes) -> Kept | None:
    """Return a line that is what was written; most need not be parsed for that, and there may be a million."""
    if spelt := _SPELT.fullmatch(line, 0, len(line) - 1):
        name, kind, data, previous, told = spelt.groups()
        text = b'["%b","%b",%b,"%b"]' % (name, kind, data, previous)
        if hashlib.sha256(text).hexdigest().encode() == told:
            return Kept(name.decode(), line)
    return _parsed(line)


def _parsed(line: bytes) -> Kept | None:
    try:
        content = json.loads(line)
        decision = _decision(content)
        return Kept(decision.id, line) if decision.hash == content["hash"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _decision(content: dict[str, Any]) -> Decision:
    """Return the decision a line holds, with the hash it must have."""
    return chained(content["id"], content["kind"], canonical_json(content["data"]), content["previous_hash"])
