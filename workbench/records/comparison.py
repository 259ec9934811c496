"""Comparisons, the feedback model's labels on them, people's reviews, and the preferences training sees."""

from dataclasses import dataclass
from typing import Literal

from workbench.errors import BadInputError
from workbench.records.endpoint import Reading
from workbench.sentences import said

Decision = Literal["a_much", "a", "tie", "b", "b_much", "both_bad", "skip", "flag", "withdrawn"]
Method = Literal["logprobs", "rationale"]

#: The queue of an audit: its pairs are answered without ever seeing the label before the whole sample is done.
AUDIT = "audit"


@dataclass(frozen=True)
class Comparison:
    """A prompt and two responses, a and b, to choose between, with the models that wrote them."""

    id: str
    prompt_id: str
    response_a: str
    response_b: str
    model_a: str = ""
    model_b: str = ""
    source: str = "sampled"
    seed_a: int = 0
    seed_b: int = 0


@dataclass(frozen=True)
class OrderedAnswer:
    """The feedback model's answer in one order: log-probabilities normalised over the two options, for response a and b.

    order says which response stood first ("ab" or "ba"); the values are always those of response a and response b.
    """

    order: Literal["ab", "ba"]
    logprob_a: float
    logprob_b: float
    sent: str = ""
    rationale: str = ""


#: Verdicts on a label that is excluded: an option's probability is not finite, nothing was said or the responses are equal; the
#: question does not fit the feedback model.
DEGENERATE, TOO_LONG = "degenerate", "too_long"


@dataclass(frozen=True)
class Label:
    """The feedback model's soft label: P(a better) by one principle, averaged in log-odds over the orders asked.

    (Paper section 4.1; both orders after RLAIF, arXiv 2309.00267.) verdict is "ok", or why the label is excluded: DEGENERATE or
    TOO_LONG. order_flip: the two orders disagree. clamp is the range a chain-of-thought label was held to, or None; reading is
    how its options' probabilities were read.
    """

    id: str
    comparison_id: str
    principle_ids: tuple[str, ...]
    probability_a: float
    answers: tuple[OrderedAnswer, ...]
    order_flip: bool = False
    method: Method = "logprobs"
    clamp: tuple[float, float] | None = None
    verdict: str = "ok"
    seed: int = 0
    model: str = ""
    constitution_hash: str = ""
    reading: Reading = "exact"


@dataclass(frozen=True)
class Review:
    """A person's decision on a comparison; append-only, a later one supersedes by id, nothing is overwritten.

    blind: made without having seen the label; after_reveal: changed after it was shown. queue is how the comparison came to be
    reviewed, label_id the label its question is from, overall that the reviewer was asked for an overall preference instead,
    guidelines the text in force.
    """

    id: str
    comparison_id: str
    reviewer: str
    decision: Decision
    side_shown: Literal["ab", "ba"] = "ab"
    blind: bool = False
    seconds: float = 0.0
    reason: str = ""
    supersedes: str | None = None
    created: str = ""
    queue: str = ""
    label_id: str = ""
    overall: bool = False
    after_reveal: bool = False
    guidelines: str = ""


@dataclass(frozen=True)
class PreferenceRule:
    """How reviews and labels become the probability training sees; recorded with every training run.

    Where both responses are bad the comparison is left out, or counts as a tie. Raises BadInputError where the values contradict
    each other.
    """

    much_better: float = 0.95
    better: float = 0.75
    tie: float = 0.5
    reviews_override: bool = True
    #: Which labels count where both methods were used on a comparison.
    method: Method = "logprobs"
    both_bad_left_out: bool = True

    def __post_init__(self) -> None:
        if not 0.5 <= self.better <= self.much_better <= 1:
            raise BadInputError(
                "The rule needs 0.5 ≤ better ≤ much better ≤ 1; got better {better:g}, much better {much_better:g}.",
                better=self.better,
                much_better=self.much_better,
            )
        if not 1 - self.better <= self.tie <= self.better:
            raise BadInputError("A tie lies between the two answers 'better'; {tie:g} does not.", tie=self.tie)

    @property
    def words(self) -> str:
        """The rule in one line."""
        both_bad = "left out" if self.both_bad_left_out else f"{self.tie:g}"
        return said(
            "much better {much_better:g}, better {better:g}, tie {tie:g}, both bad {both_bad}",
            much_better=self.much_better,
            better=self.better,
            tie=self.tie,
            both_bad=both_bad,
        ) + ("" if self.reviews_override else said(", labels alone"))


@dataclass(frozen=True)
class Preference:
    """What training sees of one comparison: P(a better) by a recorded rule, and where it comes from."""

    comparison_id: str
    prompt_id: str
    probability_a: float
    origin: str
    principle_ids: tuple[str, ...] = ()
    weight: float = 1.0
    #: The constitution versions of the labels it comes from, separated by commas; empty for reviews.
    constitution_hash: str = ""
    #: Whose reviews it comes from; empty for labels.
    reviewers: tuple[str, ...] = ()
