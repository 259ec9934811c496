"""What a person noticed when first looking at the pages, and what must not come back."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.asker import Asker
from ui.first_size import sizes_on
from ui.look.theme import Theme
from ui.main_window import MainWindow
from ui.pages.new_evaluation import NewEvaluationSheet
from ui.run_watch import RunNow
from ui.session import Session
from ui.static_words import in_words
from ui.tables.pairs_model import PairsModel
from ui.user_settings import UserSettings
from ui.widgets.cards import EmptyCard, Toast
from ui.widgets.choices import widen_list
from ui.widgets.list_rows import told_below
from ui.widgets.new_run_sheet import NewRunSheet
from ui.widgets.numbers import ROOM
from ui.widgets.pair_run_sheet import PairRunSheet
from ui.widgets.pipeline_strip import PipelineStrip
from ui.widgets.readiness_view import ReadinessView
from ui.widgets.reveal import RevealStrip
from ui.widgets.review_keys import ReviewKeys
from ui.widgets.role_choice import role_words
from ui.widgets.texts import beside, counted, scrolling
from ui.widgets.versions_view import VersionsView
from ui.widgets.wording_edit import WordingEdit
from workbench.project.draft_state import DraftState
from workbench.project.model_choice import ROLES_OF
from workbench.project.overview import Overview
from workbench.records.constitution import Constitution, ConstitutionVersion
from workbench.records.run import TRAININGS, Run, RunState

_FIELDS = (QLineEdit, QComboBox, QAbstractSpinBox, QCheckBox)


@pytest.fixture(scope="module")  # styling an application takes a second
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def test_numbers_stand_off_the_border_of_their_box_on_every_page(window: MainWindow) -> None:
    boxes = [box for page in window.pages.values() for box in page.findChildren(QAbstractSpinBox)]
    assert boxes
    tight = [box.accessibleName() for box in boxes if box.lineEdit().textMargins().left() < ROOM]
    assert not tight


@pytest.mark.parametrize("choices", [2, 6])
def test_a_list_of_choices_shows_every_row(qtbot: QtBot, theme: Theme, choices: int) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems([f"choice {number}" for number in range(choices)])
    box.show()
    box.showPopup()
    last = box.view().visualRect(box.model().index(choices - 1, 0))
    assert last.bottom() <= box.view().viewport().height()
    box.hidePopup()


def test_the_open_list_is_as_wide_as_its_longest_words(qtbot: QtBot, theme: Theme) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItem("tag")
    box.addItem("a tag of many words that a narrow box would cut")
    widen_list(box)
    assert box.view().minimumWidth() > box.fontMetrics().horizontalAdvance(box.itemText(1))


def test_a_word_of_what_was_done_covers_nothing_one_presses(qtbot: QtBot, theme: Theme) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.menuBar().addMenu("File")
    search = QPushButton("Search")
    window.menuBar().setCornerWidget(search)
    window.resize(1000, 600)
    window.show()
    toast = Toast(window)
    toast.offer("5 pairs are “tie” now.", "Undo", lambda: None)
    free = window.menuBar().geometry()
    assert toast.geometry().top() >= 0
    assert toast.geometry().left() > window.menuBar().actionGeometry(window.menuBar().actions()[0]).right()
    assert toast.geometry().right() < search.x()
    toast.say("What was done takes many words to tell, " * 6)
    assert toast.geometry().right() < search.x()
    assert toast.geometry().top() <= free.bottom()
    (told,) = toast.findChildren(QLabel)
    lines = 2 * told.fontMetrics().lineSpacing()
    assert told.heightForWidth(told.width()) <= told.height() <= lines + 2  # whole lines, and no empty ones below
    assert toast.height() < 2 * lines
    assert toast.text == told.toolTip() == "What was done takes many words to tell, " * 6


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_undo_on_a_toast_leaves_the_keyboard_where_somebody_was(qtbot: QtBot, by_keyboard: bool) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    rail, field = QPushButton("Rail"), QPushButton("Field")
    middle = QWidget()
    row = QHBoxLayout(middle)
    row.addWidget(rail)
    row.addWidget(field)
    window.setCentralWidget(middle)
    window.menuBar().addMenu("File")
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    undone: list[bool] = []
    toast = Toast(window)
    toast.offer("1 pair is “tie” now.", "Undo", lambda: undone.append(window.focusWidget() is field))
    field.setFocus()
    if by_keyboard:
        toast.undo.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(toast.undo, Qt.Key.Key_Space)
    else:
        QTest.mouseClick(toast.undo, Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert window.focusWidget() is field


def test_a_window_is_no_larger_than_its_screen() -> None:
    assert sizes_on(QSize(1920, 1080)) == (QSize(1024, 680), QSize(1280, 800))
    # 1280 × 800 where text is a third larger than usual.
    assert sizes_on(QSize(945, 591)) == (QSize(945, 551), QSize(945, 551))


def test_pairs_by_age_say_so_in_words() -> None:
    model = PairsModel()
    title = partial(model.headerData, 0, Qt.Orientation.Horizontal)
    model.say_order(by_age=True, descending=True)
    assert title() == "Prompt (newest first)"
    model.say_order(by_age=False, descending=True)
    assert title() == "Prompt"


@pytest.mark.parametrize(("number", "words"), [(0, "0 pairs"), (1, "1 pair"), (12345, "12,345 pairs")])
def test_counts_are_told_in_words(number: int, words: str) -> None:
    assert counted(number, "1 pair", "{count} pairs") == words


def version(hash_: str, message: str, title: str) -> ConstitutionVersion:
    return ConstitutionVersion(hash_, Constitution("kind", title), "", message)


def test_a_long_line_of_a_commit_does_not_widen_the_page(qtbot: QtBot, theme: Theme) -> None:
    view = VersionsView(theme)
    qtbot.addWidget(view)
    before = view.minimumSizeHint().width()
    view.show_versions([version("b" * 64, "why " * 60, "new"), version("a" * 64, "first", "old")])
    assert view.minimumSizeHint().width() == before


def test_versions_begin_with_what_changed_last_until_a_person_chooses(qtbot: QtBot, theme: Theme) -> None:
    view = VersionsView(theme)
    qtbot.addWidget(view)
    new, old = version("b" * 64, "second", "new"), version("a" * 64, "first", "old")
    view.show_draft(DraftState("", new.constitution, "", (), (), new.hash))
    view.show_versions([new, old])
    assert (view.before.currentIndex(), view.after.currentIndex()) == (2, 1)
    view.show_draft(DraftState("", Constitution("kind", "newer"), "", (), (), new.hash))
    assert (view.before.currentIndex(), view.after.currentIndex()) == (1, 0)
    view.before.setCurrentIndex(2)
    view.before.activated.emit(2)
    view.show_draft(DraftState("", new.constitution, "", (), (), new.hash))
    assert (view.before.currentIndex(), view.after.currentIndex()) == (2, 0)


def test_a_wording_is_as_high_as_its_text_within_bounds(qtbot: QtBot, theme: Theme) -> None:
    edit = WordingEdit("Critique request", theme)
    qtbot.addWidget(edit)
    edit.resize(400, 600)
    edit.show()
    least = edit.text.minimumHeight()
    edit.show_text("\n".join("abcdef"))
    six = edit.text.minimumHeight()
    edit.show_text("\n".join("abcdefghijklmnopqrstuvwxyz"))
    assert least < six < edit.text.minimumHeight() < 12 * edit.fontMetrics().lineSpacing()


def test_what_is_told_below_a_row_stands_back_and_its_first_line_does_not(qtbot: QtBot, theme: Theme) -> None:
    rows = QListWidget()
    qtbot.addWidget(rows)
    told_below(rows)
    rows.addItem("😀 MMMM\nMMMM")
    rows.resize(200, 100)
    rows.show()
    picture, ratio = rows.viewport().grab().toImage(), rows.devicePixelRatioF()
    row = rows.visualItemRect(rows.item(0))
    middle = int(row.center().y() * ratio)

    def colours(top: int, bottom: int) -> set[str]:
        return {picture.pixelColor(x, y).name() for y in range(top, bottom) for x in range(picture.width())}

    above, below = colours(0, middle - 1), colours(middle + 2, int(row.bottom() * ratio))
    assert theme.colours.text in above
    assert theme.colours.text not in below
    assert theme.colours.muted in below


def test_a_row_is_as_high_as_its_lines_where_a_list_wraps_them(qtbot: QtBot, theme: Theme) -> None:
    rows = QListWidget()
    qtbot.addWidget(rows)
    rows.setWordWrap(True)
    told_below(rows)
    rows.addItem("preference_model-1\n✓ finished   99 / 99")
    rows.resize(2 * rows.fontMetrics().horizontalAdvance("preference_m"), 200)
    rows.show()
    two = rows.visualItemRect(rows.item(0)).height()
    rows.resize(rows.fontMetrics().horizontalAdvance("preference_m") + 30, 200)
    line = rows.fontMetrics().lineSpacing()
    qtbot.waitUntil(
        lambda: rows.visualItemRect(rows.item(0)).height() >= two + line
    )  # the name breaks, and its state too


def test_what_a_field_says_while_it_is_empty_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    field = QLineEdit(placeholderText="Words")
    qtbot.addWidget(field)
    field.ensurePolished()
    told = field.palette().placeholderText().color()
    # Of a styled field Qt would take the colour of its text, half of it.
    assert (told.name(), told.alpha()) == (theme.colours.muted, 255)


def test_a_label_of_a_form_stands_at_the_height_of_its_field(qtbot: QtBot, theme: Theme) -> None:
    sheet, field = QWidget(), QLineEdit()
    qtbot.addWidget(sheet)
    name = beside("Name", field)
    QFormLayout(sheet).addRow(name, field)
    sheet.show()
    assert name.geometry().center().y() == field.geometry().center().y()


def test_a_training_that_is_done_says_so_also_where_the_next_needs_weights_that_are_gone(qtbot: QtBot) -> None:
    strip = PipelineStrip(("sft", "preference_model", "rl"))
    qtbot.addWidget(strip)
    done = Overview({"labels": 2}, finished=frozenset({"sft", "preference_model"}), weightless=frozenset({"sft"}))
    newest = [RunNow(Run("pm-1", "preference_model", RunState.FINISHED))]
    strip.show_state(done, newest)
    told = strip.buttons["preference_model"]
    assert told.accessibleDescription() == "2   Preference model; ✓ finished"
    assert not told.isEnabled()
    strip.show_state(Overview({"labels": 2}, weightless=frozenset({"sft"})), [])
    assert told.accessibleDescription() == "2   Preference model; · needs weights of 1"


def test_the_wheel_scrolls_over_fields_and_sets_them_to_nothing_else(qtbot: QtBot, theme: Theme) -> None:
    content, box, number = QWidget(), QComboBox(), QSpinBox(value=5)
    box.addItems(["all", "last"])
    content.setMinimumHeight(2000)
    column = QVBoxLayout(content)
    for field in (box, number):
        column.addWidget(field)
    area = scrolling(content)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    for field in (box, number):
        field.setFocus()
        down, middle = QPoint(0, -120), QPointF(field.rect().center())
        rolled = QWheelEvent(
            middle, field.mapToGlobal(middle), down, down, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, rolled)
        assert not rolled.isAccepted()  # so that it goes on to the area
    assert (box.currentText(), number.value()) == ("all", 5)


def test_buttons_do_not_move_when_the_first_answer_is_told(qtbot: QtBot) -> None:
    reveal = RevealStrip(ReviewKeys({}))
    qtbot.addWidget(reveal)
    reveal.show()
    before = reveal.sizeHint().height()
    reveal.say("Taken back.")
    reveal.recent[0].setVisible(True)
    assert reveal.sizeHint().height() == before


def test_signs_in_a_cell_say_what_they_mean(qtbot: QtBot) -> None:
    class Row:
        comparison_id, prompt, probability_a, order_flip = "c", "p", 0.35, True

    model = PairsModel()
    assert str(model.cell(Row(), 1, Qt.ItemDataRole.DisplayRole)) == "0.35 ⇄"  # type: ignore[arg-type]
    assert "order" in str(model.cell(Row(), 1, Qt.ItemDataRole.ToolTipRole))  # type: ignore[arg-type]


def test_every_field_of_a_setting_says_what_it_means(window: MainWindow) -> None:
    session, control = window.session, window.control
    sheets: list[QWidget] = [NewRunSheet(stage, session, control, window) for stage in TRAININGS]
    sheets += [PairRunSheet(stage, session, control, window) for stage in ("comparisons", "labels")]
    sheets += [NewEvaluationSheet(session, window)]
    for sheet in sheets:
        found = [one for one in sheet.findChildren(QWidget) if isinstance(one, _FIELDS)]
        fields = [
            one for one in found if not isinstance(one.parent(), _FIELDS) and one is not getattr(sheet, "reason", None)
        ]
        assert fields
        silent = [one.accessibleName() or str(one) for one in fields if not one.toolTip()]
        assert silent == [], type(sheet).__name__


def test_settings_are_named_as_people_write_them() -> None:
    assert [in_words(name) for name in ("kl_coef", "lora_rank", "learning_rate")] == [
        "KL coef",
        "LoRA rank",
        "Learning rate",
    ]


def test_a_button_that_names_a_page_shows_its_ampersand(qtbot: QtBot) -> None:
    card = EmptyCard("For this.")
    qtbot.addWidget(card)
    card.offer("Missing.", "Go to Red team & chains", lambda: None)
    assert card.button.text() == "Go to Red team && chains"
    assert card.button.accessibleName() == "Next step: Go to Red team & chains"


def test_every_role_of_a_training_says_what_its_model_does() -> None:
    trained = {role for stage in TRAININGS for role in ROLES_OF[stage]}
    assert trained <= role_words().keys()


def test_the_playgrounds_verdict_is_in_view_in_the_smallest_window(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session()
    view = ReadinessView(session, Asker(session), UserSettings(tmp_path / "window.json"))
    qtbot.addWidget(view)
    view.playground.verdict.setText("The model prefers A: P(A better) = 0.69")
    view.resize(500, 500)
    with qtbot.waitExposed(view):
        view.show()
    assert view._below.verticalScrollBar().maximum() == 0, "what the scores come to is below what is seen"
    view.playground.verdict.setText("Why it cannot be said. " * 20)
    qtbot.waitUntil(lambda: view._below.verticalScrollBar().maximum() > 0)
    cover = view.playground.cover
    assert cover.height() >= cover.minimumSizeHint().height(), "one scrolls, and no text is cut"
