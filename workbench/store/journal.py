"""decisions.jsonl: the second place of everything a person decided, on disk before the database says it is saved."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.records.identity import canonical_json

FIRST = ""
#: A line as it is written since data stands in it in the spelling that is hashed: id and kind, data, hash before, hash.
_SPELT = re.compile(rb'\{"id":"([^"\\]*)","kind":"(\w+)","data":(\{.*\}),"previous_hash":"(\w*)","hash":"(\w{64})"\}')


@dataclass(frozen=True)
class Decision:
    """Something a person decided: which kind of record, the record as data, and the hash of the decision before it."""

    id: str
    kind: str
    data: dict[str, Any]
    previous_hash: str = FIRST

    @cached_property
    def spelt(self) -> str:
        """The data in its canonical spelling, in which it is hashed and kept."""
        return canonical_json(self.data)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the decision and the hash before it: whoever changes one breaks all that follow."""
        # The canonical spelling of the list of the four.
        text = (
            f"[{canonical_json(self.id)},{canonical_json(self.kind)},{self.spelt},{canonical_json(self.previous_hash)}]"
        )
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Kept:
    """A whole line of the journal: the id of its decision, and the bytes the decision is read from when it is wanted."""

    id: str
    line: bytes

    @property
    def decision(self) -> Decision:
        """The decision."""
        content = json.loads(self.line)
        return Decision(content["id"], content["kind"], content["data"], content["previous_hash"])


class Journal:
    """The file of decisions, one a line, each with its hash."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, decisions: Sequence[Decision]) -> None:
        """Append decisions and flush them to disk once."""
        lines = memoryview(b"".join(_line(decision) for decision in decisions))
        if not lines:
            return
        with self.path.open("ab", buffering=0) as file:
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(file.fileno())

    def cut(self, size: int) -> None:
        """Take back what was appended for a transaction that did not come about."""
        with self.path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())

    def mend(self) -> None:
        """Cut off a torn last line: its decision was never said to be saved."""
        if self.path.exists():
            whole = self.path.read_bytes().rfind(b"\n") + 1
            if whole < self.path.stat().st_size:
                self.cut(whole)

    def read(self) -> Iterator[Kept | str]:
        """Yield what each line holds or, as a sentence, that it is damaged: such a line is never taken for a decision."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    yield _kept(line) or (
                        f"Line {number} of {self.path} is damaged; the decision on it cannot be read from there."
                    )


def _line(decision: Decision) -> bytes:
    named = f'"id":{canonical_json(decision.id)},"kind":{canonical_json(decision.kind)}'
    hashes = f'"previous_hash":{canonical_json(decision.previous_hash)},"hash":"{decision.hash}"'
    return f'{{{named},"data":{decision.spelt},{hashes}}}\n'.encode("utf-8", "surrogatepass")


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
        decision = Decision(content["id"], content["kind"], content["data"], content["previous_hash"])
        return Kept(decision.id, line) if decision.hash == content["hash"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def stored(decision: Decision) -> tuple[str, ...]:
    """Return a decision's column values."""
    return decision.id, decision.kind, decision.spelt, decision.previous_hash, decision.hash
