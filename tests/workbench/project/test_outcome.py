from pathlib import Path

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import project
from workbench.project.outcome import Level, Measured, outcome
from workbench.stages.evaluation import score_of


def test_without_an_evaluation_there_is_no_outcome(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        assert outcome(made) is None


def test_the_judge_that_knows_most_tells_and_models_stand_in_their_order(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        found = outcome(made)
        assert found is not None
        assert found.run == "evaluation-1"
        assert found.measured == (Measured("oracle", "harm", "red-team", True, (Level("rl_cai", 0.5, 30),)),)
        answers = [*made.store.answers.each()]
        scores = [score_of(one, "preference_model", "preference_model", 2.0) for one in answers]
        base = [score_of(one, "oracle", "harm", 2.0) for one in answers if one.model == "base"]
        with made.store.write():
            made.store.scores.add([*scores, *base], run_id="evaluation-1")
        found = outcome(made)
        assert found is not None
        (harm,) = found.measured  # what the preference model predicts is not asked where an oracle knows
        assert harm.levels == (Level("base", 2.0, 30), Level("rl_cai", 0.5, 30))
        made.store.db.execute("DELETE FROM scores WHERE judge = 'oracle'")
        found = outcome(made)
        assert found is not None
        (predicted,) = found.measured
        assert (predicted.judge, predicted.kind, predicted.less_is_better) == ("preference_model", "red-team", False)
        assert [level.model for level in predicted.levels] == ["base", "rl_cai"]
