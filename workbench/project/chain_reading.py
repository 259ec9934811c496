"""One chain as a person reads it: every step in its standing wording, who made it and how, and what of it is stale."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.errors import MissingError
from workbench.project.staleness import stale_words
from workbench.records.chain import Step, steps_in_chain
from workbench.records.commands import quoted
from workbench.records.constitution import Principle
from workbench.records.intervention import Edit, Exclusion
from workbench.records.prompt import Prompt
from workbench.records.run import Run
from workbench.sentences import said
from workbench.store.database import Store


@dataclass(frozen=True)
class StepRead:
    """A step, the principle as it was worded, and what people said of the step."""

    step: Step
    principle: Principle | None = None
    edit: Edit | None = None
    exclusion: Exclusion | None = None

    @property
    def text(self) -> str:
        """The wording that holds: a person's, or what the model wrote."""
        return self.edit.text if self.edit is not None and self.edit.text is not None else self.step.text


@dataclass(frozen=True)
class ChainRead:
    """A chain, or one that is still to be written: its prompt and run are there before its first step."""

    prompt: Prompt
    run: Run
    steps: tuple[StepRead, ...] = ()
    expected: int = 0
    exclusion: Exclusion | None = None
    stale: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: Why no more of it will come, where a text of it does not fit its model.
    left_out: str = ""
    #: The run whose chain on this prompt it took the place of, and the response that one ended with.
    before: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        """The chain's id; empty before its first step."""
        return self.steps[0].step.chain_id if self.steps else ""

    @property
    def complete(self) -> bool:
        """Whether every step is there."""
        return len(self.steps) >= self.expected

    @property
    def over(self) -> bool:
        """Whether no more of it will come."""
        return self.complete or bool(self.left_out)

    @property
    def rounds(self) -> int:
        """The last round of which something is there."""
        return max((one.step.round for one in self.steps), default=0)

    def at(self, number: int, kind: str) -> StepRead | None:
        """Return the step of a kind in a round."""
        return next((one for one in self.steps if (one.step.round, one.step.kind) == (number, kind)), None)

    def response(self, number: int) -> StepRead | None:
        """Return the response after a round: the initial one after round 0, else the revision."""
        return self.at(number, "revision" if number else "initial")


def read_chain(store: Store, chain_id: str) -> ChainRead:
    """Return a chain by its id."""
    steps = store.chains.steps_of(chain_id)
    if not steps:
        raise MissingError(
            "There is no chain {chain_id}; list them with: workbench chains {folder}",
            chain_id=chain_id,
            folder=quoted(store.folder),
        )
    run_id = store.chains.run_of(chain_id)
    return read_waiting(store, run_id, steps[0].prompt_id)


def read_waiting(store: Store, run_id: str, prompt_id: str) -> ChainRead:
    """Return the chain of a run on a prompt, be it still to be written."""
    run, prompt = store.runs.find(run_id), store.prompts.get(prompt_id)
    if run is None or prompt is None:
        raise MissingError(
            "There is no chain of run {run_id} on prompt {prompt_id}.", run_id=run_id, prompt_id=prompt_id
        )
    chain_id = store.chains.id_of(run_id, prompt_id)
    steps = store.chains.steps_of(chain_id) if chain_id else []
    edits = store.edits.of_chains([chain_id]) if chain_id else {}
    principles = _principles(store, run)
    excluded = store.exclusions.standing_among([chain_id, *(step.id for step in steps)])
    read = tuple(
        StepRead(step, principles.get(step.principle_id or ""), edits.get(step.id), excluded.get(step.id))
        for step in steps
    )
    settings = run.plan.settings if run.plan else {}
    expected = steps_in_chain(prompt.kind, int(settings.get("rounds", 0)), bool(settings.get("critique", True)))
    return ChainRead(
        prompt,
        run,
        read,
        expected,
        excluded.get(chain_id),
        tuple(_stale(store, run, read)),
        tuple(store.taggings.of_prompt(prompt_id)),
        store.done_inputs.why_left_out(run_id, prompt_id),
        _before(store, run, prompt_id),
    )


def _before(store: Store, run: Run, prompt_id: str) -> tuple[str, str] | None:
    """Return where a prompt's chain stood before a run wrote it again, and its last response as it holds."""
    for earlier in run.plan.amends if run.plan else ():
        chain_id = store.chains.id_of(earlier, prompt_id)
        responses = [step for step in store.chains.steps_of(chain_id) if step.kind != "critique"] if chain_id else []
        if responses:
            edit = store.edits.of_chains([chain_id]).get(responses[-1].id)
            return earlier, StepRead(responses[-1], edit=edit).text
    return None


def _principles(store: Store, run: Run) -> Mapping[str, Principle]:
    version = store.constitutions.get(run.plan.constitution_hash) if run.plan else None
    return {principle.id: principle for principle in version.constitution.principles} if version else {}


def _stale(store: Store, run: Run, steps: tuple[StepRead, ...]) -> list[str]:
    drawn = {one.step.round: one.step.principle_id for one in steps if one.step.principle_id}
    words = stale_words(store, run, {number: name for number, name in drawn.items() if name})
    last = max((one.step.index for one in steps), default=0)
    for one in steps:
        if one.edit is not None and one.step.index < last:
            words.append(
                said(
                    "{person} worded a text of round {round} anew; later ones follow the old wording.",
                    person=one.edit.person,
                    round=one.step.round,
                )
            )
    return words
