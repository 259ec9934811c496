from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from tests.workbench.project.pairs import labelled
from ui.main_window import MainWindow
from ui.pages.pair_table import PairTable
from ui.pages.preferences import PreferencesPage
from ui.tables.paged_model import Index, PagedModel
from ui.widgets.paged_table import paged_table
from workbench.project import Project
from workbench.project.auditing import draw_sample, sample_named
from workbench.project.reviewing import Answered, review
from workbench.records.comparison import AUDIT, Review

Open = Callable[[Path], MainWindow]
CHANCES = [0.9, 0.52, 0.2, 0.6, 0.4, 0.8]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    labelled(tmp_path / "project", CHANCES, flips=(1,)).close()
    return tmp_path / "project"


@pytest.fixture
def table(qtbot: QtBot, open_window: Open, folder: Path) -> PairTable:
    window = open_window(folder)
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    page.tabs.setCurrentWidget(page.table)
    shown(qtbot, page.table, len(CHANCES))
    return page.table


def shown(qtbot: QtBot, table: PairTable, count: int) -> None:
    """Wait until the last order asked for is there with its rows."""
    table.refresh()
    qtbot.waitUntil(lambda: table.model.rowCount() == count, timeout=30_000)
    table.table.repaint()
    qtbot.waitUntil(lambda: all(table.model.row_at(place) for place in range(count)), timeout=30_000)


def chances(table: PairTable) -> list[str]:
    model = table.model
    return [str(model.data(model.index(row, 1))) for row in range(model.rowCount())]


def reviews(folder: Path) -> list[Review]:
    with Project.read(folder) as found:
        return found.store.reviews.select("1")


def test_the_table_sorts_and_filters_and_tells_the_pair(qtbot: QtBot, table: PairTable) -> None:
    assert chances(table) == ["0.90", "0.52 ⇄", "0.20", "0.60", "0.40", "0.80"]
    table.table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: chances(table) == ["0.90", "0.80", "0.60", "0.52 ⇄", "0.40", "0.20"], timeout=30_000)
    facts: list[object] = []
    table.inspect.connect(facts.append)
    table.table.selectRow(5)
    qtbot.waitUntil(lambda: bool(facts), timeout=30_000)
    window = table.window()
    assert isinstance(window, MainWindow)
    page = window.page
    assert isinstance(page, PreferencesPage)
    assert "P(a) = " in window.inspector.text
    page.tabs.setCurrentWidget(page.review)
    assert "P(a) = " not in window.inspector.text, "a label read in the table stands beside no blind review"
    page.tabs.setCurrentWidget(table)
    assert "P(a) = " in window.inspector.text
    assert table.response_b.toPlainText() == "two"
    table.state.setCurrentIndex(table.state.findData("flips"))
    shown(qtbot, table, 1)
    assert table.prompt.toPlainText() == ""
    table.words.setText("nothing like it")
    shown(qtbot, table, 0)


def test_what_holds_words_is_shown_before_it_is_counted_and_what_is_chosen_stays(
    qtbot: QtBot, table: PairTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.pages.pair_table.PAGE", 2)
    added = QSignalSpy(table.model.rowsInserted)
    counts: list[str] = []
    monkeypatch.setattr(table.count, "setText", counts.append)
    table.words.setText("two")
    qtbot.waitUntil(lambda: table.model.rowCount() == 2, timeout=30_000)
    table.table.selectRow(1)
    qtbot.waitUntil(lambda: table.model.rowCount() == len(CHANCES), timeout=30_000)
    assert counts == ["2 pairs or more, counting …", "6 pairs"]
    assert (added.count(), added.at(0)[1:]) == (1, [2, 5])
    assert [place.row() for place in table.table.selectionModel().selectedRows()] == [1]
    table.refresh()  # as new labels would have it: what is known stays
    assert table._session.settle()
    assert counts[2:] == ["6 pairs"]


def test_an_override_of_one_project_is_no_business_of_the_next(qtbot: QtBot, table: PairTable, folder: Path) -> None:
    """Its row is ready for another, and nothing is left to be undone."""
    table.table.selectRow(1)
    table.override("b", "The judge misread it")
    qtbot.waitUntil(lambda: bool(table.history.undo_name), timeout=30_000)
    table.table.selectRow(2)
    table.override("b", "This one, too")
    session = table._session
    session.close()
    assert (table.model.rowCount(), table.prompt.toPlainText()) == (0, ""), "its numbers are other pairs in the next"
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    assert table.override_row.reason.isEnabled()
    assert not table.history.undo_name


def test_selected_pairs_are_overridden_with_a_reason_and_taken_back(
    qtbot: QtBot, table: PairTable, folder: Path
) -> None:
    select = table.table.selectionModel()
    for row in (1, 3):
        select.select(
            table.model.index(row, 0), QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        )
    assert not table.override_row.apply.isEnabled()
    table.override_row.reason.setText("The judge misread them")
    table.override_row.decision.setCurrentIndex(table.override_row.decision.findData("b"))
    back: list[Callable[[], None]] = []
    table.offered.connect(lambda _, __, do: back.append(do))
    table.override_row.reason.returnPressed.emit()
    assert table.override_row.chosen.text() == "Overriding 2 pairs …"
    table.override_row.want()  # somebody who saw nothing happen presses again
    qtbot.waitUntil(lambda: bool(back), timeout=30_000)
    assert len(back) == 1
    assert [(one.decision, one.blind, one.reason) for one in reviews(folder)] == [
        ("b", False, "The judge misread them")
    ] * 2
    # Ctrl+Z acts where the keyboard is: on the override, not on the reason that was typed.
    assert not table.override_row.reason.isUndoAvailable()
    assert table.focusWidget() is table.table
    table.state.setCurrentIndex(table.state.findData("overruled"))
    shown(qtbot, table, 2)
    back[0]()
    shown(qtbot, table, 0)
    assert [one.decision for one in reviews(folder)][2:] == ["withdrawn"] * 2
    window = table.window()
    assert isinstance(window, MainWindow)
    assert window.session.overview is not None
    assert window.session.overview.rows["reviews"] == 0
    window.show_page("overview")  # which says what was decided meanwhile
    qtbot.waitUntil(lambda: window.session.overview is not None and window.session.overview.rows["reviews"] > 0)


def test_labels_of_an_audit_that_is_not_done_are_not_shown(qtbot: QtBot, open_window: Open, folder: Path) -> None:
    with Project.open(folder) as project:
        draw_sample(project.store, 2)
    window = open_window(folder)
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    page.tabs.setCurrentWidget(page.table)
    shown(qtbot, page.table, 6)
    assert chances(page.table).count("in audit") == 2
    page.table.table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.AscendingOrder)
    shown(qtbot, page.table, 4)
    assert "without 2 in audit" in page.table.count.text()


def test_labels_on_the_screen_vanish_when_a_sample_is_drawn(qtbot: QtBot, table: PairTable) -> None:
    assert "in audit" not in chances(table)
    painted = QSignalSpy(table.model.dataChanged)
    table._session.ask("Drawing", lambda project: draw_sample(project.store, 2))
    table.read_anew()
    qtbot.waitUntil(lambda: len(table.model.hidden) == 2, timeout=30_000)
    assert painted.count()
    assert (painted.at(0)[0].row(), painted.at(0)[1].row()) == (0, len(CHANCES) - 1)
    assert chances(table).count("in audit") == 2


def test_no_label_is_seen_between_a_draw_or_another_name_and_knowing_whose_may_be(
    qtbot: QtBot, table: PairTable, folder: Path
) -> None:
    page = table.window().page  # type: ignore[attr-defined]
    assert isinstance(page, PreferencesPage)

    def come_back(reviewer: str) -> list[str]:
        page.tabs.setCurrentWidget(page.quality)
        assert table._session.settle()
        if reviewer:
            table._settings.change(reviewer=reviewer)
        else:
            page.quality.planner.within.setValue(40)
            page.quality.planner.button.click()
        page.tabs.setCurrentWidget(table)
        assert set(chances(table)) == {"…"}
        assert table._session.settle()
        return chances(table)

    inside = come_back("").count("in audit")
    assert 0 < inside < len(CHANCES)

    def by_another(project: Project) -> None:
        how = Answered(AUDIT, True)
        names = sample_named(project.store).comparison_ids
        project.review([review(name, "Bo", "b", "ab", how) for name in names])

    table.table.selectAll()
    table.override_row.reason.setText("All of them")
    said: list[str] = []
    table.offered.connect(lambda words, *_: said.append(words))
    table.override_row.apply.click()
    assert table._session.settle()
    assert said[0].endswith(f"Left out, for they are in audit: {inside}.")
    with Project.read(folder) as project:
        assert not set(sample_named(project.store).comparison_ids) & {one.comparison_id for one in reviews(folder)}

    table._session.ask("answering", by_another)
    assert "in audit" not in come_back("Bo")
    # Who is yet to judge these pairs sees neither labels nor what others chose.
    assert come_back("Ann").count("in audit") == inside

    def decisions() -> list[str]:
        return [str(table.model.data(table.model.index(row, 5))) for row in range(len(CHANCES))]

    qtbot.waitUntil(lambda: decisions().count("in audit") == inside)
    table.table.horizontalHeader().setSortIndicator(5, Qt.SortOrder.AscendingOrder)
    assert table._session.settle()
    assert table.model.rowCount() == len(CHANCES) - inside


class Counting(PagedModel):
    """Counts how often it is asked about a row."""

    asked = 0

    def flags(self, index: Index) -> Qt.ItemFlag:
        self.asked += 1
        return super().flags(index)

    def cell(self, row: object, column: int, role: int) -> str:
        return ""


def test_selecting_all_rows_asks_about_those_in_view_only(qtbot: QtBot) -> None:
    model = Counting(["a", "b"])
    model.show_keys(range(1, 5001))
    view = paged_table(model, "Rows", 0)
    qtbot.addWidget(view)
    view.show()
    view.selectAll()
    view.grab()
    assert model.asked < 5000
    assert len(view.selectionModel().selectedRows()) == 5000
