"""The judge gate in the window: a set is asked from the page Evaluate, and its verdict stands there and before labelling."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import append, ended, project
from ui.main_window import MainWindow
from ui.pages.evaluate import EvaluatePage
from ui.widgets.pair_run_sheet import PairRunSheet
from workbench.project import Project
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.transcript import Message

Open = Callable[[Path], MainWindow]
ITEMS = [EvaluationItem(f"i{n}", "hhh", (Message("user", f"Question {n}?"),), ("Yes.",), ("No.",)) for n in range(60)]


def with_set(folder: Path) -> Project:
    made = project(folder)
    made.import_records((), items=ITEMS)
    return made


def asked(made: Project, right: int, **settings: str) -> str:
    """Add a run in which the feedback model was right on so many of the items."""
    run = made.make_run("evaluation_set", {"feedback": "scripted", **settings})
    given = [
        ItemAnswer(f"{run.id}-{item.id}", item.id, "feedback", float(n < right), 0.9, 0.9, order_flip=n % 10 == 0)
        for n, item in enumerate(ITEMS)
    ]
    append(run, given)
    ended(run)
    made.collect(run)
    return run.id


def judges(qtbot: QtBot, open_window: Open, folder: Path) -> EvaluatePage:
    window = open_window(folder)
    window.show_page("evaluate")
    page = window.page
    assert isinstance(page, EvaluatePage)
    page.tabs.setCurrentWidget(page.judges)
    assert page._session.settle()
    return page


def test_without_a_set_the_window_offers_to_import_one(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    project(tmp_path / "p").close()
    page = judges(qtbot, open_window, tmp_path / "p")
    assert page.judges.card.isVisible()
    assert not page.judges.start.isVisible()
    wanted = QSignalSpy(page.wants_prompts)
    page.wants_prompts.disconnect(page.window().files.choose)  # type: ignore[attr-defined]
    page.judges.card.button.click()
    assert wanted.count() == 1


def test_verdicts_stand_newest_first_and_before_labelling(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    made = with_set(tmp_path / "p")
    asked(made, right=30)
    asked(made, right=54, rationale="true")
    sentence = made.gate_sentence()
    made.close()
    page = judges(qtbot, open_window, tmp_path / "p")
    table = page.judges.table
    rows = [[table.item(row, column).text() for column in range(7)] for row in range(table.rowCount())]  # type: ignore[union-attr]
    assert [row[1] for row in rows] == ["feedback model, step by step", "feedback model"]
    assert [row[0] for row in rows] == ["✓ ready", "✕ not ready"]
    assert rows[0][3].startswith("90%")
    assert rows[0][2].endswith("(n 60)")
    assert page.judges.verdict.text() == sentence
    table.setCurrentCell(1, 0)
    assert "not ready to label, because" in page.judges.verdict.text()
    inspector = page.window().inspector.text  # type: ignore[attr-defined]
    assert "Asked by\nevaluation_set-1, seed 0" in inspector
    assert "feedback: " in inspector
    assert page.judges.verdict.text() in inspector
    sheet = PairRunSheet("labels", page._session, page._control)
    qtbot.addWidget(sheet)
    assert page._session.settle()
    assert sheet.advice.text() == sentence


@pytest.mark.parametrize("aloud", [False, True])
def test_a_set_is_asked_from_the_window(qtbot: QtBot, open_window: Open, tmp_path: Path, aloud: bool) -> None:
    with_set(tmp_path / "p").close()
    page = judges(qtbot, open_window, tmp_path / "p")
    assert page.judges.table.isHidden()
    assert "Nobody was asked yet" in page.judges.verdict.text()
    begun: list[tuple[str, dict[str, str]]] = []
    page._control.start = lambda stage, settings=None, *_: begun.append((stage, settings or {}))  # type: ignore[method-assign]
    page.judges.rationale.setChecked(aloud)
    page.judges.start.click()
    page.judges.start.click()
    assert not page.judges.start.isEnabled()
    page.judges._allow()
    expected = {"judges": "feedback", "set_name": "hhh", **({"rationale": "true"} if aloud else {})}
    assert begun == [("evaluation_set", expected)]
    page.judges.judge.setCurrentIndex(1)
    assert not page.judges.start.isEnabled()
    assert "preference model yet" in page.judges.start.toolTip()
