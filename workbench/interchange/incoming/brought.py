"""What a row brings: prompts, comparisons with the choices made on them, chains, items of evaluation sets."""

from dataclasses import dataclass
from typing import NamedTuple

from workbench.records.chain import DEMONSTRATION, Step
from workbench.records.comparison import Comparison, Review
from workbench.records.draws import stream_seed
from workbench.records.evaluation import Answer, Score
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.identity import record_id
from workbench.records.prompt import RED_TEAM, Prompt

#: Who the choice of a row that names nobody is credited to.
IMPORTED = "import"
#: What an imported choice may say.
_DECISIONS = {one: one for one in ("a_much", "a", "tie", "b", "b_much", "both_bad", "skip", "flag")}


@dataclass(frozen=True)
class Reading:
    """What a file's rows are read with: the file's name, and kind and split of prompts that do not say."""

    source: str
    kind: str = RED_TEAM
    split: str = "train"


class Brought(NamedTuple):
    """The records of one row; comparisons, steps and reviews are about prompts that are in it."""

    prompts: tuple[Prompt, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    reviews: tuple[Review, ...] = ()
    steps: tuple[Step, ...] = ()
    items: tuple[EvaluationItem, ...] = ()
    answers: tuple[Answer, ...] = ()
    scores: tuple[Score, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the row brings nothing."""
        return not (self.prompts or self.items)


def choice_between(prompt: Prompt, chosen: str, rejected: str, reviewer: str | None = IMPORTED) -> Brought:
    """Return the comparison of a chosen and a rejected response; no reviewer means that nobody's choice is taken over.

    Which of the two becomes response a follows from a hash of their texts, so that the side says nothing about the choice.
    """
    low, high = sorted((chosen, rejected))
    swap = stream_seed(0, prompt.id, low, high) & 1
    comparison = comparison_of(prompt, *((high, low) if swap else (low, high)))
    if reviewer is None:
        return Brought((prompt,), (comparison,))
    decision = "a" if comparison.response_a == chosen else "b"
    return Brought((prompt,), (comparison,), (review_of(comparison, reviewer, decision),))


def comparison_of(prompt: Prompt, response_a: str, response_b: str, model_a: str = "", model_b: str = "") -> Comparison:
    """Return the comparison of two responses as they stand; equal texts give one id."""
    name = record_id("comparison", IMPORTED, prompt.id, response_a, response_b)
    return Comparison(name, prompt.id, response_a, response_b, model_a, model_b, source=IMPORTED)


def review_of(
    comparison: Comparison, reviewer: str, decision: str, reason: str = "", seconds: float = 0.0, created: str = ""
) -> Review:
    """Return a person's imported decision; importing it again gives the same id."""
    parts = [reason, created] if reason or created else []
    name = record_id("review", reviewer, comparison.id, decision, *parts)
    return Review(
        name,
        comparison.id,
        reviewer,
        _DECISIONS[decision],  # type: ignore[arg-type]
        reason=reason,
        seconds=seconds,
        created=created,
    )


def demonstration(prompt: Prompt, text: str) -> Brought:
    """Return the chain of a response that is to be learned as it stands: an initial response and nothing after it."""
    chain = record_id("chain", IMPORTED, prompt.id, text)
    step = Step(record_id("step", chain, 0), chain, prompt.id, 0, 0, "initial", text, model=DEMONSTRATION)
    return Brought((prompt,), steps=(step,))
