"""A figure large enough to read at a glance, with its interval and the number of cases below."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.widgets.texts import label, set_part

if TYPE_CHECKING:
    from workbench.measurement.intervals import Estimate


class FigureCard(QFrame):
    """A title, a value, and what it rests on."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.value, self.rest = label("–", "title"), label(part="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(2)
        column.addWidget(label(title, "muted", wrap=True))
        column.addWidget(self.value)
        column.addWidget(self.rest)
        column.addStretch(1)

    def say(self, value: str, rest: str) -> None:
        """Show a value and what it rests on."""
        self.value.setText(value)
        self.rest.setText(rest)

    def show_share(self, found: "Estimate | None", none: str = "", hint: str = "") -> None:
        """Show a share in per cent."""
        if found is None:
            self.say("–", none or _tr("no data yet"))
        else:
            self.say(f"{found.value:.1%}", _rest(f"{found.low:.1%} – {found.high:.1%}", found.n, hint))

    def show_number(self, found: "Estimate | None", hint: str = "") -> None:
        """Show a number that is no share."""
        if found is None:
            self.say("–", _tr("no data yet"))
        else:
            self.say(f"{found.value:.2f}", _rest(f"{found.low:.2f} – {found.high:.2f}", found.n, hint))


def _rest(interval: str, n: int, hint: str) -> str:
    return f"[{interval}]" + (f" {hint}" if hint else f" n = {n}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("figures", text)
