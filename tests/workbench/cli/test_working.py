"""Working a run folder by hand."""

import subprocess
from pathlib import Path

import pytest
import typer

from tests.workbench.runs.folders import CONSTITUTION
from workbench.cli.machine import work
from workbench.errors import MissingError
from workbench.records.run import Plan
from workbench.runs.folder import RunFolder


@pytest.mark.parametrize(("rationale", "told"), [(True, "128"), (False, None)])
def test_what_is_read_once_is_soon_forgotten_by_hand_as_from_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rationale: bool, told: str | None
) -> None:
    plan = Plan("labels-1", "labels", settings={"rationale": rationale})
    folder = RunFolder.create(tmp_path / plan.id, plan, CONSTITUTION, [])
    given: dict[str, str] = {}

    def noted(command: list[str], env: dict[str, str]) -> int:
        given.update(env)
        assert command[-2:] == ["--beside", str(folder.path)]
        return 3

    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    monkeypatch.setattr(subprocess, "call", noted)
    with pytest.raises(typer.Exit) as left:
        work(str(folder.path), beside=True)
    assert left.value.exit_code == 3
    assert given.get("ONEDNN_PRIMITIVE_CACHE_CAPACITY") == told
    assert given["PATH"]


def test_a_folder_that_holds_no_run_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="is not a run folder"):
        work(str(tmp_path))
