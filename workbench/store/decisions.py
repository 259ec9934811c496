"""Decisions: what a person did, chained by hashes, in the journal first and then in the database, in one order."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.records.audit import AuditSample, Guidelines, RuleChange, SampleAside
from workbench.records.comparison import Review
from workbench.records.constitution import ConstitutionVersion
from workbench.records.encoding import from_data, spelt, to_data
from workbench.records.evaluation import PersonJudgement
from workbench.records.identity import canonical_json, record_id
from workbench.records.intervention import Edit, Exclusion, Tagging
from workbench.records.telling import Tell, untold
from workbench.sentences import said
from workbench.store.audits import AuditSamples, GuidelineTexts, RuleChanges, SamplesAside
from workbench.store.constitutions import Constitutions
from workbench.store.edits import Edits
from workbench.store.evaluations import PersonJudgements
from workbench.store.exclusions import Exclusions
from workbench.store.journal import FIRST, Decision, Journal, Kept, chained
from workbench.store.reviews import Reviews
from workbench.store.rows import storable
from workbench.store.table import Table, insert_all
from workbench.store.taggings import Taggings

_BATCH = 500
_REVIEW = Review.__name__
_COLUMNS = ("id", "kind", "data", "previous_hash", "hash")
#: Everything a person decides.
Decided = (
    Review
    | ConstitutionVersion
    | Exclusion
    | Edit
    | PersonJudgement
    | Tagging
    | AuditSample
    | SampleAside
    | Guidelines
    | RuleChange
)


class Decisions:
    """The chain of decisions, and the tables that show them."""

    def __init__(self, db: Database, journal: Journal) -> None:
        self._db = db
        self.journal = journal
        tables: tuple[Table[Any], ...] = (
            Constitutions(db), Reviews(db), Exclusions(db), Edits(db), PersonJudgements(db), Taggings(db),
            AuditSamples(db), SamplesAside(db), GuidelineTexts(db), RuleChanges(db),
        )  # fmt: skip
        self._tables = {table.kind.__name__: table for table in tables}

    def add(self, records: Sequence[Decided]) -> list[Decision]:
        """Insert the decisions these records are, continuing the chain; return those that were not there already.

        Raises sqlite3.IntegrityError where something they name is not there.
        """
        named: dict[str, Decided] = {}
        for record in records:
            named.setdefault(_id(record), record)
        for name in self._there(list(named)):
            del named[name]
        decisions = self._chained(
            (name, type(record).__name__, storable(spelt(record))) for name, record in named.items()
        )
        self._insert(decisions, list(named.values()))
        return decisions

    def add_reviews(self, rows: Sequence[tuple[Any, ...]], spelt: Sequence[str], new: bool = False) -> list[str]:
        """Insert reviews that are rows and spelt already; return the ids of the new ones. new says that all are known to be."""
        named: dict[str, tuple[tuple[Any, ...], str]] = {}
        for row, text in zip(rows, spelt, strict=True):
            named.setdefault(row[0], (row, text))
        for name in () if new else self._there(list(named)):
            del named[name]
        insert_all(
            self._db, "decisions", _COLUMNS, self._chained((name, _REVIEW, text) for name, (_, text) in named.items())
        )
        self._tables[_REVIEW].add_rows([row for row, _ in named.values()])
        return list(named)

    def _chained(self, decided: Iterable[tuple[str, str, str]]) -> list[Decision]:
        """Return what was decided (id, kind, spelling) as decisions that follow the last one."""
        decisions, previous = list[Decision](), self.last_hash()
        for name, kind, text in decided:
            decisions.append(chained(name, kind, text, previous))
            previous = decisions[-1].hash
        return decisions

    def replay(self, decision: Decision) -> None:
        """Insert a decision that the journal holds, at the end of the chain."""
        if (table := self._tables.get(decision.kind)) is None:
            raise BadInputError(
                "Decision {decision} is of a kind this version does not know: {kind}.",
                decision=decision.id,
                kind=decision.kind,
            )
        following = chained(decision.id, decision.kind, decision.spelt, self.last_hash())
        self._insert([following], [from_data(table.kind, decision.data)])

    def _insert(self, decisions: Sequence[Decision], records: Sequence[Decided]) -> None:
        insert_all(self._db, "decisions", _COLUMNS, decisions)
        for kind, some in groupby(records, key=type):
            self._tables[kind.__name__].add(list(some))

    def last(self) -> int:
        """Return the key of the last decision."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM decisions").fetchone()[0])

    def after(self, key: int) -> Iterator[Decision]:
        """Yield the decisions after a key as they were saved, few of them in memory at a time."""
        sql = "SELECT id, kind, data, previous_hash, hash FROM decisions WHERE seq > ? ORDER BY seq"
        return map(Decision._make, self._db.conn.execute(sql, [key]))

    def compared(self) -> tuple[list[Decision], list[str], list[str]]:
        """Return what the journal has and the database lacks, the ids of what it lacks itself, and what is wrong with it.

        It lacks what was lost, or what a commit that failed had brought about after all.
        """
        rows = (str(row[0]) for row in self._db.conn.execute("SELECT id FROM decisions ORDER BY seq"))
        only_there, only_here, wrong = dict[str, Kept](), dict[str, None](), list[str]()
        # Both grow in one order, so that of a million next to none is held.
        for kept in self.journal.read():
            if isinstance(kept, str):
                wrong.append(kept)
            elif (row := next(rows, None)) != kept.id:
                if row is not None and only_there.pop(row, None) is None:
                    only_here[row] = None
                if kept.id in only_here:
                    del only_here[kept.id]
                else:
                    only_there[kept.id] = kept
        for row in rows:
            if only_there.pop(row, None) is None:
                only_here[row] = None
        twice = self._there(list(only_there))
        missing = [kept.decision for name, kept in only_there.items() if name not in twice]
        return missing, list(only_here), wrong

    def agreed(self) -> bool:
        """Say whether the journal is as it was when both were found to hold the same, and no decision has come or gone since."""
        kept = self._db.execute("SELECT mark, hash FROM journal_agreed").fetchone()
        return kept is not None and tuple(kept) == (self.journal.mark(), self.last_hash())

    def end_alike(self) -> bool:
        """Say whether the last decision of both is the same."""
        return self.journal.last_hash() == self.last_hash()

    def keep_agreement(self) -> None:
        """Remember that both hold the same now."""
        self._db.execute("DELETE FROM journal_agreed")
        self._db.execute("INSERT INTO journal_agreed VALUES (?, ?)", [self.journal.mark(), self.last_hash()])

    def find(self, name: str) -> Decision:
        """Return the decision of an id."""
        row = next(self._db.query("SELECT * FROM decisions WHERE id = ?", [name]))
        return _of_row(row, row["previous_hash"])

    def _there(self, names: Sequence[str]) -> set[str]:
        """Return those of some ids of which there is a decision."""
        found: set[str] = set()
        for start in range(0, len(names), _BATCH):
            part = names[start : start + _BATCH]
            sql = f"SELECT id FROM decisions WHERE id IN ({','.join('?' * len(part))})"
            found.update(str(row[0]) for row in self._db.conn.execute(sql, part))
        return found

    def last_hash(self) -> str:
        """Return the hash of the last decision."""
        found = self._db.execute("SELECT hash FROM decisions ORDER BY seq DESC LIMIT 1").fetchone()
        return str(found[0]) if found else FIRST

    def verify(self, tell: Tell = untold) -> list[str]:
        """Return, as sentences, where the chain of decisions or what shows it is broken; tell hears how far it has come."""
        wrong: list[str] = []
        previous = FIRST
        count = self._db.execute("SELECT count(*) FROM decisions").fetchone()[0]
        for place, row in enumerate(self._db.query("SELECT * FROM decisions ORDER BY seq")):
            if place % _BATCH == 0:
                tell(f"the chain of decisions, {place:,} of {count:,}")
            decision = _of_row(row, previous)
            if decision.hash != row["hash"] or row["previous_hash"] != previous:
                wrong.append(said("Decision {decision} is not as it was saved.", decision=row["id"]))
            wrong.extend(self._verify_shown(decision))
            previous = row["hash"]
        return wrong

    def _verify_shown(self, decision: Decision) -> list[str]:
        if decision.kind == "ConstitutionVersion":
            # A version's row is of its first commit; committing it again changes message and time, not content.
            version = self._tables[decision.kind].get(decision.data["hash"])
            same = version is not None and version.constitution.hash == decision.data["hash"]
            hash_ = decision.data["hash"][:12]
            return [] if same else [said("Constitution version {version} is not as it was committed.", version=hash_)]
        table = self._tables.get(decision.kind)
        shown = to_data(table.get(decision.id)) if table is not None else None
        # A decision of an older version lacks the fields that came later.
        same = shown is not None and all(shown.get(name) == value for name, value in decision.data.items())
        return (
            [] if same else [said("{kind} {decision} is not as it was made.", kind=decision.kind, decision=decision.id)]
        )


def _of_row(row: Mapping[str, Any], previous: str) -> Decision:
    return chained(row["id"], row["kind"], canonical_json(json.loads(row["data"])), previous)


def _id(record: Decided) -> str:
    if isinstance(record, ConstitutionVersion):
        return record_id("commit", record.hash, record.parent or "", record.created)
    return record.id
