"""A project begins whole or not at all."""

from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.project.beginning import begin


def test_a_helper_plays_all_roles_but_the_judges(tmp_path: Path) -> None:
    with begin(tmp_path / "p", "blank", helper="demo") as project:
        assert project.store.role_models.all() == {"response": "demo", "critic": "demo", "policy": "demo"}
        assert [one.id for one in project.constitution.constitution.principles] == ["first"]


@pytest.mark.parametrize("named", [{"helper": "no-such"}, {"judge": "no-such"}])
def test_a_model_that_is_not_there_makes_no_project(tmp_path: Path, named: dict[str, str]) -> None:
    with pytest.raises(WorkbenchError, match="is not a model"):
        begin(tmp_path / "p", "blank", **named)
    assert not (tmp_path / "p").exists()
