"""Evaluation sets: questions whose right answers are known, and what judges answered."""

from dataclasses import dataclass
from typing import Literal

from workbench.records.prompt import RED_TEAM
from workbench.records.transcript import Message

AnswerMethod = Literal["logprobs", "rationale", "score"]


@dataclass(frozen=True)
class EvaluationItem:
    """One item of a set: a conversation with right and wrong responses, or a written-out question with right and wrong options.

    Where responses are there, a judge is asked to choose between two of them, in both orders. question is asked as it stands,
    its options (" (A)" and so on) continue it; an item may have both, then the responses are used.
    """

    id: str
    set_name: str
    messages: tuple[Message, ...] = ()
    corrects: tuple[str, ...] = ()
    incorrects: tuple[str, ...] = ()
    question: str = ""
    correct_options: tuple[str, ...] = ()
    incorrect_options: tuple[str, ...] = ()
    kind: str = RED_TEAM

    @property
    def has_responses(self) -> bool:
        """Whether there are responses to choose between, which a preference model can score."""
        return bool(self.corrects and self.incorrects)


@dataclass(frozen=True)
class ItemAnswer:
    """A judge's answer on one pair of an item's responses, or on its question.

    right is 1 where the judge's first choice is right, 0 where it is wrong, 0.5 where it has none; probability_correct is what
    it gave to all that is right, confidence what it gave to its first choice. verdict is as a label's.
    """

    id: str
    item_id: str
    judge: str
    right: float
    probability_correct: float
    confidence: float
    order_flip: bool | None = None
    method: AnswerMethod = "logprobs"
    verdict: str = "ok"
    rationale: str = ""
