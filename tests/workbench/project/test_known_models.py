"""Models a project can name, and the roles a person chose one for."""

from pathlib import Path

import pytest

from tests.workbench.project.projects import model_folder, project
from workbench.errors import BadInputError, MissingError
from workbench.project.known_models import KnownModel, known_models, want, why_not
from workbench.project.model_choice import ModelChoice
from workbench.records.endpoint import Capabilities, Endpoint
from workbench.sources.endpoints import Endpoints
from workbench.sources.model_folders import ModelFolders


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def readable(folder: Path) -> Path:
    """Return a model's folder whose weights can be read: there are none."""
    model_folder(folder)
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    return folder


def test_a_chosen_model_plays_its_role_where_a_run_names_none(tmp_path: Path) -> None:
    Endpoints().put(Endpoint("judge", ("http://127.0.0.1:9/v1",), "m", can=Capabilities(checked="today")))
    mine = model_folder(tmp_path / "mine")
    with project(tmp_path / "project") as made:
        store = made.store
        want(store, "feedback", "endpoint:judge")
        want(store, "response", mine)
        assert ModelChoice(store, {}).models("labels")["feedback"].location == "judge"
        assert ModelChoice(store, {"feedback": "demo"}).models("labels")["feedback"].kind == "demo"
        chains = ModelChoice(store, {}).models("chains")
        assert (chains["response"].folder, chains["critic"].folder) == (mine, mine)
        want(store, "critic", "demo")
        assert ModelChoice(store, {}).models("chains")["critic"].kind == "demo"
        assert ModelChoice(store, {}).models("sft")["policy"].kind == "demo"
        roles = {model.name: model.roles for model in known_models(store)}
        assert roles == {"demo": ("critic",), "endpoint:judge": ("feedback",), mine: ("response",)}
        want(store, "feedback", "")
        assert ModelChoice(store, {}).models("labels")["feedback"].kind == "demo"


def test_a_damaged_model_is_said_to_be_damaged_not_to_lack_its_weights(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    with project(tmp_path / "project") as made:
        found = next(one for one in known_models(made.store, [folder]) if one.name == folder)
    assert "is damaged" in found.problem
    assert (found.untrainable, found.weightless) == (found.problem, "")


def test_what_cannot_play_a_role_is_said(tmp_path: Path) -> None:
    Endpoints().put(Endpoint("judge", ("http://127.0.0.1:9/v1",), "m"))
    with project(tmp_path / "project") as made:
        for role, name, says in (
            ("policy", "endpoint:judge", "SFT starts from weights"),
            ("singer", "demo", "There is no role singer"),
            ("critic", "nowhere", "is not a model"),
        ):
            with pytest.raises(BadInputError, match=says):
                want(made.store, role, name)
        with pytest.raises(BadInputError, match="needs weights on this machine"):
            ModelChoice(made.store, {"policy": "endpoint:judge"}).models("sft")


def test_a_model_that_cannot_be_trained_says_so_and_is_not_taken_for_a_run_without_weights(tmp_path: Path) -> None:
    scorer = readable(tmp_path / "scorer")
    (scorer / "config.json").write_text('{"architectures": ["BertModel"]}')
    with project(tmp_path / "project") as made:
        found = known_models(made.store, [str(scorer)])[-1]
    assert (found.name, found.untrainable) == (str(scorer), "BertModel is not a causal language model")
    assert found.weightless == ""


def test_folders_on_the_list_are_known_to_every_project_until_they_are_taken_off(tmp_path: Path) -> None:
    mine, gone = readable(tmp_path / "mine"), tmp_path / "gone"
    for folder in (mine, gone, mine):
        ModelFolders().put(folder)
    with project(tmp_path / "project") as made:
        _, first, second = known_models(made.store, [str(mine)])
        assert (first.name, first.source, first.listed, first.problem) == (str(mine), "folder", True, "")
        assert (second.name, second.problem[:29]) == (str(gone), "it is not there any more; bri")
        ModelFolders().remove(str(gone))
        assert [model.name for model in known_models(made.store)] == ["demo", str(mine)]
    with pytest.raises(MissingError, match="is not on the list"):
        ModelFolders().remove(str(gone))
    ModelFolders().file.write_text("[")
    with pytest.raises(BadInputError, match="cannot be read"):
        ModelFolders().put(gone)
    assert ModelFolders().file.read_text() == "["


def test_who_cannot_play_a_role_says_why() -> None:
    writer, judge = KnownModel("sft-1", "sft-1", "run"), KnownModel("preference_model-1", "it", "run", scores=True)
    server = KnownModel(
        "endpoint:judge", "it", "endpoint", untrainable="elsewhere", endpoint=Endpoint("judge", (), "m")
    )
    packed = KnownModel("packed", "it", "hub", untrainable="quantised")
    lost = KnownModel("rl-1", "it", "run", problem="gone")
    assert [why_not(lost, role) for role in ("policy", "feedback", "reward")] == ["gone"] * 3
    assert why_not(writer, "reward") == "it is no preference model"
    assert why_not(judge, "feedback") == "it scores texts and writes none"
    assert {why_not(server, role) for role in ("policy", "reference")} == {"elsewhere"}
    assert why_not(packed, "policy") == "quantised"
    played = [(writer, "policy"), (judge, "gold"), (packed, "reference"), (packed, "critic")]
    played += [(server, role) for role in ("response", "critic", "feedback", "base", "sl_cai")]
    assert not any(why_not(*one) for one in played)
