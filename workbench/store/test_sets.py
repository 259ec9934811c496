"""The locked sets of test prompts in the store: rows that are only ever added."""

from sqlite_utils.db import Database

from workbench.records.test_set import TestSet
from workbench.store.comparisons import KEPT
from workbench.store.table import Table


class TestSets(Table[TestSet]):
    """What evaluations lock; a set counts while the run that locked it is kept."""

    __test__ = False  # no test of pytest's

    def __init__(self, db: Database) -> None:
        super().__init__(db, "test_sets", TestSet)

    def kept(self) -> list[TestSet]:
        """Return the sets whose run was not discarded, newest first."""
        return self.select(KEPT, order="seq DESC")

    def answered(self, run_id: str) -> list[str]:
        """Return the ids of the prompts that an evaluation's models answered."""
        rows = self._db.execute("SELECT DISTINCT prompt_id FROM answers WHERE run_id = ? ORDER BY 1", [run_id])
        return [str(row[0]) for row in rows]
