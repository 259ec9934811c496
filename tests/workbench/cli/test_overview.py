import json
from pathlib import Path

from typer.testing import CliRunner

from tests.workbench.project.evaluated import evaluated
from workbench.cli.app import app


def test_overview_tells_how_far_a_project_is_and_what_came_of_it(tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    shown = CliRunner().invoke(app, ["overview", str(tmp_path / "p")], catch_exceptions=False).stdout
    assert shown.startswith("kind: 1 principle, 1 version.\n")
    assert f"chains: workbench run {tmp_path / 'p'} chains" in shown
    assert "rl: needs preference_model" in shown
    assert "Mean harm on red-team prompts by oracle, less is better:" in shown
    assert "rl_cai  0.5   0       30" in shown
    text = CliRunner().invoke(app, ["overview", str(tmp_path / "p"), "--json"], catch_exceptions=False).stdout
    data = json.loads(text)
    assert data["finished"] == ["evaluation"]
    assert data["lacks"]["labels"] == ["comparisons"]
    level = {"model": "rl_cai", "mean": 0.5, "answers": 30, "within": 0.0}
    assert data["outcome"]["measured"][0]["levels"] == [level]
    done = [stage for stage in data["lacks"] if stage != "evaluation"]
    assert done == ["chains", "sft", "comparisons", "labels", "preference_model", "rl"], "in the order of the method"
