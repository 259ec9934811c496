"""Whether a preference model is fit to be a reward, check by check in plain words, and a place to try it."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QSplitter, QVBoxLayout, QWidget

from ui.asker import Asker
from ui.session import Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.playground import Playground
from ui.widgets.texts import label, scrolling, set_part

#: The checks are to be read, most of them two lines long; the playground's texts are short.
_SHARES = [300, 240]


class ReadinessView(QWidget):
    """The verdict above, the playground below."""

    def __init__(self, session: Session, asker: Asker, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = label(part="heading", wrap=True)
        self.checks = QListWidget()
        self.checks.setAccessibleName(self.tr("Checks of the preference model"))
        self.checks.setWordWrap(True)
        self.checks.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.playground = Playground(session, asker, settings)
        self._below = scrolling(
            self.playground, whole_width=True
        )  # whatever it has to say, nothing lies over anything else
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.verdict)
        column.addWidget(self.checks, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(above)
        split.addWidget(self._below)
        split.setChildrenCollapsible(False)
        split.setSizes(_SHARES)
        split.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)

    def show_checks(self, run_id: str, checks: Sequence[Mapping[str, Any]]) -> None:
        """Show the checks of the model a run made; none where it has made none yet."""
        failed = [check for check in checks if not check["passed"]]
        self._below.setVisible(bool(checks))
        if not checks:
            self.verdict.setText(self.tr("It is measured at the end of its training: nothing is known yet."))
            set_part(self.verdict, "muted")
        elif failed:
            self.verdict.setText(self.tr("✕ Not ready to be a reward: see what failed"))
            set_part(self.verdict, "bad")
        else:
            self.verdict.setText(self.tr("✓ Ready to be a reward"))
            set_part(self.verdict, "good")
        self.checks.clear()
        for check in [*failed, *(check for check in checks if check["passed"])]:
            # What too little was known of did not fail, but says nothing either.
            mark = "✕" if not check["passed"] else "–" if check.get("value") is None else "✓"
            self.checks.addItem(f"{mark} {self._called(str(check['check']))}: {in_language(check['sentence'])}")
        if checks:
            self.playground.show_run(run_id)

    def _called(self, check: str) -> str:
        """Return what a check is called: those on fixed pairs by what the better side of these is like."""
        names = {
            "accuracy": self.tr("accuracy"),
            "calibration": self.tr("calibration"),
            "reviews": self.tr("reviews"),
            "length": self.tr("length"),
            "length_against": self.tr("against length"),
            "refusing": self.tr("refusing"),
            "refusing_against": self.tr("against refusing"),
        }
        return names.get(check) or in_language(check)
