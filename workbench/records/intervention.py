"""What a person says of texts: to leave them out of training, to word them anew, to tag the prompts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exclusion:
    """A person's word that a chain, a step, a comparison or a label is not to be trained on, or (excluded false) is again.

    Append-only: a later one supersedes by id, nothing is erased.
    """

    id: str
    target: str
    excluded: bool = True
    reason: str = ""
    person: str = ""
    supersedes: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Edit:
    """A person's wording of a step's text; None goes back to what the model wrote, which is always kept.

    Append-only: a later one supersedes by id, nothing is erased.
    """

    id: str
    step_id: str
    text: str | None
    reason: str = ""
    person: str = ""
    supersedes: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Tagging:
    """A person's word that some prompts bear a tag, or (tagged false) no longer do; append-only, the last word counts."""

    id: str
    tag: str
    prompts: tuple[str, ...]
    tagged: bool = True
    person: str = ""
    created: str = ""
