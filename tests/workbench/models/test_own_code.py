"""Code that a model brings runs where somebody agreed to these very files, and nowhere else."""

import json
from pathlib import Path

import pytest

from tests.workbench.models.own_code import with_own_code
from tests.workbench.models.tiny import tiny_model
from tests.workbench.training.small import Listening, preference_rows, sft_rows
from workbench.errors import BadInputError
from workbench.models.language_model import ChoiceRequest
from workbench.models.loading import load
from workbench.project.model_choice import unbound
from workbench.records.settings import PreferenceModelSettings, SftSettings
from workbench.sources.folder import look_at
from workbench.sources.own_code import Consents
from workbench.stages.training.course import Place
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.sft import train_sft

ASKED = ChoiceRequest("Human: Hello", (" (A)", " (B)"))


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    return tmp_path / "ran"


def agree(folder: Path) -> None:
    code = look_at(folder).code
    assert code is not None
    Consents().give(str(folder), "", code)


def refused(folder: Path, mark: Path, says: str) -> None:
    mark.unlink(missing_ok=True)
    with pytest.raises(BadInputError, match=says):
        load(folder)
    with pytest.raises(BadInputError, match=says):
        train_sft(folder, sft_rows(4), SftSettings(), Place(mark.parent / "o", mark.parent / "c"), Listening())
    assert not mark.exists()


def test_it_runs_where_somebody_agreed_to_these_files(tmp_path: Path, mark: Path) -> None:
    folder = with_own_code(tmp_path / "model", mark)
    refused(folder, mark, "workbench models trust")
    assert unbound(str(folder)).code == ""
    agree(folder)
    assert len(unbound(str(folder)).code) == 64, "a run records to which code somebody agreed"
    plain = load(tiny_model(tmp_path / "plain")).choice_logprobs([ASKED])
    assert load(folder).choice_logprobs([ASKED]) == plain
    assert mark.exists()
    (folder / "modelling.py").write_text((folder / "modelling.py").read_text() + "\n")
    refused(folder, mark, "if you have read it")
    agree(folder)
    load(folder)
    code = look_at(folder).code
    assert code is not None
    Consents().withdraw(code)
    refused(folder, mark, "if you have read it")


def test_what_is_trained_from_it_runs_by_the_same_consent(tmp_path: Path, mark: Path) -> None:
    folder = with_own_code(tmp_path / "model", mark)
    agree(folder)
    first = Place(tmp_path / "sft" / "output", tmp_path / "sft" / "checkpoints")
    train_sft(folder, sft_rows(8), SftSettings(batch_size=4, micro_batch_size=4), first, Listening())
    assert look_at(first.output).trusted
    assert load(first.output).choice_logprobs([ASKED])
    assert len(Consents().all()) == 1
    with pytest.raises(BadInputError, match="cannot be loaded as a model that scores"):
        train_preference_model(first.output, preference_rows(8), PreferenceModelSettings(), first, Listening())


def test_code_from_elsewhere_and_code_that_is_not_there(tmp_path: Path, mark: Path) -> None:
    folder = with_own_code(tmp_path / "model", mark)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps(config | {"auto_map": {"AutoConfig": "other/repo--modelling.OwnConfig"}})
    )
    refused(folder, mark, "from another place")
    with pytest.raises(BadInputError, match="never run"):
        agree(folder)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modelling.py").unlink()
    refused(folder, mark, "not fetched with it")
    with pytest.raises(BadInputError, match="fetch and read it first"):
        agree(folder)
    (folder / "modelling.py").write_text("")
    (tmp_path / "state" / "constitution-workbench" / "trusted-code.json").write_text("{")
    with pytest.raises(BadInputError, match="mend it or take it away"):
        look_at(folder)
