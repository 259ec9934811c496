"""The sheet that puts an exported folder on the hub: first what would be sent, and only then, on a click, the sending."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from ui.widgets.command_sheet import CommandSheet
from ui.widgets.file_dialogs import ask_for_folder
from ui.widgets.texts import TextView, beside, button


class PushSheet(CommandSheet):
    """What was shown is what is sent: after a change of any field it is to be shown anew."""

    #: What to say when it was sent.
    told = Signal(str)

    def __init__(self, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Put an export on the hub"))
        self.resize(640, 460)
        self.folder, self.repository = QLineEdit(str(folder or "")), QLineEdit()
        self.public = QCheckBox(self.tr("Let everybody see it"))
        self.public.setAccessibleName(self.tr("Let everybody see the repository; it is private otherwise"))
        self.files = TextView(self.tr("Files that would be sent, with their bytes"))
        self.show_ = button(self.tr("Show what would be sent"), self.tr("List what would be sent; nothing is sent"))
        self.send = button(self.tr("Send"), self.tr("Send what is listed to the hub"), primary=True)
        self.cancel = button(self.tr("Cancel"), self.tr("Close without sending"))
        self._lay_out()
        self._connect()
        self._forget()

    def _lay_out(self) -> None:
        self.folder.setAccessibleName(self.tr("Folder of an export"))
        self.repository.setAccessibleName(self.tr("Repository on the hub"))
        self.repository.setPlaceholderText(self.tr("owner/name"))
        self.choose = button(self.tr("Choose…"), self.tr("Choose the folder of an export"))
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.folder, 1)
        where.addWidget(self.choose)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.show_)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.send)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        form.setVerticalSpacing(10)
        form.addRow(beside(self.tr("Folder"), self.choose), where)
        form.addRow(beside(self.tr("Repository"), self.repository), self.repository)
        form.addRow("", self.public)
        form.addRow(self.files)
        form.addRow(self.says)
        form.addRow(foot)

    def _connect(self) -> None:
        for field in (self.folder, self.repository):
            field.textChanged.connect(self._forget)
        self.public.toggled.connect(self._forget)
        self.choose.clicked.connect(self._choose)
        self.show_.clicked.connect(lambda: self._ask(self._have_planned))
        self.send.clicked.connect(lambda: self._ask(self._have_sent, "--send"))
        self.cancel.clicked.connect(self.reject)

    def _choose(self) -> None:
        title = self.tr("Which export is to be put on the hub?")
        ask_for_folder(self, title, lambda folder: self.folder.setText(str(folder)), self.folder.text())

    def _forget(self) -> None:
        """Nothing can be sent before it was shown."""
        self.files.clear()
        self.send.setEnabled(False)
        self._tell(
            self.tr("A repository is private unless you say otherwise. Nothing is sent before you have seen what.")
        )

    def _ask(self, then: Any, *more: str) -> None:
        self._allow(False)
        words = ["push", "--json", *more, *(["--public"] if self.public.isChecked() else []), "--"]
        self._tell(self.tr("Sending …") if more else self.tr("Looking …"))
        self._commands.run([*words, self.folder.text().strip(), self.repository.text().strip()], then)

    def _have_planned(self, good: bool, said: str) -> None:
        self._allow(True)
        if not good:
            self._tell(said, bad=True)
            return
        plan = json.loads(said)
        self.files.setPlainText("\n".join(f"{size:>15,}  {name}" for name, size in plan["files"].items()))
        self._tell(self._words(plan))
        self.send.setEnabled(True)
        self.send.setFocus()

    def _words(self, plan: dict[str, Any]) -> str:
        kind = self.tr("model") if plan["kind"] == "model" else self.tr("data set")
        seen = self.tr("private") if plan["private"] else self.tr("PUBLIC")
        words = self.tr(
            "{count} files, {bytes} bytes, would be sent to the {seen} {kind} {repository}. Nothing was sent."
        )
        return words.format(
            count=len(plan["files"]), bytes=f"{plan['bytes']:,}", seen=seen, kind=kind, repository=plan["repository"]
        )

    def _have_sent(self, good: bool, said: str) -> None:
        self._allow(True)
        if not good:
            self._tell(said, bad=True)
            self.send.setEnabled(True)
            return
        self.told.emit(self.tr("Sent to {repository}.").format(repository=json.loads(said)["repository"]))
        self.accept()

    def _allow(self, on: bool) -> None:
        for one in (self.folder, self.repository, self.public, self.choose, self.show_):
            one.setEnabled(on)
        self.send.setEnabled(False)
