"""The list of model folders by commands: put on, shown, taken off; the folder itself stays."""

import json
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import Run
from workbench.errors import BadInputError
from workbench.project.model_choice import DEMO_MODEL


def test_a_model_folder_is_put_on_the_list_and_taken_off(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "mine"
    model.mkdir()
    with pytest.raises(BadInputError, match="it has no config"):
        run("models", "folder", "mine")
    (model / "config.json").write_bytes((DEMO_MODEL / "config.json").read_bytes())
    assert str(model) in run("models", "folder", "mine")
    assert f"Folders\n  {model}" in run("models")
    assert [one["location"] for one in json.loads(run("models", "--json"))["folders"]] == [str(model)]
    assert run("models", "remove", "mine") == f"Took {model} off the list; the folder stays.\n"
    assert "put one on the list" in run("models")
    assert model.is_dir()
