"""Reviewing labels one pair at a time: answers by key, sides drawn at random, the label shown after the answer or the audit."""

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from ui.history import OneWay
from ui.pages.pair_facts import pair_facts
from ui.pages.review_course import Course
from ui.pages.review_requests import draw_usual, save_review, terms_of
from ui.pages.review_words import queue_titles, reviewer_words, why_draw, why_empty
from ui.session import Session
from ui.tips import plain_tip
from ui.user_settings import UserSettings
from ui.widgets.answer_buttons import AnswerButtons
from ui.widgets.cards import EmptyCard
from ui.widgets.choices import widen_list
from ui.widgets.pair_view import PairView
from ui.widgets.reveal import RevealStrip, label_words
from ui.widgets.review_keys import ANSWERS, ReviewKeys
from ui.widgets.review_sheets import GuidelinesSheet, KeysSheet, RuleSheet
from ui.widgets.texts import label

if TYPE_CHECKING:
    from workbench.project.reviewing import ReviewItem, ReviewQueue
    from workbench.records.comparison import Decision, PreferenceRule, Review

#: A reviewer who is away is not thinking.
_MOST_SECONDS = 600.0


class ReviewPane(QWidget):
    """Shows a pair and takes the answer; while the next pair is not there yet no key does anything."""

    inspect = Signal(object)
    #: A review's id, once it is on disk.
    saved = Signal(str)
    #: A sample is being drawn: no label may be seen before it is known of which pairs.
    drawing = Signal()
    #: The audit is done: whoever shows what it found may show it.
    audited = Signal()
    #: Labels are missing, and are made elsewhere.
    wants_labels = Signal()
    _answers: AnswerButtons | None = None

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._course, self._since, self._unsaved = Course("audit", settings.reviewer), 0.0, 0
        self._rule: PreferenceRule | None = None
        self._guidelines = ""
        self.history = OneWay(self.undo, self)
        self._taken = settings.now.review_keys, settings.reviewer
        keys = ReviewKeys(settings.now.review_keys)
        self.queue, self.principle, self.question = QComboBox(), QComboBox(), QComboBox()
        self.blind = QCheckBox(self.tr("Blind"))
        self.progress, self.state = label(part="muted"), label(part="muted")
        self.pair = PairView(settings)
        self.card = EmptyCard(
            self.tr("Here you check labels: read both answers, say which is better, see what the AI said.")
        )
        self.note = QLineEdit()
        self.answers = self._answers = AnswerButtons(self, keys, self._do)
        self.strip = RevealStrip(keys)
        self.rule_words = label(part="muted", wrap=True)
        self._fill_choices()
        self._lay_out()
        self._connect()

    @property
    def item(self) -> "ReviewItem | None":
        """The pair in hand."""
        return self._course.item

    def event(self, event: QEvent) -> bool:
        """Notice keys that are held down: each answer is one press."""
        if self._answers is not None:  # events come before the buttons are made
            self._answers.held.note(event)
        return super().event(event)

    def begin(self) -> None:
        """Read the queue and go to the first pair this reviewer has not answered."""
        from workbench.project.reviewing import review_queue  # noqa: PLC0415

        name, reviewer = str(self.queue.currentData()), self._settings.reviewer
        principle = str(self.principle.currentData() or "") if name == "principle" else ""
        self.principle.setVisible(name == "principle")
        self._session.ask(
            self.tr("Reading the queue"),
            lambda project: (review_queue(project, name, reviewer, principle), *terms_of(project)),
            partial(self._begun, name, reviewer),
        )

    def take_focus(self) -> None:
        """Have keys go to the pair, or to what helps where there is none."""
        self.pair.take_focus() if self.card.isHidden() else self.card.button.setFocus()

    def open_queue(self, name: str, principle: str = "") -> None:
        """Go to a queue: that of a principle, where one is named."""
        if principle and self.principle.findData(principle) < 0:
            self.principle.addItem(principle, principle)
        for box, value in ((self.principle, principle), (self.queue, name)):
            blocked = box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(value)))
            box.blockSignals(blocked)
        self.begin()

    def answer(self, shown: "Decision") -> None:
        """Take an answer about left (a) and right (b), save it, and go on to the next pair."""
        from workbench.project.reviewing import Answered  # noqa: PLC0415

        course, item = self._course, self._course.item
        if item is None or course.waiting or self.pair.cover.covered:
            return
        how = Answered(
            blind=not course.reveals or self.blind.isChecked(),
            seconds=min(time.monotonic() - self._since, _MOST_SECONDS),
            reason=self.note.text().strip(),
            label_id=item.label.id if item.label else "",
            overall=course.reveals and self.question.currentData() == "overall",
            guidelines=course.queue.guidelines if course.queue else "",
        )
        made = course.answer(shown, how)
        self._save(made)
        self.strip.show_answer(item, made, course.tells, course.reveals)
        self.inspect.emit(pair_facts(item, made, course.tells))
        if self._settings.now.review_waits:
            course.waiting = True
        else:
            course.go_on()
        self._show()

    def undo(self) -> None:
        """Take back the last answer, also of an earlier day, by a row that supersedes it, and show its pair again."""
        course, last = self._course, self._course.given[-1:]
        made = course.undo()
        if made is not None:
            self._save(made)
            self.strip.say(self.tr("Taken back: your answer on the pair that is shown again."))
            self._show()
            self.note.setText(last[0].review.reason)
            if course.item is not None:
                self.inspect.emit(pair_facts(course.item, last[0].before, course.reveals))

    def change(self, ago: int = 0) -> None:
        """Take a pair that was answered into the hand again: the last, or one some answers ago."""
        given = self._course.given
        if ago < len(given):
            self._course.look_again(given[-1 - ago].place)
            self._show()

    def go_on(self) -> None:
        """Go to the next open pair, where the reviewer waits on one that is answered."""
        if self._course.waiting or self._course.again:
            self._course.go_on()
            self._show()

    def choose_keys(self) -> None:
        """Ask for name and keys, and take them."""
        sheet = KeysSheet(self._settings, self)
        sheet.accepted.connect(self.take_keys)
        sheet.open()

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Take what may have been chosen elsewhere."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.take_keys()

    def take_keys(self) -> None:
        """Take keys and name of the settings, where they are others than before."""
        before, self._taken = self._taken, (self._settings.now.review_keys, self._settings.reviewer)
        if self._taken != before:
            keys = ReviewKeys(self._taken[0])
            self.answers.show_keys(keys)
            self.strip.show_keys(keys)
            self._name_tools(keys)
            (self._show if self._taken[1] == before[1] else self.begin)()

    def show_guidelines(self) -> None:
        """Show the guidelines, to read or to write anew."""
        GuidelinesSheet(self._guidelines, self._write_guidelines, self).open()

    def show_rule(self) -> None:
        """Show the rule by which answers become probabilities, and take another."""
        if self._rule is not None:
            RuleSheet(self._rule, self._change_rule, self).open()

    def _fill_choices(self) -> None:
        for name, text in queue_titles().items():
            self.queue.addItem(text, name)
        self.queue.setAccessibleName(self.tr("Which pairs to review"))
        self.progress.setToolTip(self.tr("Pairs of this queue that you have answered"))
        self.principle.setAccessibleName(self.tr("Pairs of which principle"))
        self.question.addItem(self.tr("As the AI was asked"), "asked")
        self.question.addItem(self.tr("Overall preference"), "overall")
        self.question.setAccessibleName(self.tr("Which question you answer"))
        self.blind.setChecked(True)
        self.blind.setToolTip(self.tr("Off: the label is shown before you answer, and the answer says so."))
        self.note.setAccessibleName(self.tr("Note on this pair"))

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        self.keys_button, self.guidelines_button, self.rule_button = QToolButton(), QToolButton(), QToolButton()
        self.rule_button.setText(self.tr("Change the rule…"))
        for widget in (self.queue, self.principle, self.question, self.blind):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(self.state)
        above.addWidget(self.progress)
        below.addWidget(self.rule_words, 1)
        for tool in (self.guidelines_button, self.keys_button, self.rule_button):
            below.addWidget(tool)
        self.principle.hide()
        self.card.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(above)
        column.addWidget(self.card)
        column.addWidget(self.pair, 1)
        column.addWidget(self.answers)
        column.addWidget(self.note)
        column.addWidget(self.strip)
        column.addStretch()  # where no pair is in hand, the rule keeps its place at the bottom
        column.addLayout(below)
        self._name_tools(ReviewKeys(self._settings.now.review_keys))

    def _connect(self) -> None:
        self.queue.currentIndexChanged.connect(self.begin)
        self.principle.currentIndexChanged.connect(self.begin)
        self.blind.toggled.connect(self._show)
        self.note.returnPressed.connect(self.pair.left.setFocus)
        self.pair.cover.revealed.connect(self._show)
        self.strip.go_on.connect(self.go_on)
        self.strip.wanted.connect(self.change)
        self._session.closed.connect(lambda: setattr(self, "_unsaved", 0))
        self.keys_button.clicked.connect(self.choose_keys)
        self.guidelines_button.clicked.connect(self.show_guidelines)
        self.rule_button.clicked.connect(self.show_rule)
        QGuiApplication.instance().applicationStateChanged.connect(self._look_away)  # type: ignore[union-attr]

    def _name_tools(self, keys: ReviewKeys) -> None:
        self.keys_button.setText(reviewer_words(self._settings.reviewer))
        self.keys_button.setAccessibleName(self.tr("Your name, your keys"))
        self.keys_button.setToolTip(plain_tip(self._settings.reviewer))
        self.guidelines_button.setText(self.tr("Guidelines [{key}]").format(key=keys.shown("guidelines")))
        self.guidelines_button.setAccessibleName(self.tr("Guidelines for reviewers"))
        self.note.setPlaceholderText(self.tr("A note on this pair [{key}]").format(key=keys.shown("note")))

    def _do(self, key: str) -> None:
        if key in ANSWERS:
            self.answer(key)  # type: ignore[arg-type]
            return
        if key == "change" and not self._course.reveals:
            return  # an audit has nothing to reveal; undo takes an answer back
        if key == "next" and self.note.hasFocus():
            self.pair.left.setFocus()  # the key of a real keyboard comes here before the field sees it
            return
        {
            "undo": self.undo, "note": self.note.setFocus, "guidelines": self.show_guidelines, "change": self.change,
            "next": self.go_on,
        }[key]()  # fmt: skip

    def _begun(self, name: str, reviewer: str, read: "tuple[ReviewQueue, PreferenceRule, str, list[str]]") -> None:
        queue, self._rule, self._guidelines, principles = read
        self._course = Course.through(name, reviewer, queue)
        self.rule_words.setText(self.tr("For training: {rule}.").format(rule=self._rule.words))
        self._show_principles(principles)
        self.blind.setVisible(self._course.reveals)
        self.question.setVisible(self._course.reveals)
        self.strip.clear()
        self._show()

    def _show_principles(self, principles: list[str]) -> None:
        known = [self.principle.itemData(place) for place in range(self.principle.count())]
        blocked = self.principle.blockSignals(True)
        for name in principles:
            if name not in known:
                self.principle.addItem(name, name)
        widen_list(self.principle)
        self.principle.blockSignals(blocked)

    def _show(self) -> None:
        self._read_ahead()
        course, item = self._course, self._course.item
        self.progress.setVisible(bool(course.ids))
        words = self.tr("{done} of the first {all}") if course.goes_on else self.tr("{done} of {all}")
        self.progress.setText(words.format(done=course.done, all=f"{len(course.ids):,}"))
        open_ = item is not None and not course.waiting
        self.answers.allow(dict.fromkeys(ANSWERS, open_) | {"note": open_, "undo": bool(course.given)})
        self.history.offer(self.tr("your last answer") if course.given else "")
        hidden = not course.tells
        ten = [(one.review, None if hidden else course.items.get(one.review.comparison_id)) for one in course.given]
        self.strip.show_recent(ten[::-1][: len(self.strip.recent)], course.waiting or course.again)
        if not course.waiting:
            self.note.clear()
        nothing = course.queue is not None and course.place >= len(course.ids)
        if nothing and course.goes_on:
            self.begin()
            return
        for part in (self.pair, self.answers, self.note):
            part.setVisible(not nothing)
        if self.card.isHidden() == nothing:
            self.card.setVisible(nothing)
            if self.isVisible():
                self.take_focus()
        if item is None:
            self.pair.clear()
            if nothing:
                self._offer_what_helps()
            return
        shown = (not self.blind.isChecked() and course.reveals) or course.waiting
        words = label_words(item, course.side) if shown and course.reveals else ""
        self.pair.show_pair(item, course.side, words, self._hint())
        if self.pair.cover.covered:
            self.answers.allow(dict.fromkeys((*ANSWERS, "note"), False) | {"undo": bool(course.given)})
        self._since = time.monotonic()

    def _hint(self) -> str:
        keys = ReviewKeys(self._settings.now.review_keys)
        if self._course.waiting:
            return self.tr("Answered. [{key}] goes to the next pair.").format(key=keys.shown("next"))
        if not self._course.again:
            return ""
        marked = self.tr(" A new answer is marked “after reveal”.") if self._course.reveals else ""
        return self.tr("You answered this pair before.{marked} [{key}] leaves it as it is.").format(
            marked=marked, key=keys.shown("next")
        )

    def _offer_what_helps(self) -> None:
        course, overview = self._course, self._session.overview
        if overview is not None and not overview.rows.get("labels"):
            words = self.tr("No pair has a label yet.")
            self.card.offer(words, self.tr("Have pairs labelled…"), self.wants_labels.emit)
        elif course.name == "audit" and not course.ids:
            rows = overview.rows if overview is not None else {"labels": 0, "comparisons": 0}
            words = why_draw(min(rows["labels"], rows["comparisons"]))  # a pair may have more labels than one
            self.card.offer(words, self.tr("Draw and lock a sample"), self._draw)
        elif course.name == "audit":
            words = self.tr("The sample is done. What your answers say of the labels is on the tab Quality.")
            self.card.offer(words, self.tr("See the quality"), self.audited.emit)
        else:
            words = self.tr("Every pair of this queue is answered.") if course.ids else why_empty(course.name)
            self.card.offer(words, self.tr("Review the random audit"), lambda: self.queue.setCurrentIndex(0))

    def _draw(self) -> None:
        what, person = self.tr("Drawing a sample"), self._settings.reviewer
        self.drawing.emit()
        self._session.ask(what, lambda project: draw_usual(project, person), lambda _: self.begin())

    def _read_ahead(self) -> None:
        from workbench.project.reviewing import review_items  # noqa: PLC0415

        course = self._course
        if wanted := course.wanted():
            self._session.ask(
                self.tr("Reading pairs"),
                lambda project: review_items(project, wanted),
                partial(self._have_read, course),
            )

    def _have_read(self, course: Course, items: "list[ReviewItem]") -> None:
        waiting = course.item is None
        course.items |= {item.comparison.id: item for item in items}
        if waiting and course is self._course:
            self._show()

    def _save(self, made: "Review") -> None:
        self._unsaved += 1
        self.state.setText(self.tr("saving…"))
        self._session.ask(self.tr("Saving the review"), partial(save_review, made), self._have_saved)

    def _have_saved(self, review_id: str) -> None:
        self._unsaved -= 1
        self.state.setText(self.tr("saving…") if self._unsaved else self.tr("saved"))
        self.saved.emit(review_id)

    def _change_rule(self, rule: "PreferenceRule") -> None:
        from workbench.project.settling import change_rule  # noqa: PLC0415

        self._rule, person = rule, self._settings.reviewer
        self.rule_words.setText(self.tr("For training: {rule}.").format(rule=rule.words))
        self._session.ask(self.tr("Saving the rule"), lambda project: change_rule(project.store, rule, person))

    def _write_guidelines(self, text: str) -> None:
        from workbench.project.settling import write_guidelines  # noqa: PLC0415

        self._guidelines, person = text, self._settings.reviewer
        self._session.ask(
            self.tr("Saving the guidelines"), lambda project: write_guidelines(project.store, text, person)
        )

    def _look_away(self, state: Qt.ApplicationState) -> None:
        """Count no time in which the window is not in use."""
        if state == Qt.ApplicationState.ApplicationActive:
            self._since = time.monotonic()
