"""What came of trying a principle: one response, and its critique and revision in each wording, side by side."""

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.look.theme import Theme
from ui.widgets.growing_text import GrowingText
from ui.widgets.inspector import Facts
from ui.widgets.texts import label

_SOURCES = ("committed", "draft")
_STEPS = ("critique", "revision")


class TryResult(QWidget):
    """Five texts that grow as they are written; a wording that was not edited stands alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.initial = GrowingText(self.tr("Initial response"), theme)
        titles = {"committed": self.tr("As committed"), "draft": self.tr("As edited")}
        self._steps = steps = {"critique": self.tr("Critique"), "revision": self.tr("Revision")}
        self.texts = {
            f"{source}/{step}": GrowingText(f"{titles[source]}: {steps[step]}", theme)
            for source in _SOURCES
            for step in _STEPS
        }
        self.headings = {source: label(titles[source], "heading") for source in _SOURCES}
        self._names = {"initial": self.tr("Initial response")} | {
            part: view.accessibleName() for part, view in self.texts.items()
        }
        self._sent: dict[str, tuple[str, str]] = {}
        self._columns: dict[str, QWidget] = {}
        self._texts_of: dict[str, QBoxLayout] = {}
        self._lay_out(steps)
        self.show_wordings(())

    def begin(self, initial: str = "") -> None:
        """Make room for a new trial; initial is a response it begins from."""
        self._sent = {}
        self.initial.begin(self.tr("waiting…"))
        for part, view in self.texts.items():
            view.begin(self.tr("{step}: waiting…").format(step=self._steps[part.partition("/")[2]]))
        if initial:
            self.initial.grow(initial)

    def show_wordings(self, sources: Sequence[str]) -> None:
        """Show the wordings that are tried: committed and draft where they differ, else the one there is; none yet at first."""
        for source, column in self._columns.items():
            column.setVisible(source in (sources or _SOURCES[:1]))
        # One wording has the width of two: what one reads in turn stands in a row, as high as there is room.
        beside = QBoxLayout.Direction.LeftToRight if len(sources) < len(_SOURCES) else QBoxLayout.Direction.TopToBottom
        for texts in self._texts_of.values():
            texts.setDirection(beside)
        self._row.setStretch(1, len(_STEPS) if len(sources) < len(_SOURCES) else 1)
        headings = (
            self.tr("As it stands"),
            self.tr("As it stands: neither request was edited"),
            self.tr("As committed"),
        )
        self.headings["committed"].setText(headings[len(sources)])

    def grow(self, part: str, text: str) -> None:
        """Show a part as far as it is written."""
        self._view(part).grow(text)

    def finish(self, part: str, text: str, sent: str, facts: str, mark: bool) -> None:
        """Show a part that is written, and keep what was sent for it."""
        self.grow(part, text)
        self._sent[part] = (sent, facts)
        self._view(part).begin_reading()  # before changes are marked, which makes a text longer
        if mark:
            self.mark_changes(True)

    def settle(self) -> None:
        """Say no more that texts are waited for."""
        self.initial.setPlaceholderText("")
        for part, view in self.texts.items():
            view.setPlaceholderText(self._steps[part.partition("/")[2]])

    def mark_changes(self, on: bool) -> None:
        """Mark in each revision that is written what it changed in the response, or show it clean."""
        for source in _SOURCES:
            part = f"{source}/revision"
            view = self.texts[part]
            if part not in self._sent:
                continue
            view.mark_against(self.initial.whole) if on else view.grow(view.whole)

    def sent(self, covered: bool = False) -> Facts:
        """Return the prompts exactly as they were sent; covered where they are not to be seen yet."""
        lines = [(f"{self._names[part]} · {facts}", sent) for part, (sent, facts) in self._sent.items()]
        return Facts(
            self.tr("Exactly as sent"),
            lines or [("", self.tr("Nothing was sent yet."))],
            frozenset(name for name, _ in lines if covered),
        )

    def _view(self, part: str) -> GrowingText:
        return self.initial if part == "initial" else self.texts[part]

    def _lay_out(self, steps: dict[str, str]) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        first = QVBoxLayout()
        first.setSpacing(4)
        first.addWidget(label(self.tr("Initial response"), "heading"))
        first.addWidget(self.initial, 1)
        row.addLayout(first, 1)
        for source in _SOURCES:
            side = QWidget()
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(self.headings[source])
            texts = self._texts_of[source] = QBoxLayout(QBoxLayout.Direction.TopToBottom)
            for step in _STEPS:
                view = self.texts[f"{source}/{step}"]
                view.setMinimumHeight(view.fontMetrics().lineSpacing() * 2 + 14)
                view.setPlaceholderText(steps[step])
                texts.addWidget(view, 1)
            column.addLayout(texts, 1)
            self._columns[source] = side
            row.addWidget(side, 1)
