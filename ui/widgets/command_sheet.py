"""A sheet that has a command of the workbench do its work, and says in a line how that goes."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from ui.command_process import CommandProcess
from ui.reading_order import SheetInOrder
from ui.widgets.texts import label, set_part


class CommandSheet(SheetInOrder):
    """Ends what is under way when it is closed or left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.says = label(part="muted", wrap=True)
        self._commands = CommandProcess(self)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """End what is under way."""
        self._commands.end()
        event.accept()

    def reject(self) -> None:
        """End what is under way, and go."""
        self._commands.end()
        super().reject()

    def _tell(self, text: str, bad: bool = False) -> None:
        set_part(self.says, "bad" if bad else "muted")
        self.says.setText(text)
