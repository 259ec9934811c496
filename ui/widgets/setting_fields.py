"""Fields for a stage's settings, made from their record: a name, a value, and what it means as a tool tip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from ui.static_words import in_language, in_words
from ui.widgets.texts import label
from workbench.project.repeating import text_of
from workbench.records.presets import CHOICES
from workbench.records.settings import SETTINGS


def help_of(stage: str, name: str) -> str:
    """Return what a setting of a stage means, after the name a command knows it by."""
    if name == "seed":  # of every stage, and of no stage's record
        return f"seed: {_tr('where all chance begins; runs of one seed and the same settings draw the same')}"
    meaning = next(one for one in fields(SETTINGS[stage]) if one.name == name).metadata["help"]
    return f"{name}: {in_language(meaning)}"


class SettingFields(QWidget):
    """Settings in columns; a name in bold stands for a value that is not the default."""

    edited = Signal()

    def __init__(self, stage: str, names: Sequence[str], columns: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        known = {one.name: one for one in fields(SETTINGS[stage])}
        self.usual = {name: text_of(known[name].default) for name in names}
        self._read: dict[str, Callable[[], str]] = {}
        self._write: dict[str, Callable[[str], None]] = {}
        self._names: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        for place, name in enumerate(names):
            row, column = divmod(place, columns)
            field = self._make(known[name])
            said = label(in_words(name), "muted")
            meaning = in_language(known[name].metadata["help"])
            for one in (said, field):
                one.setToolTip(help_of(stage, name))
            field.setAccessibleDescription(meaning)
            self._names[name] = said
            grid.addWidget(said, 2 * row, column)
            grid.addWidget(field, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)

    def show_values(self, values: Mapping[str, str]) -> None:
        """Show values; settings that are not named show their default."""
        for name, usual in self.usual.items():
            self._write[name](values.get(name, usual))
        self._mark()

    def changed(self) -> dict[str, str]:
        """Return the settings that are not the default, as texts."""
        now = {name: read() for name, read in self._read.items()}
        return {name: text for name, text in now.items() if text != self.usual[name]}

    def _make(self, one: "Field[Any]") -> QWidget:
        if isinstance(one.default, bool):
            return self._check_box(one.name)
        return self._choice(one.name) if one.name in CHOICES else self._line(one.name)

    def _check_box(self, name: str) -> QWidget:
        made = QCheckBox(self.tr("yes"))
        self._keep(made, name, lambda: text_of(made.isChecked()), lambda text: made.setChecked(text == "true"))
        made.toggled.connect(self._edited)
        return made

    def _choice(self, name: str) -> QWidget:
        made = QComboBox()
        made.addItems(CHOICES[name])
        self._keep(made, name, made.currentText, made.setCurrentText)
        made.currentTextChanged.connect(self._edited)
        return made

    def _line(self, name: str) -> QWidget:
        made = QLineEdit()
        self._keep(made, name, lambda: made.text().strip(), made.setText)
        made.textEdited.connect(self._edited)
        return made

    def _keep(self, made: QWidget, name: str, read: Callable[[], str], write: Callable[[str], None]) -> None:
        made.setAccessibleName(in_words(name))
        self._read[name], self._write[name] = read, write

    def _edited(self, *_: object) -> None:
        self._mark()
        self.edited.emit()

    def _mark(self) -> None:
        changed = self.changed()
        for name, said in self._names.items():
            font = said.font()
            font.setBold(name in changed)
            said.setFont(font)


def _tr(text: str) -> str:
    return QCoreApplication.translate("settings", text)
