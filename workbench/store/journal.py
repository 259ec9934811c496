"""decisions.jsonl: the second place of everything a person decided, on disk before the database says it is saved."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.records.identity import canonical_json, content_hash

FIRST = ""


@dataclass(frozen=True)
class Decision:
    """Something a person decided: which kind of record, the record as data, and the hash of the decision before it."""

    id: str
    kind: str
    data: dict[str, Any]
    previous_hash: str = FIRST

    @property
    def hash(self) -> str:
        """SHA-256 over the decision and the hash before it: whoever changes one breaks all that follow."""
        return content_hash([self.id, self.kind, self.data, self.previous_hash])


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

    def read(self) -> tuple[list[Decision], list[str]]:
        """Return the decisions and, as sentences, what is wrong with the file; a damaged line is never taken for a decision."""
        if not self.path.exists():
            return [], []
        decisions: list[Decision] = []
        wrong: list[str] = []
        for number, line in enumerate(self.path.read_bytes().split(b"\n")[:-1], 1):
            decision = _parse(line)
            if decision is None:
                wrong.append(f"Line {number} of {self.path} is damaged; the decision on it cannot be read from there.")
            else:
                decisions.append(decision)
        return decisions, wrong


def _line(decision: Decision) -> bytes:
    content = {
        "id": decision.id,
        "kind": decision.kind,
        "data": decision.data,
        "previous_hash": decision.previous_hash,
        "hash": decision.hash,
    }
    return (json.dumps(content, separators=(",", ":")) + "\n").encode()


def _parse(line: bytes) -> Decision | None:
    try:
        content = json.loads(line)
        decision = Decision(content["id"], content["kind"], content["data"], content["previous_hash"])
        return decision if decision.hash == content["hash"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def stored(decision: Decision) -> list[Any]:
    """Return a decision's column values."""
    return [decision.id, decision.kind, canonical_json(decision.data), decision.previous_hash, decision.hash]
