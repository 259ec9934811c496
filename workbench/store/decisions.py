"""Decisions: what a person did, chained by hashes, in the journal first and then in the database, in one order."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.records.audit import AuditSample, Guidelines, RuleChange
from workbench.records.comparison import Review
from workbench.records.constitution import ConstitutionVersion
from workbench.records.encoding import from_data, to_data
from workbench.records.evaluation import PersonJudgement
from workbench.records.identity import record_id
from workbench.records.intervention import Edit, Exclusion, Tagging
from workbench.store.audits import AuditSamples, GuidelineTexts, RuleChanges
from workbench.store.constitutions import Constitutions
from workbench.store.edits import Edits
from workbench.store.evaluations import PersonJudgements
from workbench.store.exclusions import Exclusions
from workbench.store.journal import FIRST, Decision, Journal, Kept, stored
from workbench.store.reviews import Reviews
from workbench.store.rows import storable
from workbench.store.table import Table
from workbench.store.taggings import Taggings

_BATCH = 500
#: Everything a person decides.
Decided = (
    Review | ConstitutionVersion | Exclusion | Edit | PersonJudgement | Tagging | AuditSample | Guidelines | RuleChange
)


class Decisions:
    """The chain of decisions, and the tables that show them."""

    def __init__(self, db: Database, journal: Journal) -> None:
        self._db = db
        self.journal = journal
        tables: tuple[Table[Any], ...] = (
            Constitutions(db), Reviews(db), Exclusions(db), Edits(db), PersonJudgements(db), Taggings(db),
            AuditSamples(db), GuidelineTexts(db), RuleChanges(db),
        )  # fmt: skip
        self._tables = {table.kind.__name__: table for table in tables}

    def insert(self, decisions: Sequence[Decision]) -> None:
        """Insert decisions and what they decide; raises sqlite3.IntegrityError where something they name is not there."""
        self._db.conn.executemany(
            "INSERT INTO decisions (id, kind, data, previous_hash, hash) VALUES (?, ?, ?, ?, ?)", map(stored, decisions)
        )
        for kind, some in groupby(decisions, key=lambda decision: decision.kind):
            table, those = self._tables.get(kind), list(some)
            if table is None:
                raise BadInputError(f"Decision {those[0].id} is of a kind this version does not know: {kind}.")
            table.add([from_data(table.kind, decision.data) for decision in those])

    def new(self, records: Sequence[Decided]) -> list[Decision]:
        """Return the decisions these records are, continuing the chain; those that are there already are left out."""
        named: dict[str, Decided] = {}
        for record in records:
            named.setdefault(_id(record), record)
        there = self._there(list(named))
        decisions, previous = list[Decision](), self.last_hash()
        for name, record in named.items():
            if name not in there:
                decisions.append(_decision(name, record, previous))
                previous = decisions[-1].hash
        return decisions

    def compared(self) -> tuple[list[Decision], list[Decision], list[str]]:
        """Return what the journal has and the database lacks, what it lacks itself, and what is wrong with it.

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
        return missing, [self._decision(name) for name in only_here], wrong

    def _decision(self, name: str) -> Decision:
        row = next(self._db.query("SELECT * FROM decisions WHERE id = ?", [name]))
        return Decision(row["id"], row["kind"], json.loads(row["data"]), row["previous_hash"])

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

    def verify(self) -> list[str]:
        """Return, as sentences, where the chain of decisions or what shows it is broken."""
        wrong: list[str] = []
        previous = FIRST
        for row in self._db.query("SELECT * FROM decisions ORDER BY seq"):
            decision = Decision(row["id"], row["kind"], json.loads(row["data"]), previous)
            if decision.hash != row["hash"] or row["previous_hash"] != previous:
                wrong.append(f"Decision {row['id']} is not as it was saved.")
            wrong.extend(self._verify_shown(decision))
            previous = row["hash"]
        return wrong

    def _verify_shown(self, decision: Decision) -> list[str]:
        if decision.kind == "ConstitutionVersion":
            # A version's row is of its first commit; committing it again changes message and time, not content.
            version = self._tables[decision.kind].get(decision.data["hash"])
            same = version is not None and version.constitution.hash == decision.data["hash"]
            return [] if same else [f"Constitution version {decision.data['hash'][:12]} is not as it was committed."]
        table = self._tables.get(decision.kind)
        shown = to_data(table.get(decision.id)) if table is not None else None
        # A decision of an older version lacks the fields that came later.
        same = shown is not None and all(shown.get(name) == value for name, value in decision.data.items())
        return [] if same else [f"{decision.kind} {decision.id} is not as it was made."]


def _decision(name: str, record: Decided, previous: str) -> Decision:
    made = Decision(name, type(record).__name__, to_data(record), previous)
    return made if made.spelt.isascii() else Decision(made.id, made.kind, storable(made.data), previous)


def _id(record: Decided) -> str:
    if isinstance(record, ConstitutionVersion):
        return record_id("commit", record.hash, record.parent or "", record.created)
    return record.id
