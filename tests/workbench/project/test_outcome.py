from pathlib import Path
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import project
from workbench.project.outcome import Level, Measured, _measured, outcome
from workbench.records.run import Done
from workbench.stages.evaluation import score_of


def test_without_an_evaluation_there_is_no_outcome(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        assert outcome(made) is None


def test_the_judge_that_knows_most_tells_and_models_stand_in_their_order(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        found = outcome(made)
        assert found is not None
        assert found.run == "evaluation-1"
        assert found.measured == (Measured("oracle", "harm", "red-team", True, (Level("rl_cai", 0.5, 30, 0.0),)),)
        answers = [*made.store.answers.each()]
        scores = [score_of(one, "preference_model", "preference_model", 2.0) for one in answers]
        base = [score_of(one, "oracle", "harm", 2.0) for one in answers if one.model == "base"]
        with made.store.write():
            made.store.scores.add([*scores, *base], run_id="evaluation-1")
        found = outcome(made)
        assert found is not None
        (harm,) = found.measured  # what the preference model predicts is not asked where an oracle knows
        assert harm.levels == (Level("base", 2.0, 30, 0.0), Level("rl_cai", 0.5, 30, 0.0))
        made.store.db.execute("DELETE FROM scores WHERE judge = 'oracle'")
        found = outcome(made)
        assert found is not None
        (predicted,) = found.measured
        assert (predicted.judge, predicted.kind, predicted.less_is_better) == ("preference_model", "red-team", False)
        assert [level.model for level in predicted.levels] == ["base", "rl_cai"]


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40))
def test_how_far_an_interval_reaches_is_what_statistics_says(values: list[float]) -> None:
    mean, square = fmean(values), fmean(value * value for value in values)
    ((only,),) = [one.levels for one in _measured([("base", "red-team", "oracle", "harm", mean, square, len(values))])]
    assert only.within == pytest.approx(1.96 * stdev(values) / len(values) ** 0.5, rel=1e-3, abs=1e-5)
    assert only.answers == len(values)


def test_of_one_answer_no_interval_is_told_and_prompts_left_out_do_not_count(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        asked = [one.prompt_id for one in made.store.answers.each() if one.model == "rl_cai"]
        with made.store.write():
            made.store.done_inputs.add([Done(name, "too long") for name in asked[1:]], "evaluation-1")
        found = outcome(made)
        assert found is not None
        assert found.measured[0].levels == (Level("rl_cai", 0.5, 1, None),)
