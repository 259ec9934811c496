"""An evaluation set from file to verdict, on the command line, with a scripted judge in a real worker."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.errors import MissingError
from workbench.project import Project

ROWS = [{"prompt": f"Question {n}?", "corrects": [f"Ask {n}."], "incorrects": [f"Shout {n}."]} for n in range(6)]


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def project(tmp_path: Path, own_state: Path) -> str:
    (own_state / "constitution-workbench").mkdir()
    machine = own_state / "constitution-workbench" / "machine.json"
    machine.write_text('{"device": "cpu", "dtype": "float32", "threads": 1}')
    run("new", str(tmp_path / "p"), "--constitution", "harmlessness")
    return str(tmp_path / "p")


def test_a_set_is_imported_asked_and_judged(project: str, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="--as evaluation_set"):
        run("run", project, "evaluation_set")
    (tmp_path / "hhh.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    assert "6 new items" in run("import", project, str(tmp_path / "hhh.jsonl"), "--as", "evaluation_set")
    ended = json.loads(run("run", project, "evaluation_set", "--set", "feedback=scripted", "--json"))
    assert (ended["state"], ended["done"], ended["total"]) == ("finished", 6, 6)
    rows = json.loads(run("show", project, "item_answers", "--json"))
    assert {(row["judge"], row["right"], row["order_flip"]) for row in rows} == {("feedback", 0.5, False)}
    verdict = run("measure", project, "--run", ended["id"])
    assert verdict.startswith("The feedback model is not ready to label, because it is right less often than 70%")
    with Project.read(Path(project)) as opened:
        assert f"{opened.gate_sentence()}\n" == verdict  # what labelling begins with
    assert {row["set_name"] for row in json.loads(run("show", project, "evaluation_items", "--json"))} == {"hhh"}
