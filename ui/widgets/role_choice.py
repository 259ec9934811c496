"""A list of models for a role: all there are by the names runs call them; what cannot play the role says why."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from ui.session import Session
from ui.static_words import in_language, in_words
from ui.tips import plain_tip
from ui.widgets.texts import letters
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.project import Project

#: Letters that stand beside each other in the open list, at least.
_LIST_WIDTH = 70
_LOOK_MS = 50

#: By role, each model's name, what it is called, and why it cannot play the role.
Offers = Mapping[str, "list[tuple[str, str, str]]"]


class RoleChoice(QComboBox):
    """Editable, for a folder can be named, too; empty takes what is usual, which stands there in grey."""

    def __init__(self, name: str, usual: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setAccessibleName(name)
        self.setToolTip(self.tr("A model by its name, or a model's folder; empty takes what the method would."))
        self.addItem("")
        self.show_usual(usual)

    def show_usual(self, name: str) -> None:
        """Show what is taken where nothing is chosen."""
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText(name)

    def text(self) -> str:
        """Return what is chosen or written; nothing is the usual model."""
        return self.currentText().strip()

    def setText(self, text: str) -> None:  # noqa: N802
        """Choose or write a model."""
        self.setCurrentText(text)

    def offer(self, models: "list[tuple[str, str, str]]") -> None:
        """Offer models; those that cannot play the role stand last, with the reason, and cannot be chosen."""
        kept, blocked = self.currentText(), self.blockSignals(True)
        self.clear()
        self.addItem("")
        rows = self.model()
        for name, title, reason in sorted(models, key=lambda one: bool(one[2])):
            self.addItem(f"{name}: {in_language(reason)}" if reason else name)
            place = self.count() - 1
            self.setItemData(place, plain_tip(in_language(reason) if reason else title), Qt.ItemDataRole.ToolTipRole)
            if reason and isinstance(rows, QStandardItemModel):
                rows.item(place).setEnabled(False)
        self.view().setMinimumWidth(max(letters(self, _LIST_WIDTH), self.width()))
        self.setCurrentText(kept)
        self.blockSignals(blocked)


def offer_models(session: Session, boxes: Mapping[str, RoleChoice], owner: QWidget) -> None:
    """Look for all models and offer them in the boxes, which go by their roles; owner is what the boxes stand in."""

    def have(found: Offers) -> None:
        for role, models in found.items():
            boxes[role].offer(models)

    session.ask(owner.tr("Looking for models"), partial(_offers, roles=tuple(boxes)), have, owner=owner)


def offer_models_of_machine(boxes: Mapping[str, RoleChoice], owner: QWidget, failed: Callable[[str], object]) -> None:
    """Look on a thread of its own for the models that belong to no project, where none is open, and offer them.

    failed is told, as a sentence, why none can be offered.
    """
    look = ThreadPoolExecutor(1, thread_name_prefix="models")
    found = look.submit(_offers_of_machine, tuple(boxes))
    look.shutdown(wait=False)
    timer = QTimer(owner, interval=_LOOK_MS)

    def have() -> None:
        if found.done():
            timer.stop()
            if isinstance(error := found.exception(), WorkbenchError):
                failed(in_language(error.sentence))
                return
            for role, models in found.result().items():
                boxes[role].offer(models)

    timer.timeout.connect(have)
    timer.start()


def _offers_of_machine(roles: tuple[str, ...]) -> Offers:
    from workbench.project.known_models import models_of_machine, why_not  # noqa: PLC0415

    known = models_of_machine()
    return {role: [(one.name, one.title, why_not(one, role)) for one in known] for role in roles}


def _offers(project: "Project", roles: tuple[str, ...]) -> Offers:
    from workbench.project.known_models import known_models, why_not  # noqa: PLC0415

    known = known_models(project.store)
    return {role: [(one.name, one.title, why_not(one, role)) for one in known] for role in roles}


def role_title(role: str, stage: str) -> str:
    """Return what the model of a role is called in a training: a policy where there is a reward, and else what is begun with."""
    titles = {
        "policy": in_words(role) if stage == "rl" else _tr("Starts from"),
        "chains": _tr("Chains"),
        "reward_2": _tr("Second preference model"),
        "reward_3": _tr("Third preference model"),
    }
    return titles.get(role) or in_words(role)


def role_words() -> dict[str, str]:
    """Return what the model of each role of a training does."""
    added = _tr("One more preference model, whose score counts as the setting rewards weighs it.")
    return {
        "policy": _tr("The model that is trained."),
        "reference": _tr("The model the policy is kept close to; the KL is counted from it."),
        "reward": _tr("The preference model whose score the policy is rewarded by."),
        "reward_2": added,
        "reward_3": added,
        "feedback": _tr(
            "A model asked directly which response is better, where the setting rewards gives it a weight."
        ),
        "gold": _tr(
            "A preference model that watches and rewards nothing: it tells when the reward is being exploited."
        ),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("roles", text)
