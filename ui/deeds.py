"""What pages can be told to do from the command palette: by words, with their keys, or why it cannot be done now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton

from ui.places import need_sentence
from ui.session import Session


@dataclass(frozen=True)
class Deed:
    """One thing a page does."""

    text: str
    do: Callable[[], object]
    #: Why it cannot be done now; empty where it can.
    why_not: str = ""
    #: The page's own key for it.
    keys: str = ""


def of_button(text: str, pressed: QAbstractButton, keys: str = "", first: Callable[[], object] | None = None) -> Deed:
    """Return what a button does, allowed as the button is; first brings into view what it belongs to."""

    def do() -> None:
        if first is not None:
            first()
        pressed.click()

    reason = "" if pressed.isEnabled() else pressed.toolTip() or _tr("Not now: look at its page for what is missing.")
    return Deed(text, do, reason, keys)


def of_stage(text: str, do: Callable[[], object], session: Session, stage: str) -> Deed:
    """Return what starts or sets up a stage, allowed as soon as it has what it needs."""
    overview = session.overview
    lacks = overview.lacks(stage) if overview is not None else ()
    return Deed(text, do, " ".join(map(need_sentence, lacks)))


class Offered(QObject):
    """All that the palette lists: the frame's actions, then what each page does."""

    def __init__(
        self,
        session: Session,
        actions: Iterable[QAction],
        deeds: Callable[[], Iterable[tuple[str, Deed]]],
        show: Callable[[str], None],
    ) -> None:
        """Deeds yields each with the key of its place; show goes to that place before it is done."""
        super().__init__(session)
        self._session, self._of_frame, self._deeds, self._show = session, actions, deeds, show
        self._actions: dict[tuple[str, str], QAction] = {}
        self._does: dict[tuple[str, str], Callable[[], object]] = {}

    def __iter__(self) -> Iterator[QAction]:
        yield from self._of_frame
        closed = "" if self._session.folder is not None else _tr("Open a project first.")
        for place, deed in self._deeds():
            yield self._action(place, deed, closed or deed.why_not)

    def _action(self, place: str, deed: Deed, why_not: str) -> QAction:
        key = (place, deed.text)
        if key not in self._actions:
            made = self._actions[key] = QAction(deed.text, self)
            made.triggered.connect(lambda _=False: self._done(key))
        action = self._actions[key]
        self._does[key] = deed.do
        action.setShortcut(
            QKeySequence(deed.keys)
        )  # only told: the page's own shortcut does it, for this is on no widget
        action.setEnabled(not why_not)
        action.setToolTip(why_not or deed.text)
        return action

    def _done(self, key: tuple[str, str]) -> None:
        self._show(key[0])
        self._does[key]()


def _tr(text: str) -> str:
    return QCoreApplication.translate("deeds", text)
