"""Constitutions: named lists of principles with few-shot examples, identified by their content."""

from dataclasses import dataclass, field
from typing import Literal

from workbench.records.encoding import to_data
from workbench.records.identity import content_hash

Use = Literal["revision", "comparison", "rationale"]

#: A constitution is read by people; a text of more bytes is something else.
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Principle:
    """One rule with up to three wordings; a stage uses it only where it has the wording that stage needs."""

    id: str
    title: str = ""
    critique_request: str = ""
    revision_request: str = ""
    comparison_question: str = ""
    tags: tuple[str, ...] = ()
    weight: float = 1.0
    enabled: bool = True
    #: Kinds of prompt it is drawn for; empty means all.
    applies_to: tuple[str, ...] = ()
    rationale: str = ""
    source: str = ""

    def serves(self, use: Use, kind: str) -> bool:
        """Say whether a stage may draw it for a prompt of this kind."""
        wording = self.revision_request if use == "revision" else self.comparison_question
        return bool(self.enabled and self.weight > 0 and wording and (not self.applies_to or kind in self.applies_to))


@dataclass(frozen=True)
class FewShot:
    """An example exchange put in front of a request: critique and revision, comparison, or comparison with rationale."""

    use: Use
    prompt: str
    response: str = ""
    critique_request: str = ""
    critique: str = ""
    revision_request: str = ""
    revision: str = ""
    response_a: str = ""
    response_b: str = ""
    comparison_question: str = ""
    rationale: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Constitution:
    """A named list of principles plus few-shots, for one task."""

    name: str
    title: str = ""
    description: str = ""
    task: str = "dialogue"
    principles: tuple[Principle, ...] = ()
    few_shots: tuple[FewShot, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 over everything in it: equal content, equal hash, whatever the file's layout or comments."""
        return content_hash(to_data(self))

    def principles_for(self, use: Use, kind: str) -> tuple[Principle, ...]:
        """Return the principles a stage may draw for a prompt of this kind, in order."""
        return tuple(principle for principle in self.principles if principle.serves(use, kind))

    def few_shots_for(self, use: Use) -> tuple[FewShot, ...]:
        """Return the examples of one use, in order."""
        return tuple(shot for shot in self.few_shots if shot.use == use)


@dataclass(frozen=True)
class ConstitutionVersion:
    """A committed, immutable constitution: its hash, its file as it was written, a line that says why, and its parent."""

    hash: str
    constitution: Constitution
    yaml: str
    message: str = ""
    parent: str | None = None
    created: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """The last text of a constitution that somebody works on, whether it can be read yet or not.

    file_hash is the SHA-256 of the file beside the store when they were last brought into line, "" where there was none.
    """

    name: str
    text: str
    file_hash: str = ""
    saved: str = ""
