"""Reviewing labels one pair at a time: answers by key, sides drawn at random, the label shown after the answer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.inspector import Facts
from ui.widgets.texts import TextView, button, label

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.reviewing import ReviewItem, ReviewQueue, Side
    from workbench.records.comparison import Decision, Review

#: Read ahead, so that the next pair is there when a key is pressed.
_AHEAD = 20


@dataclass
class _Course:
    """Where a reviewer is in a queue; done are the answers of this sitting, newest last, each with its place."""

    ids: tuple[str, ...] = ()
    reviews: "dict[str, Review]" = field(default_factory=dict)
    items: "dict[str, ReviewItem]" = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    place: int = 0
    done: "list[tuple[int, Review]]" = field(default_factory=list)

    @property
    def item(self) -> "ReviewItem | None":
        """The pair in hand, once it is read."""
        return self.items.get(self.ids[self.place]) if self.place < len(self.ids) else None


class ReviewPane(QWidget):
    """Shows a pair and takes the answer; while the next pair is not there yet no key does anything."""

    inspect = Signal(object)
    #: A review's id, once it is on disk.
    saved = Signal(str)

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._course, self._since, self._unsaved = _Course(), 0.0, 0
        self.queue = QComboBox()
        self.queue.setAccessibleName(self.tr("Which pairs to review"))
        for name, text in (
            ("random", self.tr("At random")), ("uncertain", self.tr("Uncertain first")), ("flips", self.tr("Order flips")),
        ):  # fmt: skip
            self.queue.addItem(text, name)
        self.blind = QCheckBox(self.tr("Blind: show the label after my answer"))
        self.blind.setChecked(True)
        self.progress, self.state = label(part="muted"), label(part="muted")
        self.question = label(part="heading", wrap=True)
        self.prompt = TextView(self.tr("The prompt"))
        self.left, self.right = TextView(self.tr("Answer A, left")), TextView(self.tr("Answer B, right"))
        self.label_now, self.last = label(part="muted", wrap=True), label(wrap=True)
        self.note = QLineEdit()
        self.note.setPlaceholderText(self.tr("A note on this pair (N)"))
        self.note.setAccessibleName(self.tr("Note on this pair"))
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self.queue.currentIndexChanged.connect(self.begin)
        self.blind.toggled.connect(self._show)

    def begin(self) -> None:
        """Read the queue and go to the first pair this reviewer has not answered."""
        from workbench.project.reviewing import review_queue  # noqa: PLC0415

        name, reviewer = str(self.queue.currentData()), self._settings.reviewer
        self._session.ask(
            self.tr("Reading the queue"), lambda project: review_queue(project, name, reviewer), self._begun
        )

    @property
    def item(self) -> "ReviewItem | None":
        """The pair in hand."""
        return self._course.item

    def answer(self, shown: "Decision") -> None:
        """Take an answer about left (a) and right (b), save it, and go on to the next pair."""
        from workbench.project.reviewing import decided, review, side_of  # noqa: PLC0415

        course, item = self._course, self._course.item
        if item is None:
            return
        name, person = item.comparison.id, self._settings.reviewer
        side = side_of(person, name)
        seconds = min(time.monotonic() - self._since, 600.0)
        blind, note = self.blind.isChecked(), self.note.text().strip()
        made = review(name, person, decided(shown, side), side, course.reviews.get(name), blind, seconds, note)
        course.reviews[name] = made
        course.done.append((course.place, made))
        self._save(made)
        self._reveal(item, made)
        course.place = self._next_open(course.place + 1)
        self._show()

    def undo(self) -> None:
        """Take back the last answer of this sitting by a row that supersedes it, and show its pair again."""
        from workbench.project.reviewing import review  # noqa: PLC0415

        course = self._course
        if not course.done:
            return
        place, last = course.done.pop()
        self._save(review(last.comparison_id, last.reviewer, "withdrawn", last.side_shown, last, last.blind))
        course.reviews.pop(last.comparison_id, None)
        course.place = place
        self.last.setText(self.tr("Taken back: your answer on the pair that is shown again."))
        self._show()

    def _lay_out(self) -> None:
        above, pair, answers = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget in (label(self.tr("Pairs")), self.queue, self.blind):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(self.state)
        above.addWidget(self.progress)
        for title, view in ((self.tr("A"), self.left), (self.tr("B"), self.right)):
            side = QVBoxLayout()
            side.addWidget(label(title, "heading"))
            side.addWidget(view)
            pair.addLayout(side, 1)
        for key, text, keys in self._answers():
            self.buttons[key] = made = button(text)
            made.setToolTip(self.tr("Keys: {keys}").format(keys=", ".join(keys)))
            made.setStyleSheet("padding-left: 6px; padding-right: 6px;")
            made.clicked.connect(partial(self._do, key))
            for one in keys:
                shortcut = QShortcut(QKeySequence(one), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(partial(self._do, key))
            answers.addWidget(made)
        QShortcut(QKeySequence("N"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut).activated.connect(
            self.note.setFocus
        )
        self.note.returnPressed.connect(self.left.setFocus)
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(above)
        column.addWidget(self.prompt)
        column.addWidget(self.question)
        column.addLayout(pair, 1)
        column.addWidget(self.label_now)
        column.addLayout(answers)
        column.addWidget(self.note)
        column.addWidget(self.last)

    def _answers(self) -> Sequence[tuple[str, str, tuple[str, ...]]]:
        return (
            ("a_much", self.tr("A much [1]"), ("1",)),
            ("a", self.tr("A better [2]"), ("2", "A")),
            ("tie", self.tr("Tie [3]"), ("3", "T")),
            ("b", self.tr("B better [4]"), ("4", "B")),
            ("b_much", self.tr("B much [5]"), ("5",)),
            ("both_bad", self.tr("Both bad [0]"), ("0",)),
            ("skip", self.tr("Skip [Space]"), ("Space",)),
            ("flag", self.tr("Flag [F]"), ("F",)),
            ("undo", self.tr("Undo [⌫]"), ("Backspace", "Ctrl+Z")),
        )

    def _do(self, key: str) -> None:
        if key == "undo":
            self.undo()
        else:
            self.answer(key)  # type: ignore[arg-type]

    def _begun(self, queue: "ReviewQueue") -> None:
        self._course = _Course(queue.ids, dict(queue.reviews))
        self._course.place = self._next_open(0)
        self.last.clear()
        self._show()

    def _next_open(self, place: int) -> int:
        ids, reviews = self._course.ids, self._course.reviews
        while place < len(ids) and ids[place] in reviews:
            place += 1
        return place

    def _show(self) -> None:
        self._read_ahead()
        course, item = self._course, self._course.item
        answered = sum(name in course.reviews for name in course.ids)
        self.progress.setText(self.tr("{done} of {all} answered").format(done=answered, all=len(course.ids)))
        for key, one in self.buttons.items():
            one.setEnabled(bool(course.done) if key == "undo" else item is not None)
        self.note.clear()
        if item is None:
            self._show_nothing()
            return
        from workbench.project.reviewing import side_of  # noqa: PLC0415

        texts = (item.comparison.response_a, item.comparison.response_b)
        left, right = texts if side_of(self._settings.reviewer, item.comparison.id) == "ab" else texts[::-1]
        self.prompt.setPlainText(item.prompt)
        self.left.setPlainText(left)
        self.right.setPlainText(right)
        self.question.setText(item.question)
        self.label_now.setText("" if self.blind.isChecked() else self._label_words(item))
        self._since = time.monotonic()

    def _show_nothing(self) -> None:
        for view in (self.prompt, self.left, self.right):
            view.setPlainText("")
        course = self._course
        if not course.ids:
            text = self.tr("No pair in this queue has a label yet; have some labelled on the tab Runs.")
        else:
            text = self.tr("Every pair of this queue is answered.") if course.place >= len(course.ids) else ""
        self.question.setText(text)
        self.label_now.clear()

    def _read_ahead(self) -> None:
        from workbench.project.reviewing import review_items  # noqa: PLC0415

        course = self._course
        wanted = [name for name in course.ids[course.place : course.place + _AHEAD] if name not in course.asked]
        near = course.ids[course.place : course.place + _AHEAD // 2]
        if wanted and (len(wanted) == _AHEAD or any(name in near for name in wanted) or len(course.ids) < _AHEAD):
            course.asked |= set(wanted)
            self._session.ask(
                self.tr("Reading pairs"),
                lambda project: review_items(project, wanted),
                partial(self._have_read, course),
            )

    def _have_read(self, course: _Course, items: "list[ReviewItem]") -> None:
        waiting = course.item is None
        course.items |= {item.comparison.id: item for item in items}
        if waiting and course is self._course:
            self._show()

    def _save(self, made: "Review") -> None:
        self._unsaved += 1
        self.state.setText(self.tr("saving…"))
        self._session.ask(self.tr("Saving the review"), partial(_save, made), self._have_saved)

    def _have_saved(self, review_id: str) -> None:
        self._unsaved -= 1
        self.state.setText(self.tr("saving…") if self._unsaved else self.tr("saved"))
        self.saved.emit(review_id)

    def _reveal(self, item: "ReviewItem", made: "Review") -> None:
        words = self.tr("Your answer on the last pair: {mine}. {label}")
        mine = self._in_words(made.decision, made.side_shown)
        self.last.setText(words.format(mine=mine, label=self._label_words(item)))
        self.inspect.emit(self._facts(item, made))

    def _label_words(self, item: "ReviewItem") -> str:
        from workbench.project.reviewing import side_of  # noqa: PLC0415

        if item.label is None:
            return self.tr("It has no label.")
        side = side_of(self._settings.reviewer, item.comparison.id)
        probability = item.label.probability_a if side == "ab" else 1 - item.label.probability_a
        words = self.tr("The label said {choice}: probability of A {probability:.2f}, by {principles}{flip}.")
        choice = self.tr("A") if probability > 0.5 else self.tr("B") if probability < 0.5 else self.tr("tie")
        flip = self.tr("; the two orders disagree") if item.label.order_flip else ""
        return words.format(
            choice=choice, probability=probability, principles=", ".join(item.label.principle_ids), flip=flip
        )

    def _in_words(self, decision: "Decision", side: "Side") -> str:
        from workbench.project.reviewing import decided  # noqa: PLC0415

        text = {key: words for key, words, _ in self._answers()}[decided(decision, side)]
        return text.partition(" [")[0]

    def _facts(self, item: "ReviewItem", made: "Review") -> Facts:
        shown = self.tr("response a left") if made.side_shown == "ab" else self.tr("response b left")
        lines = [
            (self.tr("Pair"), item.comparison.id),
            (self.tr("Sides"), shown),
            (self.tr("Answers by"), ", ".join(dict.fromkeys([item.comparison.model_a, item.comparison.model_b]))),
            (self.tr("Review"), f"{made.decision} · {made.seconds:.1f} s · {made.reviewer}"),
        ]
        if item.label is not None:
            sent = item.label.answers[0].sent if item.label.answers else ""
            lines += [
                (self.tr("Labelled by"), item.label.model),
                (self.tr("Principles"), ", ".join(item.label.principle_ids)),
                (self.tr("Asked exactly so"), sent),
            ]
        return Facts(self.tr("The last pair"), lines)


def _save(made: "Review", project: "Project") -> str:
    project.review([made])
    return made.id
