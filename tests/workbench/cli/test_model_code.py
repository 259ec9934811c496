"""Code that a model brings, from a terminal: shown, fetched without being run, agreed to, taken back."""

import json
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import Run
from tests.workbench.models.own_code import with_own_code
from tests.workbench.sources.hub_stand_in import COMMIT, REPO, hub
from workbench.errors import BadInputError


def test_a_folder_with_code_is_read_agreed_to_and_taken_back(run: Run, tmp_path: Path) -> None:
    folder = str(with_own_code(tmp_path / "model", tmp_path / "ran"))
    assert "No model's own code" in run("models", "trust")
    assert "modelling.py" in run("models", "code", folder)
    with pytest.raises(BadInputError, match="say --yes"):
        run("models", "trust", folder)
    assert "may run" in run("models", "trust", folder, "--yes")
    assert json.loads(run("models", "show", folder, "--json"))["usable"]
    assert "agreed" in run("models", "trust")
    assert "no more" in run("models", "trust", folder, "--withdraw")
    assert not json.loads(run("models", "show", folder, "--json"))["usable"]
    assert not (tmp_path / "ran").exists(), "looking at a model runs nothing of it"
    with pytest.raises(BadInputError, match="nothing to agree to"):
        run("models", "trust", "demo", "--yes")


def test_code_from_the_hub_is_fetched_when_asked_for_and_agreed_to_at_its_commit(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    folder = with_own_code(tmp_path / "model", tmp_path / "ran")
    with hub(folder) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        run("models", "get", REPO)
        assert not any(path.endswith(".py") for _, path, _ in server.asked), "code is not fetched with a model"
        with pytest.raises(BadInputError, match="fetch and read it first"):
            run("models", "trust", REPO, "--yes")
        assert "modelling.py" in run("models", "code", REPO)
    consent = json.loads(run("models", "trust", REPO, "--yes", "--json"))
    assert (consent["model"], consent["commit"], consent["files"]) == (REPO, COMMIT, ["modelling.py"])
