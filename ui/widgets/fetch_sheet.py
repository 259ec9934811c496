"""The sheet that fetches from the hub: an id and a revision, bytes as they come, and what stands in the way in a sentence."""

import json
from typing import Any, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QProgressBar, QWidget

from ui.widgets.command_sheet import CommandSheet
from ui.widgets.texts import beside, button, label, letters

#: The bar counts in so many parts, since bytes do not fit its numbers.
_PARTS = 1000


class FetchSheet(CommandSheet):
    """A process fetches, the window only waits; what has come stays, and the next try goes on from there."""

    #: What the command told of what it fetched.
    fetched = Signal(object)

    def __init__(self, kind: Literal["models", "data"], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self.setWindowTitle(self.tr("Fetch a data set from the hub") if self._data else self.tr("Fetch from the hub"))
        self.setMinimumWidth(letters(self, 93))
        self.id, self.revision, self.bar = QLineEdit(), QLineEdit(), QProgressBar()
        self.fetch = button(self.tr("Fetch"), self.tr("Fetch it from the hub"), primary=True)
        self.cancel = button(self.tr("Cancel"), self.tr("Close without fetching; what has come is kept"))
        self._lay_out()
        self.fetch.clicked.connect(self._begin)
        self.cancel.clicked.connect(self.reject)

    @property
    def _data(self) -> bool:
        return self._kind == "data"

    def _lay_out(self) -> None:
        self.id.setAccessibleName(self.tr("Id on the hub"))
        self.id.setPlaceholderText(self.tr("owner/name, or owner/name/folder") if self._data else self.tr("owner/name"))
        self.revision.setAccessibleName(self.tr("Branch, tag or commit"))
        self.revision.setPlaceholderText("main")
        self.bar.setAccessibleName(self.tr("How much has come"))
        self.bar.setRange(0, _PARTS)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.fetch.setDefault(True)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.fetch)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        form.setVerticalSpacing(10)
        form.addRow(label(self._purpose(), "muted", wrap=True))
        form.addRow(beside(self.tr("Id"), self.id), self.id)
        form.addRow(beside(self.tr("Revision"), self.revision), self.revision)
        form.addRow(self.bar)
        form.addRow(self.says)
        form.addRow(foot)
        # As high as it needs to be at its width: Qt reckons with lines as short as they could be.
        self.resize(self.minimumWidth(), form.heightForWidth(self.minimumWidth()))

    def _purpose(self) -> str:
        if self._data:
            return self.tr(
                "Its files of rows are fetched into the hub's cache on this machine, and its commit is kept, so that the same "
                "rows are there next time. Nothing is imported before you have seen it; code of a data set is never run."
            )
        return self.tr(
            "Only weights in safetensors are fetched, and what belongs to them; the commit is kept. A fetch that is broken off "
            "goes on where it was."
        )

    def _begin(self) -> None:
        named, revision = self.id.text().strip(), self.revision.text().strip()
        if not named:
            self._tell(self.tr("Say what is to be fetched, for example owner/name."), bad=True)
            return
        words = [self._kind, "get", "--progress", "--json", "--"]
        if self._data:
            words.append(f"{named}@{revision}" if revision else named)
        else:
            words[3:3] = ["--revision", revision] if revision else []
            words.append(named)
        self._allow(False)
        self._tell(self.tr("Asking the hub for {name} …").format(name=named))
        self._commands.run(words, self._ended, heard=self._heard)

    def _heard(self, line: str) -> None:
        done, _, total = line.partition(" ")
        if not (done.isdigit() and total.isdigit()):
            return
        self.bar.show()
        self.bar.setValue(_PARTS * int(done) // max(1, int(total)))
        said = self.tr("{done} of {total} MB")
        self._tell(said.format(done=f"{int(done) / 1e6:,.1f}", total=f"{int(total) / 1e6:,.1f}"))

    def _ended(self, good: bool, said: str) -> None:
        self._allow(True)
        if not good:
            self._tell(said or self.tr("The fetch ended without a word."), bad=True)
            self.id.setFocus()
            return
        told: dict[str, Any] = json.loads(said)
        self.fetched.emit(told)
        self.accept()

    def _allow(self, on: bool) -> None:
        for one in (self.id, self.revision, self.fetch):
            one.setEnabled(on)
        self.bar.setVisible(self.bar.isVisible() and not on)
