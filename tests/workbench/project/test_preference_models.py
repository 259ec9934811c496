"""What the project shows of its preference models, from the files beside their weights."""

import json
from pathlib import Path

import pytest

from tests.workbench.project.projects import append, ended, model_folder, project
from workbench.errors import BadInputError
from workbench.measurement.preference_models import ScoredPair, measure
from workbench.project import Project
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.rows import PreferenceRow
from workbench.records.run import Output, Plan
from workbench.records.transcript import Message
from workbench.runs.folder import RunFolder


def trained(made: Project, number: int = 1) -> Path:
    """Take in a finished preference-model run, as if its worker had just ended, and return its model folder."""
    plan = Plan(f"preference_model-{number}", "preference_model")
    row = PreferenceRow((Message("user", "plan"),), "share", "rude", 0.9)
    folder = RunFolder.create(made.folder / "runs" / plan.id, plan, Constitution("kind"), [row])
    append(folder, [Output("output", "preference_model", "weights", 3)])
    ended(folder)
    made.collect(folder)
    return Path(model_folder(folder.path / "output"))


def test_what_was_measured_is_shown_by_group_and_bin_newest_model_first(tmp_path: Path) -> None:
    pairs = [ScoredPair(2.0, 0.0, 0.9, kind="red-team"), ScoredPair(0.0, 1.0, 0.8, "review", "helpful")]
    with project(tmp_path / "p") as made:
        for number, labels in enumerate(("soft", "hard"), 1):
            report = {"labels": labels, "measured": to_data(measure(pairs))}
            (trained(made, number) / "report.json").write_text(json.dumps(report))
        trained(made, 3)  # one that nothing measured has no rows
        rows = made.rows("preference_models")
    assert [row["labels"] for row in rows if row["by"] == "all"] == ["hard", "soft"]
    first = rows[0]
    assert (first["run_id"], first["n"], first["accuracy"]) == ("preference_model-2", 2, 0.5)
    assert first["accuracy_low"] < 0.5 < first["accuracy_high"]
    assert {(row["by"], row["group"]) for row in rows} >= {("source", "review"), ("kind", "helpful")}
    assert sum(row["n"] for row in rows if row["by"] == "predicted") == 4


def test_a_report_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        (trained(made) / "report.json").write_text("{")
        with pytest.raises(BadInputError, match="Train the preference model again"):
            made.rows("preference_models")
