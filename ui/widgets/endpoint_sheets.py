"""Sheets for an endpoint that was added: a new key for it, and its removal, which may take the key along."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.widgets.command_sheet import CommandSheet
from ui.widgets.texts import button, label
from workbench.records.endpoint import Endpoint, key_variable, origin_of


class EndpointSheet(CommandSheet):
    """Says what it is about, and has one command done; closes when that went well."""

    #: What the command said when it was done.
    changed = Signal(str)

    def __init__(self, endpoint: Endpoint, title: str, act: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.endpoint = endpoint
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self.act = act
        self.cancel = button(self.tr("Cancel"), self.tr("Close without a change"))
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self, words: str, field: QWidget) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(10)
        column.addWidget(label(self.windowTitle(), "heading"))
        column.addWidget(label(words, "muted", wrap=True))
        column.addWidget(field)
        column.addWidget(self.says)
        self.says.hide()
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.act)
        column.addLayout(foot)

    def _do(self, words: list[str], stdin: str = "") -> None:
        self.act.setEnabled(False)
        self._commands.run(["models", *words], self._have_done, stdin)

    def _have_done(self, good: bool, said: str) -> None:
        self.act.setEnabled(True)
        if good:
            self.changed.emit(said)
            self.accept()
        else:
            self._tell(said or self.tr("It ended without a word."), bad=True)

    def _tell(self, text: str, bad: bool = False) -> None:
        """Say how it goes, with room for what is said: nothing else gives way to it."""
        super()._tell(text, bad)
        self.says.show()
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))


class KeySheet(EndpointSheet):
    """Takes a key, which goes to the keyring alone, in the place of the one before, once the endpoint took it."""

    def __init__(self, endpoint: Endpoint, parent: QWidget | None = None) -> None:
        self.key = QLineEdit()
        self.untested = QCheckBox()
        super().__init__(endpoint, "", button("", primary=True), parent)
        self.setWindowTitle(self.tr("Key for {name}").format(name=endpoint.name))
        self.act.setText(self.tr("Keep"))
        self.act.setAccessibleName(self.tr("Keep the key in the keyring"))
        self.act.setDefault(True)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setAccessibleName(self.tr("New key of the endpoint"))
        self.untested.setText(self.tr("Keep it without asking the server, which may be off"))
        self.untested.setAccessibleName(self.untested.text())
        words = self.tr(
            "The server is asked with it; if it takes it, the key is kept in the system's keyring in the place of the one "
            "before, and sent to {places} alone. Where a machine has no keyring, the environment variable {variable} holds it."
        )
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.key)
        column.addWidget(self.untested)
        self._lay_out(words.format(places=_places(endpoint), variable=key_variable(endpoint.urls[0])), fields)
        self.key.textChanged.connect(self._allow)
        self.act.clicked.connect(self._keep)
        self._allow()
        self.key.setFocus()

    def _allow(self) -> None:
        self.act.setEnabled(bool(self.key.text().strip()))

    def _keep(self) -> None:
        untested = ["--untested"] if self.untested.isChecked() else []
        if not untested:
            self._tell(self.tr("Asking the server whether it takes the key …"))
        self._do(["key", self.endpoint.name, "--from-stdin", *untested], self.key.text())


class RemoveSheet(EndpointSheet):
    """Asks before an endpoint goes, and whether its key goes, too."""

    def __init__(self, endpoint: Endpoint, sharing: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(endpoint, "", button("", primary=True), parent)
        self.setWindowTitle(self.tr("Remove {name}").format(name=endpoint.name))
        self.act.setText(self.tr("Remove"))
        self.act.setAccessibleName(self.tr("Remove this endpoint"))
        self.act.setDefault(True)
        self.forget = QCheckBox(self.tr("Take its key out of the keyring, too"))
        self.forget.setAccessibleName(self.forget.text())
        words = self.tr("Runs that used it keep their results; a run that goes on with it needs it again.")
        if sharing:
            words += " " + self.tr("Its key is also used by {others}, which asks the same place.").format(
                others=", ".join(sharing)
            )
        self._lay_out(words, self.forget)
        self.act.clicked.connect(self._remove)

    def _remove(self) -> None:
        forget = ["--forget-key"] if self.forget.isChecked() else []
        self._do(["remove", self.endpoint.name, *forget])


def sharing(endpoint: Endpoint, others: Sequence[Endpoint]) -> tuple[str, ...]:
    """Return the names of the other endpoints that a key of this one is sent to."""
    mine = {origin_of(url) for url in endpoint.urls}
    return tuple(
        other.name for other in others if other.name != endpoint.name and mine & {origin_of(url) for url in other.urls}
    )


def _places(endpoint: Endpoint) -> str:
    return ", ".join(dict.fromkeys(origin_of(url) for url in endpoint.urls))
