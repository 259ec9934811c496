"""Tabs that say to those who listen what they are and what they choose between."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget


def tabbed(name: str, choice: str, *tabs: tuple[QWidget, str]) -> QTabWidget:
    """Return tabs of these widgets under these titles; name is what they show, choice what their bar chooses between."""
    made = QTabWidget()
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the bar takes the keyboard: Tab would come to it from two places
    made.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt hands it the policy set on the whole
    made.setAccessibleName(name)
    made.tabBar().setAccessibleName(choice)
    for widget, title in tabs:
        made.addTab(widget, title)
    return made


def show_tab(tabs: QTabWidget, place: int, visible: bool) -> None:
    """Show or hide a tab; Qt leaves the room of one that is hidden while nobody sees the bar, until a tab's text is set."""
    if tabs.isTabVisible(place) != visible:
        tabs.setTabVisible(place, visible)
        tabs.setTabText(place, tabs.tabText(place))


def turn_to(tabs: QTabWidget, view: QWidget) -> None:
    """Show a tab, and give the keyboard to what one begins with there, where it says so by its focus proxy."""
    tabs.setCurrentWidget(view)
    if view.focusProxy() is not None:
        view.setFocus()
