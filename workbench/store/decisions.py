"""Decisions: what a person did, chained by hashes, in the journal first and then in the database, in one order."""

import json
from collections.abc import Sequence
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
from workbench.store.journal import FIRST, Decision, Journal, stored
from workbench.store.reviews import Reviews
from workbench.store.rows import storable
from workbench.store.table import Table
from workbench.store.taggings import Taggings

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
        for decision in decisions:
            self._db.conn.execute(
                "INSERT INTO decisions (id, kind, data, previous_hash, hash) VALUES (?, ?, ?, ?, ?)", stored(decision)
            )
            table = self._tables.get(decision.kind)
            if table is None:
                raise BadInputError(f"Decision {decision.id} is of a kind this version does not know: {decision.kind}.")
            table.add([from_data(table.kind, decision.data)])

    def new(self, records: Sequence[Decided]) -> list[Decision]:
        """Return the decisions these records are, continuing the chain; those that are there already are left out."""
        decisions: dict[str, Decision] = {}
        previous = self.last_hash()
        for record in records:
            decision = Decision(_id(record), type(record).__name__, storable(to_data(record)), previous)
            if decision.id not in decisions and not self.has(decision.id):
                decisions[decision.id] = decision
                previous = decision.hash
        return list(decisions.values())

    def missing(self) -> tuple[list[Decision], list[str]]:
        """Return the journal's decisions that the database lacks, and what is wrong with the journal."""
        decisions, wrong = self.journal.read()
        return [decision for decision in decisions if not self.has(decision.id)], wrong

    def unwritten(self) -> list[Decision]:
        """Return the decisions that the journal lacks: it was lost, or a failed commit had come about after all."""
        there = {decision.id for decision in self.journal.read()[0]}
        rows = self._db.query("SELECT * FROM decisions ORDER BY seq")
        kept = (Decision(row["id"], row["kind"], json.loads(row["data"]), row["previous_hash"]) for row in rows)
        return [decision for decision in kept if decision.id not in there]

    def has(self, decision_id: str) -> bool:
        """Say whether a decision is in the database."""
        return self._db.execute("SELECT 1 FROM decisions WHERE id = ?", [decision_id]).fetchone() is not None

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


def _id(record: Decided) -> str:
    if isinstance(record, ConstitutionVersion):
        return record_id("commit", record.hash, record.parent or "", record.created)
    return record.id
