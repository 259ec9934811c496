"""In which state pairs are sought; or the very pairs that a figure rests on, until others are asked for."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from ui.tables.pairs_model import state_words
from ui.widgets.choices import widen_list

_SOME = "some"


class PairStates(QComboBox):
    """The pairs behind a figure stand last, as long as they are there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._some: tuple[str, ...] = ()
        for name, words in state_words().items():
            self.addItem(words, name)
        self.setAccessibleName(self.tr("Pairs in which state"))

    @property
    def asked(self) -> tuple[str, tuple[str, ...] | None]:
        """The state asked for, and the ids of the pairs it is confined to, if it is."""
        name = str(self.currentData())
        return ("all", self._some) if name == _SOME else (name, None)

    def choose_some(self, words: str, ids: tuple[str, ...]) -> None:
        """Choose some pairs, and let words say which; whoever asks for it reads them."""
        self.forget_some()
        with QSignalBlocker(self):
            self._some = ids
            self.addItem(f"{words} ({len(ids):,})", _SOME)
            widen_list(self)
            self.setCurrentIndex(self.count() - 1)

    def forget_some(self) -> None:
        """Take back the choice of some pairs: all are asked for again."""
        place, self._some = self.findData(_SOME), ()
        if place < 0:
            return
        with QSignalBlocker(self):
            if self.currentIndex() == place:
                self.setCurrentIndex(0)
            self.removeItem(place)
