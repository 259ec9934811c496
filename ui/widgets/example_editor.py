"""The examples (few-shots) that stand in front of what a model is asked: which there are, and one of them to edit."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListWidget, QMenu, QVBoxLayout, QWidget

from ui.look.theme import Theme
from ui.widgets.texts import button, label, scrolling, set_part
from ui.widgets.wording_edit import WordingEdit, findings_text, worst_part

if TYPE_CHECKING:
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import FewShot

_TEXTS = (
    "prompt",
    "response",
    "critique_request",
    "critique",
    "revision_request",
    "revision",
    "response_a",
    "response_b",
    "comparison_question",
    "rationale",
)


class ExampleEditor(QWidget):
    """Tells each edit as it is typed; examples are counted from 1, over all uses."""

    #: The example's number, the field, and the new value.
    edited = Signal(int, str, str)
    #: The use of a new example.
    wants_new = Signal(str)
    wants_removed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self._shots: tuple[FewShot, ...] = ()
        self._typed: Mapping[int, Mapping[str, str]] = {}
        self._state: DraftState | None = None
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Examples"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.new = button(self.tr("Add"), self.tr("Add an example"))
        self.remove = button(self.tr("Remove"), self.tr("Remove the chosen example"))
        self._titles = _titles(self)
        self.texts = {name: WordingEdit(self._titles[name], theme) for name in _TEXTS}
        self.answer = QComboBox()
        self.answer.addItems(["A", "B"])
        self._answer = QWidget()
        self._none, self._general = label(part="muted", wrap=True), label(wrap=True)
        self._lay_out()
        self._connect()

    @property
    def current(self) -> int:
        """The number of the chosen example, 0 where there is none."""
        return self.list.currentRow() + 1

    def show_draft(self, state: "DraftState", typed: Mapping[int, Mapping[str, str]]) -> None:
        """Show the examples of a draft, with what was typed and is not saved yet; the chosen one stays chosen."""
        if state.constitution is None:
            return
        kept, self._showing = self.list.currentRow(), True
        self._shots, self._state = state.constitution.few_shots, state
        self.list.clear()
        for number, shot in enumerate(self._shots, start=1):
            worst = {one.severity for one in state.finds_of_example(number)}
            doubtful = "! " if worst & {"error", "warning"} else ""
            self.list.addItem(f"{doubtful}{number}. {self._titles[shot.use]}: {' '.join(shot.prompt.split())[:60]}")
        self.list.setCurrentRow(min(max(kept, 0), len(self._shots) - 1))
        self._showing = False
        self._typed = typed
        self._show()

    def choose(self, number: int) -> None:
        """Choose an example by its number."""
        self.list.setCurrentRow(number - 1)

    def _show(self) -> None:
        from workbench.interchange.example_edit import FIELDS  # noqa: PLC0415 - loaded with the project

        there = 0 < self.current <= len(self._shots)
        self.remove.setEnabled(there)
        self._none.setVisible(not there)
        fields = FIELDS[self._shots[self.current - 1].use] if there else ()
        typed = self._typed.get(self.current, {})
        self._showing = True
        for name, text in self.texts.items():
            text.setVisible(name in fields)
            if name in fields:
                text.show_text(typed.get(name, getattr(self._shots[self.current - 1], name)).strip())
        self._answer.setVisible("answer" in fields)
        if "answer" in fields:
            self.answer.setCurrentText(typed.get("answer", self._shots[self.current - 1].answer))
        self._show_findings(fields)
        self._showing = False

    def _show_findings(self, fields: Sequence[str]) -> None:
        """Say below each field what is doubtful about it, and above them what is about none that is shown."""
        found = self._state.finds_of_example(self.current) if self._state else ()
        for name in fields:
            if name in self.texts:
                self.texts[name].show_findings([one for one in found if one.field == name])
        of_all = [one for one in self._state.of_examples if not one.where] if self._state else []
        general = [one for one in found if one.field not in fields or one.field not in self.texts] + of_all
        self._general.setText(findings_text(general))
        self._general.setVisible(bool(general))
        set_part(self._general, worst_part(general))

    def _tell(self, name: str) -> None:
        if not self._showing and self.current:
            value = self.answer.currentText() if name == "answer" else self.texts[name].text.toPlainText()
            if (
                name != "prompt" or value.strip()
            ):  # an example without its prompt is none; it is kept until there is one
                self.edited.emit(self.current, name, value)

    def _choose(self) -> None:
        if not self._showing:
            self._show()

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(lambda _: self._choose())
        for name, text in self.texts.items():
            text.edited.connect(partial(self._tell, name))
        self.answer.currentIndexChanged.connect(lambda _: self._tell("answer"))
        menu = QMenu(self)
        for use in ("revision", "comparison", "rationale"):
            menu.addAction(self._titles[use], partial(self.wants_new.emit, use))
        self.new.setMenu(menu)
        self.remove.clicked.connect(lambda: self.wants_removed.emit(self.current))

    def _lay_out(self) -> None:
        self._none.setText(
            self.tr("No examples yet. A few worked ones in front of each request show a small model what is wanted.")
        )
        self.answer.setAccessibleName(self.tr("Example: which response is better"))
        row = QHBoxLayout(self._answer)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self.tr("Better response"), "heading"))
        row.addWidget(self.answer)
        row.addStretch(1)
        form = QWidget()
        fields = QVBoxLayout(form)
        fields.setContentsMargins(0, 0, 6, 0)
        fields.setSpacing(5)
        fields.addWidget(self._none)
        fields.addWidget(self._general)
        for name, text in self.texts.items():
            text.text.setAccessibleName(self.tr("Example: {field}").format(field=self._titles[name]))
            fields.addWidget(text)
        fields.addWidget(self._answer)
        fields.addStretch(1)
        left = QVBoxLayout()
        buttons = QHBoxLayout()
        buttons.addWidget(self.new)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        left.addWidget(self.list, 1)
        left.addLayout(buttons)
        column = QHBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.addLayout(left, 2)
        column.addWidget(scrolling(form, whole_width=True), 3)


def _titles(owner: QWidget) -> dict[str, str]:
    return {
        "revision": owner.tr("Revision"),
        "comparison": owner.tr("Comparison"),
        "rationale": owner.tr("Rationale"),
        "prompt": owner.tr("Prompt"),
        "response": owner.tr("Response"),
        "critique_request": owner.tr("Critique request"),
        "critique": owner.tr("Critique"),
        "revision_request": owner.tr("Revision request"),
        "response_a": owner.tr("Response A"),
        "response_b": owner.tr("Response B"),
        "comparison_question": owner.tr("Comparison question"),
    }
