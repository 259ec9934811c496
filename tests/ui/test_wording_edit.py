from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.look.theme import Theme
from ui.reading_order import SheetInOrder
from ui.widgets.diff_view import difference
from ui.widgets.tabs import tabbed
from ui.widgets.texts import scrolling
from ui.widgets.wording_edit import WordingEdit


def test_marking_a_wording_is_no_edit_of_it(qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme = Theme(application, "light")
    wording = WordingEdit("Critique", theme)
    qtbot.addWidget(wording)
    edits: list[str] = []
    wording.edited.connect(lambda: edits.append(wording.text.toPlainText()))
    wording.show_text("Look at {response}.")
    theme.changed.emit()  # marks are drawn anew
    qtbot.wait(50)
    assert edits == []
    QTest.keyClicks(wording.text, "x")
    qtbot.wait(50)
    assert edits == ["xLook at {response}."]


def test_pieces_of_a_difference_make_up_both_texts() -> None:
    pieces = list(difference("Be kind, and 你好.", "Be very kind 你们."))
    assert "".join(text for kind, text in pieces if kind != "in") == "Be kind, and 你好."
    assert "".join(text for kind, text in pieces if kind != "out") == "Be very kind 你们."


def test_a_wording_that_was_filled_out_of_sight_has_room_for_its_lines(qtbot: QtBot, qapp: QApplication) -> None:
    wording = WordingEdit("Critique", Theme(qapp, "light"))
    tabs = tabbed("Views", "Two views", (QWidget(), "First"), (wording, "Second"))
    qtbot.addWidget(tabs)
    tabs.resize(260, 400)
    tabs.show()
    wording.show_text("A wording of some length that takes several lines of a column as narrow as this one. " * 2)
    qtbot.wait(1)
    tabs.setCurrentIndex(1)
    lines = wording.text.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: wording.text.minimumHeight() > 4 * lines)


def test_tab_brings_up_the_whole_of_a_wording_and_not_its_cursor_alone(qtbot: QtBot, qapp: QApplication) -> None:
    sheet, content, theme = SheetInOrder(), QWidget(), Theme(qapp, "light")
    wordings = [WordingEdit(name, theme) for name in ("Critique", "Revision", "Comparison")]
    column = QVBoxLayout(content)
    for wording in wordings:
        wording.show_text("A wording of some length that takes several lines of a narrow column. " * 3)
        column.addWidget(wording)
    area = scrolling(content)
    QVBoxLayout(sheet).addWidget(area)
    qtbot.addWidget(sheet)
    sheet.resize(300, 220)
    with qtbot.waitExposed(sheet):
        sheet.show()
    qtbot.waitUntil(lambda: wordings[0].text.minimumHeight() > 60)
    wordings[0].text.setFocus()
    for wording in wordings[1:]:
        QTest.keyClick(sheet.focusWidget(), Qt.Key.Key_Tab)
        place = QRect(wording.text.mapTo(area.viewport(), QPoint()), wording.text.size())
        assert wording.text.hasFocus()
        assert area.viewport().rect().contains(place)
