"""What people settled before they judged, in the store: rows that are only ever added, each of them a decision."""

from sqlite_utils.db import Database

from workbench.records.audit import AuditSample, Guidelines, RuleChange, SampleAside
from workbench.store.table import Table


class AuditSamples(Table[AuditSample]):
    """The locked samples."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "audit_samples", AuditSample)

    def newest(self) -> AuditSample | None:
        """Return the sample drawn last, or None."""
        return next(iter(self.select("1", limit=1, order="seq DESC")), None)

    def pool(self) -> list[str]:
        """Return the ids of the comparisons a sample may be drawn from: labelled, and not left out by a person."""
        sql = "SELECT comparison_id FROM comparison_states WHERE label_id != '' AND excluded = 0 AND discarded = 0"
        return [str(row[0]) for row in self._db.execute(sql)]


class SamplesAside(Table[SampleAside]):
    """Which samples were set aside."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "samples_aside", SampleAside)

    def of(self, sample: AuditSample) -> SampleAside | None:
        """Return by whom and why a sample was set aside, or None."""
        return next(iter(self.select("sample_id = ?", (sample.id,), limit=1)), None)


class GuidelineTexts(Table[Guidelines]):
    """The reviewers' guidelines, every version of them."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "guidelines", Guidelines)

    def newest(self) -> Guidelines | None:
        """Return the text in force, or None where nobody wrote one."""
        return next(iter(self.select("1", limit=1, order="seq DESC")), None)


class RuleChanges(Table[RuleChange]):
    """The rules by which answers became probabilities."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "rule_changes", RuleChange)

    def newest(self) -> RuleChange | None:
        """Return the change that holds, or None where the usual rule does."""
        return next(iter(self.select("1", limit=1, order="seq DESC")), None)
