"""Records made ready to be added: as rows and in their spelling, which another process can do than the one that has the store."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from workbench.records.comparison import Comparison, Review
from workbench.records.encoding import spelt
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.prompt import Prompt
from workbench.store.rows import fields_of, row_of, storable

Rows = Sequence[tuple[Any, ...]]

_COMPARISON_OF_REVIEW = fields_of(Review).index("comparison_id")


class Ready(NamedTuple):
    """The records that a part of a file brings, all plain data; the reviews also as they are spelt in a decision."""

    prompts: Rows = ()
    comparisons: Rows = ()
    items: Rows = ()
    reviews: Rows = ()
    spelt: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        prompts: Sequence[Prompt],
        comparisons: Sequence[Comparison],
        items: Sequence[EvaluationItem],
        reviews: Sequence[Review],
        now: str,
    ) -> "Ready":
        """Make records ready; now is the time of reviews that tell none."""
        made = dated(reviews, now)
        return cls(
            [row_of(prompt) for prompt in prompts],
            [row_of(comparison) for comparison in comparisons],
            [row_of(item) for item in items],
            [row_of(review) for review in made],
            [storable(spelt(review)) for review in made],
        )

    @property
    def compared(self) -> set[str]:
        """The ids of the comparisons that its reviews are on."""
        return {review[_COMPARISON_OF_REVIEW] for review in self.reviews}


def dated(reviews: Sequence[Review], now: str) -> list[Review]:
    """Return reviews with the time they were made, which is now where none is told."""
    # Not by dataclasses.replace, which takes as long as all else that is done for a review of a file of a million.
    return [one if one.created else Review(**{**vars(one), "created": now}) for one in reviews]
