"""A figure large enough to read at a glance, with its interval and the number of cases below."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.texts import button, counted, label, set_part

if TYPE_CHECKING:
    from workbench.measurement.intervals import Estimate


class FigureCard(QFrame):
    """A title, a value, what it rests on and a way to these rows; meaning says as a tooltip what the figure tells."""

    def __init__(self, title: str, meaning: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.setToolTip(meaning)
        self.setAccessibleDescription(meaning)
        self._go: Callable[[], object] | None = None
        self.value, self.rest = label("–", "title"), label(part="muted", wrap=True)
        self.way = button("", _tr("See the pairs behind “{figure}”").format(figure=title))
        set_part(self.way, "link")
        self.way.setMinimumHeight(0)
        self.way.hide()
        self.way.clicked.connect(lambda: self._go is not None and self._go())
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(2)
        column.addWidget(label(title, "muted", wrap=True))
        row.addWidget(self.value, 1)
        row.addWidget(self.way)
        column.addLayout(row)
        column.addWidget(self.rest)
        column.addStretch(1)

    def lead_to(self, count: int, go: Callable[[], object]) -> None:
        """Offer the way to the pairs a figure rests on, where there are any."""
        self._go = go
        self.way.setVisible(count > 0)
        self.way.setText(counted(count, _tr("1 pair ›"), _tr("{count} pairs ›")))

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
            value, low, high = (f"{one:.2f}".replace("-", "−") for one in (found.value, found.low, found.high))
            self.say(value, _rest(f"{low} – {high}", found.n, hint))


def _rest(interval: str, n: int, hint: str) -> str:
    return f"[{interval}]\u2002n\u00a0=\u00a0{n:,}" + (f" · {hint}" if hint else "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("figures", text)
