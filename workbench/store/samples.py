"""What models in training made of pinned prompts and pairs."""

from sqlite_utils.db import Database

from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.store.table import Table


class Samples(Table[PolicySample]):
    """Responses to pinned prompts, by run and step."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "samples", PolicySample)

    def run_of(self, sample_id: str) -> str:
        """Return the id of the run a sample was written in; empty where there is no such sample."""
        found = self._db.execute("SELECT run_id FROM samples WHERE id = ?", [sample_id]).fetchone()
        return str(found[0]) if found else ""


class PairScoreRows(Table[PairScores]):
    """Scores of pinned comparisons, by run and step."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "pair_scores", PairScores)
