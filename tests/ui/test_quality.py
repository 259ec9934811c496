import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.workbench.project.pairs import labelled
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.widgets.review_sheets import AsideSheet
from workbench.project import Project
from workbench.project.auditing import audit_progress, draw_sample, sample_named
from workbench.project.reviewing import Answered, review
from workbench.records.comparison import AUDIT

Open = Callable[[Path], MainWindow]


def give(made: Project, names: Sequence[str], said: Sequence[str], who: str = "ann") -> None:
    how = Answered(AUDIT, True, seconds=4.0)
    made.review([review(name, who, one, "ab", how) for name, one in zip(names, said, strict=True)])  # type: ignore[arg-type]


def at_quality(window: MainWindow) -> PreferencesPage:
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    page.tabs.setCurrentWidget(page.quality)
    return page


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, tmp_path: Path) -> PreferencesPage:
    with labelled(tmp_path / "project", [0.9] * 12) as made:
        give(made, draw_sample(made.store, 7).comparison_ids, ["a"] * 5 + ["b", "tie"])
    window = open_window(tmp_path / "project")
    page = at_quality(window)
    qtbot.waitUntil(lambda: page.quality.plot is not None and bool(page.quality.sample.text()), timeout=30_000)
    return page


def test_quality_tells_what_blind_answers_on_the_sample_say(
    qtbot: QtBot, page: PreferencesPage, tmp_path: Path
) -> None:
    quality = page.quality
    assert "Sample of 7 from 12" in quality.sample.text()
    assert "ann 7" in quality.sample.text()
    assert not quality.underway.isVisible()
    assert quality.cards["agreement"].value.text() == "83.3%"
    assert quality.cards["kappa"].value.text() == "0.67"
    assert "no pair has two reviewers" in quality.cards["human"].rest.text()
    assert quality.cards["ties"].value.text() == "1 + 0"
    assert quality.plot is not None
    assert "(n 6)" in quality.plot.plot.accessibleDescription()
    assert quality.history.rowCount() == 7
    assert quality.history.item(1, 3).text() == "b better"  # type: ignore[union-attr]
    with qtbot.waitSignal(quality.told, timeout=30_000):
        quality.write_csv(tmp_path / "out.csv")
    assert len(list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))) == 7


def test_figures_are_told_to_nobody_in_the_midst_of_a_sample(
    qtbot: QtBot, page: PreferencesPage, tmp_path: Path
) -> None:
    quality, me = page.quality, page.quality._settings.reviewer

    def figures() -> list[str]:
        quality.refresh()
        assert quality._session.settle()
        return [name for name, card in quality.cards.items() if card.isVisible() and name != "flips"]

    def answer(more: int) -> None:
        def given(project: Project) -> None:
            sample = sample_named(project.store)
            done = audit_progress(project.store, sample).done.get(me, 0)
            give(project, sample.comparison_ids[done : done + more], ["a"] * more, me)

        quality._session.ask("answering", given)

    assert len(figures()) == 7  # ann is through, and who looks has not begun
    answer(3)
    assert figures() == []
    assert "answered 3 of 7" in quality.why_not_yet.text()
    assert not quality.by_sample.isVisible()
    answer(4)
    assert len(figures()) == 7
    quality._session.ask("drawing", lambda project: draw_sample(project.store, 9))
    assert figures() == []
    assert quality.aside.isVisible()
    quality.ask_why()
    sheet = quality.findChild(AsideSheet)
    assert sheet is not None
    assert not sheet.accept_button.isEnabled()
    sheet.reason.setText("no time left")
    sheet.accept_button.click()
    qtbot.waitUntil(lambda: "no time left" in quality.sample.text(), timeout=30_000)
    assert "No estimate comes from it" in quality.sample.text()
    assert page.review.item is None, "nobody goes on with it"
    assert page.window().focusWidget() is quality.planner.button
    assert not quality.underway.isVisible()
    assert not quality.aside.isVisible()
    assert quality.planner.words.text().startswith("3 random pairs of 3")
    assert figures() == []
    quality._session.ask("drawing", lambda project: draw_sample(project.store, 2))
    figures()
    quality.go_on.click()
    assert page.tabs.currentWidget() is page.review


def test_the_planner_draws_what_an_aim_needs(qtbot: QtBot, page: PreferencesPage, tmp_path: Path) -> None:
    planner = page.quality.planner
    planner.within.setValue(20)
    assert planner.words.text().startswith("7 random pairs of 12 labelled")
    planner.by_bound.setChecked(True)
    planner.most.setValue(30)
    planner.misses.setValue(0)
    assert planner.words.text().startswith("9 random pairs")
    planner.show_pool(12, 10, 3, False)
    assert "smaller one takes its place" in planner.warning.text()
    planner.show_pool(12, 9, 3, False)
    assert "holds that one whole" in planner.warning.text()
    planner.show_pool(12, 7, 7, True)
    with qtbot.waitSignal(page.quality.wants_audit, timeout=30_000):
        planner.button.click()
    assert page.tabs.currentWidget() is page.review
    with Project.read(tmp_path / "project") as project:
        assert sample_named(project.store).purpose == "errors at most 0.3 with up to 0 misses"


def test_a_figure_leads_to_the_very_pairs_it_rests_on(qtbot: QtBot, page: PreferencesPage) -> None:
    quality, table = page.quality, page.table

    def listed() -> set[str]:
        keys = list(table.model.keys)
        found: list[str] = []
        quality._session.ask("looking", lambda project: project.store.comparison_states.ids_of(keys), found.extend)
        assert quality._session.settle()
        return set(found)

    sample: list[str] = []
    quality._session.ask("looking", lambda project: list(sample_named(project.store).comparison_ids), sample.extend)
    assert quality._session.settle()

    def of_principle() -> QPushButton:
        item = quality.principles.itemAt(0)
        assert item is not None
        made = item.widget()
        assert isinstance(made, QPushButton)
        return made

    cards = quality.cards
    assert [name for name, card in cards.items() if card.way.isVisible()] == ["agreement", "ties", "errors"]
    for name, pairs, words in (
        ("agreement", sample[:6], "Audit: a side was named (6)"),
        ("errors", sample[5:6], "Audit: against the label (1)"),
        ("ties", sample[6:], "Audit: tie or both bad (1)"),
        ("", sample[:6], "Audit: kindness (6)"),
    ):
        page.tabs.setCurrentWidget(quality)
        assert quality._session.settle()
        (cards[name].way if name else of_principle()).click()
        assert page.tabs.currentWidget() is table
        assert table.state.currentText() == words
        qtbot.waitUntil(lambda pairs=pairs: listed() == set(pairs))  # type: ignore[misc]
    quality.drawing.emit()  # what pairs have in common may tell the label of one that is judged blind
    assert (table.state.currentText(), table.wanted().among) == ("All pairs", None)
    assert all(card.toolTip() and card.toolTip() == card.accessibleDescription() for card in cards.values())


def test_order_flips_lead_to_the_labels_that_turned(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    labelled(tmp_path / "project", [0.9] * 12, flips=(1, 2, 3)).close()
    window = open_window(tmp_path / "project")
    page = at_quality(window)
    qtbot.waitUntil(page.quality.cards["flips"].way.isVisible)
    assert page.quality.cards["flips"].way.text() == "3 pairs ›"
    page.quality.cards["flips"].way.click()
    qtbot.waitUntil(lambda: page.table.model.rowCount() == 3)
    assert page.table.state.currentData() == "flips"


def test_before_there_is_a_sample_the_planner_comes_first(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    labelled(tmp_path / "project", [0.9] * 12, flips=(1, 2, 3)).close()
    window = open_window(tmp_path / "project")
    page = at_quality(window)
    quality = page.quality
    qtbot.waitUntil(lambda: quality.sample.text().startswith("No sample"), timeout=30_000)
    assert [name for name, card in quality.cards.items() if card.isVisible()] == ["flips"]
    assert quality.cards["flips"].value.text() == "25.0%"
    assert not quality.by_sample.isVisible()
    quality.planner.within.setValue(20)
    with qtbot.waitSignal(quality.wants_audit, timeout=30_000):
        quality.planner.button.click()
    page.tabs.setCurrentWidget(quality)
    qtbot.waitUntil(lambda: quality.underway.isVisible() and not quality.by_sample.isVisible(), timeout=30_000)
