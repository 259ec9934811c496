"""Disk use of runs, counted from their files."""

import json
from pathlib import Path

import pytest

from tests.workbench.project.projects import append, ended, project
from workbench.errors import BadInputError, BusyError
from workbench.project.disk import disk_use, project_use
from workbench.project.disk_removal import empty, objection, remove, restore
from workbench.records.run import Output


def write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


def test_a_runs_disk_is_its_model_its_checkpoints_and_the_rest(tmp_path: Path) -> None:
    run, elsewhere = tmp_path / "p" / "runs" / "sft-1", tmp_path / "elsewhere"
    write(run / "output" / "model.safetensors", 3_000_000)
    write(run / "checkpoints" / "checkpoint-1" / "state", 500_000)
    write(run / "results.jsonl", 20_000)
    write(tmp_path / "p" / "project.db", 100_000)
    write(elsewhere / "output" / "model.safetensors", 1_000_000)
    assert disk_use(run) == {
        "model_mb": 3.0,
        "checkpoints_mb": 0.5,
        "snapshots_mb": 0.0,
        "rest_mb": 0.02,
        "total_mb": 3.52,
    }
    found = project_use(tmp_path / "p", [("sft-1", run), ("sft-2", elsewhere), ("sft-3", tmp_path / "gone")])
    assert [row["total_mb"] for row in found["runs"]] == [3.52, 1.0, 0.0]
    assert (found["rest_of_project_mb"], found["total_mb"]) == (0.1, 4.62)


def test_weights_are_put_aside_put_back_and_gone_for_good(tmp_path: Path) -> None:
    with project(tmp_path / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
        weights = run.path / "output" / "model.safetensors"
        write(weights, 2_000_000)
        write(run.path / "output" / "config.json", 10)
        write(run.path / "checkpoints" / "checkpoint-1" / "state", 500_000)
        with pytest.raises(BusyError, match="may still go on"):
            remove(made, run.id, "checkpoints")
        ended(run)
        made.collect(run)
        assert remove(made, run.id, "model") == 2.0
        assert not weights.exists()
        assert (run.path / "output" / "config.json").exists()
        restore(made, run.id, "model")
        assert weights.stat().st_size == 2_000_000
        remove(made, run.id, "checkpoints")
        assert empty(made) == 0.5
        with pytest.raises(BadInputError, match="gone for good"):
            restore(made, run.id, "checkpoints")
        with pytest.raises(BusyError, match="keeps no snapshots"):
            remove(made, run.id, "snapshots")


def test_weights_somebody_needs_stay(tmp_path: Path) -> None:
    with project(tmp_path / "project") as made:
        first = made.make_run("chains", {"response": "scripted"})
        write(first.path / "output" / "model.safetensors", 1000)
        write(first.path / "output" / "config.json", 2)
        ended(first)
        made.collect(first)
        user = made.make_run("comparisons", {"response": str(first.path / "output")})
        assert f"{user.id} works with it" in objection(made, first.id, "model")
        ended(user)
        made.collect(user)
        adapter = user.path / "output"
        write(adapter / "adapter_model.safetensors", 10)
        (adapter / "adapter_config.json").write_text(
            json.dumps({"base_model_name_or_path": "../../" + first.id + "/output"})
        )
        append(user, [Output("output", "sft", "w")])
        made.collect(user)
        assert "no use without it" in objection(made, first.id, "model")
