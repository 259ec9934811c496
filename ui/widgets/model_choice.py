"""The models of an evaluation, each to be taken into the comparison or left out."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

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
        self.itemChanged.connect(lambda _: self.changed.emit())

    def show_models(self, models: "Sequence[Model]") -> None:
        """Show the models of another evaluation, all of them marked; the same models keep their marks."""
        names = [model.name for model in models]
        if names == [self.item(row).data(_NAME) for row in range(self.count())]:
            return
        self.blockSignals(True)
        self.clear()
        for model in models:
            weights = model.weights[:8] or self.tr("not recorded")
            item = QListWidgetItem(f"{model.name}\n{model.from_run}  {weights}")
            item.setData(_NAME, model.name)
            item.setToolTip(self.tr("Hash of the weights that wrote the answers: {hash}").format(hash=model.weights))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.addItem(item)
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
