"""Working a run folder by hand."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workbench.runs.folders import CONSTITUTION, prompts, until
from workbench.cli.machine import work
from workbench.errors import MissingError
from workbench.records.constitution import Constitution, Principle
from workbench.records.model import ModelRef
from workbench.records.run import Plan, RunState
from workbench.runs.folder import RunFolder


@pytest.mark.parametrize(("rationale", "told"), [(True, "128"), (False, None)])
def test_what_is_read_once_is_soon_forgotten_by_hand_as_from_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rationale: bool, told: str | None
) -> None:
    plan = Plan("labels-1", "labels", settings={"rationale": rationale})
    folder = RunFolder.create(tmp_path / plan.id, plan, CONSTITUTION, [])
    given: dict[str, str] = {}

    def noted(program: str, command: list[str], env: dict[str, str]) -> None:
        given.update(env)
        assert (program, command[-2:]) == (command[0], ["--beside", str(folder.path)])

    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    monkeypatch.setattr(os, "execvpe", noted)
    work(str(folder.path), beside=True)
    assert given.get("ONEDNN_PRIMITIVE_CACHE_CAPACITY") == told
    assert given["PATH"]


def test_a_run_worked_by_hand_pauses_when_its_process_is_asked_to_end(tmp_path: Path) -> None:
    """As a batch system ends a job: it knows the process it started, and none below it."""
    scripted = ModelRef("scripted", "scripted")
    plan = Plan("chains-1", "chains", models={"response": scripted, "critic": scripted})
    asked = Constitution(
        "kind", principles=(Principle("kindness", critique_request="Kind?", revision_request="Be kind."),)
    )
    folder = RunFolder.create(tmp_path / plan.id, plan, asked, prompts(20_000))
    worker = subprocess.Popen([sys.executable, "-m", "workbench", "work", str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0)
    worker.terminate()
    worker.wait(timeout=60)
    assert folder.status().state is RunState.PAUSED
    there = folder.results_file.stat().st_size
    time.sleep(0.5)
    assert folder.results_file.stat().st_size == there


def test_a_folder_that_holds_no_run_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="is not a run folder"):
        work(str(tmp_path))
