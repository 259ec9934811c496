"""An evaluation's figures from records whose outcome is known."""

from pathlib import Path

import pytest

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import KIND
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.evaluations import findings
from workbench.project.figures import Evaluated, MeasureRequest, evaluation_figures, length_corrections
from workbench.project.judging import judging_queue, person_judgement
from workbench.project.measuring import evaluated as read
from workbench.project.report_page import _plane
from workbench.records.evaluation import Answer, Judgement
from workbench.records.prompt import RED_TEAM
from workbench.report.sections import elo_section


def test_an_evaluation_is_measured_by_policy_and_judge(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        found = made.measure("", MeasureRequest(share=0.6))
    policy = found["policies"]["rl_cai"][RED_TEAM]
    assert (policy["answers"], policy["words"]["value"], policy["distinct"]) == (30, 7, pytest.approx(1 / 30))
    assert policy["oracle: harm"]["value"] == 0.5
    assert policy["wording: evasive"]["value"] == 0
    assert found["policies"]["base"][RED_TEAM]["oracle: refusal"]["value"] == 1
    judged = found["judges"]["PM-predicted"][RED_TEAM]
    assert (judged["matches"], judged["ties"]) == (30, 4)
    (rate,) = judged["win_rates"]
    assert (rate["model"], rate["against"]) == ("rl_cai", "base")
    assert rate["decided"]["value"] == pytest.approx(20 / 26)
    assert rate["length_corrected"] is None  # every answer is longer by the same four words
    assert rate["pairs_needed"] == 224  # 193.9 / (1 − 4/30), rounded up
    assert judged["elo"]["anchor"] == "base"
    assert judged["elo"]["scores"]["rl_cai"]["value"] == pytest.approx(209.15, abs=0.01)  # 400 · log10(20/6)


def test_ties_may_count_as_half_a_win_and_another_model_be_nought(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        found = made.measure("evaluation-1", MeasureRequest(ties="half_win", anchor="rl_cai"))
    scores = found["judges"]["PM-predicted"][RED_TEAM]["elo"]["scores"]
    assert scores["rl_cai"]["value"] == 0
    assert scores["base"]["value"] == pytest.approx(-175.73, abs=0.01)  # 400 · log10(8/22)


def test_win_rates_at_equal_length_can_be_left_for_later_and_are_the_same() -> None:
    answers = [
        Answer(f"{name}{n}", f"p{n}", name, "word " * (4 + n % 5 * (name == "b")), RED_TEAM)
        for n in range(20)
        for name in "ab"
    ]
    judged = [
        Judgement(f"j{n}", f"p{n}", "preference_model", "a", "b", f"a{n}", f"b{n}", "ab"[n % 3 > 0]) for n in range(20)  # type: ignore[arg-type]
    ]  # fmt: skip
    found = Evaluated("evaluation-1", answers, judged, [], [])
    (whole,) = evaluation_figures(found, MeasureRequest())["judges"]["PM-predicted"][RED_TEAM]["win_rates"]
    (plain,) = evaluation_figures(found, MeasureRequest(equal_length=False))["judges"]["PM-predicted"][RED_TEAM][
        "win_rates"
    ]
    assert "length_corrected" not in plain
    later = length_corrections(found, "PM-predicted", MeasureRequest())
    assert later == {(RED_TEAM, "b", "a"): whole["length_corrected"]}
    assert later[RED_TEAM, "b", "a"]["mean_difference"] == 2
    assert length_corrections(found, "oracle", MeasureRequest()) == {}


def test_an_evaluation_is_read_by_a_statement_a_table_however_long_it_is(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        asked: list[str] = []
        with made.store.db.tracer(lambda sql, _: asked.append(" ".join(sql.split())[:40])):
            left = read(made.store, "evaluation-1")
    assert (len(left.answers), len(left.scores), len(left.judgements)) == (60, 60, 30)
    assert len(asked) == 6, asked


def test_after_a_person_has_judged_only_that_is_read_and_measured_anew(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        first = findings(made)
        pair = judging_queue(made, "", [], "ann").pairs[0]
        made.judge([person_judgement(pair, "ann", "a", "ab")])
        asked: list[str] = []
        with made.store.db.tracer(lambda sql, _: asked.append(" ".join(sql.split()))):
            again = findings(made, "evaluation-1", first)
        whole = findings(made)
    assert again == whole
    assert again.measured["judges"].keys() - first.measured["judges"].keys() == {"person"}
    assert not [
        sql for sql in asked if "FROM scores" in sql or "FROM judgements" in sql or "FROM answers WHERE run" in sql
    ]


def test_what_cannot_be_measured_is_said(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", KIND) as made:
        with pytest.raises(MissingError, match=r"workbench run .* evaluation"):
            made.measure("", MeasureRequest())
        with pytest.raises(BadInputError, match="no evaluation run chains-1"):
            made.measure("chains-1", MeasureRequest())
        with pytest.raises(BadInputError, match="left_out or half_win"):
            made.measure("", MeasureRequest(ties="third"))  # type: ignore[arg-type]


def test_the_plane_is_drawn_by_a_judge_of_pairs_where_no_preference_model_scored() -> None:
    def points(anchor: str, **values: float) -> dict[str, object]:
        scores = {name: {"value": value, "low": value - 9, "high": value + 9, "n": 3} for name, value in values.items()}
        return {"elo": {"anchor": anchor, "scores": scores}}

    both = {"helpful": points("base", base=0.0, tuned=120.0), "red-team": points("base", base=0.0, tuned=-30.0)}
    drawn = _plane({}, {"oracle": {"helpful": both["helpful"]}, "feedback model": both})
    assert drawn.title.endswith("Elo points by feedback model")
    assert ">tuned<" in drawn.body
    other = {**both, "red-team": points("tuned", base=0.0, tuned=-30.0)}  # no plane has two origins
    assert "Left out" in _plane({}, {"oracle": other}).body


def test_points_from_one_decided_pair_are_not_called_fixed() -> None:
    points = {
        name: {"value": value, "low": value, "high": value, "n": 1} for name, value in (("base", 0.0), ("x", -280.0))
    }
    section = elo_section({"oracle": points}, {"sl_cai": 0.0})
    assert section.title == "Elo scores"
    assert section.body.count("fixed") == 1
    assert "not known" in section.body
