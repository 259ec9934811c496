"""What models in training made of pinned prompts and pairs."""

from sqlite_utils.db import Database

from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.store.table import Table


class Samples(Table[PolicySample]):
    """Responses to pinned prompts, by run and step."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "samples", PolicySample)


class PairScoreRows(Table[PairScores]):
    """Scores of pinned comparisons, by run and step."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "pair_scores", PairScores)
