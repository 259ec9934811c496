"""Try it now: a prompt and the principle at hand, answered, criticised and revised while one watches."""

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.asker import Asker, Inquiry
from ui.look.theme import Theme
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.cover import Cover, kind_asked
from ui.widgets.role_choice import RoleChoice, offer_models
from ui.widgets.texts import button, label, set_part
from ui.widgets.train_button import TrainButton
from ui.widgets.try_result import TryResult

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.request import Ended, ModelRequest, Piece, TextDone, TryRequest

#: After so long without a word a person wonders what goes on.
_SLOW_MS = 2500


class TryPanel(QWidget):
    """Each trial takes the draft as it is saved by then; the same prompt and draw begins from the same response."""

    #: The person wants to try; whoever knows the principle calls begin.
    wanted = Signal()
    #: Facts for the inspector.
    inspect = Signal(object)
    #: Two wordings are tried beside each other, which takes twice the height.
    compares = Signal()

    def __init__(
        self, session: Session, asker: Asker, theme: Theme, settings: UserSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._asker, self._settings = session, asker, settings
        self._inquiry: Inquiry | None = None
        #: Prompt, seed and model of the response that is shown, so that the next trial can begin from it.
        self._initial_of: tuple[str, int, str] | None = None
        self._seed = 0
        self._trials = 0
        #: What lasts of this trial: that it is outside the model's world, that examples are left out.
        self._remarks: list[str] = []
        self.response = RoleChoice(self.tr("Model that responds"), self.tr("Model: as in chains"))
        self.critic = RoleChoice(self.tr("Model that criticises and revises"), self.tr("Critic: the same"))
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText(self.tr("A prompt to try the principle on"))
        self.prompt.setAccessibleName(self.tr("Prompt to try the principle on"))
        self.another = button(self.tr("From the project"), self.tr("Take a prompt of the project, another each time"))
        self.go = button(self.tr("Try it"), self.tr("Try the principle on the prompt"), primary=True)
        self.go.setToolTip(self.tr("Ctrl+Enter, wherever you are on this page"))
        self.redraw = button(self.tr("Draw anew"), self.tr("Try again with another draw of the response"))
        self.stop = button(self.tr("Stop"), self.tr("Stop writing"))
        # One stands in the place of the other: nothing moves below a pointer that clicks twice.
        for one, other in ((self.stop, self.redraw), (self.redraw, self.stop)):
            one.setMinimumWidth(other.sizeHint().width())
        self.marks = QCheckBox(self.tr("Mark changes"))
        self.marks.setAccessibleName(self.tr("Mark what the revisions changed in the response"))
        self.marks.setChecked(True)
        self.sent = button(self.tr("As sent"), self.tr("Show the prompts exactly as sent in the inspector"))
        self._purpose = self.tr("Ctrl+Enter writes a response, then a critique and a revision by this principle.")
        self.word = label(self._purpose, "muted", wrap=True)
        self.train = TrainButton(session, self.tr("the trial"))
        self._warm = False
        self._slow = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self.result = TryResult(theme)
        self.cover = Cover(self.result, settings, self.tr("Show the covered texts of the trial"))
        self._lay_out()
        self._connect()
        self._show_going(False)

    def begin(self, principle_id: str) -> None:
        """Try a principle on the prompt, or on one of the project's; what was under way is broken off."""
        if not self.prompt.text().strip():
            self._take_another(then=lambda: self.begin(principle_id))
            return
        if self._inquiry is not None:
            self._inquiry.cancel()
        key, critic = (self.prompt.text().strip(), self._seed, self.response.text()), self.critic.text()
        initial = self.result.initial.whole if key == self._initial_of else ""
        self._initial_of = None
        self._remarks.clear()
        self.train.withdraw()
        self._say(self.tr("Asking the model…"))
        self._slow.start()
        self.result.begin(initial)
        self._trials += 1
        trial = self._trials
        self._look(key[0])
        self._inquiry = self._asker.ask(
            self.tr("Trying {principle}").format(principle=principle_id),
            lambda project: _request(project, key, critic, initial, principle_id),
            lambda piece: self._hear(piece, key) if trial == self._trials else None,
            lambda request: self._begun(request) if trial == self._trials else None,
        )
        self._show_going(True)

    def _look(self, text: str) -> None:
        """Cover what is written to a red-team prompt of the project; answers come after this is known."""
        trial = self._trials

        def found(kind: str) -> None:
            if trial == self._trials:
                self.cover.look(text, kind)

        self._session.ask(self.tr("Looking for a prompt"), lambda project: kind_asked(project, text), found, owner=self)

    def warm_up(self) -> None:
        """Have the process that answers at hand before it is asked."""
        if self._session.folder is not None and not self._warm:
            self._warm = True
            self._asker.warm_up()

    def refresh(self) -> None:
        """Offer the models the project knows now."""
        offer_models(self._session, {"response": self.response, "critic": self.critic}, self)

    def forget(self) -> None:
        """Begin anew, with another project."""
        if self._inquiry is not None:
            self._inquiry.cancel()
        self._inquiry, self._initial_of, self._seed, self._warm = None, None, 0, False
        self._trials += 1
        self.prompt.clear()
        self.cover.look("", "")
        self.result.begin()
        self.result.settle()
        self.result.show_wordings(())
        self._remarks.clear()
        self.train.withdraw()
        self._say(self._purpose)
        self._show_going(False)
        folder = self._session.folder
        for role, box in (("response", self.response), ("critic", self.critic)):
            box.setText(self._settings.tried_with(folder, role) if folder is not None else "")

    def _begun(self, request: "ModelRequest") -> None:
        from workbench.records.request import TryRequest  # noqa: PLC0415

        if isinstance(request, TryRequest):
            self.result.show_wordings([wording.name for wording in request.wordings])
            if len(request.wordings) > 1:
                self.compares.emit()

    def _hear(self, piece: "Piece", key: tuple[str, int, str]) -> None:
        from workbench.records.request import Ended, Notice, TextDone, TextSoFar  # noqa: PLC0415

        if not isinstance(piece, Notice):
            self._slow.stop()
        if isinstance(piece, Notice):
            self._remark_on(piece.text) if piece.lasting else self._say(piece.text)
        elif isinstance(piece, TextSoFar):
            self._say(self.tr("Writing…"))
            self.result.grow(piece.part, piece.text)
        elif isinstance(piece, TextDone):
            self.result.finish(piece.part, piece.text, piece.sent, self._facts(piece), self.marks.isChecked())
            if piece.part == "initial":
                self._initial_of = key
        elif isinstance(piece, Ended):
            self._end(piece, key)

    def _end(self, ended: "Ended", key: tuple[str, int, str]) -> None:
        self._inquiry = None
        self._show_going(False)
        self.result.settle()
        if ended.state == "refused":
            self._say(ended.sentence, "bad")
            self.train.offer(ended.untrained, ended.run)
        elif ended.state == "cancelled":
            self._say(self.tr("Stopped."))
        else:
            self._initial_of = key
            self._say(self.tr("Done in {seconds:.1f} s.").format(seconds=ended.seconds))
        self._tell_sent()

    def _tell_sent(self) -> None:
        """Tell what was sent, of which the texts before it are a part."""
        self.inspect.emit(self.result.sent(self.cover.covered))

    def _facts(self, piece: "TextDone") -> str:
        return self.tr("{model}: {sent} tokens sent, {written} written, seed {seed}").format(
            model=piece.model, sent=piece.prompt_tokens, written=piece.tokens, seed=piece.seed
        )

    def _say(self, text: str, part: str = "muted") -> None:
        """Say how it goes; what was remarked on this trial stands behind it."""
        if part == "bad":
            self.word.setText(f"✕ {text}")
        elif self._remarks:
            self.word.setText("  ! ".join((text, *self._remarks)).strip())
        else:
            self.word.setText(text)
        set_part(self.word, "warning" if self._remarks and part == "muted" else part)

    def _remark_on(self, text: str) -> None:
        """Take a remark that stays until the next trial."""
        self._remarks.append(text)
        self._say("")

    def _say_why_slow(self) -> None:
        self._say(
            self.tr(
                "The model's process is starting. The first time on a machine it also measures what that does best, which "
                "takes about half a minute; later trials begin at once."
            )
        )

    def _keep(self, role: str, box: RoleChoice, _: object = None) -> None:
        folder = self._session.folder
        if folder is not None and box.text() != self._settings.tried_with(folder, role):
            self._settings.try_with(folder, role, box.text())
            self.warm_up()

    def _show_going(self, going: bool) -> None:
        self.stop.setVisible(going)
        self.redraw.setVisible(not going)

    def _draw_anew(self) -> None:
        self._seed += 1
        self.wanted.emit()

    def _take_another(self, then: Callable[[], None] = lambda: None) -> None:
        place = random.random()

        def take(text: str) -> None:
            if text:
                self.prompt.setText(text)
                self.prompt.setCursorPosition(0)
                then()
            else:
                self.prompt.setFocus()
                self._say(self.tr("There is no prompt yet: write one here, or import some into the project."), "bad")

        self._session.ask(self.tr("Choosing a prompt"), lambda project: _any_prompt(project, place), take)

    def _connect(self) -> None:
        self.go.clicked.connect(self.wanted.emit)
        self.prompt.returnPressed.connect(self.wanted.emit)
        self.prompt.textEdited.connect(lambda _: self.warm_up())
        self._slow.timeout.connect(self._say_why_slow)
        for role, box in (("response", self.response), ("critic", self.critic)):
            box.activated.connect(partial(self._keep, role, box))
            line = box.lineEdit()
            if line is not None:
                line.editingFinished.connect(partial(self._keep, role, box))
        self.another.clicked.connect(lambda _: self._take_another())
        self.redraw.clicked.connect(self._draw_anew)
        self.stop.clicked.connect(lambda: self._inquiry.cancel() if self._inquiry else None)
        self.marks.toggled.connect(self.result.mark_changes)
        self.sent.clicked.connect(self._tell_sent)
        self.cover.revealed.connect(self._tell_sent)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((self.prompt, 1), (self.another, 0), (self.go, 0), (self.redraw, 0), (self.stop, 0)):
            above.addWidget(widget, stretch)
        below.addWidget(self.response, 1)
        below.addWidget(self.critic, 1)
        below.addStretch(1)
        below.addWidget(self.marks)
        below.addWidget(self.sent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        column.addLayout(below)
        told = QHBoxLayout()
        told.addWidget(self.word, 1)
        told.addWidget(self.train)
        column.addLayout(told)
        column.addWidget(self.cover, 1)


def _request(
    project: "Project", key: tuple[str, int, str], critic: str, initial: str, principle_id: str
) -> "TryRequest":
    from workbench.project.requesting import Trial, try_request  # noqa: PLC0415 - on the store's thread

    prompt, seed, model = key
    trial = Trial(prompt, principle_id, initial=initial, seed=seed, response=model, critic=critic)
    return try_request(project, trial)


def _any_prompt(project: "Project", place: float) -> str:
    from workbench.records.prompt import RED_TEAM  # noqa: PLC0415

    found = project.store.prompts.near(place, RED_TEAM)
    return found.text if found else ""
