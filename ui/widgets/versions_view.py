"""Any two versions of the constitution beside each other, the draft among them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from ui.look.theme import Theme
from ui.places import stage_title
from ui.static_words import in_language
from ui.tips import plain_tip
from ui.widgets.change_words import titles_of
from ui.widgets.diff_view import DiffView
from ui.widgets.texts import beside, label

if TYPE_CHECKING:
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import Constitution, ConstitutionVersion


class VersionsView(QWidget):
    """Choose what to compare with what; it begins with what was changed last."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Constitution | None = None
        self._versions: Sequence[ConstitutionVersion] = ()
        self.before, self.after = QComboBox(), QComboBox()
        self.before.setAccessibleName(self.tr("The version before"))
        self.after.setAccessibleName(self.tr("The version after"))
        for box in (self.before, self.after):  # a long message must not push the page's other parts aside
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
        self._uses: Mapping[str, Mapping[str, int]] = {}
        self.used = label(part="muted", wrap=True)
        self.view = DiffView(self.tr("What changed between the two"), theme)
        chosen = QFormLayout()  # one below the other: side by side neither would have room for a date and a message
        chosen.addRow(beside(self.tr("From"), self.before), self.before)
        chosen.addRow(beside(self.tr("to"), self.after), self.after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(chosen)
        column.addWidget(self.used)
        column.addWidget(self.view, 1)
        self._by_hand = False
        for box in (self.before, self.after):
            box.currentIndexChanged.connect(self._compare)
            box.activated.connect(self._have_chosen)

    def show_draft(self, state: "DraftState") -> None:
        """Take the draft as it is now."""
        self._draft = state.constitution
        self._choose_usual()

    def show_versions(self, versions: "Sequence[ConstitutionVersion]") -> None:
        """Take the committed versions, newest first."""
        self._versions = versions
        names = [
            f"{one.created[:16].replace('T', ' ')}  {one.hash[:8]}  {in_language(one.message)}" for one in versions
        ]
        self._by_hand = False
        for box in (self.before, self.after):
            box.blockSignals(True)
            box.clear()
            box.addItems([self.tr("Draft"), *names])
            box.blockSignals(False)
        self._choose_usual()

    def _have_chosen(self, _: int) -> None:
        self._by_hand = True

    def _choose_usual(self) -> None:
        """Until a person chose: what the draft changes, or where it changes nothing, what the newest version changed."""
        same = bool(self._versions) and self._draft == self._versions[0].constitution
        usual = (2, 1) if same and len(self._versions) > 1 else (min(1, len(self._versions)), 0)
        for box, place in zip((self.before, self.after), usual, strict=True):
            if not self._by_hand and box.count():
                box.blockSignals(True)
                box.setCurrentIndex(place)
                box.blockSignals(False)
        self._compare()

    def show_uses(self, uses: "Mapping[str, Mapping[str, int]]") -> None:
        """Take which versions made how many runs of each stage."""
        self._uses = uses
        self._show_used()

    def _show_used(self) -> None:
        parts = []
        for box in (self.before, self.after):
            box.setToolTip(plain_tip(box.currentText()))
            place = box.currentIndex()
            if place < 0:
                continue
            stages = self._uses.get(self._versions[place - 1].hash, {}) if place else {}
            used = ", ".join(f"{count} × {stage_title(stage)}" for stage, count in stages.items())
            parts.append(used or (self.tr("no run") if place else self.tr("no run: a draft makes none")))
        if parts:
            self.used.setText(self.tr("Used in: {before}  →  {after}").format(before=parts[0], after=parts[-1]))

    def _compare(self) -> None:
        from workbench.interchange.diff import compare  # noqa: PLC0415

        self._show_used()
        before, after = self._chosen(self.before), self._chosen(self.after)
        if before is not None and after is not None:
            self.view.show_changes(compare(before, after), self.tr("They say the same."), titles_of(before, after))
        else:
            self.view.show_changes((), self.tr("The draft cannot be read as it is; mend it on the YAML tab."))

    def _chosen(self, box: QComboBox) -> "Constitution | None":
        place = box.currentIndex()
        return self._draft if place <= 0 else self._versions[place - 1].constitution
