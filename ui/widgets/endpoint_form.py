"""The form for a new endpoint: where it is, what it is to be called, and its key, which goes to the keyring alone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.numbers import roomy
from ui.widgets.texts import beside, button, label, letters, set_part
from workbench.records.endpoint import Endpoint

_USUAL = (Endpoint.concurrency, round(Endpoint.seconds), Endpoint.votes)


class EndpointForm(QFrame):
    """Asks for an endpoint; wanted tells the words of the command that tests and adds it, and the key apart from them."""

    wanted = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.setMaximumWidth(letters(self, 134))
        self.name, self.urls, self.model, self.key = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.urls.setPlaceholderText("http://127.0.0.1:8000/v1")
        self.concurrency = _number(1, 512)
        self.seconds = _number(1, 86_400, self.tr(" s"))
        self.votes = _number(1, 99)
        self.plain_http = QCheckBox(self.tr("Send texts unencrypted over the network if the address is plain http"))
        self.test = button(self.tr("Test and add"), self.tr("Test the endpoint and add it"), primary=True)
        self.cancel = button(self.tr("Cancel"), self.tr("Close the form for an endpoint"))
        self.says = label(part="muted", wrap=True)
        self._build()
        self.test.clicked.connect(self._ask)
        for field in (self.name, self.urls, self.model, self.key):
            field.returnPressed.connect(self._ask)

    def _build(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        for text, hint, field in (
            (self.tr("Name"), self.tr("what runs call it: small letters, digits, dashes"), self.name),
            (
                self.tr("Addresses"),
                self.tr("one, or several servers of the same model, separated by spaces"),
                self.urls,
            ),
            (self.tr("Model"), self.tr("the first the server lists if left empty"), self.model),
            (
                self.tr("Key"),
                self.tr("kept in the system's keyring once the server took it, sent to this address alone"),
                self.key,
            ),
        ):
            field.setAccessibleName(self.tr("{what} of the endpoint").format(what=text))
            field.setAccessibleDescription(hint)
            field.setToolTip(hint)
            if not field.placeholderText():
                field.setPlaceholderText(hint)
            form.addRow(beside(text, field), field)
        form.addRow("", self.plain_http)
        form.addRow(beside(self.tr("Limits"), self.seconds), self._limits())
        row = QHBoxLayout()
        row.addWidget(self.test)
        row.addWidget(self.cancel)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(label(self.tr("New endpoint"), "heading"))
        column.addLayout(form)
        column.addWidget(self.says)
        column.addLayout(row)

    def _limits(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for text, hint, field in (
            (self.tr("Requests at once"), self.tr("under way at the same time, for each address"), self.concurrency),
            (self.tr("Longest wait"), self.tr("for one answer, all tries together; then the run stops"), self.seconds),
            (
                self.tr("Votes"),
                self.tr("answers drawn for a label where the server returns no log-probabilities"),
                self.votes,
            ),
        ):
            field.setAccessibleName(self.tr("{what} of the endpoint").format(what=text))
            field.setAccessibleDescription(hint)
            field.setToolTip(hint)
            row.addWidget(label(text, "muted"))
            row.addWidget(field)
            row.addSpacing(12)
        row.addStretch(1)
        return row

    def begin(self) -> None:
        """Show the form empty."""
        for field in (self.name, self.urls, self.model, self.key):
            field.clear()
        for number, usual in zip(self._numbers(), _USUAL, strict=True):
            number.setValue(usual)
        self.plain_http.setChecked(False)
        self.tell("", busy=False)
        self.show()
        self.name.setFocus()

    def tell(self, text: str, busy: bool, bad: bool = False) -> None:
        """Say how far the test is, or what stands in the way."""
        self.says.setText(text)
        set_part(self.says, "bad" if bad else "muted")
        self.says.setVisible(bool(text))
        self.test.setEnabled(not busy)

    def _numbers(self) -> tuple[QSpinBox, QSpinBox, QSpinBox]:
        return self.concurrency, self.seconds, self.votes

    def _ask(self) -> None:
        if not self.test.isEnabled():
            return
        words = ["add", self.name.text().strip(), *self.urls.text().split()]
        if len(words) < 3 or not words[1]:
            self.tell(self.tr("Give the endpoint a name and an address."), busy=False, bad=True)
            return
        if self.model.text().strip():
            words += ["--model", self.model.text().strip()]
        for option, number in zip(("--concurrency", "--seconds", "--votes"), self._numbers(), strict=True):
            words += [option, str(number.value())]
        words += ["--plain-http"] if self.plain_http.isChecked() else []
        words += ["--key-from-stdin"] if self.key.text() else []
        self.tell(self.tr("Asking the server what it can do …"), busy=True)
        self.wanted.emit(words, self.key.text())


def _number(least: int, most: int, unit: str = "") -> QSpinBox:
    made = roomy(QSpinBox())
    made.setRange(least, most)
    made.setSuffix(unit)
    made.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    return made
