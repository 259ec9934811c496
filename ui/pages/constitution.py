"""The constitution page: the rules the project works by."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.pages.page import Page
from ui.places import Place
from ui.session import Session
from ui.widgets.texts import TextView

if TYPE_CHECKING:
    from workbench.records.constitution import ConstitutionVersion


class ConstitutionPage(Page):
    """Shows the version that was committed last."""

    def __init__(self, place: Place, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session = session
        self.text = TextView(self.tr("The committed constitution"))
        self.column.addWidget(self.text, 1)

    def refresh(self) -> None:
        """Read it again."""
        self._session.ask(self.tr("Reading the constitution"), lambda project: project.constitution, self._show)

    def _show(self, version: "ConstitutionVersion") -> None:
        self.text.setPlainText(version.yaml)
