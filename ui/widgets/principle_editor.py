"""The editor of one principle: title, tags, weight, the three wordings, and a rationale no model sees."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.edit_menu import undone_by_page
from ui.look.theme import Theme
from ui.widgets.numbers import roomy
from ui.widgets.texts import label, set_part
from ui.widgets.wording_edit import WordingEdit, findings_text, worst_part

if TYPE_CHECKING:
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import Principle

_WORDINGS = ("critique_request", "revision_request", "comparison_question")


class PrincipleEditor(QWidget):
    """Tells each edit as it is typed; what comes from the draft is shown without disturbing what is being typed."""

    #: Principle, field, and the new value as text.
    edited = Signal(str, str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.principle_id = ""
        self._showing = False
        self._id = label(part="muted")
        self.title, self.tags, self.rationale = QLineEdit(), QLineEdit(), QLineEdit()
        self.weight = roomy(QDoubleSpinBox(minimum=0.0, maximum=1000.0, singleStep=0.25, decimals=2))
        titles = (self.tr("Critique request"), self.tr("Revision request"), self.tr("Comparison question"))
        self.wordings = {name: WordingEdit(title, theme) for name, title in zip(_WORDINGS, titles, strict=True)}
        self._general = label(wrap=True)
        self._explain()
        self._lay_out()
        self._connect()

    def show_principle(
        self, principle: "Principle", state: "DraftState", typed: Mapping[str, str], anew: bool = False
    ) -> None:
        """Show a principle as saved, with what was typed and is not saved yet.

        A field being typed in is left alone, unless the draft went back and is shown anew.
        """
        self._showing = True
        other = anew or self.principle_id != principle.id
        self.principle_id = principle.id
        self._id.setText(principle.id)
        saved = {"title": principle.title, "tags": ", ".join(principle.tags), "rationale": principle.rationale}
        for name, line in (("title", self.title), ("tags", self.tags), ("rationale", self.rationale)):
            value = typed.get(name, saved[name])
            if other or (not line.hasFocus() and line.text().strip() != value.strip()):
                line.setText(value)
        for line in (self.title, self.tags, self.rationale):
            if not line.hasFocus():
                line.setCursorPosition(0)  # a long one is read from its beginning
        if other or not self.weight.hasFocus():
            self.weight.setValue(float(typed.get("weight", principle.weight)))
        for name, wording in self.wordings.items():
            wording.show_text(typed.get(name, getattr(principle, name)).strip())
            wording.show_findings(state.finds(principle.id, name))
        general = tuple(one for one in state.finds(principle.id) if one.field not in _WORDINGS)
        self._general.setText(findings_text(general))
        self._general.setVisible(bool(general))
        set_part(self._general, worst_part(general))
        self._showing = False

    def _explain(self) -> None:
        """Say in empty fields what goes there, of wordings by how one reads."""
        self.tags.setPlaceholderText(self.tr("words to group by, with commas"))
        self.rationale.setPlaceholderText(self.tr("Why this principle? For people; no model reads it."))
        self._id.setToolTip(self.tr("Its id: what files, commands and the trace of each row call it"))
        hints = (
            self.tr("Asks the model to find fault with a response: “Say where the reply is unkind.”"),
            self.tr("Asks it to write the response anew: “Rewrite the reply so that it is kind.”"),
            self.tr("Asks which of two responses is better: “Which reply is kinder?”"),
        )
        for wording, hint in zip(self.wordings.values(), hints, strict=True):
            wording.text.setPlaceholderText(hint)

    def _lay_out(self) -> None:
        self.title.setAccessibleName(self.tr("Title of the principle"))
        self.tags.setAccessibleName(self.tr("Tags, separated by commas"))
        self.rationale.setAccessibleName(self.tr("Rationale"))
        self.weight.setAccessibleName(self.tr("Weight: how often it is drawn, relative to the others"))
        self.weight.setToolTip(self.tr("How often it is drawn, relative to the others; 0 means never."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(5)  # so that all of it is seen in a window of the usual size, with findings below
        above, below = QHBoxLayout(), QHBoxLayout()
        names = label(self.tr("Title")), label(self.tr("Tags"))
        for name in names:  # the fields behind them begin below each other
            name.setMinimumWidth(max(one.sizeHint().width() for one in names))
        above.addWidget(names[0])
        above.addWidget(self.title, 1)
        above.addWidget(self._id)
        below.addWidget(names[1])
        below.addWidget(self.tags, 1)
        below.addWidget(label(self.tr("Weight")))
        below.addWidget(self.weight)
        column.addLayout(above)
        column.addLayout(below)
        column.addWidget(self._general)
        for wording in self.wordings.values():
            column.addWidget(wording, 1)
        last = QHBoxLayout()
        last.addWidget(label(self.tr("Rationale")))
        last.addWidget(self.rationale, 1)
        column.addLayout(last)
        undone_by_page(self.title, self.tags, self.weight, self.rationale)

    def _connect(self) -> None:
        for name, line in (("title", self.title), ("tags", self.tags), ("rationale", self.rationale)):
            line.textEdited.connect(partial(self._tell, name))
        self.weight.valueChanged.connect(lambda value: self._tell("weight", f"{value:g}"))
        for name, wording in self.wordings.items():
            wording.edited.connect(partial(self._tell_wording, name))

    def _tell_wording(self, name: str) -> None:
        self._tell(name, self.wordings[name].text.toPlainText())

    def _tell(self, name: str, value: str) -> None:
        if not self._showing and self.principle_id:
            self.edited.emit(self.principle_id, name, value)
