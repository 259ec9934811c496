"""The menu bar: every action by its key, and the button of the search in the corner."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenuBar, QToolButton

from ui.actions import Actions
from ui.places import Place
from ui.widgets.texts import set_part

_DATA = ("import", "import folder", "import hub", "export")
_ELSEWHERE = ("push", "bundle", "unbundle", "replay")
#: What there must be an open project for.
OF_A_PROJECT = ("close", *_DATA, "collect", "bundle", "replay")


def fill_menus(
    bar: QMenuBar, actions: Actions, places: Sequence[Place], search: Callable[[], None], before: Callable[[], None]
) -> None:
    """Put the actions into menus; an empty key is a line between groups, and before is called as one opens."""
    themes = ("theme light", "theme dark", "theme system")
    menus: tuple[tuple[str, tuple[str, ...]], ...] = (
        (_tr("&File"), ("new", "open", "demo", "close", "", *_DATA, "", "collect", *_ELSEWHERE, "", "quit")),
        (_tr("&Edit"), ("undo", "redo", "", "palette")),
        (_tr("&Go"), tuple(f"go {place.key}" for place in places)),
        (_tr("&View"), ("inspector", "jobs", "", "next pane", "pane before", "", *themes)),
        (_tr("&Help"), ("help",)),
    )
    for title, keys in menus:
        menu = bar.addMenu(title)
        menu.aboutToShow.connect(before)
        for key in keys:
            menu.addAction(actions[key]) if key else menu.addSeparator()
    bar.setCornerWidget(_search_button(bar, search))


def _search_button(bar: QMenuBar, search: Callable[[], None]) -> QToolButton:
    made = QToolButton(bar)
    made.setText(_tr("Search or command…   Ctrl+K"))
    made.setAccessibleName(_tr("Search commands and texts"))
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the menu and Ctrl+K are how the keyboard gets there
    made.clicked.connect(search)
    set_part(made, "search")
    made.show()  # a menu bar does not show by itself what comes into its corner
    return made


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)
