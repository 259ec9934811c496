"""Judging models' answers blind, one pair at a time, with the keys of the review; whose answer it was is not told here."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.history import OneWay
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.answer_buttons import AnswerButtons
from ui.widgets.review_keys import ANSWERS, USUAL, ReviewKeys, key_words
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.judging import JudgingQueue, Pair
    from workbench.records.comparison import Decision
    from workbench.records.evaluation import PersonJudgement

_AHEAD = 20
_LONGEST_SECONDS = 600.0


@dataclass
class _Course:
    """Where a person is in the pairs; done are the judgements of this sitting, newest last, each with its place."""

    pairs: tuple[tuple[str, str], ...] = ()
    judged: "dict[str, PersonJudgement]" = field(default_factory=dict)
    items: "dict[tuple[str, str], Pair]" = field(default_factory=dict)
    place: int = 0
    done: "list[tuple[int, str, PersonJudgement]]" = field(default_factory=list)

    @property
    def item(self) -> "Pair | None":
        """The pair in hand, once it is read."""
        return self.items.get(self.pairs[self.place]) if self.place < len(self.pairs) else None


class JudgePane(QWidget):
    """Shows two answers without their models and takes the decision; while the next pair is not there no key does anything."""

    #: A judgement's id, once it is on disk.
    saved = Signal(str)

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._course, self._since, self._unsaved = _Course(), 0.0, 0
        self._asked: tuple[str, tuple[str, ...]] = ("", ())
        self.progress, self.state = label(part="muted"), label(part="muted")
        self.prompt = TextView(self.tr("The prompt that both models answered"))
        self.left, self.right = (
            TextView(self.tr("Answer A of a model, left")),
            TextView(self.tr("Answer B of a model, right")),
        )
        self.note = QLineEdit()
        self.note.setPlaceholderText(self.tr("A note on this pair (N)"))
        self.note.setAccessibleName(self.tr("Note on these two answers"))
        self.last = label(part="muted", wrap=True)
        self.answers = AnswerButtons(self, ReviewKeys(settings.now.review_keys), self._do)
        self.history = OneWay(self.undo, self)
        self._lay_out()

    def begin(self, run: str, models: Sequence[str]) -> None:
        """Go to the first pair between these models that this person has not judged; the same again changes nothing."""
        self.answers.show_keys(ReviewKeys(self._settings.now.review_keys))
        asked = (run, tuple(models))
        if asked == self._asked:
            return
        self._asked = asked
        if len(models) < 2:
            self._course = _Course()
            self._show()
            return
        from workbench.project.judging import judging_queue  # noqa: PLC0415

        person = self._settings.reviewer
        self._session.ask(
            self.tr("Drawing pairs"), lambda project: judging_queue(project, run, asked[1], person), self._begun
        )

    def forget(self) -> None:
        """Forget the pairs, for another project may come."""
        self._asked, self._course = ("", ()), _Course()

    def answer(self, shown: "Decision") -> None:
        """Take a decision about left (a) and right (b), save it, and go on to the next pair."""
        from workbench.project.judging import person_judgement  # noqa: PLC0415
        from workbench.project.reviewing import decided, side_of  # noqa: PLC0415

        course, item = self._course, self._course.item
        if item is None:
            return
        person = self._settings.reviewer
        side = side_of(person, item.id)
        seconds = min(time.monotonic() - self._since, _LONGEST_SECONDS)
        pair = course.pairs[course.place]
        before = course.judged.get(item.id)
        made = person_judgement(pair, person, decided(shown, side), side, before, seconds, self.note.text().strip())
        course.judged[item.id] = made
        course.done.append((course.place, item.id, made))
        self._save(made)
        self.last.setText(self.tr("Your last answer: {answer}.").format(answer=key_words()[shown]))
        course.place = self._next_open(course.place + 1)
        self._show()

    def undo(self) -> None:
        """Take back the last answer of this sitting by a row that supersedes it, and show its pair again."""
        from workbench.project.judging import person_judgement  # noqa: PLC0415

        course = self._course
        if not course.done:
            return
        place, name, last = course.done.pop()
        self._save(person_judgement((last.answer_a, last.answer_b), last.person, "withdrawn", last.side_shown, last))
        course.judged.pop(name, None)
        course.place = place
        self.last.setText(self.tr("Taken back: your answer on the pair that is shown again."))
        self._show()

    def _lay_out(self) -> None:
        above, pair = QHBoxLayout(), QHBoxLayout()
        says = self.tr("Which answer is better? Whose they are is not shown, so that you judge what you read.")
        above.addWidget(label(says, "heading", wrap=True), 1)
        above.addWidget(self.state)
        above.addWidget(self.progress)
        for title, view in ((self.tr("A"), self.left), (self.tr("B"), self.right)):
            side = QVBoxLayout()
            side.addWidget(label(title, "heading"))
            side.addWidget(view)
            pair.addLayout(side, 1)
        self.note.returnPressed.connect(self.left.setFocus)
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 4 + 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(above)
        column.addWidget(self.prompt)
        column.addLayout(pair, 1)
        column.addWidget(self.answers)
        column.addWidget(self.note)
        column.addWidget(self.last)

    def _do(self, name: str) -> None:
        if name == "undo":
            self.undo()
        elif name == "note":
            self.note.setFocus()
        elif name in ANSWERS:
            self.answer(name)  # type: ignore[arg-type]

    def _begun(self, queue: "JudgingQueue") -> None:
        self._course = _Course(queue.pairs, dict(queue.judged))
        self._course.place = self._next_open(0)
        self.last.clear()
        self._show()

    def _next_open(self, place: int) -> int:
        from workbench.project.judging import pair_id  # noqa: PLC0415

        pairs, judged = self._course.pairs, self._course.judged
        while place < len(pairs) and pair_id(*pairs[place]) in judged:
            place += 1
        return place

    def _show(self) -> None:
        self._read_ahead()
        course, item = self._course, self._course.item
        self.progress.setText(
            self.tr("{done} of {all} judged").format(done=len(course.judged), all=len(course.pairs))
            if course.pairs
            else ""
        )
        self.history.offer(self.tr("your last answer") if course.done else "")
        self.answers.allow({name: bool(course.done) if name == "undo" else item is not None for name in USUAL})
        self.note.clear()
        if item is None:
            self._show_nothing()
            return
        from workbench.project.reviewing import side_of  # noqa: PLC0415

        texts = (item.answer_a.text, item.answer_b.text)
        left, right = texts if side_of(self._settings.reviewer, item.id) == "ab" else texts[::-1]
        self.prompt.setPlainText(item.prompt)
        self.left.setPlainText(left)
        self.right.setPlainText(right)
        self._since = time.monotonic()

    def _show_nothing(self) -> None:
        for view in (self.prompt, self.left, self.right):
            view.setPlainText("")
        course = self._course
        if len(self._asked[1]) < 2:
            self.prompt.setPlainText(self.tr("Choose at least two models on the left to judge between."))
        elif course.pairs and course.place >= len(course.pairs):
            self.prompt.setPlainText(self.tr("Every pair between these models is judged. The tab Results counts them."))

    def _read_ahead(self) -> None:
        from workbench.project.judging import judging_pairs  # noqa: PLC0415

        course = self._course
        near = course.pairs[course.place : course.place + _AHEAD // 2]
        if any(pair not in course.items for pair in near):
            wanted = [pair for pair in course.pairs[course.place : course.place + _AHEAD] if pair not in course.items]
            self._session.ask(
                self.tr("Reading answers"),
                lambda project: judging_pairs(project, wanted),
                partial(self._have_read, course, wanted),
            )

    def _have_read(self, course: _Course, wanted: list[tuple[str, str]], items: "list[Pair]") -> None:
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


def _save(made: "PersonJudgement", project: "Project") -> str:
    project.judge([made])
    return made.id
