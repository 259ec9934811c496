"""A file's rows in batches that are ready to be added; those of a large file are made in a process of their own.

Reading, naming and spelling a million rows is half the work of taking them over: beside it, SQLite writes the batch before.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from workbench.errors import WorkbenchError
from workbench.interchange.incoming.brought import Brought
from workbench.interchange.lines import BadRow
from workbench.project.run_parts import RunPart, run_part_of
from workbench.records.prompt import Prompt
from workbench.runs.launcher import environment
from workbench.sentences import said
from workbench.store.ready import Ready

#: So many bad rows of a file are kept to be shown.
MOST_KEPT = 1000
_READER = (sys.executable, "-m", "workbench.project.row_reader")
_LAST_WORDS = 2000
_BUFFER = 1 << 20


class Batch(NamedTuple):
    """Some rows of a file: how many are good, what they bring, how many are bad, and the first of those in the file.

    run is what they bring to a run, where the file holds what somebody else's models wrote.
    """

    rows: int
    ready: Ready
    bad: int
    bad_rows: Sequence[BadRow]
    run: RunPart | None = None


def batches(
    rows: Iterable[tuple[int, Brought] | BadRow],
    size: int,
    now: str,
    arranged: Callable[[list[Prompt]], list[Prompt]] = list,
) -> Iterator[Batch]:
    """Yield rows in batches of `size` good ones; now is the time of choices that tell none, arranged what becomes of prompts."""
    good: list[Brought] = []
    bad, kept, shown = 0, list[BadRow](), 0
    for row in rows:
        if isinstance(row, BadRow):
            bad += 1
            if shown < MOST_KEPT:
                kept.append(row)
                shown += 1
            continue
        good.append(row[1])
        if len(good) == size:
            yield Batch(len(good), _ready(good, now, arranged), bad, kept, run_part_of(good))
            good, bad, kept = [], 0, []
    if good or bad:
        yield Batch(len(good), _ready(good, now, arranged), bad, kept, run_part_of(good))


def _ready(good: list[Brought], now: str, arranged: Callable[[list[Prompt]], list[Prompt]]) -> Ready:
    prompts = [prompt for one in good for prompt in one.prompts]
    comparisons = [comparison for one in good for comparison in one.comparisons]
    items = [item for one in good for item in one.items]
    return Ready.of(arranged(prompts), comparisons, items, [review for one in good for review in one.reviews], now)


@contextmanager
def read_beside(asked: Any, name: str) -> Iterator[Iterator[Batch]]:
    """Have batches made in another process, which ends with the block; asked is what row_reader is told, name the file's."""
    with TemporaryFile() as words, _started(words) as reader:
        try:
            assert reader.stdin is not None
            with suppress(BrokenPipeError):  # it ended at once, which reading from it tells
                reader.stdin.write(pickle.dumps(asked))
                reader.stdin.close()
            yield _received(reader, words, name)
        finally:
            reader.kill()


def _started(words: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        _READER, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, bufsize=_BUFFER
    )


def _received(reader: "subprocess.Popen[bytes]", words: IO[bytes], name: str) -> Iterator[Batch]:
    """Yield what the reader sends, until it says that this was all, or what is wrong."""
    assert reader.stdout is not None
    while True:
        try:
            batch = pickle.load(reader.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            raise WorkbenchError(
                "The process that read {name} ended before it was done ({ending}). Import it again.",
                name=name,
                ending=_ending(reader.wait(), words),
            ) from error
        if batch is None:
            return
        if isinstance(batch, WorkbenchError):
            raise batch
        yield batch


def _ending(code: int, words: IO[bytes]) -> str:
    """Say how a process ended: what ended it, or else its last words."""
    if code < 0:
        return said("it was killed by {signal}", signal=signal.Signals(-code).name)
    words.seek(max(0, words.seek(0, 2) - _LAST_WORDS))
    lines = words.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else said("exit code {code}", code=code)
