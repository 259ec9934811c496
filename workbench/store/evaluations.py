"""What evaluations found: answers, scores, judgements."""

from sqlite_utils.db import Database

from workbench.records.evaluation import Answer, Judgement, Score
from workbench.store.table import Table


class Answers(Table[Answer]):
    """Responses of the models that were evaluated."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "answers", Answer)


class Scores(Table[Score]):
    """Judges' numbers for answers."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "scores", Score)


class Judgements(Table[Judgement]):
    """Judges' verdicts between answers."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "judgements", Judgement)
