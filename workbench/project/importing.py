"""Bringing a file into a project: looked at, then taken over, as a whole or in batches that each count wholly or not at all.

Ids follow from content, so an import that was interrupted is done again and goes on from there.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from workbench.errors import BadInputError
from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.incoming.constitution_files import reads_constitution
from workbench.interchange.incoming.detection import detect, unmapped
from workbench.interchange.incoming.reading import Shown, preview, read_source
from workbench.interchange.incoming.shapes import Shape
from workbench.interchange.lines import BadRow
from workbench.interchange.sources.opening import Source, open_source
from workbench.project.adding import NotTaken, add_ready
from workbench.project.imported_runs import ImportedRun
from workbench.project.project import Project
from workbench.project.reading_rows import MOST_KEPT, Batch, batches, read_beside
from workbench.project.splits import MOST_COMPARED, SplitsByText, assign, read_shares, shared_with_other_splits
from workbench.records.task import TASKS
from workbench.records.telling import Tell, untold
from workbench.sentences import said
from workbench.sources.hub_data import HUB, find_data, read_place

#: So many rows are in memory at a time, in each of two processes.
BATCH = 5_000
#: A file of so many bytes is read by a process of its own, which takes half a second to start.
LARGE = 20_000_000
#: Of each row of a pair there are about so many bytes, mostly more.
_ROW_BYTES = 1000

KINDS = ("", "prompts", "comparisons", "evaluation_set", "chains", "answers", "constitution")


@dataclass(frozen=True)
class Wanted:
    """What a person wants of a file: where it is, what it is to be taken for, which column is which field."""

    place: str
    as_: str = ""
    format: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    kind: str = "red-team"
    split: str = "train"

    @property
    def on_hub(self) -> bool:
        """Whether it is a data set of the hub."""
        return self.place.startswith(HUB)

    @property
    def local(self) -> str:
        """Where it lies on this machine; what is on the hub must have been fetched, so that no step waits for the network."""
        return str(find_data(read_place(self.place)).path) if self.on_hub else self.place

    @property
    def is_constitution(self) -> bool:
        """Whether the file is read as a constitution."""
        told = self.as_ or self.format or self.mapping
        return self.as_ == "constitution" or (not told and reads_constitution(self.local))


@dataclass
class Checked:
    """What reading a whole file found: good rows by what they bring, and the bad ones, of which the first are kept."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0

    def add(self, found: tuple[int, Brought] | BadRow) -> None:
        """Count one row."""
        if isinstance(found, BadRow):
            self.bad_count += 1
            if len(self.bad) < MOST_KEPT:
                self.bad.append(found)
            return
        self.rows += 1
        for name, number in _counts(found[1]):
            self.counts[name] = self.counts.get(name, 0) + number


@dataclass
class Taken:
    """What an import has changed so far: new records by kind, rows that were there already, rows passed by."""

    new: dict[str, int] = field(default_factory=dict)
    new_prompts: list[str] = field(default_factory=list)
    already_there: int = 0
    bad: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    rows: int = 0
    run: str = ""
    #: New prompts that have a near duplicate in another split; None where it was not counted.
    shared: int | None = None

    def pass_by(self, rows: Sequence[BadRow], number: int) -> None:
        """Count so many bad rows, and keep the first of them."""
        self.bad += number
        self.bad_rows += rows[: max(0, MOST_KEPT - len(self.bad_rows))]

    def count(self, name: str, new: int, of: int) -> None:
        """Count the records of one kind in a batch."""
        if of:
            self.new[name] = self.new.get(name, 0) + new


class FileImport:
    """One file on its way into a project; nothing is changed before take."""

    def __init__(self, wanted: Wanted) -> None:
        if wanted.as_ not in KINDS:
            raise BadInputError(
                "A file can be imported as {kinds} or {last_kind}, not as '{format}'.",
                kinds=", ".join(KINDS[1:-1]),
                last_kind=KINDS[-1],
                format=wanted.as_,
            )
        self.wanted = wanted
        self.shares = read_shares(wanted.split)
        called = read_place(wanted.place).text if wanted.on_hub else ""
        self.source: Source = open_source(wanted.local, wanted.part, called)
        #: What the file was like when it was checked.
        self._stamp: tuple[int, ...] = ()

    @cached_property
    def shape(self) -> Shape:
        """What the file holds; BadInputError where that cannot be told."""
        return detect(self.source, self.wanted.as_, self.wanted.format, self.wanted.mapping)

    @property
    def brings(self) -> str:
        """What is taken over: prompts, comparisons, evaluation_set, chains or answers."""
        return "prompts" if self.wanted.as_ == "prompts" else self.shape.format.brings

    @property
    def to_confirm(self) -> str:
        """A sentence that says which columns were guessed, or nothing where all is certain."""
        return unmapped(self.source, self.shape)

    def preview(self, task: str = "dialogue") -> list[Shown]:
        """Return the first five rows as a model will see them."""
        return preview(self.source, self.shape, self._reading, TASKS[task].roles, only=self._only)

    def rows(self) -> Iterator[tuple[int, Brought] | BadRow]:
        """Yield what each row brings, or what is wrong with it."""
        return read_source(self.source, self.shape, self._reading, self._only)

    def _as_they_were(self, read: Iterator[Batch]) -> Iterator[Batch]:
        yield from read
        self._must_be_the_same(said("Nothing was imported; import it again when nothing writes it any more."))

    def check(self) -> Iterator[Checked]:
        """Read the whole file, changing nothing; yields the count so far, again and again, and at last the final one."""
        self._must_take_the_split()
        checked, self._stamp = Checked(), self.source.stamp
        for number, found in enumerate(self.rows(), start=1):
            checked.add(found)
            if number % BATCH == 0:
                yield checked
        self._must_be_the_same(said("Nothing was imported; import it again when nothing writes it any more."))
        yield checked

    def take(self, project: Project) -> Generator[Taken, None, None]:
        """Take the good rows over, a batch a step; yields what was done so far."""
        taken = Taken()
        self._must_be_the_same(said("Nothing was imported; look at it again."))
        if self.brings in ("chains", "answers"):
            with self._read(project, BATCH) as read:
                yield from self._run(project).take(self._as_they_were(read), taken)
            return
        store = project.store
        with store.very_many(), store.parts.whole() as parts, self._read(project, BATCH) as read:
            for batch in read:
                with parts.part():
                    _take(project, batch, taken)
                yield taken
                if parts.due:
                    parts.end()
                    yield taken
        self._must_be_the_same(said("Some of its rows were imported; import it again, which takes no row twice."))
        self._look_at_splits(project, taken)
        yield taken

    def take_whole(self, project: Project, skip_bad: bool, tell: Tell = untold) -> Taken:
        """Take all of the file over in one transaction; where a row is bad and is not to be skipped, nothing of it.

        The file is read once. Nobody else has the project meanwhile; where somebody waits for it, take goes in steps. tell hears
        how far it has come.
        """
        self._must_take_the_split()
        taken, self._stamp = Taken(), self.source.stamp
        try:
            if self.brings in ("chains", "answers"):
                with self._read(project, BATCH) as read:
                    self._run(project).take_whole(self._as_they_were(self._heard(read, tell)), taken, skip_bad)
                return taken
            with project.store.very_many(), project.store.bring_in(self._about_rows):
                self._take_all(project, taken, skip_bad, tell)
        except NotTaken:
            return Taken(bad=taken.bad, bad_rows=taken.bad_rows) if taken.bad else taken
        self._look_at_splits(project, taken)
        return taken

    def _take_all(self, project: Project, taken: Taken, skip_bad: bool, tell: Tell) -> None:
        with self._read(project, BATCH) as read:
            for batch in self._heard(read, tell):
                if (taken.bad or batch.bad) and not skip_bad:
                    taken.pass_by(batch.bad_rows, batch.bad)
                    continue  # what else is bad is yet to be found
                _take(project, batch, taken)
                project.store.catch_up()
        if taken.bad and not skip_bad:
            raise NotTaken
        self._must_be_the_same(said("Nothing was imported; import it again when nothing writes it any more."))

    def _heard(self, read: Iterator[Batch], tell: Tell) -> Iterator[Batch]:
        """Hand batches on, and tell how many rows have come when each has been dealt with."""
        rows = 0
        tell(self.source.name)
        for batch in read:
            yield batch
            rows += batch.rows + batch.bad
            tell(f"{self.source.name}, {rows:,} rows so far")
        tell(f"{self.source.name}, {rows:,} rows in all, which are being saved")

    def _run(self, project: Project) -> ImportedRun:
        return ImportedRun(project, self.source.name, self.brings)

    def _look_at_splits(self, project: Project, taken: Taken) -> None:
        if self.brings == "prompts":
            taken.shared = shared_with_other_splits(project.store, set(taken.new_prompts))

    def _must_take_the_split(self) -> None:
        if len(self.shares) > 1 and self.brings != "prompts":
            raise BadInputError(
                "Shares of splits are for prompts; {brings} take one split: choose one, such as train.",
                brings=self.brings,
            )

    def _must_be_the_same(self, what_now: str) -> None:
        """Refuse a file that was written since it was checked: a person agreed to what it held then."""
        now = self.source.stamp
        if self._stamp and now and now != self._stamp:
            raise BadInputError(
                "{source} has changed since it was read. {advice}", source=self.source.name, advice=what_now
            )

    @property
    def _reading(self) -> Reading:
        split = next(iter(self.shares)) if len(self.shares) == 1 else ""
        return Reading(self.source.name, self.wanted.kind, split)

    @property
    def _only(self) -> str:
        return "prompts" if self.brings == "prompts" else ""

    @property
    def _large(self) -> bool:
        return bool(self.source.stamp) and self.source.stamp[1] >= LARGE

    @property
    def _about_rows(self) -> int:
        """About how many comparisons a large file brings, rather too few; 0 where it brings others."""
        return self.source.stamp[1] // _ROW_BYTES if self.brings == "comparisons" and self._large else 0

    @contextmanager
    def _read(self, project: Project, size: int) -> Iterator[Iterator[Batch]]:
        """Have the rows in batches; few prompts that are to get splits at once, since near duplicates go together."""
        now, splits = _now(), None
        if len(self.shares) > 1:
            there = project.store.prompts
            if self._holds_at_most(MOST_COMPARED - there.count()):
                known = list(there.each())
                yield batches(self.rows(), MOST_COMPARED, now, lambda prompts: assign(prompts, self.shares, known))
                return
            splits = SplitsByText(self.shares)
            splits.learn(there.each())
        if self._large:
            with read_beside((self.wanted, size, now, splits), self.source.name) as read:
                yield read
        else:
            yield self.batches(size, now, splits)

    def batches(self, size: int, now: str, splits: SplitsByText | None) -> Iterator[Batch]:
        """Yield the rows in batches; with shares of splits they are read twice, since a prompt may come after its equal."""
        if splits is not None:
            splits.learn(prompt for row in self.rows() if not isinstance(row, BadRow) for prompt in row[1].prompts)
        yield from batches(self.rows(), size, now, list if splits is None else splits.given)

    def _holds_at_most(self, most: int) -> bool:
        prompts = 0
        for row in self.rows():
            prompts += 0 if isinstance(row, BadRow) else len(row[1].prompts)
            if prompts > most:
                return False
        return True


def _take(project: Project, batch: Batch, taken: Taken) -> None:
    taken.pass_by(batch.bad_rows, batch.bad)
    ready = batch.ready
    new = add_ready(project.store, ready)
    taken.rows += batch.rows
    taken.new_prompts += new["prompts"][: max(0, MOST_KEPT - len(taken.new_prompts))]
    for name, ids in new.items():
        taken.count(name, len(ids), len(getattr(ready, name)))
    main = "comparisons" if ready.comparisons else "items" if ready.items else "prompts"
    taken.already_there += len(getattr(ready, main)) - len(new[main])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _counts(brought: Brought) -> Iterator[tuple[str, int]]:
    """Yield how many records of each kind a row brings."""
    yield "prompts", len(brought.prompts)
    if brought.comparisons:
        yield "comparisons", len(brought.comparisons)
        yield "choices", len(brought.reviews)
    if brought.items:
        yield "items", len(brought.items)
    if brought.steps:
        yield "chains", len({step.chain_id for step in brought.steps})
    if brought.answers:
        yield "answers", len(brought.answers)
