"""Judging models' answers blind, one pair at a time, with the keys of the review; whose answer it was is not told here."""

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from ui.history import OneWay
from ui.pages.review_words import reviewer_words
from ui.session import Session
from ui.tips import plain_tip
from ui.user_settings import UserSettings
from ui.widgets.answer_buttons import AnswerButtons
from ui.widgets.cover import Cover
from ui.widgets.judged_card import JudgedCard
from ui.widgets.review_keys import ANSWERS, USUAL, ReviewKeys, key_words
from ui.widgets.review_sheets import KeysSheet
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from ui.pages.judge_course import JudgeCourse
    from workbench.project import Project
    from workbench.project.judged_sample import JudgedSample
    from workbench.project.judging import JudgingQueue, Pair
    from workbench.records.comparison import Decision
    from workbench.records.evaluation import PersonJudgement

_LONGEST_SECONDS = 600.0


class JudgePane(QWidget):
    """Shows two answers without their models and takes the decision; while the next pair is not there no key does anything."""

    #: A judgement's id, once it is on disk.
    saved = Signal(str)
    #: The sample is done, and its results among all others are to be looked at.
    wants_results = Signal()
    _answers: AnswerButtons | None = None

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._course: JudgeCourse | None = None
        self._since, self._unsaved, self._counted = 0.0, 0, 0
        self._asked: tuple[str, tuple[str, ...], str] = ("", (), "")
        keys = ReviewKeys(settings.now.review_keys)
        self.progress, self.state = label(part="muted"), label(part="muted")
        self.sizes, self.keys_button = QComboBox(), QToolButton()
        self.prompt = TextView(self.tr("The prompt that both models answered"))
        self.left, self.right = (
            TextView(self.tr("Answer A of a model, left")),
            TextView(self.tr("Answer B of a model, right")),
        )
        self.note = QLineEdit()
        self.last = label(part="muted", wrap=True)
        self.card = JudgedCard(keys)
        self.answers = self._answers = AnswerButtons(self, keys, self._do)
        self.history = OneWay(self.undo, self)
        self._lay_out()
        self._connect()
        self._name_tools(keys)

    def event(self, event: QEvent) -> bool:
        """Notice keys that are held down: each judgement is one press."""
        if self._answers is not None:  # events come before the buttons are made
            self._answers.held.note(event)
        return super().event(event)

    def begin(self, run: str, models: Sequence[str]) -> None:
        """Go to the first pair between these models that this person has not judged; the same again changes nothing."""
        person = self._settings.reviewer
        asked = (run, tuple(models), person)
        if asked == self._asked:
            return
        self._asked = asked
        if len(models) < 2:
            self._course = None
            self._show()
            return
        from workbench.project.judging import judging_queue  # noqa: PLC0415

        self._session.ask(
            self.tr("Drawing pairs"), lambda project: judging_queue(project, run, asked[1], person), self._begun
        )

    def forget(self) -> None:
        """Forget the pairs, for another project may come."""
        self._asked, self._course, self._unsaved = ("", (), ""), None, 0
        self._show()

    def take_focus(self) -> None:
        """Have keys go to the answers, or to what comes after the sample."""
        if self.card.isHidden():
            self.cover.take_focus(self.left)
        else:
            self.card.results.setFocus()

    def answer(self, shown: "Decision") -> None:
        """Take a decision about left (a) and right (b), save it, and go on to the next pair."""
        from workbench.project.judging import person_judgement  # noqa: PLC0415
        from workbench.project.reviewing import decided, side_of  # noqa: PLC0415

        course = self._course
        item = course.item if course else None
        if course is None or item is None or self.cover.covered:
            return
        person = self._settings.reviewer
        side = side_of(person, item.id)
        seconds = min(time.monotonic() - self._since, _LONGEST_SECONDS)
        pair, before = course.pairs[course.place], course.judged.get(item.id)
        made = person_judgement(pair, person, decided(shown, side), side, before, seconds, self.note.text().strip())
        course.take(made)
        self._save(made)
        self.last.setText(self.tr("Your last answer: {answer}.").format(answer=key_words()[shown]))
        self._show()

    def undo(self) -> None:
        """Take back the last answer, also of an earlier day, by a row that supersedes it, and show its pair again."""
        from workbench.project.judging import person_judgement  # noqa: PLC0415

        last = self._course.undo() if self._course else None
        if last is None:
            return
        self._save(person_judgement((last.answer_a, last.answer_b), last.person, "withdrawn", last.side_shown, last))
        self.last.setText(self.tr("Taken back: your answer on the pair that is shown again."))
        self._show()

    def choose_keys(self) -> None:
        """Ask for name and keys, and take them: another person has judged other pairs."""
        sheet = KeysSheet(self._settings, self)
        sheet.accepted.connect(self._have_chosen)
        sheet.open()

    def take_keys(self) -> None:
        """Take the keys of the settings."""
        keys = ReviewKeys(self._settings.now.review_keys)
        self.answers.show_keys(keys)
        self.card.show_keys(keys)
        self._name_tools(keys)

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Take the keys and the name that may have been changed elsewhere."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.take_keys()

    def _have_chosen(self) -> None:
        self.take_keys()
        self.begin(*self._asked[:2])

    def _name_tools(self, keys: ReviewKeys) -> None:
        self.keys_button.setText(reviewer_words(self._settings.reviewer))
        self.keys_button.setAccessibleName(self.tr("Your name as a judge, your keys"))
        self.keys_button.setToolTip(plain_tip(self._settings.reviewer))
        self.note.setPlaceholderText(self.tr("A note on this pair [{key}]").format(key=keys.shown("note")))

    def _lay_out(self) -> None:
        above, answers = QHBoxLayout(), QWidget()
        pair = QHBoxLayout(answers)
        pair.setContentsMargins(0, 0, 0, 0)
        self.cover = Cover(answers, self._settings, self.tr("Show the covered answers to judge"))
        self.cover.revealed.connect(self._show)
        self.sizes.setAccessibleName(self.tr("How many pairs the sample holds"))
        self.sizes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.note.setAccessibleName(self.tr("Note on these two answers"))
        for widget in (self.sizes, self.keys_button):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(self.state)
        above.addWidget(self.progress)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        for title, view in ((self.tr("A"), self.left), (self.tr("B"), self.right)):
            side = QVBoxLayout()
            side.addWidget(label(title, "heading"))
            side.addWidget(view)
            pair.addLayout(side, 1)
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 4 + 8)
        says = self.tr("Which answer is better? You judge what you read: whose it is stays hidden.")
        body.addWidget(label(says, "heading", wrap=True))
        body.addWidget(self.prompt)
        body.addWidget(self.cover, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(above)
        column.addWidget(self.card)
        column.addWidget(self._body, 1)
        column.addWidget(self.answers)
        column.addWidget(self.note)
        column.addWidget(self.last)
        column.addStretch()
        self.card.hide()

    def _connect(self) -> None:
        self.note.returnPressed.connect(self.take_focus)
        self.sizes.activated.connect(lambda _: self._resize(int(self.sizes.currentData())))
        self.keys_button.clicked.connect(self.choose_keys)
        self.card.results.clicked.connect(self.wants_results.emit)
        self.card.more.clicked.connect(self._judge_more)
        self.card.undo.clicked.connect(self.undo)

    def _do(self, name: str) -> None:
        if name == "undo":
            self.undo()
        elif name == "note":
            self.note.setFocus()
        elif name in ANSWERS:
            self.answer(name)  # type: ignore[arg-type]

    def _begun(self, queue: "JudgingQueue") -> None:
        from ui.pages.judge_course import JudgeCourse  # noqa: PLC0415

        self._course = JudgeCourse.through(queue)
        self.last.clear()
        self._resize(self._course.begun(self._offer_sizes(len(queue.pairs))))

    def _offer_sizes(self, count: int) -> list[int]:
        """Offer samples of so many pairs, and say what each is good for."""
        from workbench.project.judging import SAMPLES  # noqa: PLC0415

        self.sizes.clear()
        for size, share in SAMPLES.items():
            if size < count:
                self.sizes.addItem(self.tr("Sample of {count} pairs").format(count=size), size)
                hint = self.tr("So many decided pairs of two models tell a win rate of {share:.0%} from one half.")
                self.sizes.setItemData(self.sizes.count() - 1, hint.format(share=share), Qt.ItemDataRole.ToolTipRole)
        self.sizes.addItem(self.tr("All {count} pairs").format(count=f"{count:,}"), count)
        self.sizes.setVisible(count > 0)
        return [int(self.sizes.itemData(place)) for place in range(self.sizes.count())]

    def _resize(self, size: int) -> None:
        if self._course is not None:
            self._course.resize(size)
            self.sizes.setCurrentIndex(max(0, self.sizes.findData(size)))
            self._show()

    def _judge_more(self) -> None:
        place = self.sizes.currentIndex() + 1
        if place < self.sizes.count():
            self._resize(int(self.sizes.itemData(place)))
            self.take_focus()

    def _show(self) -> None:
        self._read_ahead()
        course = self._course
        item = course.item if course else None
        done = self.tr("{done} of {all} judged")
        self.progress.setText(done.format(done=course.done, all=f"{course.size:,}") if course and course.size else "")
        undoable = bool(course and course.given)
        self.history.offer(self.tr("your last answer") if undoable else "")
        self.answers.allow({name: undoable if name == "undo" else item is not None for name in USUAL})
        self.note.clear()
        self._show_end(bool(course and course.over))
        if course is None or item is None:
            self._show_nothing()
            return
        from workbench.project.reviewing import side_of  # noqa: PLC0415

        self.cover.look(item.id, item.answer_a.kind)
        if self.cover.covered:
            self.answers.allow({name: undoable and name == "undo" for name in USUAL})
        texts = (item.answer_a.text, item.answer_b.text)
        left, right = texts if side_of(self._settings.reviewer, item.id) == "ab" else texts[::-1]
        self.prompt.setPlainText(item.prompt)
        self.left.setPlainText(left)
        self.right.setPlainText(right)
        self._since = time.monotonic()

    def _show_end(self, over: bool) -> None:
        """Show what the sample says in the place of a pair, once all of it is judged."""
        changes = self.card.isHidden() == over
        for part in (self._body, self.answers, self.note):
            part.setVisible(not over)
        self.card.setVisible(over)
        if over:
            self._count()
        if changes and self.isVisible():
            self.take_focus()

    def _show_nothing(self) -> None:
        for view in (self.prompt, self.left, self.right):
            view.setPlainText("")
        if len(self._asked[1]) < 2:
            self.prompt.setPlainText(self.tr("Choose at least two models on the left to judge between."))
        elif self._course and not self._course.pairs:
            self.prompt.setPlainText(self.tr("These models gave the same answer to every prompt: nothing to judge."))

    def _count(self) -> None:
        """Have the sample's judgements counted; asked after the last of them is saved, and so it is among them."""
        course, (run, _, person) = self._course, self._asked
        if course is None:
            return
        place = self.sizes.currentIndex() + 1
        more = int(self.sizes.itemData(place)) - course.size if place < self.sizes.count() else 0
        self.card.begin(course.size, more, bool(course.given))
        self._counted += 1
        number, sample = self._counted, course.sample
        self._session.ask(
            self.tr("Counting your judgements"),
            lambda project: _sample(project, run, sample, person),
            lambda found: self._have_counted(number, found),
        )

    def _have_counted(self, number: int, found: "JudgedSample") -> None:
        if number == self._counted:
            self.card.show_sample(found)

    def _read_ahead(self) -> None:
        from workbench.project.judging import judging_pairs  # noqa: PLC0415

        course = self._course
        if course is not None and (wanted := course.unread()):
            self._session.ask(
                self.tr("Reading answers"),
                lambda project: judging_pairs(project, wanted),
                partial(self._have_read, course, wanted),
            )

    def _have_read(self, course: "JudgeCourse", wanted: list[tuple[str, str]], items: "list[Pair]") -> None:
        waiting = course.item is None
        course.items |= dict(zip(wanted, items, strict=True))
        if waiting and course is self._course:
            self._show()

    def _save(self, made: "PersonJudgement") -> None:
        self._unsaved += 1
        self.state.setText(self.tr("saving…"))
        self._session.ask(self.tr("Saving the judgement"), partial(_save, made), self._have_saved)

    def _have_saved(self, judgement_id: str) -> None:
        self._unsaved -= 1
        self.state.setText(self.tr("saving…") if self._unsaved else self.tr("saved"))
        self.saved.emit(judgement_id)


def _sample(project: "Project", run: str, sample: Sequence[tuple[str, str]], person: str) -> "JudgedSample":
    from workbench.project.judged_sample import judged_sample  # noqa: PLC0415 - on the store's thread

    return judged_sample(project, run, sample, person)


def _save(made: "PersonJudgement", project: "Project") -> str:
    project.judge([made])
    return made.id
