"""Requests to the warm worker, built from what a project holds: models by name, principles from draft or committed version.

    asking = project.mailbox.ask(chat_request(project, [Message("user", "Hello.")], model="rl-1"))

Models are named as everywhere: demo, scripted, a run that made one, or a folder; without a name the one a run would take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from workbench.errors import BadInputError, MissingError
from workbench.interchange.constitution_yaml import read
from workbench.project.example_room import crowding
from workbench.project.project import Project
from workbench.records.constitution import Constitution, Principle
from workbench.records.model import ModelRef
from workbench.records.prompt import prompt_of
from workbench.records.request import (
    ChatRequest,
    RenderRequest,
    ScoredRow,
    ScoreRequest,
    TryRequest,
    Wording,
)
from workbench.records.settings import ChainSettings
from workbench.records.transcript import Message
from workbench.sentences import counted

Source = Literal["committed", "draft"]
SOURCES: tuple[Source, ...] = ("committed", "draft")


@dataclass(frozen=True)
class Trial:
    """What a person wants to try: a prompt and a principle, in which wordings, and from which response and seed."""

    prompt: str
    principle_id: str
    sources: tuple[Source, ...] = SOURCES
    initial: str = ""
    seed: int = 0
    temperature: float = 1.0
    max_tokens: int = 0
    response: str = ""
    critic: str = ""


def sources_of(text: str) -> tuple[Source, ...]:
    """Read where wordings are taken from: committed, draft or both."""
    if text == "both":
        return SOURCES
    found = tuple(source for source in SOURCES if source == text)
    if not found:
        raise BadInputError("Wordings come from committed, draft or both, not from '{text}'.", text=text)
    return found


def try_request(project: Project, trial: Trial) -> TryRequest:
    """Build a trial of a principle; a wording that the draft shares with the committed version is tried once, as committed."""
    if not trial.prompt.strip():
        raise BadInputError("There is no prompt to try the principle on; write one.")
    wordings: list[Wording] = []
    for source in trial.sources:
        found = wording_from(project, source, trial.principle_id)
        if found is not None and not any(_same(found, other) for other in wordings):
            wordings.append(found)
    if not wordings:
        where = " or ".join(trial.sources)
        raise MissingError(
            "There is no principle {principle_id} in the {where} constitution.",
            principle_id=trial.principle_id,
            where=where,
        )
    _check_wordings(wordings)
    response = project.model(trial.response)
    critic = project.model(trial.critic) if trial.critic else response
    remark = _crowding(project, trial, {"response": response, "critic": critic})
    if remark:  # as a run of chains would leave them out
        wordings = [replace(one, few_shots=()) for one in wordings]
    return TryRequest(
        response=response,
        critic=critic,
        prompt=prompt_of(trial.prompt),
        wordings=tuple(wordings),
        initial=trial.initial,
        seed=trial.seed,
        temperature=trial.temperature,
        max_tokens=trial.max_tokens,
        critique=all(one.principle.critique_request for one in wordings),
        task=project.constitution.constitution.task,
        remark=remark,
    )


def chat_request(
    project: Project,
    turns: Sequence[Message],
    model: str = "",
    seed: int = 0,
    temperature: float = 1.0,
    max_tokens: int = 0,
) -> ChatRequest:
    """Build a request for the next turn of a conversation."""
    if not turns or not turns[-1].text.strip():
        raise BadInputError("There is nothing to answer yet; write a message.")
    task = project.constitution.constitution.task
    return ChatRequest(project.model(model), tuple(turns), seed, temperature, max_tokens, task)


def render_request(
    project: Project, turns: Sequence[Message], model: str = "", begin: str = "assistant", prefix: str = ""
) -> RenderRequest:
    """Build a request for a conversation exactly as it would be sent, with its number of tokens."""
    task = project.constitution.constitution.task
    return RenderRequest(project.model(model), tuple(turns), begin, prefix, task)


def render_prompt_request(project: Project, prompt_id: str, model: str = "") -> RenderRequest:
    """Build a request for a prompt of the project as the response model would get it, before it is asked."""
    found = project.store.prompts.get_many([prompt_id])
    if prompt_id not in found:
        raise MissingError("There is no prompt {prompt_id} in this project.", prompt_id=prompt_id)
    return render_request(project, found[prompt_id].messages, model)


def conversation(texts: Sequence[str], system: str = "") -> list[Message]:
    """Return texts as the turns of a conversation: the user's and the assistant's in turn, the last one the user's."""
    if len(texts) % 2 == 0:
        raise BadInputError(
            "A conversation to be answered ends with the user's turn, so it has an odd number of turns, not "
            "{texts_count}.",
            texts_count=len(texts),
        )
    turns = [Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)]
    return [Message("system", system), *turns] if system else turns


def score_request(project: Project, prompt: str, responses: Sequence[str], run: str | None = None) -> ScoreRequest:
    """Build a request for a preference model's scores of responses to one prompt; by the newest model where none is named."""
    folder = project.preference_model(run)
    ref = ModelRef("folder", str(folder), run or folder.parent.name, str(folder))
    row = ScoredRow((Message("user", prompt),), tuple(responses))
    return ScoreRequest(ref, (row,), project.constitution.constitution.task)


def wording_from(project: Project, source: Source, principle_id: str) -> Wording | None:
    """Return a principle as the draft or the committed version words it, or None where it is not in there."""
    constitution = constitution_from(project, source)
    found = principle_of(constitution, principle_id)
    return None if found is None else Wording(source, found, constitution.few_shots_for("revision"))


def constitution_from(project: Project, source: Source) -> Constitution:
    """Return the committed constitution, or the draft; raises BadInputError where the draft cannot be read."""
    return project.constitution.constitution if source == "committed" else read(project.draft, "draft")


def principle_of(constitution: Constitution, principle_id: str) -> Principle | None:
    """Return a principle by its id, or None."""
    return next((one for one in constitution.principles if one.id == principle_id), None)


def _crowding(project: Project, trial: Trial, models: Mapping[str, ModelRef]) -> str:
    """Say which examples a trial leaves out and why, where a constitution it takes wordings from has more than fit."""
    for source in trial.sources:
        constitution = constitution_from(project, source)
        why = crowding(ChainSettings(), models, constitution)
        if why:
            return counted(
                len(constitution.few_shots_for("revision")),
                "The constitution's 1 example is left out: {why}. Chains with this model leave it out, too.",
                "The constitution's {count} examples are left out: {why}. Chains with this model leave them out, too.",
                why=why,
            )
    return ""


def _same(one: Wording, other: Wording) -> bool:
    asked = [
        (wording.principle.critique_request, wording.principle.revision_request, wording.few_shots)
        for wording in (one, other)
    ]
    return asked[0] == asked[1]


def _check_wordings(wordings: Sequence[Wording]) -> None:
    for wording in wordings:
        if not wording.principle.revision_request:
            raise BadInputError(
                "Principle {principle} has no revision request in the {wording} wording; write one to try it.",
                principle=wording.principle.id,
                wording=wording.name,
            )
