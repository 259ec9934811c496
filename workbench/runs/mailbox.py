"""Asking a model without a run: requests as files that a warm worker answers as they come.

    mailbox = Mailbox(project_folder)                      # no files are touched
    asking = mailbox.ask(ChatRequest(model, turns))        # writes the request, starts a worker where none is at it
    for piece in asking.new():                             # whatever is there since the last look; never waits
        …                                                  # Notice, TextSoFar, TextDone, Rendered, Scored, Labelled, Ended
    asking.over                                            # True once Ended came; its files are gone then
    asking.cancel()                                        # the answer ends soon with Ended("cancelled")
    for piece in asking.wait(): …                          # the same for a command line: waits, ends with the last piece

`ask` and `new` never wait and may be called from anywhere; the window looks every 50 ms. Requests are built from a project by
project/requesting.py. All are answered side by side by one process per project, labels giving way to the rest. It keeps its
models loaded and leaves after some minutes without requests, when it is told to (`dismiss`), and when a training begins on its
device, which whoever waits is told. Where it dies, `new` says so: no request is lost without a word.
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from workbench.errors import BadInputError, MissingError
from workbench.records import request as records
from workbench.records.encoding import from_data, to_data
from workbench.records.request import Ended, ModelRequest, Piece
from workbench.runs.files import replace_text
from workbench.runs.identity import ProcessIdentity, alive, identity_of
from workbench.runs.launcher import start_detached
from workbench.runs.lines import parse_typed, read_lines, typed_line
from workbench.sentences import said
from workbench.sources.endpoints import Endpoints

#: The process that answers; the mailbox's folder is its last argument.
ANSWERER: tuple[str, ...] = (sys.executable, "-m", "workbench.worker.warm")
#: Where a project's requests lie.
REQUESTS = "requests"
#: The names of the variables the process that answers was given to find keys by; never what they hold.
_GIVEN = "variables.json"

_LOOK_AFTER_WORKER = 0.5
#: A request that nobody took up after this many starts of a worker is given up.
_MOST_STARTS = 3
_KINDS: dict[str, type[Any]] = {
    name: kind for name, kind in vars(records).items() if isinstance(kind, type) and kind.__module__ == records.__name__
}


class Mailbox:
    """A project's requests/ folder, as those who ask see it."""

    def __init__(self, project: Path, program: Sequence[str] = ANSWERER) -> None:
        self.path = project / REQUESTS
        self._program = program

    def ask(self, request: ModelRequest) -> "Asking":
        """Leave a request and see to it that somebody answers."""
        self.path.mkdir(exist_ok=True)
        if not self._knows_the_way():
            self.dismiss()  # `new` starts another one, which is given the keys of endpoints that were added since
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        replace_text(self.path / f"{name}.json", typed_line(type(request).__name__, to_data(request)), durable=False)
        self.wake()
        return Asking(self, name)

    def wake(self) -> None:
        """Start the process that answers where none is at it; worth doing early, since loading takes some seconds."""
        if self.worker() is not None:
            return
        self.path.mkdir(exist_ok=True)
        starting = FileLock(self.path / "starting.lock", timeout=0)
        try:
            starting.acquire()
        except Timeout:  # somebody else is starting it at this moment
            return
        try:
            if self.worker() is None:
                (self.path / "leave").unlink(missing_ok=True)
                keys = _leading_to_keys()
                replace_text(self.path / _GIVEN, json.dumps(sorted(keys)), durable=False)
                pid = start_detached([*self._program, str(self.path)], self.path / "worker.log", tuple(keys))
                write_worker(self.path, identity_of(pid))
        finally:
            starting.release()

    def _knows_the_way(self) -> bool:
        """Say whether the process that answers was given what leads to the keys of all endpoints, or none answers."""
        if self.worker() is None:
            return True
        try:
            given = set(json.loads((self.path / _GIVEN).read_bytes()))
        except (OSError, ValueError, TypeError):
            given = set()
        return _leading_to_keys() <= given

    def worker(self) -> ProcessIdentity | None:
        """Return the living process that answers, or None."""
        try:
            found = from_data(ProcessIdentity, json.loads((self.path / "worker.json").read_bytes()))
        except (OSError, ValueError, TypeError, AttributeError, BadInputError):
            return None
        return found if alive(found) else None

    def dismiss(self) -> None:
        """Ask the process that answers to leave at once; what it was at ends with a sentence."""
        if self.path.is_dir():
            replace_text(self.path / "leave", said("somebody asked it to leave"), durable=False)


@dataclass
class Asking:
    """One request under way, as the one who asked sees it."""

    mailbox: Mailbox
    name: str
    over: bool = False
    _offset: int = 0
    _looked: float = field(default_factory=time.monotonic)
    _starts: int = 1

    def new(self) -> list[Piece]:
        """Return the pieces since the last call; the last one ever is Ended."""
        if self.over:
            return []
        pieces = self._read()
        if not pieces and time.monotonic() - self._looked >= _LOOK_AFTER_WORKER:
            pieces = self._look_after_worker()
        if any(isinstance(piece, Ended) for piece in pieces):
            self.over = True
            self._clear()
        return pieces

    def wait(self, every: float = 0.02) -> Iterator[Piece]:
        """Yield the pieces as they come, to the last."""
        while not self.over:
            pieces = self.new()
            yield from pieces
            if not pieces:
                time.sleep(every)

    def cancel(self) -> None:
        """Ask for no more of the answer."""
        if not self.over:
            self._file("cancel").touch()

    def _read(self) -> list[Piece]:
        lines, self._offset = read_lines(self._file("answer.jsonl"), self._offset)
        return [parse_piece(line, self._file("answer.jsonl")) for line in lines]

    def _look_after_worker(self) -> list[Piece]:
        self._looked = time.monotonic()
        if self.mailbox.worker() is not None:
            return []
        last = self._read()  # it may have ended with our answer given
        if last:
            return last
        if self._file("cancel").exists():
            return [Ended("cancelled")]
        waiting = self._file("json").exists() and not self._file("answer.jsonl").exists()
        if waiting and self._starts < _MOST_STARTS:
            self._starts += 1
            self.mailbox.wake()
            return []
        log = self.mailbox.path / "worker.log"
        return [
            Ended(
                "refused",
                said(
                    "The process that answers ended without a word; ask again. Its log is {log}.",
                    log=log,
                ),
            )
        ]

    def _clear(self) -> None:
        for kind in ("json", "answer.jsonl", "cancel"):
            self._file(kind).unlink(missing_ok=True)

    def _file(self, kind: str) -> Path:
        return self.mailbox.path / f"{self.name}.{kind}"


def _leading_to_keys() -> set[str]:
    """Return the names of the variables that are set here and hold, or lead to, keys of endpoints."""
    return {name for name in Endpoints().variables() if name in os.environ}


def write_worker(mailbox: Path, identity: ProcessIdentity | None) -> None:
    """Leave word which process answers."""
    if identity is not None:
        replace_text(mailbox / "worker.json", json.dumps(to_data(identity)), durable=False)


def read_request(file: Path) -> ModelRequest:
    """Read a request; raises BadInputError where it is none, MissingError where it was taken back."""
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise MissingError("The request {file} was taken back.", file=file.name) from error
    request: ModelRequest = _parsed(content.strip(), file)
    return request


def piece_line(piece: Piece) -> str:
    """Return the line that holds a piece of an answer."""
    return typed_line(type(piece).__name__, to_data(piece))


def parse_piece(line: bytes, file: Path) -> Piece:
    """Read a piece back from its line."""
    piece: Piece = _parsed(line, file)
    return piece


def _parsed(line: bytes, file: Path) -> Any:
    content = parse_typed(line, file)
    kind = _KINDS.get(content["type"])
    if kind is None:
        raise BadInputError(
            "{file} holds a {content}, which this version does not know.", file=file, content=content["type"]
        )
    return from_data(kind, content["data"])
