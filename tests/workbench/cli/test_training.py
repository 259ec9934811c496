"""Trainings from a terminal: what can be set, what they told, how they fare, and what to do after them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.project.projects import append, ended, model_folder, project
from workbench.errors import WorkbenchError
from workbench.project import Project
from workbench.records.run import Metric
from workbench.runs.control import ask
from workbench.runs.events import Message, event_line

Run = Callable[..., str]


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    with project(tmp_path / "p") as made:
        model = model_folder(tmp_path / "model")
        run = made.make_run("rl", {"policy": model, "reward": model, "override_readiness": "true"})
        append(run, [Metric("objective/kl", step, step / 10) for step in range(1, 9)])
        run.events_file.write_text(event_line(Message("2 of 9 rows were left out.")) + "\n")
        (run.path / "output").mkdir()
        (run.path / "output" / "model.safetensors").write_bytes(b"x" * 1_000_000)
        ended(run)
        made.collect(run)
    return tmp_path / "p"


def test_settings_are_listed_with_their_meaning_and_a_presets_values(run: Run) -> None:
    rows = {row["setting"]: row for row in json.loads(run("settings", "sft", "--preset", "8gb", "--json"))}
    assert rows["lora_rank"]["value"] == "16"
    assert "low-rank adapter" in rows["lora_rank"]["meaning"]
    assert "lora_rank" in run("settings", "sft")
    with pytest.raises(WorkbenchError, match="no preset 9gb"):
        run("settings", "sft", "--preset", "9gb")


def test_a_run_tells_its_numbers_its_words_and_how_it_fares(run: Run, trained: Path, tmp_path: Path) -> None:
    assert "How far the policy has gone" in run("metrics", str(trained), "rl-1")
    run("metrics", str(trained), "rl-1", "-o", str(tmp_path / "kl.csv"))
    with (tmp_path / "kl.csv").open(newline="") as file:
        assert list(csv.reader(file))[-1] == ["rl-1", "objective/kl", "8", "0.8"]
    assert "2 of 9 rows were left out." in run("log", str(trained), "rl-1")
    signs = {row["sign"]: row["is"] for row in json.loads(run("health", str(trained), "rl-1", "--json"))}
    assert signs["KL"] == "good"
    assert signs["Entropy"] == "unknown"


def test_weights_are_given_back_and_a_discarded_run_kept(run: Run, trained: Path) -> None:
    assert "Removed 1.0 MB" in run("disk", str(trained), "--delete", "model", "--run", "rl-1", "--yes")
    with pytest.raises(WorkbenchError, match="keeps no model"):
        run("disk", str(trained), "--delete", "model", "--run", "rl-1", "--yes")
    with pytest.raises(WorkbenchError, match="Name the run"):
        run("disk", str(trained), "--delete", "model", "--yes")
    with Project.open(trained) as made:
        again = made.make_run("chains", {"response": "scripted"})
        ask(again, "discard")
        made.collect(again)
    run("keep", str(trained), again.id)
    with Project.open(trained) as made:
        assert not made.run(again.id).discarded


def test_an_estimate_says_what_fits(run: Run, trained: Path) -> None:
    texts = [part for role in ("policy", "reference", "reward") for part in ("--set", f"{role}=demo")]
    found = json.loads(run("estimate", str(trained), "rl", "--preset", "smoke", *texts, "--json"))
    assert (found["steps"], found["rows"]) == (20, 12)
    assert found["fits"] in ("fits", "tight", "will not fit")
    assert found["memory_mb"] > found["parts"]["weights"] > 0
    with pytest.raises(WorkbenchError, match="not what evaluation would"):
        run("estimate", str(trained), "evaluation")
