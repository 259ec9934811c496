"""The warm worker: python -m workbench.worker.warm REQUESTS answers what lies in a project's mailbox until it is idle.

It answers requests side by side, a few tokens of each in turn. It leaves when nobody has asked for a while, when it is told to,
and when a training begins on its device.
"""

import argparse
import dataclasses
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import MissingError, WorkbenchError
from workbench.records.request import Ended, Notice, Piece, TextSoFar
from workbench.records.run import TRAININGS
from workbench.runs.device import Device, Holder
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.lines import LineWriter
from workbench.runs.machine import known_machine
from workbench.runs.mailbox import piece_line, read_request, write_worker
from workbench.sentences import said
from workbench.worker.answering import Pieces, answer, is_background
from workbench.worker.loaded import LoadedModels
from workbench.worker.settling import settle_in
from workbench.worker.sitting import known_cause

#: Milder than a training's, for a person waits; the window still comes first.
_NICENESS = 3
_LOOK = 0.02
_LOOK_AT_DEVICE = 0.2
#: Two texts of one part are told at least this far apart, in seconds.
_RHYTHM = 0.05
#: Answers nobody came for are swept away after this many seconds.
_STALE = 86_400.0


@dataclasses.dataclass
class _Answer:
    """One request being answered: its pieces to come, and the file they go to."""

    name: str
    folder: Path
    pieces: Pieces
    background: bool
    writer: LineWriter
    began: float = dataclasses.field(default_factory=time.monotonic)
    told: dict[str, float] = dataclasses.field(default_factory=dict)

    def step(self) -> bool:
        """Go on to the next piece or breath; return whether it goes on after that."""
        if (self.folder / f"{self.name}.cancel").exists():
            return self.end(Ended("cancelled", seconds=self._seconds()))
        try:
            piece = next(self.pieces)
        except StopIteration:
            return self.end(Ended("done", seconds=self._seconds()))
        except WorkbenchError as error:
            return self.end(Ended("refused", str(error), self._seconds()))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the worker's edge: a bug is kept with its traceback
            traceback.print_exc(file=sys.stderr)
            sentence = known_cause(error) or said(
                "An unexpected {kind} ended the answer: {error}", kind=type(error).__name__, error=error
            )
            return self.end(Ended("refused", sentence, self._seconds()))
        if piece is not None and self._due(piece):
            self.writer.append([piece_line(piece)])
        return True

    def end(self, ended: Ended) -> bool:
        """Say that nothing more comes."""
        self.writer.append([piece_line(ended)])
        self.writer.close()
        (self.folder / f"{self.name}.json").unlink(missing_ok=True)
        return False

    def _due(self, piece: Piece) -> bool:
        if not isinstance(piece, TextSoFar):
            return True
        now = time.monotonic()
        if now - self.told.get(piece.part, 0.0) < _RHYTHM:
            return False
        self.told[piece.part] = now
        return True

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 3)


class _DeviceWatch:
    """Notices that a training has begun on the device since the watch began."""

    def __init__(self, device: str) -> None:
        self._device = Device(device)
        self._known = self._device.holder()
        self._looked = time.monotonic()

    @property
    def training(self) -> str | None:
        """The training that had the device when the watch began, if one did."""
        return _training_of(self._known)

    def begun(self) -> str | None:
        """Return the training that has begun, or None; looks a few times a second."""
        now = time.monotonic()
        if now - self._looked < _LOOK_AT_DEVICE:
            return None
        self._looked = now
        holder = self._device.holder()
        if holder == self._known:
            return None
        self._known = holder
        return _training_of(holder)


class WarmWorker:
    """Answers one mailbox."""

    def __init__(self, folder: Path, idle: float, asked: Callable[[], bool]) -> None:
        self._folder = folder
        self._idle = idle
        self._asked = asked
        self._loaded = LoadedModels()
        self._active: list[_Answer] = []
        self._busy = time.monotonic()
        self._watch = _DeviceWatch(str(known_machine().get("device", "default")))

    def work(self) -> str:
        """Answer until there is a reason to leave; return it."""
        _sweep(self._folder)
        while (reason := self._reason_to_leave()) is None:
            self._take_up()
            if not self._active:
                time.sleep(_LOOK)
                continue
            self._turn()
            self._busy = time.monotonic()
        for one in self._active:
            one.end(
                Ended(
                    "refused",
                    said("The model was put away: {reason}. Ask again to load it beside that.", reason=reason),
                )
            )
        return reason

    def _turn(self) -> None:
        waited_for = [one for one in self._active if not one.background] or self._active[:1]
        over = [one for one in waited_for if not one.step()]
        self._active = [one for one in self._active if one not in over]

    def _take_up(self) -> None:
        known = {one.name for one in self._active}
        for file in sorted(self._folder.glob("[0-9]*.json")):
            place = file.with_suffix(".answer.jsonl")
            if file.stem in known or place.exists():
                continue
            with suppress(MissingError):
                self._active.append(self._begun(file, place))

    def _begun(self, file: Path, place: Path) -> _Answer:
        refusal: WorkbenchError | None = None
        pieces: Pieces = iter(())
        background = False
        try:
            request = read_request(file)
            pieces, background = answer(request, self._loaded), is_background(request)
        except MissingError:
            raise
        except WorkbenchError as error:
            refusal = error
        made = _Answer(file.stem, self._folder, pieces, background, LineWriter(place, rhythm=math.inf))
        if refusal is not None:
            made.pieces = _refusing(refusal)
        elif self._watch.training is not None:
            made.writer.append(
                [
                    piece_line(
                        Notice(
                            said("Beside {training}, which trains; answers come slower.", training=self._watch.training)
                        )
                    )
                ]
            )
        return made

    def _reason_to_leave(self) -> str | None:
        if self._asked():
            return said("its process was ended")
        if not self._folder.is_dir():
            return said("the project is gone")
        if (self._folder / "leave").exists():
            return said("it was asked to leave")
        if time.monotonic() - self._busy > self._idle:
            return said("nobody asked for a while")
        training = self._watch.begun()
        return None if training is None else said("{training} has begun to train on the same device", training=training)


def _refusing(error: WorkbenchError) -> Pieces:
    yield None
    raise error


def _training_of(holder: Holder | None) -> str | None:
    if holder is None:
        return None
    with suppress(WorkbenchError):
        plan = RunFolder(Path(holder.folder)).plan
        return plan.id if plan.stage in TRAININGS else None
    return None


def _sweep(folder: Path) -> None:
    """Take away what nobody came for, and requests that an earlier worker died over."""
    for file in folder.glob("[0-9]*"):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > _STALE:
                file.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer a mailbox unless somebody does already."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker.warm", description=__doc__)
    parser.add_argument("requests", type=Path, help="a project's requests folder")
    parser.add_argument("--idle", type=float, default=300.0, help="seconds without a request before it leaves")
    chosen = parser.parse_args(arguments)
    settle_in(_NICENESS)
    ended: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: ended.append(number))
    try:
        # Whoever holds the lock may be about to leave.
        with FileLock(chosen.requests / "worker.lock", timeout=2):
            write_worker(chosen.requests, identity_of(os.getpid()))
            reason = WarmWorker(chosen.requests, chosen.idle, lambda: bool(ended)).work()
            with suppress(FileNotFoundError):
                (chosen.requests / "leave").unlink(missing_ok=True)
                (chosen.requests / "worker.json").unlink(missing_ok=True)
    except Timeout:
        return 0
    print(f"left: {reason}", flush=True)  # noqa: T201 - its log is its output
    return 0


if __name__ == "__main__":
    sys.exit(main())
