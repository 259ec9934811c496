"""The page of models: an endpoint tested and added by hand, used in a role, tested again and removed."""

import socket
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.person import drop
from tests.workbench.models.own_code import with_own_code
from tests.workbench.models.served import serving
from tests.workbench.sources.file_keyring import FileKeyring, kept
from tests.workbench.sources.hub_stand_in import COMMIT, REPO, hub
from tests.workbench.training.small import Listening, sft_rows, small_model
from ui.main_window import MainWindow
from ui.pages.model_facts import model_facts
from ui.pages.models import ModelsPage
from ui.widgets.code_sheet import CodeSheet, read_code
from ui.widgets.endpoint_sheets import KeySheet, RemoveSheet
from workbench.models.scripted import ScriptedModel
from workbench.project import Project
from workbench.project.model_choice import DEMO_MODEL, ModelChoice
from workbench.records.settings import SftSettings
from workbench.sources.endpoints import Endpoints
from workbench.sources.model_folders import ModelFolders
from workbench.stages.training.course import Place
from workbench.stages.training.sft import train_sft

OPEN = Callable[[Path], MainWindow]


@pytest.fixture
def page(qtbot: QtBot, folder: Path, open_window: OPEN, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelsPage:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    window = open_window(folder)
    window.show_page("models")
    found = window.pages["models"]
    assert isinstance(found, ModelsPage)
    qtbot.waitUntil(lambda: found.table.rowCount() > 0)
    return found


def titles(page: ModelsPage) -> list[str]:
    items = [page.table.item(row, 0) for row in range(page.table.rowCount())]
    return [item.text() for item in items if item]


def text_at(page: ModelsPage, column: int) -> str:
    item = page.table.item(page.table.currentRow(), column)
    return item.text().replace("\N{NO-BREAK SPACE}", " ") if item else ""


def test_an_endpoint_is_added_used_tested_and_removed(qtbot: QtBot, page: ModelsPage, folder: Path) -> None:
    assert titles(page) == ["Demo model"]
    assert "✓ trainable" in text_at(page, 2)
    assert not page.again.isEnabled()
    with serving(ScriptedModel(name="m")) as server:
        page.add.click()
        QTest.keyClicks(page.form.name, "mine")
        QTest.keyClicks(page.form.urls, server.url)
        QTest.keyClick(page.form.urls, Qt.Key.Key_Return)
        assert not page.form.test.isEnabled()
        qtbot.waitUntil(lambda: page.table.rowCount() == 2, timeout=120_000)
        assert page.form.isHidden()
        assert page.current is not None
        assert page.current.name == "endpoint:mine"
        assert titles(page)[1].startswith("mine: m at 127.0.0.1")
        assert "✓ stream" in text_at(page, 2)
        assert "✗ logprobs" in text_at(page, 2)
        page.use.menu().actions()[2].trigger()
        qtbot.waitUntil(lambda: text_at(page, 3) == "Feedback model")
        assert not page.use.menu().actions()[3].isEnabled()  # SFT cannot start from an endpoint
        page.again.click()
        qtbot.waitUntil(page.says.isHidden, timeout=120_000)
    with Project.read(folder) as project:
        ref = ModelChoice(project.store, {}).models("labels")["feedback"]
    assert ref.endpoint == Endpoints().get("mine")
    page.remove.click()
    sheet = page.findChild(RemoveSheet)
    assert sheet is not None
    sheet.cancel.click()
    assert len(titles(page)) == 2, "it is asked about first"
    page.remove.click()
    page.findChildren(RemoveSheet)[-1].act.click()
    qtbot.waitUntil(lambda: titles(page) == ["Demo model"], timeout=120_000)


def test_a_file_dropped_as_a_model_is_told_what_to_do_or_stands_for_its_folder(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path
) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    window.show_page("overview")
    (tmp_path / "llama.gguf").touch()
    (tmp_path / "lone.safetensors").touch()
    drop(window, tmp_path / "llama.gguf")
    qtbot.waitUntil(lambda: "is GGUF, which cannot be loaded" in text_at(page, 2), timeout=20_000)
    assert page.isVisible()
    page.look_at(tmp_path / "lone.safetensors")
    qtbot.waitUntil(lambda: "name the folder they lie in" in text_at(page, 2), timeout=20_000)
    page.look_at(DEMO_MODEL / "model.safetensors")
    qtbot.waitUntil(lambda: DEMO_MODEL.name in titles(page), timeout=20_000)
    assert "trainable" in text_at(page, 2)


def test_limits_and_keys_of_an_endpoint_are_set_in_the_window(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same_keyring_after: None
) -> None:
    keyring.set_keyring(FileKeyring())
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.workbench.sources.file_keyring.FileKeyring")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with serving(ScriptedModel(name="m"), key="first") as server:
        page.add.click()
        for field, text in ((page.form.name, "mine"), (page.form.urls, server.url), (page.form.key, "first")):
            QTest.keyClicks(field, text)
        for number, value in ((page.form.concurrency, 3), (page.form.seconds, 45), (page.form.votes, 9)):
            number.setValue(value)
        page.form.key.setText("wrong")
        page.form.test.click()
        qtbot.waitUntil(lambda: "The key was not kept." in page.form.says.text(), timeout=120_000)
        assert not kept()
        page.form.key.setText("first")
        page.form.test.click()
        qtbot.waitUntil(lambda: page.table.rowCount() == 2, timeout=120_000)
        page.key.click()
        sheet = page.findChildren(KeySheet)[-1]
        assert not sheet.act.isEnabled()
        QTest.keyClicks(sheet.key, "second")
        QTest.keyClick(sheet.key, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "wants another key" in sheet.says.text(), timeout=60_000)
        qtbot.waitUntil(
            lambda: sheet.key.height() >= sheet.key.sizeHint().height()
        )  # what is said pushes nothing together
        assert list(kept().values()) == ["first"], "the server takes that alone"
    mine = Endpoints().get("mine")
    assert (mine.concurrency, mine.seconds, mine.votes) == (3, 45.0, 9)
    assert list(kept().values()) == ["first"]
    sheet.untested.setChecked(True)  # the server is off now
    sheet.act.click()
    qtbot.waitUntil(lambda: list(kept().values()) == ["second"], timeout=60_000)
    page.remove.click()
    gone = page.findChildren(RemoveSheet)[-1]
    gone.forget.setChecked(True)
    gone.act.click()
    qtbot.waitUntil(lambda: titles(page) == ["Demo model"], timeout=60_000)
    assert not kept()


def test_the_form_begins_as_usual_each_time(page: ModelsPage) -> None:
    page.form.begin()
    page.form.votes.setValue(1)
    page.form.begin()
    assert (page.form.concurrency.value(), page.form.seconds.value(), page.form.votes.value()) == (8, 600, 5)


def test_an_adapter_is_merged_into_one_model_from_the_window(qtbot: QtBot, page: ModelsPage, tmp_path: Path) -> None:
    base = small_model(tmp_path / "base")
    adapter = Place(tmp_path / "change", tmp_path / "checkpoints", seed=5)
    train_sft(base, sft_rows(4), SftSettings(batch_size=4, micro_batch_size=4, lora_rank=2), adapter, Listening())
    assert not page.merge.isEnabled()
    page.look_at(tmp_path / "change")
    qtbot.waitUntil(page.merge.isEnabled, timeout=30_000)
    assert page.current is not None
    page.merge_into(page.current.folder, tmp_path / "whole")
    qtbot.waitUntil(lambda: "whole" in titles(page), timeout=120_000)
    assert page.current.name == str(tmp_path / "whole")
    assert not page.merge.isEnabled(), "it is a whole model"


def test_what_stands_in_the_way_is_said_in_the_form(qtbot: QtBot, page: ModelsPage) -> None:
    page.add.click()
    page.form.test.click()
    assert page.form.says.text() == "Give the endpoint a name and an address."
    QTest.keyClicks(page.form.name, "mine")
    QTest.keyClicks(page.form.urls, "http://127.0.0.1:9/v1")
    page.form.test.click()
    qtbot.waitUntil(page.form.test.isEnabled, timeout=120_000)
    assert "cannot be used as an endpoint: it cannot be reached" in page.form.says.text()
    assert not page.form.isHidden()
    page.add.click()
    assert page.form.name.text() == "mine"  # what was typed stays
    with socket.create_server(("127.0.0.1", 0)) as mute:
        page.form.urls.setText(f"http://127.0.0.1:{mute.getsockname()[1]}/v1")
        page.form.test.click()
        page.form.cancel.click()
        assert page.form.isHidden()
        page.add.click()
        assert page.form.test.isEnabled()
    running = [one for one in page.findChildren(QProcess) if one.state() != QProcess.ProcessState.NotRunning]
    assert not running, "what was cancelled must add nothing"


def test_nothing_is_to_be_pressed_until_there_is_a_model_to_act_on(qtbot: QtBot, page: ModelsPage) -> None:
    """A page shows itself at once, and its list when it was looked for."""
    fresh = ModelsPage(page.place, page._session)
    qtbot.addWidget(fresh)
    for one in (fresh.use, fresh.again, fresh.key, fresh.remove, fresh.code, fresh.merge, fresh.export):
        assert not one.isEnabled()
        assert one.toolTip()


def test_code_of_a_model_is_read_before_it_may_run(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model in the hub's cache that needs code: its button shows the code, and one click agrees to it."""
    snapshot = tmp_path / "cache" / "models--owner--small" / "snapshots" / COMMIT
    with_own_code(snapshot, tmp_path / "ran")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert not page.code.isEnabled()
    page.refresh()
    qtbot.waitUntil(lambda: "owner/small" in titles(page), timeout=30_000)
    page.choose(f"owner/small@{COMMIT[:12]}")
    assert "models trust owner/small@" in text_at(page, 2)
    assert not page.use.isEnabled()
    sheet = opened(qtbot, page)
    assert "class OwnForCausalLM" in sheet.text.toPlainText()
    assert sheet.cancel.isDefault(), "Enter agrees to nothing"
    sheet.agree.click()
    qtbot.waitUntil(page.use.isEnabled, timeout=120_000)
    assert not (tmp_path / "ran").exists(), "nothing of it was run"
    sheet = opened(qtbot, page)
    assert sheet.agree.text() == "Let it run no more"
    sheet.agree.click()
    qtbot.waitUntil(lambda: not page.use.isEnabled(), timeout=120_000)


def test_code_that_looks_like_other_code_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = '\u202e' # done\n")
    (tmp_path / "b.py").write_text("y" * ((1 << 20) + 5))
    first, second = read_code(tmp_path, ("a.py", "b.py"))
    assert first.text == "x = '[U+202E]' # done\n"
    assert second.text.endswith("[5 more bytes are in the file]")


def opened(qtbot: QtBot, page: ModelsPage) -> CodeSheet:
    """Open the chosen model's code and return the sheet that shows it."""
    page.sheet = None
    page.code.click()
    qtbot.waitUntil(lambda: page.sheet is not None)
    assert page.sheet is not None
    return page.sheet


def test_a_model_is_fetched_with_its_bytes_shown_and_told_with_its_memory(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with hub(DEMO_MODEL) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        page.fetch.click()
        assert page.fetching is not None
        QTest.keyClicks(page.fetching.id, REPO)
        heard: list[str] = []
        page.fetching.revision.setText("main")
        page.fetching.bar.valueChanged.connect(
            lambda _: heard.append(page.fetching.says.text() if page.fetching else "")
        )
        page.fetching.fetch.click()
        qtbot.waitUntil(lambda: REPO in titles(page), timeout=120_000)
    assert page.current is not None
    assert page.current.name == f"{REPO}@{COMMIT[:12]}"
    assert page.current.memory.startswith("about 1.1 GB in float32")
    assert heard


def test_a_model_of_a_folder_is_listed_used_and_found_again_until_it_is_taken_off(
    qtbot: QtBot, page: ModelsPage, folder: Path, tmp_path: Path
) -> None:
    page.look_at(tmp_path)
    qtbot.waitUntil(lambda: len(titles(page)) == 2, timeout=30_000)
    assert "it has no config.json" in text_at(page, 2)
    assert not page.use.isEnabled()
    assert page.current is not None
    assert [name for name, _ in model_facts(page.current, folder)] == ["Name in runs", "Cannot be used"]
    scorer = tmp_path / "scorer"
    scorer.mkdir()
    (scorer / "config.json").write_text('{"architectures": ["BertModel"]}')
    (scorer / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    page.look_at(scorer)
    qtbot.waitUntil(lambda: page.current is not None and page.current.title == "scorer", timeout=30_000)
    assert [action.isEnabled() for action in page.use.menu().actions()] == [False] * 4
    assert "scores texts" in page.use.menu().actions()[0].toolTip()
    assert page.train.isHidden()
    page.remove.click()
    qtbot.waitUntil(lambda: len(titles(page)) == 2, timeout=30_000)
    page.look_at(DEMO_MODEL)
    qtbot.waitUntil(lambda: len(titles(page)) == 3, timeout=30_000)
    assert page.current is not None
    assert (page.current.name, page.current.source) == (str(DEMO_MODEL), "folder")
    page.use.menu().actions()[2].trigger()
    qtbot.waitUntil(lambda: text_at(page, 3) == "Feedback model", timeout=30_000)
    assert not page.export.isEnabled(), "it is no run's"
    assert not page.remove.isEnabled()
    assert "used as Feedback model" in page.remove.toolTip()
    assert page.use.menu().actions()[2].isChecked()
    page.use.menu().actions()[2].trigger()
    qtbot.waitUntil(page.remove.isEnabled, timeout=30_000)
    assert ModelFolders().all() == [str(DEMO_MODEL)], "it is there when the window opens again"
    page.remove.click()
    qtbot.waitUntil(lambda: titles(page) == ["Demo model", tmp_path.name], timeout=30_000)
    assert not ModelFolders().all()
    page.look_at(DEMO_MODEL)
    qtbot.waitUntil(lambda: len(titles(page)) == 3, timeout=30_000)
    ModelFolders().remove(str(DEMO_MODEL))  # from a terminal
    page.refresh()
    assert page._session.settle()
    assert not ModelFolders().all()
