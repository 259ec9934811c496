import json
import re
from pathlib import Path

from typer.testing import CliRunner

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import project
from workbench.cli.app import app


def test_measure_prints_scores_with_intervals_and_how_many_pairs_it_takes(tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    shown = CliRunner().invoke(app, ["measure", str(tmp_path / "p"), "--find", "0.6"], catch_exceptions=False).stdout
    assert "PM-predicted, red-team prompts: 30 pairs, 4 of them ties" in shown
    assert "Elo, base at 0:  base 0  rl_cai +209 (" in shown
    assert "rl_cai over base  0.769 (" in shown
    assert "To tell a win rate of 60% from one half with 80 % power, judge 224 pairs" in shown
    data = json.loads(
        CliRunner().invoke(app, ["measure", str(tmp_path / "p"), "--json"], catch_exceptions=False).stdout
    )
    assert data["judges"]["PM-predicted"]["red-team"]["ties"] == 4


def test_report_writes_a_page_about_any_project(tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    shown = CliRunner().invoke(app, ["report", str(tmp_path / "p")], catch_exceptions=False).stdout
    assert "report.html" in shown
    text = (tmp_path / "p" / "report.html").read_text(encoding="utf-8")
    assert "PM-predicted, red-team" in text
    assert "rl_cai over base" in text
    assert "Left out: no evaluation set was asked in this project." in text
    assert "evaluation-1" in text


def test_methods_tells_how_an_evaluation_came_about(tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    told = CliRunner().invoke(app, ["methods", str(tmp_path / "p")], catch_exceptions=False).stdout
    assert told.startswith("Constitution. “kind” has 1 principle (version ")
    asked = r"Evaluation\. base answered 60 test prompts of set [0-9a-f]{8} \(temperature 1, seed 0; evaluation-1\)\."
    assert re.search(asked, told)
    assert "By PM-predicted, on red-team prompts, rl_cai won over base in 76.9% [" in told
    assert "Constitution Workbench" in told.splitlines()[-1]


def test_methods_of_a_project_without_an_evaluation_says_what_makes_one(tmp_path: Path) -> None:
    with project(tmp_path / "p"):
        pass
    answer = CliRunner().invoke(app, ["methods", str(tmp_path / "p")])
    assert answer.exit_code != 0
    assert "There is no evaluation yet; make one with:" in str(answer.exception)
