"""Free chat with up to three models at once, side by side, from one message and one seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from ui.asker import Asker, Inquiry
from ui.session import Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.choices import widen_list
from ui.widgets.cover import Cover, kind_asked
from ui.widgets.inspector import Facts
from ui.widgets.numbers import roomy
from ui.widgets.texts import TextView, button, label, write_named
from ui.widgets.train_button import TrainButton

if TYPE_CHECKING:
    from workbench.records.request import Ended, Piece
    from workbench.records.transcript import Message

_MOST = 3


@dataclass
class _Talk:
    """What was said with one model so far, and what is being said."""

    model: str = ""
    turns: "list[Message]" = field(default_factory=list)
    inquiry: Inquiry | None = None
    #: Why the last message got no answer.
    trouble: str = ""


class ChatPane(QWidget):
    """Each column is a model with a conversation of its own; one message goes to all of them."""

    inspect = Signal(object)

    def __init__(self, session: Session, asker: Asker, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._asker = session, asker
        self._talks = [_Talk() for _ in range(_MOST)]
        self.models = [QComboBox() for _ in range(_MOST)]
        self.views = [
            TextView(self.tr("Conversation {place}").format(place=word))
            for word in (self.tr("on the left"), self.tr("in the middle"), self.tr("on the right"))
        ]
        for view in self.views:
            view.setPlaceholderText(self.tr("What this model answers stands here. Nothing is kept."))
        self.cover = Cover(self._beside(), settings, self.tr("Show the covered conversations"))
        #: How many conversations were begun, and whether in this one a red-team prompt of the project was asked.
        self._begun, self._kind = 0, ""
        #: The last message, and whether anybody answered it.
        self._sent, self._answered = "", False
        self._offered: Sequence[tuple[str, str]] = ()
        #: The places whose model a person chose: there it stays where others come.
        self._picked: set[int] = set()
        self.line = QLineEdit()
        self.line.setAccessibleName(self.tr("Your message to the models"))
        self.line.setPlaceholderText(self.tr("Say something to all of them…"))
        self.seed = roomy(QSpinBox())
        self.seed.setAccessibleName(self.tr("Seed of the answers"))
        self.seed.setRange(0, 1_000_000)
        self.send = button(self.tr("Send"), self.tr("Send the message"), primary=True)
        self.stop = button(self.tr("Stop"), self.tr("Stop the answers"))
        self.anew = button(self.tr("Begin anew"), self.tr("Begin new conversations"))
        self.state = label(part="muted", wrap=True)
        self.train = TrainButton(session, self.tr("the chat"))
        self._lay_out()

    def show_models(self, models: Sequence[tuple[str, str]]) -> None:
        """Offer models as (title, name); where nobody chose or talked yet, the first three are chosen."""
        if models == self._offered:
            return
        self._offered = list(models)
        for place, box in enumerate(self.models):
            kept = box.currentData() if place in self._picked or self._talks[place].turns else None
            box.clear()
            box.addItem(self.tr("(nobody)"), "")
            for title, name in models:
                box.addItem(in_language(title), name)
            widen_list(box)
            found = box.findData(kept) if kept is not None else min(place + 1, len(models))
            box.setCurrentIndex(max(0, found))

    def ask(self) -> None:
        """Send what is written to every chosen model."""
        from workbench.records.transcript import Message  # noqa: PLC0415

        text = self.line.text().strip()
        chosen = [place for place, box in enumerate(self.models) if box.currentData()]
        if self._busy:
            return
        if not text or not chosen:
            self.state.setText(self.tr("Write a message first.") if chosen else self.tr("Choose a model above first."))
            self.line.setFocus()
            return
        self.line.clear()
        self._sent, self._answered = text, False
        self.train.withdraw()
        self._look(text)
        for place in chosen:
            talk, model = self._talks[place], str(self.models[place].currentData())
            if talk.model != model:
                talk.model, talk.turns = model, []
            talk.turns.append(Message("user", text))
            talk.trouble = ""
            talk.inquiry = self._ask(place, talk)
            self._show(place, "")
        self._allow()

    def leave(self) -> None:
        """Ask for no more of what is being written."""
        for talk in self._talks:
            if talk.inquiry is not None and not talk.inquiry.over:
                talk.inquiry.cancel()

    def forget(self) -> None:
        """Begin new conversations."""
        self.leave()
        self._talks = [_Talk() for _ in range(_MOST)]
        self._begun, self._kind = self._begun + 1, ""
        self.cover.look(str(self._begun), self._kind)
        for view in self.views:
            view.clear()
        self.state.clear()
        self.train.withdraw()
        self._allow()

    @property
    def _busy(self) -> bool:
        return any(talk.inquiry is not None and not talk.inquiry.over for talk in self._talks)

    def _look(self, text: str) -> None:
        """Cover the conversations where what is asked is a red-team prompt of the project; answers come after this is known."""
        begun = self._begun

        def found(kind: str) -> None:
            if kind and begun == self._begun:
                self._kind = kind
                self.cover.look(f"{begun} {text}", kind)

        self._session.ask(self.tr("Looking for a prompt"), lambda project: kind_asked(project, text), found, owner=self)

    def _beside(self) -> QWidget:
        beside = QWidget()
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        for view in self.views:
            row.addWidget(view, 1)
        return beside

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        words = (self.tr("Model on the left"), self.tr("Model in the middle"), self.tr("Model on the right"))
        for place, (box, name) in enumerate(zip(self.models, words, strict=True)):
            box.setAccessibleName(name)
            box.activated.connect(lambda _, place=place: self._picked.add(place))
            above.addWidget(box, 1)
        below.addWidget(self.line, 1)
        below.addWidget(label(self.tr("Seed")))
        below.addWidget(self.seed)
        for one in (self.send, self.stop, self.anew):
            below.addWidget(one)
        told = QHBoxLayout()
        told.addWidget(self.state, 1)
        told.addWidget(self.train)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 8, 0, 0)
        body.addLayout(above)
        body.addWidget(self.cover, 1)
        body.addLayout(told)
        body.addLayout(below)
        self.setFocusProxy(self.line)
        self.line.returnPressed.connect(self.ask)
        self.send.clicked.connect(self.ask)
        self.stop.clicked.connect(self.leave)
        self.anew.clicked.connect(self.forget)
        self._allow()

    def _ask(self, place: int, talk: _Talk) -> Inquiry:
        from workbench.project.requesting import chat_request  # noqa: PLC0415

        turns, model, seed = tuple(talk.turns), talk.model, self.seed.value()
        doing = self.tr("Asking {model}").format(model=self.models[place].currentText())
        return self._asker.ask(
            doing, lambda project: chat_request(project, turns, model, seed), partial(self._heard, place, talk)
        )

    def _heard(self, place: int, talk: _Talk, piece: "Piece") -> None:
        from workbench.records.request import Ended, Notice, TextDone, TextSoFar  # noqa: PLC0415
        from workbench.records.transcript import Message  # noqa: PLC0415

        if talk is not self._talks[place]:
            return
        if isinstance(piece, Notice):
            self.state.setText(piece.text)
        elif isinstance(piece, TextSoFar):
            self.state.setText(self.tr("Writing…"))
            self._show(place, piece.text)
        elif isinstance(piece, TextDone):
            self._answered = True
            talk.turns.append(Message("assistant", piece.text))
            self._show(place, "")
            self.inspect.emit(self._facts(piece))
        elif isinstance(piece, Ended):
            if talk.turns[-1].role == "user":  # what got no answer is not part of the conversation
                talk.turns.pop()
            talk.trouble = piece.sentence if piece.state == "refused" else ""
            self._show(place, "")
            self._ended(piece)
            self._allow()

    def _ended(self, ended: "Ended") -> None:
        if ended.untrained and self.train.isHidden():  # of several, the one on the left is trained first
            self.train.offer(ended.untrained, ended.run)
        if not self._busy:
            if not self.line.text() and not self._answered:  # nobody took it: it is not to be written again
                self.line.setText(self._sent)
            self.state.setText(self.tr("Stopped.") if ended.state == "cancelled" else "")

    def _show(self, place: int, coming: str) -> None:
        names = {"user": self.tr("You"), "assistant": self.models[place].currentText()}
        parts = [(names.get(turn.role, turn.role), turn.text) for turn in self._talks[place].turns]
        if coming:
            parts.append((names["assistant"], f"{coming} ▍"))
        if self._talks[place].trouble:
            parts.append(("", f"! {self._talks[place].trouble}"))
        view = self.views[place]
        bar = view.verticalScrollBar()
        at_end, before = bar.value() >= bar.maximum() - 4, bar.value()
        write_named(view, parts)
        bar.setValue(bar.maximum() if at_end else before)

    def _allow(self) -> None:
        busy = self._busy
        self.send.setEnabled(not busy)
        self.stop.setEnabled(busy)
        for box in self.models:
            box.setEnabled(not busy)

    def _facts(self, piece: object) -> Facts:
        from workbench.records.request import TextDone  # noqa: PLC0415

        assert isinstance(piece, TextDone)
        lines = [
            (self.tr("Model"), piece.model),
            (self.tr("Seed"), str(piece.seed)),
            (self.tr("Tokens"), f"{piece.prompt_tokens} → {piece.tokens}, {piece.finish}"),
            (self.tr("Asked exactly so"), piece.sent),
        ]
        covered = frozenset({self.tr("Asked exactly so")}) if self.cover.covered else frozenset()
        return Facts(self.tr("The last answer"), lines, covered)
