"""The models of an evaluation, each to be taken into the comparison or left out."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ui.widgets.list_rows import told_below

if TYPE_CHECKING:
    from workbench.project.evaluations import Model

_NAME = Qt.ItemDataRole.UserRole


class ModelList(QListWidget):
    """Check marks by model; changed tells the names that are marked."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        told_below(self)
        self.itemChanged.connect(lambda _: self.changed.emit())

    def show_models(self, models: "Sequence[Model]") -> None:
        """Show the models of an evaluation, all of them marked; where their names are those shown, the marks stay."""
        names, marked = [model.name for model in models], self.marked
        same = names == [self.item(row).data(_NAME) for row in range(self.count())]
        row = self.currentRow()
        self.blockSignals(True)
        self.clear()  # also where the names are the same: another evaluation's were made by other runs
        for model in models:
            weights = model.weights[:8] or self.tr("not recorded")
            item = QListWidgetItem(f"{model.name}\n{model.from_run}  {weights}")
            item.setData(_NAME, model.name)
            item.setToolTip(self.tr("Hash of the weights that wrote the answers: {hash}").format(hash=model.weights))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = not same or model.name in marked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.setCurrentRow(row if same else -1)
        self.blockSignals(False)

    @property
    def marked(self) -> tuple[str, ...]:
        """The names of the models that are marked, in their order."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(item.data(_NAME) for item in items if item.checkState() == Qt.CheckState.Checked)

    def mark(self, names: Collection[str]) -> None:
        """Mark these models too."""
        self.blockSignals(True)
        for item in (self.item(row) for row in range(self.count())):
            if item.data(_NAME) in names:
                item.setCheckState(Qt.CheckState.Checked)
        self.blockSignals(False)
        self.changed.emit()
