"""The README's walkthrough, line by line, as a person would type it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.project.model_choice import DEMO_MODEL

ROOT = Path(__file__).parents[2]


def walkthrough() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- walkthrough -->")[1].split("<!-- /walkthrough -->")[0]
    return [line for line in block.splitlines() if line.strip() and not line.startswith("```")]


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """A shell's environment with `workbench` on the path, and of this person's state what the machine was measured to do best."""
    command = tmp_path / "bin" / "workbench"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workbench "$@"\n')
    command.chmod(0o755)
    state = tmp_path / "state" / "constitution-workbench"
    state.mkdir(parents=True)
    (state / "machine.json").write_text(json.dumps({"device": "cpu", "dtype": "float32", "threads": 1}))
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.mark.timeout(600)
@pytest.mark.skipif(not (DEMO_MODEL / "model.safetensors").is_file(), reason="the demo model's weights are not there")
def test_every_line_of_the_walkthrough_works(tmp_path: Path, shell: dict[str, str]) -> None:
    lines = walkthrough()
    assert 10 <= len(lines) <= 16
    for line in lines:
        done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    runs = subprocess.run(
        ["workbench", "runs", "walk", "--json"], cwd=tmp_path, env=shell, capture_output=True, text=True, check=True
    )
    assert {run["state"] for run in json.loads(runs.stdout)} == {"finished"}
    exported = [json.loads(line) for line in (tmp_path / "walk-preferences.jsonl").read_text().splitlines()]
    assert exported
    assert {"prompt", "chosen", "rejected", "chosen_prob", "principle", "constitution_hash"} <= set(exported[0])
