"""Trying a principle: one response, criticised and revised under several wordings side by side, from the same draws."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.models.language_model import LanguageModel
from workbench.records.chain import Step, StepKind
from workbench.records.constitution import Constitution, Principle
from workbench.records.identity import record_id
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.records.request import Wording
from workbench.records.settings import ChainSettings
from workbench.records.task import Task
from workbench.stages.chains import RESPONSE, ChainWork, chain_walk
from workbench.stages.walking import OnText, drive

INITIAL: StepKind = "initial"


@dataclass(frozen=True)
class TryWork:
    """What the wordings have in common; settings are those of a chain, of which one round is written."""

    models: Mapping[str, LanguageModel]
    settings: ChainSettings
    task: Task
    prompt: Prompt
    seed: int

    def chain(self, name: str, wording: Wording | None = None) -> ChainWork:
        """Return the chain of one round by one wording, or of the response alone."""
        principles = () if wording is None else (_always(wording),)
        constitution = Constitution(name, principles=principles, few_shots=wording.few_shots if wording else ())
        settings = dataclasses.replace(self.settings, rounds=len(principles))
        models = self.models if wording else {RESPONSE: self.models[RESPONSE]}
        return ChainWork(models, constitution, settings, self.task, self.seed, name)

    @property
    def criticised(self) -> Prompt:
        """The prompt as one whose answers are criticised, whatever its kind."""
        return dataclasses.replace(self.prompt, kind=RED_TEAM)


def write_initial(work: TryWork, on_text: OnText | None = None) -> Iterator[Step | None]:
    """Yield the response that all wordings begin from, and None in between."""
    chain = work.chain(INITIAL)
    yield from drive(chain.models, [(INITIAL, chain_walk(chain, work.criticised, ()))], 0, on_text, breaths=True)


def write_revisions(
    work: TryWork, initial: str, wordings: Mapping[str, Wording], on_text: OnText | None = None
) -> Iterator[tuple[str, Step] | None]:
    """Yield each wording's critique and revision with its name as they are written, and None in between."""
    first = Step("", "", work.prompt.id, 0, 0, INITIAL, initial)
    chains = {name: work.chain(name, wording) for name, wording in wordings.items()}
    names = {record_id("chain", name, work.prompt.id): name for name in wordings}
    walks = ((name, chain_walk(chain, work.criticised, [first])) for name, chain in chains.items())
    for step in drive(work.models, walks, 0, on_text, breaths=True):
        yield None if step is None else (names[step.chain_id], step)


def _always(wording: Wording) -> Principle:
    """The wording's principle, drawn whatever its weight and the prompt's kind."""
    return dataclasses.replace(wording.principle, enabled=True, weight=1.0, applies_to=())
