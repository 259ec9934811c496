"""Chains of revisions (paper section 3.1): respond, then critique and revise by a drawn principle, again and again.

Each round starts from prompt and latest response alone: the revision takes the response's place and earlier critiques are not
carried along. Principles are drawn by weight with replacement, each draw from its own random stream.
"""

import dataclasses
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError
from workbench.models.language_model import LanguageModel, Sample, SampleRequest
from workbench.records.chain import Step, StepKind, steps_in_chain
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.draws import stream, stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import HELPFUL, Prompt
from workbench.records.settings import ChainSettings
from workbench.records.task import Task
from workbench.records.transcript import Message
from workbench.stages.filters import revision_verdicts, text_verdicts
from workbench.stages.walking import LeftOut, OnText, Walk, ask, drive

RESPONSE, CRITIC = "response", "critic"


@dataclass(frozen=True)
class ChainWork:
    """What every chain of a run has in common."""

    models: Mapping[str, LanguageModel]
    constitution: Constitution
    settings: ChainSettings
    task: Task
    seed: int
    run_id: str

    def rounds(self, prompt: Prompt) -> int:
        """Rounds for a prompt: helpful prompts are only answered (paper section 3.2)."""
        return 0 if prompt.kind == HELPFUL else self.settings.rounds

    @property
    def max_tokens(self) -> int:
        """Longest text of one step, in tokens."""
        return self.settings.max_tokens or self.task.max_response_tokens


def write_chains(
    work: ChainWork,
    prompts: Iterable[Prompt],
    finished: Mapping[str, Sequence[Step]] | None = None,
    on_text: OnText | None = None,
) -> Iterator[Step | LeftOut]:
    """Yield the steps of each prompt's chain as they are written; `finished` holds by prompt id the steps already there.

    A chain whose next text does not fit its model ends with LeftOut, keyed by the prompt's id.
    """
    _check(work)
    done = {} if finished is None else finished  # looked up when a prompt's turn comes
    walks = ((prompt.id, chain_walk(work, prompt, done.get(prompt.id, ()))) for prompt in prompts)
    return drive(work.models, walks, work.settings.slots, on_text, leave_out=True)


def steps_per_chain(work: ChainWork, prompt: Prompt) -> int:
    """Return how many steps a complete chain of this prompt has."""
    return steps_in_chain(prompt.kind, work.settings.rounds, work.settings.critique)


def _check(work: ChainWork) -> None:
    chosen = _chosen(work)
    principles = [p for p in work.constitution.principles if p.enabled and p.weight > 0 and p.revision_request]
    principles = [p for p in principles if not chosen or p.id in chosen]
    if work.settings.rounds and not principles:
        raise BadInputError(
            "Constitution '{constitution}' has no enabled principle with a revision request.",
            constitution=work.constitution.name,
        )
    if work.settings.critique and not all(p.critique_request for p in principles):
        names = ", ".join(p.id for p in principles if not p.critique_request)
        raise BadInputError(
            "These principles have no critique request: {names}. Write one, or set critique=false.",
            names=names,
        )


def chain_walk(work: ChainWork, prompt: Prompt, done: Sequence[Step]) -> Walk:
    """Walk one chain to its end, yielding the steps that are not among those done."""
    chain = _Chain(work, prompt, done)
    response = yield from chain.step("initial", 0, None, _conversation(work, prompt), RESPONSE)
    for number in range(1, work.rounds(prompt) + 1):
        principle = draw_principle(work, prompt, number)
        turns = [*_examples(work), *_conversation(work, prompt), Message("assistant", response)]
        if work.settings.critique:
            turns.append(Message("critique_request", principle.critique_request))
            critique = yield from chain.step("critique", number, principle, turns, CRITIC)
            turns.append(Message("critique", critique))
        turns.append(Message("revision_request", principle.revision_request))
        response = yield from chain.step("revision", number, principle, turns, CRITIC, before=response)


def draw_principle(work: ChainWork, prompt: Prompt, number: int) -> Principle:
    """Draw the principle of a round by weight; the draw depends on run seed, prompt and round alone."""
    chosen = _chosen(work)
    principles = [
        one for one in work.constitution.principles_for("revision", prompt.kind) if not chosen or one.id in chosen
    ]
    if not principles:
        raise BadInputError(
            "No enabled principle of '{constitution}' applies to {kind} prompts.",
            constitution=work.constitution.name,
            kind=prompt.kind,
        )
    weights = [principle.weight for principle in principles]
    return stream(work.seed, prompt.id, number, "principle").choices(principles, weights)[0]


def taken_over(run_id: str, step: Step) -> Step:
    """Return a step as the beginning of a run's own chain on the same prompt."""
    chain_id = record_id("chain", run_id, step.prompt_id)
    return dataclasses.replace(step, id=f"{chain_id}-{step.index}", chain_id=chain_id)


def _chosen(work: ChainWork) -> list[str]:
    """Return the ids of the principles to draw from, where only some are."""
    names = [name.strip() for name in work.settings.principles.split(",") if name.strip()]
    known = {principle.id for principle in work.constitution.principles}
    if unknown := [name for name in names if name not in known]:
        raise BadInputError(
            "Constitution '{constitution}' has no principle {unknown}.",
            constitution=work.constitution.name,
            unknown=", ".join(unknown),
        )
    return names


class _Chain:
    """One chain being written: hands out the steps that are there already and samples the rest."""

    def __init__(self, work: ChainWork, prompt: Prompt, done: Sequence[Step]) -> None:
        self.work = work
        self.prompt = prompt
        self.done = {step.index: step for step in done}
        self.index = 0
        self.initial = ""

    def step(
        self,
        kind: StepKind,
        number: int,
        principle: Principle | None,
        turns: Sequence[Message],
        role: str,
        before: str | None = None,
    ) -> Generator[Any, Sample | None, str]:
        """Yield the step unless it is there already; return its text."""
        index, self.index = self.index, self.index + 1
        if (step := self.done.get(index)) is None:
            request = self._request(kind, number, turns, role)
            sample = yield from ask(role, request)
            step = self._record(index, kind, number, principle, role, request, sample, before)
            yield step
        if kind == "initial":
            self.initial = step.text
        return step.text

    def _request(self, kind: StepKind, number: int, turns: Sequence[Message], role: str) -> SampleRequest:
        model = self.work.models[role]
        begin = "assistant" if kind == "initial" else kind
        seed = stream_seed(self.work.seed, self.prompt.id, number, kind)
        sent = model.render(turns, begin)
        return SampleRequest(sent, seed, self.work.max_tokens, self.work.settings.temperature, model.stops())

    def _record(
        self,
        index: int,
        kind: StepKind,
        number: int,
        principle: Principle | None,
        role: str,
        request: SampleRequest,
        sample: Sample,
        before: str | None,
    ) -> Step:
        text = sample.text.strip()
        if before is None:
            found = text_verdicts(text, sample.finish)
        else:
            found = revision_verdicts(before, text, sample.finish, self.initial)
        chain_id = record_id("chain", self.work.run_id, self.prompt.id)
        return Step(
            id=f"{chain_id}-{index}",
            chain_id=chain_id,
            prompt_id=self.prompt.id,
            index=index,
            round=number,
            kind=kind,
            text=text,
            principle_id=principle.id if principle else None,
            sent=request.prompt,
            seed=request.seed,
            tokens=sample.tokens,
            finish=sample.finish,
            near_ties=sample.near_ties,
            verdicts=found,
            model=self.work.models[role].name,
        )


def _conversation(work: ChainWork, prompt: Prompt) -> list[Message]:
    """The prompt's turns, its last one worded by the task."""
    return worded(work.task, prompt.messages)


def worded(task: Task, messages: Sequence[Message]) -> list[Message]:
    """Put the last turn into the task's wording; the other turns stay as they are."""
    last = messages[-1]
    return [*messages[:-1], Message(last.role, task.prompt_template.replace("{prompt}", last.text))]


def _examples(work: ChainWork) -> list[Message]:
    if not work.settings.few_shots:
        return []
    shots = work.constitution.few_shots_for("revision")
    return [turn for shot in shots for turn in _example(work, shot)]


def _example(work: ChainWork, shot: FewShot) -> list[Message]:
    turns = [*worded(work.task, [Message("user", shot.prompt)]), Message("assistant", shot.response)]
    if work.settings.critique:
        turns += [Message("critique_request", shot.critique_request), Message("critique", shot.critique)]
    return [*turns, Message("revision_request", shot.revision_request), Message("revision", shot.revision)]
