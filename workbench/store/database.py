"""The project's database: opened by one owner that may write, and by anybody who only reads."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlite_utils.db import Database

from workbench.errors import BadInputError, WorkbenchError
from workbench.records.telling import Tell, untold
from workbench.sentences import said
from workbench.store.audits import AuditSamples, GuidelineTexts, RuleChanges, SamplesAside
from workbench.store.backups import BEFORE_MIGRATION, BY_HAND, Backup, back_up, back_up_daily, backups, find, newest
from workbench.store.bulk import ScatteredIndexes, named_but_absent, room_for_many
from workbench.store.chains import Chains
from workbench.store.comparison_states import ComparisonStates
from workbench.store.comparisons import Comparisons
from workbench.store.constitutions import Constitutions
from workbench.store.coverage import Coverage
from workbench.store.decisions import Decided, Decisions
from workbench.store.done_inputs import DoneInputs
from workbench.store.drafts import Drafts
from workbench.store.edits import Edits
from workbench.store.evaluation_sets import EvaluationItems, ItemAnswers
from workbench.store.evaluations import Answers, Judgements, PersonJudgements, Scores
from workbench.store.exclusions import Exclusions
from workbench.store.integrity import database_problems
from workbench.store.journal import Decision, Journal
from workbench.store.labels import Labels
from workbench.store.metrics import Metrics
from workbench.store.models import Models
from workbench.store.new_rows import NewRows
from workbench.store.ownership import Ownership
from workbench.store.parts import Parts
from workbench.store.preferences import Preferences
from workbench.store.prompts import Prompts
from workbench.store.restoring import restore
from workbench.store.reviews import Reviews
from workbench.store.role_models import RoleModels
from workbench.store.runs import Runs
from workbench.store.samples import PairScoreRows, Samples
from workbench.store.schema_version import bring_up_to_date, check_version, must_be_up_to_date
from workbench.store.search import Search
from workbench.store.taggings import Taggings
from workbench.store.test_sets import TestSets
from workbench.store.trouble import no_project, not_there, trouble_of

DATABASE = "project.db"
JOURNAL = "decisions.jsonl"
BACKUPS = "backups"
_BACKUP_EVERY = timedelta(days=1)
_CACHE_KB = 64 * 1024
#: So many comparisons in one transaction are many, where not many more are there already.
MANY = 20_000


class Store:
    """Everything a project remembers; one object per kind of record, writes inside `with store.write()`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, ownership: Ownership | None) -> None:
        self.folder = folder
        self._ownership = ownership
        #: What was mended on opening, and what was found that cannot be mended, a sentence each.
        self.notes: list[str] = []
        self.damage: list[str] = []
        #: Whether journal and database were found to hold the same decisions on opening.
        self._agree = False
        #: Where the tables that others follow ended when those others last caught up.
        self._new: NewRows
        self.db = db = Database(connection)
        self._indexes = ScatteredIndexes(db)
        self.prompts = Prompts(db)
        self.runs = Runs(db, folder)
        self.exclusions, self.edits = Exclusions(db), Edits(db)
        self.chains = Chains(db, self.edits)
        self.taggings, self.comparisons = Taggings(db), Comparisons(db)
        self.comparison_states = ComparisonStates(db)
        self.labels = Labels(db)
        self.reviews = Reviews(db)
        self.audit_samples, self.samples_aside = AuditSamples(db), SamplesAside(db)
        self.guidelines, self.rule_changes = GuidelineTexts(db), RuleChanges(db)
        self.preferences = Preferences(self.comparisons, self.labels, self.reviews, self.exclusions)
        self.answers, self.scores, self.judgements = Answers(db), Scores(db), Judgements(db)
        self.person_judgements = PersonJudgements(db)
        self.samples, self.pair_scores = Samples(db), PairScoreRows(db)
        self.test_sets = TestSets(db)
        self.evaluation_items, self.item_answers = EvaluationItems(db), ItemAnswers(db)
        self.metrics = Metrics(db)
        self.models, self.role_models = Models(db), RoleModels(db)
        self.done_inputs = DoneInputs(db)
        self.constitutions = Constitutions(db)
        self.drafts = Drafts(db)
        self.search = Search(db)
        self.coverage = Coverage(db)
        self.decisions = Decisions(db, Journal(folder / JOURNAL))
        #: What a file brings while others have their turn.
        self.parts = Parts(self.bring_in, self.catch_up)

    @classmethod
    def create(cls, folder: Path) -> "Store":
        """Make a new project's database in a folder and own it."""
        if (folder / DATABASE).exists():
            raise BadInputError("{folder} holds a project already.", folder=folder)
        folder.mkdir(parents=True, exist_ok=True)
        return cls._own(folder, wait=0.0)

    @classmethod
    def open(cls, folder: Path, wait: float = 0.0, backed_up: bool = True) -> "Store":
        """Open a project as its one owner, waiting up to `wait` seconds for another to let go of it.

        The day's backup is made first; whoever opens with backed_up=False sees to due_backup once there is time.

        Raises MissingError, BusyError, TooNewError, or BadInputError where the file is not a project.
        """
        _must_be_there(folder)
        store = cls._own(folder, wait)
        make = store.due_backup() if backed_up else None
        if make is not None:
            store._or_close(partial(make, lambda: False))
        return store

    @classmethod
    def read(cls, folder: Path) -> "Store":
        """Open a project to read only, whoever owns it."""
        _must_be_there(folder)
        store = cls(folder, _connect(folder / DATABASE, "ro"), None)
        try:
            check_version(store.db, folder / DATABASE)
            must_be_up_to_date(store.db, folder)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def restore(cls, folder: Path, backup: str, wait: float = 0.0) -> Path:
        """Put a backup back in place of the database; return where the database that was there is kept.

        Raises MissingError, BusyError, or BadInputError where the backup is damaged. Opening the project afterwards takes over
        from the journal what was decided since.
        """
        path = find(folder / BACKUPS, backup)
        ownership = Ownership(folder, wait)
        try:
            return restore(path, folder / DATABASE)
        finally:
            ownership.release()

    def back_up(self) -> Backup:
        """Make a backup because a person asked for one."""
        self.parts.end_for_another()
        path = back_up(self.db.conn, self.folder / BACKUPS, BY_HAND)
        return next(backup for backup in self.backups() if backup.name == path.name)

    def backups(self) -> list[Backup]:
        """Return the backups of the project, newest first."""
        return backups(self.folder / BACKUPS)

    def due_backup(self) -> Callable[[Callable[[], bool]], bool] | None:
        """Return what makes the day's backup, where the newest is older than a day; None where nothing is due.

        It may be called on any thread while the store is open, and is given what says whether to leave off.
        """
        folder = self.folder / BACKUPS
        last = newest(folder)
        due = last is None or datetime.now(UTC) - last > _BACKUP_EVERY
        return partial(back_up_daily, self.folder / DATABASE, folder) if due and self.prompts.any() else None

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction: all of it is saved when the block ends, or nothing of it."""
        self.parts.end_for_another()
        connection = self.db.conn
        if connection.in_transaction:
            raise RuntimeError("transactions do not nest")
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._new = NewRows(self.db)
            yield
            self.catch_up()
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            raise not_there(error, self.folder) from error
        except sqlite3.OperationalError as error:
            known = trouble_of(error, self.folder)
            raise known or WorkbenchError(
                "The project {folder} could not be written: {error}.", folder=self.folder, error=error
            ) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def catch_up(self) -> None:
        """Work out what follows the rows that a transaction has added so far; at its end that is done by itself."""
        new, grown = self._new, self._new.grown()
        self.comparison_states.catch_up(new, grown, self._indexes)
        self.coverage.catch_up(new, grown)
        self.search.catch_up(new, grown)
        self._new = NewRows(self.db)

    @contextmanager
    def bring_in(self, rows: int = 0) -> Iterator[None]:
        """One transaction of what a file brings, people's choices among it; the journal has them once it is committed.

        The other way round, a process that ends between the two would leave decisions about texts that are not there; this way
        it leaves some that the journal lacks, and opening appends them. rows says about how many comparisons are to come, where
        that is known and nothing else is written.
        """
        self.parts.end_for_another()
        last = self.decisions.last()
        much = rows >= MANY and 2 * rows >= self.comparisons.end()
        with self._write_much() if much else self.write():
            yield
        before = self._journal_size()
        try:
            self.decisions.journal.append(self.decisions.after(last))
        except BaseException:
            self._take_back(before)
            raise

    @contextmanager
    def _write_much(self) -> Iterator[None]:
        """One transaction that adds so much that indexes are made, and foreign keys looked at, when all of it is there."""
        self.db.conn.execute("PRAGMA foreign_keys = OFF")
        try:
            with self.write():
                before, self._indexes = self._new, ScatteredIndexes(self.db)
                self._indexes.put_off()
                yield
                self.catch_up()
                self._indexes.put_back()
                if absent := named_but_absent(self.db, before.grown(), before):
                    raise sqlite3.IntegrityError(f"FOREIGN KEY constraint failed: {', '.join(absent)}")
        finally:
            self._indexes = ScatteredIndexes(self.db)
            self.db.conn.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def very_many(self) -> Iterator[None]:
        """Have more memory at hand, and write pages back less often, while transactions of very many rows come one by one."""
        with room_for_many(self.db.conn, _CACHE_KB):
            yield

    def decide(self, records: Sequence[Decided]) -> list[str]:
        """Save what a person decided, in the journal and in the database; return the ids of the decisions that are new.

        When this returns, both hold it and both are on disk.
        """
        self.parts.end_for_another()
        before = self._journal_size()
        try:
            with self.write():
                decisions = self.decisions.add(records)  # first, so that nothing impossible gets into the journal
                self.decisions.journal.append(decisions)
        except BaseException:
            self._take_back(before)
            raise
        return [decision.id for decision in decisions]

    def problems(self, tell: Tell = untold) -> list[str]:
        """Return what is wrong with the database and its journal, a sentence each; tell hears what is looked at."""
        self.parts.end_for_another()
        tell("the journal of decisions")
        return [*self.decisions.compared()[2], *database_problems(self.db, self.decisions, tell)]

    def close(self) -> None:
        """Close the database and let others own the project."""
        try:
            self.parts.end_for_another()
            self._keep_agreement()
            self.db.close()
        finally:
            if self._ownership is not None:
                self._ownership.release()

    def _keep_agreement(self) -> None:
        """Spare the next opening the journal, which may be long; where that cannot be saved it is read again."""
        found, self._agree = self._agree, False
        with suppress(WorkbenchError, sqlite3.Error):
            if found and not self.decisions.agreed() and self.decisions.end_alike():
                with self.write():
                    self.decisions.keep_agreement()

    @classmethod
    def _own(cls, folder: Path, wait: float) -> "Store":
        ownership = Ownership(folder, wait)
        try:
            store = cls(folder, _connect(folder / DATABASE, "rwc"), ownership)
        except BaseException:
            ownership.release()
            raise
        store._or_close(store._make_ready)
        return store

    def _or_close(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException:
            self.close()
            raise

    def _make_ready(self) -> None:
        check_version(self.db, self.folder / DATABASE)
        connection = self.db.conn
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL, the usual advice with WAL, loses acknowledged commits when the power goes.
        connection.execute("PRAGMA synchronous = FULL")
        # Where triggers follow, each statement keeps what it may have to undo: in memory, or else in a file row by row.
        connection.execute("PRAGMA temp_store = MEMORY")
        # Ids are hashes, so that rows come in all over the indexes: without their pages at hand each costs a read.
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        bring_up_to_date(self.db, self.folder, partial(back_up, connection, self.folder / BACKUPS, BEFORE_MIGRATION))
        # Not before: a migration that makes a table anew has others refer to one that is not there for a moment.
        connection.execute("PRAGMA foreign_keys = ON")
        self._replay()

    def _replay(self) -> None:
        """Take over from the journal what the database lacks: the process ended between the two, or a backup was put back."""
        self.decisions.journal.mend()
        self._agree = self.decisions.agreed()
        if not self._agree:
            self._compare()

    def _compare(self) -> None:
        decisions, unwritten, wrong = self.decisions.compared()
        self.damage.extend(wrong)
        taken = [decision for decision in decisions if self._replay_one(decision)]
        if taken:
            self.notes.append(
                said("{count} decisions that were only in decisions.jsonl were taken over.", count=len(taken))
            )
        if unwritten:
            self.decisions.journal.append(map(self.decisions.find, unwritten))
            self.notes.append(
                said("{count} decisions were written to decisions.jsonl, which lacked them.", count=len(unwritten))
            )
        self._agree = not self.damage

    def _replay_one(self, decision: Decision) -> bool:
        try:
            with self.write():
                self.decisions.replay(decision)
        except BadInputError:
            self.damage.append(
                said("Decision {id} in decisions.jsonl is about something this project does not hold.", id=decision.id)
            )
            return False
        return True

    def _journal_size(self) -> int:
        path = self.decisions.journal.path
        return path.stat().st_size if path.exists() else 0

    def _take_back(self, size: int) -> None:
        if self._journal_size() > size:
            self.decisions.journal.cut(size)


def _must_be_there(folder: Path) -> None:
    if not (folder / DATABASE).is_file():
        raise no_project(folder)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=5.0)
        connection.execute("PRAGMA trusted_schema = OFF")
        # SQLite's own 2 MB are soon too few for an index's order over very many rows.
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise BadInputError("{path} cannot be opened as a project: {error}.", path=path, error=error) from error
    return connection
