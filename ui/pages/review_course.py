"""Where a reviewer is in a queue: which pair is in hand, what was answered, and what an answer, a change or an undo becomes.

Nothing here waits: the next pair is there as soon as a key is pressed, and saving is the pane's business.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.project.reviewing import Answered, ReviewItem, ReviewQueue, Side
    from workbench.records.comparison import Decision, Review

#: Read ahead, so that the next pair is there when a key is pressed.
AHEAD = 20


@dataclass(frozen=True)
class Given:
    """An answer: where its pair is, the review, and the one it superseded."""

    place: int
    review: "Review"
    before: "Review | None"


@dataclass
class Course:
    """A sitting in one queue; reveals says whether the label is shown after each answer."""

    name: str
    reviewer: str
    queue: "ReviewQueue | None" = None
    reviews: "dict[str, Review]" = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    items: "dict[str, ReviewItem]" = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    place: int = 0
    given: list[Given] = field(default_factory=list)
    #: The pair in hand was answered and is looked at again, or is still there because the reviewer wants to go on by hand.
    again: bool = False
    waiting: bool = False

    @classmethod
    def through(cls, name: str, reviewer: str, queue: "ReviewQueue") -> "Course":
        """Begin at the first pair of a queue that is open; answers of an earlier day can be taken back as well."""
        course = cls(name, reviewer, queue, dict(queue.reviews), set(queue.answered), set(queue.seen))
        places = {comparison_id: place for place, comparison_id in enumerate(queue.ids)}
        at = ((places.get(one.comparison_id), one, before) for one, before in queue.given)
        course.given = [Given(place, one, before) for place, one, before in at if place is not None]
        course.place = course.next_open(0)
        return course

    @property
    def ids(self) -> tuple[str, ...]:
        """The comparisons of the queue."""
        return self.queue.ids if self.queue else ()

    @property
    def goes_on(self) -> bool:
        """Whether the queue holds more than what was read of it."""
        return self.queue is not None and self.queue.more

    @property
    def item(self) -> "ReviewItem | None":
        """The pair in hand, once it is read."""
        return self.items.get(self.ids[self.place]) if self.place < len(self.ids) else None

    @property
    def reveals(self) -> bool:
        """Whether the label is shown after each answer."""
        from workbench.records.comparison import AUDIT  # noqa: PLC0415

        return self.name != AUDIT

    @property
    def tells(self) -> bool:
        """Whether labels of answered pairs may be told: in an audit not before all of it is answered."""
        return self.reveals or bool(self.ids and self.answered >= set(self.ids))

    @property
    def done(self) -> int:
        """How many pairs of the queue need no answer any more."""
        return sum(name in self.answered for name in self.ids)

    @property
    def side(self) -> "Side":
        """Which response of the pair in hand stands left."""
        from workbench.project.reviewing import side_of  # noqa: PLC0415

        assert self.item is not None
        return side_of(self.reviewer, self.item.comparison.id)

    def wanted(self) -> list[str]:
        """Return the pairs to read now: some at a time, and before the last of them is reached."""
        ahead = self.ids[self.place : self.place + AHEAD]
        wanted = [name for name in ahead if name not in self.asked]
        near = any(name not in self.asked for name in ahead[: AHEAD // 2])
        if not (near or len(wanted) == AHEAD):
            return []
        self.asked |= set(wanted)
        return wanted

    def answer(self, shown: "Decision", how: "Answered") -> "Review":
        """Take an answer about left (a) and right (b); it is blind only where the reviewer has not seen the label."""
        from dataclasses import replace  # noqa: PLC0415

        from workbench.project.reviewing import decided, review  # noqa: PLC0415

        item = self.item
        assert item is not None
        name = item.comparison.id
        seen = name in self.seen
        how = replace(how, queue=self.name, blind=how.blind and not seen, after_reveal=seen)
        before = self.reviews.get(name)
        made = review(name, self.reviewer, decided(shown, self.side), self.side, how, before)
        self.given.append(Given(self.place, made, before))
        self.reviews[name] = made
        self.answered.add(name)
        if self.reveals:
            self.seen.add(name)
        elif self.tells:  # the audit is done: its labels are shown from now on
            self.seen |= set(self.ids)
        return made

    def undo(self) -> "Review | None":
        """Take back the last answer and go back to its pair."""
        from workbench.project.reviewing import taken_back  # noqa: PLC0415

        if not self.given:
            return None
        last = self.given.pop()
        name = last.review.comparison_id
        stands = self.reviews.get(name, last.review)  # which may itself have been brought back
        made = taken_back(stands, last.before)
        if last.before is None:
            self.reviews.pop(name, None)
            self.answered.discard(name)
        else:
            self.reviews[name] = made
        self.place, self.again, self.waiting = last.place, last.before is not None, False
        return made

    def look_again(self, place: int) -> None:
        """Take a pair that was answered into the hand again."""
        self.place, self.again, self.waiting = place, True, False

    def go_on(self) -> None:
        """Go to the next open pair: after this one, or else from the beginning."""
        self.again = self.waiting = False
        place = self.next_open(self.place + 1)
        self.place = place if place < len(self.ids) else self.next_open(0)

    def next_open(self, place: int) -> int:
        """Return the first place from here on whose pair is open."""
        while place < len(self.ids) and self.ids[place] in self.answered:
            place += 1
        return place
