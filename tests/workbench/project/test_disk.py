"""Disk use of runs, counted from their files."""

from pathlib import Path

from workbench.project.disk import disk_use, project_use


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
