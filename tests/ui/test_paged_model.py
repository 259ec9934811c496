"""Long tables: what is read anew is what is in view, what is painted anew is what differs, and threads beside hold up neither."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QTableView, QTableWidget
from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.tables.paged_model import PAGE, PagedModel
from ui.tips import plain_tip
from ui.widgets.paged_table import paged_table
from ui.widgets.reading_table import RowsView


@dataclass(frozen=True)
class Row:
    key: int
    text: str = ""


class Rows(PagedModel):
    """Numbers with a text; whoever asks for some gets them at once, where they are answered."""

    def __init__(self, count: int) -> None:
        super().__init__(["Text"])
        self.asked: list[tuple[int, ...]] = []
        self.texts: dict[int, str] = {}
        self.wants.connect(self._answer)
        self.show_keys(range(count))

    def _answer(self, keys: Sequence[int]) -> None:
        self.asked.append(tuple(keys))
        self.take([Row(key, self.texts.get(key, "")) for key in keys])

    def cell(self, row: Row, column: int, role: int) -> str:
        return row.text


def look_at(model: Rows, place: int, qtbot: QtBot) -> None:
    model.data(model.index(place, 0))
    qtbot.waitUntil(lambda: model.row_at(place) is not None)


@pytest.fixture
def model(qtbot: QtBot) -> Rows:
    rows = Rows(10 * PAGE)
    qtbot.waitUntil(lambda: bool(rows.asked))
    return rows


def test_rows_of_one_project_are_not_taken_for_those_of_the_next(qtbot: QtBot, model: Rows) -> None:
    """Also where the first was closed while some were being read, whose answer nobody was given."""
    model.wants.disconnect(model._answer)
    asked = QSignalSpy(model.wants)
    model.data(model.index(3 * PAGE, 0))
    qtbot.waitUntil(lambda: asked.count() == 1)
    model.forget()
    assert (model.rowCount(), model.row_at(0)) == (0, None)
    model.wants.connect(model._answer)
    model.texts[0] = "of the next"
    model.show_keys(range(5))
    assert model.row_at(0) is None
    look_at(model, 0, qtbot)
    assert model.row_at(0).text == "of the next"


def test_reading_again_asks_for_what_was_looked_at_last_and_paints_nothing(qtbot: QtBot, model: Rows) -> None:
    look_at(model, 3 * PAGE, qtbot)
    look_at(model, 4 * PAGE, qtbot)
    model.asked.clear()
    painted = QSignalSpy(model.dataChanged)
    model.read_again()
    qtbot.waitUntil(lambda: len(model.asked) == 2)
    assert {keys[0] for keys in model.asked} == {3 * PAGE, 4 * PAGE}
    assert painted.count() == 0


@pytest.mark.parametrize(
    "text", ['<img src="file:///etc/passwd">', "a <b>bold</b> word\n  and a line", "less &lt; more"]
)
def test_a_tool_tip_shows_what_others_wrote_as_it_is(qtbot: QtBot, model: Rows, text: str) -> None:
    model.texts[0] = text
    model.read_again()
    qtbot.waitUntil(lambda: model.row_at(0).text == text)
    tip = str(model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole))
    page = QTextDocument()
    page.setHtml(tip)
    assert page.toPlainText().replace("\u2028", "\n") == text
    assert "\ufffc" not in page.toPlainText()  # what stands for a picture
    assert model.data(model.index(0, 0)) == text
    assert plain_tip("a plain text") == "a plain text"


def test_rows_that_differ_are_painted_anew_and_no_others(qtbot: QtBot, model: Rows) -> None:
    look_at(model, 3 * PAGE, qtbot)
    painted = QSignalSpy(model.dataChanged)
    model.texts |= {3 * PAGE + 5: "new", 3 * PAGE + 7: "new"}
    model.read_again()
    qtbot.waitUntil(lambda: painted.count() == 1)
    first, last = painted.at(0)[0], painted.at(0)[1]
    assert (first.row(), last.row()) == (3 * PAGE + 5, 3 * PAGE + 7)
    assert model.data(model.index(3 * PAGE + 5, 0)) == "new"


def test_a_row_out_of_sight_is_read_anew_when_it_is_looked_at_again(qtbot: QtBot, model: Rows) -> None:
    for page in (1, 5, 6):
        look_at(model, page * PAGE, qtbot)
    model.texts[PAGE] = "new"
    model.asked.clear()
    model.read_again()
    qtbot.waitUntil(lambda: len(model.asked) == 2)
    assert PAGE not in {keys[0] for keys in model.asked}  # nobody looks at it
    assert model.data(model.index(PAGE, 0)) == ""
    qtbot.waitUntil(lambda: len(model.asked) == 3)
    assert model.data(model.index(PAGE, 0)) == "new"


def test_what_came_in_meanwhile_shows_in_a_table(qtbot: QtBot) -> None:
    model = Rows(3 * PAGE)
    table = paged_table(model, "Texts", 0)
    qtbot.addWidget(table)
    table.show()
    qtbot.waitUntil(lambda: model.row_at(0) is not None)
    model.texts[2] = "new"
    model.read_again()
    qtbot.waitUntil(lambda: model.row_at(2).text == "new")  # asked for by the table, not here
    assert table.model().index(2, 0).data() == "new"
    assert table.model().index(3, 0).data() == ""


def test_every_view_of_rows_that_python_tells_is_painted_by_one_call_from_python(window: MainWindow) -> None:
    found = [view for part in (*window.pages.values(), window) for view in part.findChildren(QTableView)]
    views = [view for view in found if not isinstance(view, QTableWidget)]
    assert len(views) > 3
    assert {type(view) for view in views} == {RowsView}
