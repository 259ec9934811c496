"""Light, dark, or as the system has it: one place that decides, and tells whoever paints with its own colours."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.look.colours import DARK, LIGHT, Colours
from ui.look.style import style_sheet

Choice = Literal["system", "light", "dark"]

#: Where a font does not say its size in points.
_USUAL_POINTS = 10.0
_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Theme(QObject):
    """The colours in force; changed tells that they are others now."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: Choice = "system") -> None:
        super().__init__(application)
        self._application = application
        self.choice: Choice = choice
        self.colours: Colours = LIGHT
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.choose(choice)

    @property
    def dark(self) -> bool:
        """Whether dark colours are in force."""
        return self.colours is DARK

    def choose(self, choice: Choice) -> None:
        """Take a scheme; where Qt or the desktop does not follow, our own palette does."""
        self.choice = choice
        self._application.styleHints().setColorScheme(_SCHEMES[choice])
        self._apply()

    @Slot()
    def _follow_system(self) -> None:
        if self.choice == "system":
            self._apply()

    def _apply(self) -> None:
        system = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self.colours = DARK if self.choice == "dark" or (self.choice == "system" and system) else LIGHT
        self._application.setPalette(_palette(self.colours))
        sheet = style_sheet(self.colours, self._points())
        if sheet != self._application.styleSheet():  # every widget there is would be styled anew
            self._application.setStyleSheet(sheet)
        self.changed.emit()

    def _points(self) -> float:
        size = self._application.font().pointSizeF()
        return size if size > 0 else _USUAL_POINTS  # a font may be given in pixels


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    pairs = {
        role.Window: colours.ground,
        role.WindowText: colours.text,
        role.Base: colours.paper,
        role.AlternateBase: colours.ground,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.bad,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.Mid: colours.border,
        role.Dark: colours.border,
        role.Light: colours.raised,
    }
    for name, colour in pairs.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colours.muted))
    return palette
