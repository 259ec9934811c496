"""Rows that training stages read: made from chains, labels and reviews by the owner of the project, traced to their origin."""

from dataclasses import dataclass

from workbench.records.transcript import Message


@dataclass(frozen=True)
class SftRow:
    """A conversation and the completion to learn; origin names the step or answer it came from."""

    messages: tuple[Message, ...]
    completion: str
    prompt_id: str = ""
    kind: str = ""
    origin: str = ""
    round: int = 0
    #: The principle a revision was asked for by, the constitution it stood in, and who worded the text anew.
    principle: str = ""
    constitution_hash: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreferenceRow:
    """A conversation, two responses and P(a better); held_out rows measure the preference model and never train it."""

    messages: tuple[Message, ...]
    response_a: str
    response_b: str
    probability_a: float
    comparison_id: str = ""
    prompt_id: str = ""
    kind: str = ""
    origin: str = ""
    principle_ids: tuple[str, ...] = ()
    weight: float = 1.0
    held_out: bool = False
    constitution_hash: str = ""
    reviewers: tuple[str, ...] = ()
