"""Chains of revisions: prompt, initial response, then critique and revision by a drawn principle, again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.records.intervention import Edit
from workbench.records.prompt import HELPFUL

StepKind = Literal["initial", "critique", "revision"]

#: The model of a text that came in to be learned as it stands.
DEMONSTRATION = "import"


@dataclass(frozen=True)
class Step:
    """One sampled text of a chain and how it came about; steps of one chain share chain_id and count from index 0.

    round is 0 for the initial response and 1…N for critiques and revisions; sent is the prompt exactly as the model saw
    it; verdicts name what the filters found (`unchanged`, `repetition`, `preamble`, `point_of_view`, `empty`, `too_long`).
    """

    id: str
    chain_id: str
    prompt_id: str
    index: int
    round: int
    kind: StepKind
    text: str
    principle_id: str | None = None
    sent: str = ""
    seed: int = 0
    tokens: int = 0
    finish: str = "stop"
    near_ties: int = 0
    verdicts: tuple[str, ...] = ()
    model: str = ""
    #: The step it was taken over from when a chain was branched, and the edit that worded it, separated by a comma.
    origin: str = ""


@dataclass(frozen=True)
class Revision:
    """One round of a chain: the principle drawn, the critique (None in direct revision) and the revised response."""

    round: int
    principle_id: str
    critique: str | None
    text: str
    verdicts: tuple[str, ...] = ()
    #: The steps that hold the revision and the critique.
    id: str = ""
    critique_id: str = ""


@dataclass(frozen=True)
class Chain:
    """A prompt's initial response and its revisions so far."""

    id: str
    prompt_id: str
    run_id: str
    initial: str
    revisions: tuple[Revision, ...] = ()
    rounds: int = 0
    initial_id: str = ""
    #: The steps that are shown in a person's wording.
    edited: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every round asked for is there."""
        return len(self.revisions) >= self.rounds


def steps_in_chain(kind: str, rounds: int, critique: bool) -> int:
    """Return how many steps a whole chain has; helpful prompts are only answered (arXiv 2212.08073, section 3.2)."""
    return 1 if kind == HELPFUL else 1 + rounds * (2 if critique else 1)


def chain_of(steps: list[Step], run_id: str = "", rounds: int = 0, edits: Mapping[str, Edit] | None = None) -> Chain:
    """Assemble a chain from its steps, in any order, in people's wording where they edited one.

    A critique still waiting for its revision is left out.
    """
    edits = edits or {}
    ordered = sorted(steps, key=lambda step: step.index)
    texts = {step.id: edits[step.id].text or "" if step.id in edits else step.text for step in ordered}
    critiques = {step.round: step.id for step in ordered if step.kind == "critique"}
    revisions = tuple(
        Revision(
            step.round,
            step.principle_id or "",
            texts.get(critiques.get(step.round, "")),
            texts[step.id],
            step.verdicts,
            step.id,
            critiques.get(step.round, ""),
        )
        for step in ordered
        if step.kind == "revision"
    )
    first = ordered[0]
    edited = tuple(step.id for step in ordered if step.id in edits)
    return Chain(
        first.chain_id,
        first.prompt_id,
        run_id,
        texts[first.id],
        revisions,
        rounds or len(revisions),
        first.id,
        edited,
    )
