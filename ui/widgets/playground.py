"""Two texts, two scores, as one types: what a preference model makes of answers a person has in mind."""

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from ui.asker import Asker, Inquiry
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.cover import Cover
from ui.widgets.texts import button, label, set_part
from ui.widgets.train_button import TrainButton

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.comparison import Comparison
    from workbench.records.prompt import Prompt
    from workbench.records.request import ModelRequest, Piece

_WAIT_MS = 350
#: Pairs of the project that are tried in turn.
_PAIRS = 50
#: Pixels that margins and frame take above and below the lines of an editor.
_AROUND = 16


class Playground(QWidget):
    """Scores follow what is typed; only the newest question is waited for."""

    def __init__(self, session: Session, asker: Asker, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._asker = session, asker
        self._run = ""
        self._inquiry: Inquiry | None = None
        self._pairs = 0
        self.prompt = _edit(self.tr("Prompt both texts answer"), 2)
        self.texts = [_edit(self.tr("Text A"), 4), _edit(self.tr("Text B"), 4)]
        self.scores = [label(part="heading"), label(part="heading")]
        self.verdict = label(wrap=True)
        self.balance = QProgressBar()
        self.balance.setRange(0, 1000)
        self.balance.setTextVisible(False)
        self.balance.setAccessibleName(self.tr("How likely A is the better one"))
        self.cover = Cover(self._sides(), settings, self.tr("Show the covered texts of the playground"))
        self.train = TrainButton(session, self.tr("the playground"))
        self.another = button(self.tr("Another pair of the project"))
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)
        self.another.clicked.connect(self._take_pair)
        for edit in (self.prompt, *self.texts):
            edit.textChanged.connect(self._edited)
        self._build()

    def show_run(self, run_id: str) -> None:
        """Score with the model a run made."""
        if run_id != self._run:
            self._run = run_id
            self._clear()
            if not self.prompt.toPlainText():
                self._take_pair()
            else:
                self._timer.start()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        top.addWidget(label(self.tr("Playground"), "heading"))
        top.addWidget(label(self.tr("Edit a text and see its score follow."), "muted", wrap=True), 1)
        top.addWidget(self.another)
        column.addLayout(top)
        self.prompt.setMaximumHeight(self.prompt.minimumHeight())
        column.addWidget(self.prompt)
        column.addWidget(self.cover, 1)
        column.addWidget(self.balance)
        told = QHBoxLayout()
        told.addWidget(self.verdict, 1)
        told.addWidget(self.train)
        column.addLayout(told)

    def _sides(self) -> QWidget:
        sides = QWidget()
        row = QHBoxLayout(sides)
        row.setContentsMargins(0, 0, 0, 0)
        for name, edit, score in zip("AB", self.texts, self.scores, strict=True):
            side = QVBoxLayout()
            head = QHBoxLayout()
            head.addWidget(label(name, "heading"))
            head.addStretch(1)
            head.addWidget(score)
            side.addLayout(head)
            side.addWidget(edit, 1)
            row.addLayout(side)
        return sides

    def _edited(self) -> None:
        self._timer.start()

    def _clear(self) -> None:
        for score in self.scores:
            score.setText("")
        self.balance.setValue(500)
        self.verdict.setText("")
        self.train.withdraw()

    def _take_pair(self) -> None:
        self._pairs += 1
        number = self._pairs
        self._session.ask(self.tr("Reading a pair"), lambda project: _pair(project, number), self._show_pair)

    def _show_pair(self, pair: "tuple[Prompt, Comparison] | None") -> None:
        if pair is not None:
            prompt, pair_ = pair
            self.cover.look(pair_.id, prompt.kind)
            texts = (prompt.text, pair_.response_a, pair_.response_b)
            for edit, text in zip((self.prompt, *self.texts), texts, strict=True):
                edit.setPlainText(text)

    def _ask(self) -> None:
        prompt, texts, run = self.prompt.toPlainText(), [edit.toPlainText() for edit in self.texts], self._run
        if not run or not prompt.strip() or not all(text.strip() for text in texts):
            self._clear()
            return
        if self._inquiry is not None and not self._inquiry.over:
            self._inquiry.cancel()
        mine: list[Inquiry] = []

        def heard(piece: "Piece") -> None:
            if mine and mine[0] is self._inquiry:
                self._heard(piece)

        mine.append(self._asker.ask(self.tr("Scoring two texts"), _request(prompt, texts, run), heard))
        self._inquiry = mine[0]

    def _heard(self, piece: "Piece") -> None:
        from workbench.records.request import Ended, Notice, Scored  # noqa: PLC0415 - loaded with the project

        if isinstance(piece, Notice):
            self._say(piece.text)
        elif isinstance(piece, Scored):
            self.train.withdraw()
            self._show(*piece.rows[0])
        elif isinstance(piece, Ended) and piece.state == "refused":
            self._say(f"✕ {piece.sentence}", "bad")
            self.train.offer(piece.untrained, piece.run)

    def _show(self, first: float, second: float) -> None:
        for shown, score in zip(self.scores, (first, second), strict=True):
            shown.setText(f"{score:+.2f}")
        likely = 1 / (1 + math.exp(max(-60.0, min(60.0, second - first))))
        self.balance.setValue(round(1000 * likely))
        better = self.tr("A") if likely >= 0.5 else self.tr("B")
        self._say(self.tr("The model prefers {side}: P(A better) = {likely:.2f}").format(side=better, likely=likely))

    def _say(self, text: str, part: str = "") -> None:
        self.verdict.setText(text)
        set_part(self.verdict, part)


def _request(prompt: str, texts: list[str], run: str) -> Any:
    def make(project: "Project") -> "ModelRequest":
        from workbench.project.requesting import score_request  # noqa: PLC0415

        return score_request(project, prompt, texts, run)

    return make


def _pair(project: "Project", number: int) -> "tuple[Prompt, Comparison] | None":
    """Return a comparison and its prompt, another one for each number; none that somebody is to judge unswayed."""
    from workbench.project.auditing import under_audit  # noqa: PLC0415

    hidden = under_audit(project.store)
    first = project.store.comparisons.page(after=0, limit=_PAIRS + len(hidden))
    open_ = [pair for _, pair in first if pair.id not in hidden][:_PAIRS]
    if not open_:
        return None
    found = open_[number % len(open_)]
    prompts = project.store.prompts.get_many([found.prompt_id])
    return prompts[found.prompt_id], found


class _Edit(QPlainTextEdit):
    """Asks for the lines it needs: Qt asks for a dozen, and the verdict below would be out of sight."""

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), self.minimumHeight())


def _edit(name: str, lines: int) -> QPlainTextEdit:
    made = _Edit()
    made.setAccessibleName(name)
    made.setPlaceholderText(name)
    made.setTabChangesFocus(True)
    made.setMinimumHeight(lines * made.fontMetrics().lineSpacing() + _AROUND)
    return made
