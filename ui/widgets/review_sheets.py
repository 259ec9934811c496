"""Sheets of the review: keys and name, guidelines, and the rule of what answers mean for training."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ui.reading_order import SheetInOrder
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.numbers import roomy
from ui.widgets.review_keys import USUAL, ReviewKeys, key_words
from ui.widgets.texts import beside, button, label, letters

if TYPE_CHECKING:
    from workbench.records.comparison import PreferenceRule


class _Sheet(SheetInOrder):
    """A heading, a purpose, a body, and two buttons; the keyboard begins in the body, not on a button that a space presses."""

    def __init__(self, title: str, purpose: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(letters(self, 90))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(10)
        self.column.addWidget(label(title, "title"))
        self.column.addWidget(label(purpose, "muted", wrap=True))
        self.body = QVBoxLayout()
        self.column.addLayout(self.body, 1)

    def _finish(self, first: QWidget, *others: QWidget) -> None:
        """Add the buttons below the body, some others before them: Tab comes to what was made last at last."""
        cancel = button(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.accept_button = button(self.tr("Save"), primary=True)
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        for other in others:
            row.addWidget(other)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.accept_button)
        self.column.addLayout(row)
        first.setFocus()


class _KeyField(QKeySequenceEdit):
    """Takes any key but Escape, which closes the sheet as everywhere."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave Escape to the sheet."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class KeysSheet(_Sheet):
    """Under which name one reviews, whether the next pair comes by itself, and every key."""

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("How you review"),
            self.tr(
                "Your name is saved with every answer. To change a key, go to its field and press another; one that is taken "
                "changes places with the one it replaces."
            ),
            parent,
        )
        self._settings = settings
        self._keys = ReviewKeys(settings.now.review_keys)
        self.name = QLineEdit(settings.reviewer)
        self.name.setAccessibleName(self.tr("Your name in reviews"))
        self.waits = QCheckBox(self.tr("Stay on a pair after the answer, until I go on"))
        self.waits.setChecked(settings.now.review_waits)
        form = QFormLayout()
        form.addRow(beside(self.tr("Reviewer"), self.name), self.name)
        form.addRow(label(), self.waits)
        self.edits: dict[str, QKeySequenceEdit] = {}
        self.wrong = label(part="bad", wrap=True)
        for name, words in key_words().items():
            self.edits[name] = made = _KeyField(QKeySequence(self._keys.of(name)))
            made.setMaximumSequenceLength(1)
            made.setAccessibleName(self.tr("Key for: {what}").format(what=words))
            made.keySequenceChanged.connect(lambda key, name=name: self._take(name, key))
            made.editingFinished.connect(self._show)
            form.addRow(beside(words, made), made)
        self.body.addLayout(form)
        self.body.addWidget(self.wrong)
        self.wrong.hide()
        usual = button(self.tr("The usual keys"))
        usual.clicked.connect(self._take_usual)
        self._finish(self.name, usual)

    def accept(self) -> None:
        """Keep what was chosen."""
        self._settings.change(
            reviewer=self.name.text().strip(),
            review_waits=self.waits.isChecked(),
            review_keys=dict(self._keys.chosen),
        )
        super().accept()

    def _take(self, name: str, key: QKeySequence) -> None:
        text = key.toString(QKeySequence.SequenceFormat.PortableText)
        if not text:
            return  # the field empties itself before it takes a key, which it would refuse if it were filled meanwhile
        wrong = self.tr("{key} does something else in this window; take another.") if self._is_foreign(key) else ""
        self.wrong.setText(wrong.format(key=key.toString(QKeySequence.SequenceFormat.NativeText)))
        self.wrong.setVisible(bool(wrong))
        if not wrong and text != self._keys.of(name):
            self._keys = self._keys.changed(name, text)
        self._show()

    def _is_foreign(self, key: QKeySequence) -> bool:
        """Say whether the window has a use for a key, or for keys of its kind: of two with one key neither would work."""
        parent, text = self.parentWidget(), key.toString(QKeySequence.SequenceFormat.PortableText)
        actions = parent.window().findChildren(QAction) if parent is not None else []
        held = any(f"{one}+" in text for one in ("Ctrl", "Alt", "Meta"))
        return held or key in [one for action in actions for one in action.shortcuts()]

    def _take_usual(self) -> None:
        self._keys = ReviewKeys({})
        self._show()

    def _show(self) -> None:
        for name in USUAL:
            edit = self.edits[name]
            blocked = edit.blockSignals(True)
            edit.setKeySequence(QKeySequence(self._keys.of(name)))
            edit.blockSignals(blocked)


class GuidelinesSheet(_Sheet):
    """What reviewers go by: read it, or write it anew; every answer says which text was in force."""

    def __init__(self, text: str, save: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Guidelines for reviewers"),
            self.tr("What counts, what does not, and what to do in doubt. Earlier versions are kept."),
            parent,
        )
        self._save = save
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(self.tr("Text of the guidelines"))
        self.text.setPlaceholderText(
            self.tr(
                "For example: Judge by the question alone. Length is no merit. If both break the rule, say “both bad”."
            )
        )
        self.text.setTabChangesFocus(True)
        self.body.addWidget(self.text)
        self._finish(self.text)
        self.resize(560, 420)

    def accept(self) -> None:
        """Save the text."""
        self._save(self.text.toPlainText())
        super().accept()


class RuleSheet(_Sheet):
    """How an answer becomes the probability that training sees."""

    def __init__(
        self, rule: "PreferenceRule", save: "Callable[[PreferenceRule], None]", parent: QWidget | None = None
    ) -> None:
        super().__init__(
            self.tr("What an answer means"),
            self.tr(
                "Training sees a probability that the response you prefer is better. Each training records the rule it used; "
                "changing it here changes trainings to come."
            ),
            parent,
        )
        self._save, self._rule = save, rule
        form = QFormLayout()
        self.values: dict[str, QDoubleSpinBox] = {}
        for name, words, value in (
            ("much_better", self.tr("Much better"), rule.much_better), ("better", self.tr("Better"), rule.better),
            ("tie", self.tr("Tie"), rule.tie),
        ):  # fmt: skip
            self.values[name] = made = roomy(
                QDoubleSpinBox(minimum=0.0, maximum=1.0, singleStep=0.05, decimals=2, value=value)
            )
            made.setAccessibleName(self.tr("Probability for: {answer}").format(answer=words))
            form.addRow(beside(words, made), made)
        self.both_bad = QCheckBox(self.tr("Leave the pair out where both are bad (else it counts as a tie)"))
        self.both_bad.setChecked(rule.both_bad_left_out)
        self.reviews = QCheckBox(self.tr("People's answers stand above labels"))
        self.reviews.setChecked(rule.reviews_override)
        for box in (self.both_bad, self.reviews):
            form.addRow(label(), box)
        self.wrong = label(part="bad", wrap=True)
        form.addRow(label(), self.wrong)
        self.body.addLayout(form)
        self._finish(self.values["much_better"])

    def accept(self) -> None:
        """Save the rule, or say what contradicts itself."""
        from dataclasses import replace  # noqa: PLC0415

        from workbench.errors import BadInputError  # noqa: PLC0415

        much_better, better, tie = (round(box.value(), 2) for box in self.values.values())
        try:
            rule = replace(
                self._rule,
                much_better=much_better,
                better=better,
                tie=tie,
                both_bad_left_out=self.both_bad.isChecked(),
                reviews_override=self.reviews.isChecked(),
            )
        except BadInputError as error:
            self.wrong.setText(in_language(error.sentence))
            return
        self._save(rule)
        super().accept()


class AsideSheet(_Sheet):
    """Why a sample is given up; without a reason it is not."""

    def __init__(self, give_up: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Set this sample aside"),
            self.tr(
                "Nobody goes on with it, and its labels can be seen again. Answers that were given stay on record and count for "
                "training as before; an estimate comes only from who had answered the whole sample. This cannot be undone."
            ),
            parent,
        )
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(self.tr("Why? A line for whoever reads the report"))
        self.reason.setAccessibleName(self.tr("Why the sample is set aside"))
        self.body.addWidget(self.reason)
        self._finish(self.reason)
        self.accept_button.setText(self.tr("Set it aside"))
        self.accept_button.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.accept_button.setEnabled(bool(text.strip())))
        self.accepted.connect(lambda: give_up(self.reason.text().strip()))
