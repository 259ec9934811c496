"""What evaluations found: answers, scores, judgements."""

import json
from collections.abc import Collection

from sqlite_utils.db import Database

from workbench.records.evaluation import Answer, Judgement, PersonJudgement, Score
from workbench.store.rows import records_of
from workbench.store.table import Table


class Answers(Table[Answer]):
    """Responses of the models that were evaluated."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "answers", Answer)


class Scores(Table[Score]):
    """Judges' numbers for answers."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "scores", Score)

    def means(self, run_id: str, without: Collection[str] = ()) -> list[tuple[str, str, str, str, float, float, int]]:
        """Return (model, kind of prompt, judge, name, mean, mean square, answers), models in the order they answered.

        without names prompts whose answers are passed by.
        """
        found = self._db.execute(
            """SELECT answers.model, answers.kind, scores.judge, scores.name, avg(scores.value),
            avg(scores.value * scores.value), count(*)
            FROM scores JOIN answers ON answers.id = scores.answer_id WHERE scores.run_id = ?
            AND answers.prompt_id NOT IN (SELECT value FROM json_each(?))
            GROUP BY 1, 2, 3, 4 ORDER BY min(answers.seq)""",
            [run_id, json.dumps(sorted(without))],
        )
        return list(found)


class Judgements(Table[Judgement]):
    """Judges' verdicts between answers."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "judgements", Judgement)


class PersonJudgements(Table[PersonJudgement]):
    """People's verdicts between answers: rows that are only ever added, each of them a decision."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "person_judgements", PersonJudgement)

    def standing(self, run_id: str, person: str = "") -> list[PersonJudgement]:
        """Return what stands of an evaluation's judgements by people (by one of them), in the order they were made."""
        rows = self._db.execute(
            """SELECT judged.* FROM person_judgements AS judged JOIN answers ON answers.id = judged.answer_a
            WHERE answers.run_id = :run AND judged.decision != 'withdrawn' AND (:person = '' OR judged.person = :person)
            AND NOT EXISTS (SELECT 1 FROM person_judgements AS later WHERE later.supersedes = judged.id)
            ORDER BY judged.seq""",
            {"run": run_id, "person": person},
        )
        return records_of(PersonJudgement, rows)

    def last(self, answer_a: str, answer_b: str, person: str) -> PersonJudgement | None:
        """Return a person's newest judgement of a pair, whichever answer was named first, or None."""
        where = "person = ? AND ((answer_a = ? AND answer_b = ?) OR (answer_a = ? AND answer_b = ?))"
        pair = (person, answer_a, answer_b, answer_b, answer_a)
        found = self.select(where, pair, limit=1, order="seq DESC")
        return found[0] if found else None
