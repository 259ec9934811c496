"""Disk use from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., str]


def test_runs_and_disk_show_what_a_run_uses(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("How do I shout at Tom?\n")
    run("new", "p")
    assert "MB in all" in run("disk", "p")
    run("import", "p", "prompts.txt", "--as", "prompts")
    run("run", "p", "chains", "--set", "response=scripted", "--set", "rounds=1")
    (listed,) = json.loads(run("runs", "p", "--json"))
    found = json.loads(run("disk", "p", "--json"))
    assert found["runs"][0]["run"] == "chains-1"
    assert found["runs"][0]["total_mb"] == listed["disk_mb"] > 0
    assert found["total_mb"] > found["rest_of_project_mb"] > 0
    assert "chains-1" in run("disk", "p")
