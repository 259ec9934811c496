"""One chain to read and to mend: its texts as they are written, round by round, and what a person may do with them."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.look.theme import Theme
from ui.static_words import in_language
from ui.tips import plain_tip
from ui.widgets.chain_sections import Way, growing_section, heading_of, sections_of
from ui.widgets.chain_text import ChainText
from ui.widgets.cover import CoverPage
from ui.widgets.side_by_side import SideBySide
from ui.widgets.step_editor import StepEditor
from ui.widgets.texts import OneLine, TextView, button, label, letters
from workbench.records.prompt import HELPFUL

if TYPE_CHECKING:
    from workbench.project.chain_reading import ChainRead, StepRead
    from workbench.runs.watching import Live

_WAYS: tuple[Way, ...] = ("unified", "side", "clean")


class ChainView(QWidget):
    """Shows a chain; signals say what the person wants done, with the step in hand."""

    #: The StepRead in hand, for the inspector.
    picked = Signal(object)
    #: What is wanted: exclude, again, branch.
    wants = Signal(str)
    #: A step's id, its new wording (None: the model's), and the wording before (None: the model's).
    edited = Signal(str, object, object)
    #: A word for the toast.
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.read: ChainRead | None = None
        self.index, self.covering = 0, False
        self._revealed = ""
        self._came_from: QWidget | None = None
        self.state, self.warning = OneLine("heading"), label(part="warning", wrap=True)
        self.prompt = TextView(self.tr("The prompt of the chain"))
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 3 + 14)
        self.text = ChainText(self.tr("The chain"), theme)
        self.side = SideBySide(theme)
        self.editor = StepEditor()
        self._stack = QStackedWidget()
        self.cover = CoverPage()
        self.show_covered = self.cover.show_texts
        for page in (self.text, self.side, self.editor, self.cover):
            self._stack.addWidget(page)
        self.critiques = QCheckBox(self.tr("Critiques [C]"))
        self.critiques.setChecked(True)
        self.round = QSlider(Qt.Orientation.Horizontal)
        self.round.setAccessibleName(self.tr("Round of the chain"))
        self.round.setPageStep(1)
        self.round.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.round.setTickInterval(1)
        self._round_words = label(part="muted")
        #: How fast the whole run writes, while one watches.
        self.pace = label(part="muted")
        self.ways = self._way_buttons()
        self.buttons = {
            "edit": button(self.tr("Edit [E]"), self.tr("Word this text anew")),
            "exclude": button(self.tr("Exclude [X]"), self.tr("Leave this chain out of training")),
            "again": button(self.tr("Write again [R]"), self.tr("Write this chain again by another seed")),
            "branch": button(self.tr("Branch [B]"), self.tr("Go on from this text in a new chain")),
        }
        self._lay_out()
        self._connect()
        self.show_chain(None)

    @property
    def step(self) -> "StepRead | None":
        """The step in hand."""
        found = [one for one in self.read.steps if one.step.index == self.index] if self.read else []
        return found[0] if found else None

    @property
    def way(self) -> Way:
        """How revisions are shown."""
        return _WAYS[self.ways.checkedId()]

    @property
    def covered(self) -> bool:
        """Whether the texts of this chain are covered now."""
        read = self.read
        if not self.covering or read is None or not (read.steps or _goes_on(read)):
            return False
        return read.prompt.kind != HELPFUL and self._revealed != _key(read)

    def show_chain(self, read: "ChainRead | None") -> None:
        """Show a chain; the one that is shown already keeps the reader's place, and an edit in hand is not disturbed."""
        same = _key(read) == _key(self.read)
        if not same or read is None or read.complete:
            self.pace.clear()
        at_last = same and self.read is not None and self.index >= len(self.read.steps) - 1
        self.read = read
        if not same:
            self._leave_edit()
            self.index = len(read.steps) - 1 if read and read.steps else 0
            self.text.rest()
            self._take_up_edit()
        elif at_last and read is not None:
            self.index = max(0, len(read.steps) - 1)
        self._show(same)

    def show_live(self, live: "Live") -> None:
        """Show a text in the making, if it is this chain's next one."""
        read = self.read
        if read is not None and live.walk == read.prompt.id and live.step == len(read.steps) and not read.complete:
            self.text.grow(growing_section(read, live.step, live.text))
            self.pace.setText(self.tr("{rate:,.0f} tokens/s").format(rate=live.rate) if live.rate >= 1 else "")

    def set_covering(self, covering: bool) -> None:
        """Cover what was written to red-team prompts until the person wants to see it."""
        if covering != self.covering:
            self.covering = covering
            self._show(True)
            self.picked.emit(self.step)

    def reveal(self) -> None:
        """Show what is covered, of this chain."""
        self._revealed = _key(self.read)
        self._show(True)
        self.picked.emit(self.step)

    def choose_way(self, step: int = 1) -> None:
        """Go to the next way of showing revisions."""
        self.ways.button((self.ways.checkedId() + step) % len(_WAYS)).click()

    def turn(self, step: int) -> None:
        """Go some rounds on or back."""
        self.round.setValue(self.round.value() + step)

    def begin_edit(self) -> None:
        """Let the person word the step in hand anew."""
        one = self.step
        if one is not None and self.buttons["edit"].isEnabled():
            self._came_from = self.window().focusWidget()
            if self.covered:
                self.reveal()
            if not self.editor.open:
                self._open_editor(one)
                self._show(True)
            self.editor.text.setFocus()

    def _way_buttons(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, text in enumerate((self.tr("Unified"), self.tr("Side by side"), self.tr("Clean"))):
            made = QToolButton()
            made.setText(text)
            made.setCheckable(True)
            made.setChecked(number == 0)
            made.setAccessibleName(self.tr("Show revisions: {way}").format(way=text))
            made.setToolTip(self.tr("D goes to the next way of showing what a revision changed"))
            group.addButton(made, number)
        return group

    def _lay_out(self) -> None:
        ways, deeds = QHBoxLayout(), QHBoxLayout()
        ways.setSpacing(4)
        for made in self.ways.buttons():
            ways.addWidget(made)
        ways.addWidget(label(self.tr("[D]"), "muted"))
        ways.addSpacing(6)
        ways.addWidget(self.critiques)
        ways.addStretch(1)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.pace)
        head.addSpacing(10)
        head.addWidget(self._round_words)
        head.addWidget(self.round)
        self.round.setFixedWidth(letters(self.round, 16))
        for one in self.buttons.values():
            one.setStyleSheet("padding-left: 8px; padding-right: 8px;")
            deeds.addWidget(one)
        deeds.addStretch(1)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(6)
        below.addLayout(ways)
        below.addLayout(deeds)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        for widget in (self.prompt, self.warning):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        column.addWidget(self._below)

    def _connect(self) -> None:
        self.text.picked.connect(self._pick)
        self.ways.idClicked.connect(lambda _: self._show(True))
        self.critiques.toggled.connect(lambda _: self._show(True))
        self.round.valueChanged.connect(self._turned)
        self.show_covered.clicked.connect(self.reveal)
        self.buttons["edit"].clicked.connect(self.begin_edit)
        for key in ("exclude", "again", "branch"):
            self.buttons[key].clicked.connect(partial(self.wants.emit, key))
        self.editor.saved.connect(self._save)
        self.editor.closed.connect(self._closed)

    def _open_editor(self, one: "StepRead") -> None:
        principle = f" · {one.principle.title or one.principle.id}" if one.principle else ""
        self.editor.begin(one, heading_of(one.step.kind, one.step.index, one.step.round) + principle)

    def _leave_edit(self) -> None:
        """Let another chain be shown; what was worded of this one is not lost."""
        title = self.editor.title.text()
        if self.editor.put_aside():
            words = self.tr("Your wording of “{step}” is kept: it stands open when you come back to its chain.")
            self.told.emit(words.format(step=title))

    def _take_up_edit(self) -> None:
        """Open the wording again that was left for another chain."""
        begun = [one for one in self.read.steps if self.editor.has_aside(one)] if self.read else []
        if begun:
            self.index = begun[0].step.index
            self._open_editor(begun[0])

    def _closed(self) -> None:
        """Show the text that was in the editor among the others, and have keys go where they went."""
        had = self.editor.isAncestorOf(self.window().focusWidget())
        self._show(True)
        if self.step is not None:
            self._bring_up(self.step)
        if had and self._came_from is not None and self._came_from.isVisible():
            self._came_from.setFocus()

    def _save(self, text: str | None) -> None:
        one = self.editor.step
        if one is not None:
            self.edited.emit(one.step.id, text, one.edit.text if one.edit is not None else None)

    def _pick(self, index: int) -> None:
        self.index = index
        self._show(True)
        if self.step is not None:
            self.picked.emit(self.step)

    def _turned(self, number: int) -> None:
        one = self.read.response(number) if self.read else None
        if one is not None:
            self._pick(one.step.index)
            self._bring_up(one)

    def _bring_up(self, one: "StepRead") -> None:
        """Bring a response into view, with the critique it answers above it."""
        above = (
            one.step.kind == "revision"
            and self.critiques.isChecked()
            and self.read
            and self.read.at(one.step.round, "critique")
        )
        self.text.go_to(one.step.index - 1 if above else one.step.index)

    def _show(self, same: bool) -> None:
        read, one = self.read, self.step
        self._show_head()
        rounds = read.rounds if read else 0
        self.round.blockSignals(True)
        self.round.setRange(0, rounds)
        self.round.setValue(one.step.round if one else 0)
        self.round.blockSignals(False)
        self.round.setEnabled(rounds > 0)
        words = self.tr("Round {now} of {all}").format(now=self.round.value(), all=rounds)
        self._round_words.setText(words)
        self.text.show_sections(
            sections_of(read, self.way, self.critiques.isChecked()) if read else (), self.index, same
        )
        self._show_sides()
        shown: QWidget = self.side if self.way == "side" else self.text
        if self.covered:
            shown = self.cover
        elif self.editor.open:
            shown = self.editor
        self._stack.setCurrentWidget(shown)
        self._below.setVisible(shown is not self.editor)

    def _show_head(self) -> None:
        read, one = self.read, self.step
        for made in self.buttons.values():
            made.setEnabled(read is not None and bool(read.steps))
        goes_on = bool(read and one and not (read.complete and one is read.steps[-1]))
        self.buttons["branch"].setEnabled(goes_on)
        goes, ends = (
            self.tr("Go on from this text in a new chain"),
            self.tr("Click an earlier text: after this one comes none"),
        )
        self.buttons["branch"].setToolTip(goes if goes_on or read is None else ends)
        out = read is not None and read.exclusion is not None
        self.buttons["exclude"].setText(self.tr("Include [X]") if out else self.tr("Exclude [X]"))
        name = self.tr("Take this chain back into training") if out else self.tr("Leave this chain out of training")
        self.buttons["exclude"].setAccessibleName(name)
        waits = self.tr("Nothing is written yet. Its words appear here as the model writes them.")
        none = self.tr("Nothing is written of it: its run ended before, or stands still.")
        self.text.setPlaceholderText("" if read is None or read.over else waits if _goes_on(read) else none)
        if read is None:
            self.state.setText(self.tr("Choose a chain."))
            self.prompt.setPlainText("")
            self.warning.hide()
            return
        count = self.tr("{run} · {steps} of {all}").format(run=read.run.id, steps=len(read.steps), all=read.expected)
        words = " · ".join([count, in_language(read.prompt.kind), *read.tags])
        self.state.setText(words)
        self.state.setToolTip(plain_tip(words))
        if self.prompt.toPlainText() != (asked := _asked(read)):
            self.prompt.setPlainText(asked)
        warnings = [f"↻ {in_language(sentence)}" for sentence in read.stale]
        if read.left_out:
            warnings.append(self.tr("⤬ Left out: {why}").format(why=in_language(read.left_out)))
        if read.exclusion is not None:
            warnings.append(self.tr("⊘ {person} excluded it from training.").format(person=read.exclusion.person))
        self.warning.setText("\n".join(warnings))
        self.warning.setVisible(bool(warnings))

    def _show_sides(self) -> None:
        read, number = self.read, self.round.value()
        after = read.response(number) if read else None
        before = read.response(number - 1) if read and number else None
        names = [
            self.tr("Initial response") if n <= 0 else self.tr("Revision {n}").format(n=n) for n in (number - 1, number)
        ]
        if not number:
            names = [self.tr("Nothing before it"), self.tr("Initial response")]
        critique = read.at(number, "critique") if read and number and self.critiques.isChecked() else None
        given = before.step.text if before is not None else ""  # also where a person has worded it anew since
        texts = [one.text if one is not None else "" for one in (after, critique)]
        self.side.show_texts((names[0], names[1]), given, *texts)

    def deed(self, key: str) -> QPushButton:
        """Return the button of something a person may do."""
        return self.buttons[key]


def _key(read: "ChainRead | None") -> str:
    return f"{read.run.id} {read.prompt.id}" if read is not None else ""


def _goes_on(read: "ChainRead") -> bool:
    """Return whether its run may write more by itself."""
    return not (read.run.state.over or read.run.state.resumable)


def _asked(read: "ChainRead") -> str:
    turns = read.prompt.messages
    return turns[-1].text if len(turns) == 1 else "\n\n".join(f"{turn.role}: {turn.text}" for turn in turns)
