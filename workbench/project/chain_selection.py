"""Which prompts a run of chains takes: all, those that fit a filter, some by id, or one chain from a step on."""

import dataclasses
from collections.abc import Sequence

from workbench.errors import BadInputError, MissingError
from workbench.project.chain_sources import current_runs
from workbench.project.staleness import outdated
from workbench.records.chain import Step, steps_in_chain
from workbench.records.commands import quoted
from workbench.records.prompt import Prompt
from workbench.records.settings import ChainSettings
from workbench.sentences import counted, joined, said
from workbench.store.chain_rows import ChainQuery
from workbench.store.database import Store
from workbench.store.prompt_rows import PromptQuery

#: Which splits of prompts chains are written for.
CHAIN_SPLITS = ("train", "sft")
#: What `only` may say, beside the filters of chains: prompts without a chain.
NEW = "new"
ONLY = (NEW, "stale", "flagged", "unchanged", "refusal", "edited", "left_out")


def chain_prompts(store: Store, settings: ChainSettings, among: Sequence[Prompt]) -> list[Prompt]:
    """Return the prompts of those given that a run of chains is to take; MissingError where none is left."""
    wanted = wanted_prompts(store, settings)
    chosen = list(among) if wanted is None else [prompt for prompt in among if prompt.id in wanted]
    if not chosen:
        raise MissingError(none_left(store, settings))
    return chosen


def none_left(store: Store, settings: ChainSettings) -> str:
    """Say why there is no prompt to write chains for."""
    if settings.prompts:
        found = store.prompts.get_many([one.strip() for one in settings.prompts.split(",")]).values()
        closed = sorted({prompt.split for prompt in found} - set(CHAIN_SPLITS))
        if closed and all(prompt.split in closed for prompt in found):
            return counted(
                len(found),
                "There is nothing to write chains for: the prompt chosen is of the split {closed}, and chains take {open}. "
                "Choose others.",
                "There is nothing to write chains for: the prompts chosen are of the split {closed}, and chains take "
                "{open}. Choose others.",
                closed=" and ".join(closed),
                open=" and ".join(CHAIN_SPLITS),
            )
    return said(
        "No prompt to write chains for {words}; nothing needs to be done, or ask for others.",
        words=_words(settings),
    )


def branched(store: Store, settings: ChainSettings) -> tuple[Prompt, list[Step]]:
    """Return the prompt and the steps a branched chain begins with, up to the step named, in people's wording."""
    step = store.chains.get(settings.branch)
    if step is None:
        raise MissingError(
            "There is no step {branch} to branch from; list them with: workbench show {folder} steps",
            branch=settings.branch,
            folder=quoted(store.folder),
        )
    edits = store.edits.of_chains([step.chain_id])
    kept = [one for one in store.chains.steps_of(step.chain_id) if one.index <= step.index]
    taken = [
        dataclasses.replace(
            one,
            text=edits[one.id].text or one.text if one.id in edits else one.text,
            origin=f"{one.id},{edits[one.id].id}" if one.id in edits else one.id,
            verdicts=() if one.id in edits else one.verdicts,
        )
        for one in kept
    ]
    prompt = store.prompts.get(step.prompt_id)
    assert prompt is not None
    if len(taken) >= steps_in_chain(prompt.kind, settings.rounds, settings.critique):
        raise BadInputError(
            "Nothing follows step {step} in {rounds} rounds; branch from an earlier step, or set rounds higher.",
            step=step.id,
            rounds=settings.rounds,
        )
    if len(taken) != step.index + 1 or (step.kind != "initial" and not settings.critique == _criticised(taken)):
        raise BadInputError(
            "Step {step} was written with another setting of critique; branch with the same.",
            step=step.id,
        )
    return prompt, taken


def amended(store: Store, settings: ChainSettings) -> tuple[str, ...]:
    """Return the runs that a run of only some chains completes, so that training takes theirs for the other prompts."""
    partial = settings.only or settings.prompts or settings.branch
    return current_runs(store) if partial else ()


def stale_prompts(store: Store) -> dict[str, list[str]]:
    """Return the prompts of the stale chains that count, by the run that wrote them."""
    found = {
        run: store.chains.rows.prompt_ids(ChainQuery((run,), "stale", current=True, outdated=outdated(store)))
        for run in current_runs(store)
    }
    return {run: prompts for run, prompts in found.items() if prompts}


def next_seed(store: Store, prompt_ids: Sequence[str]) -> int:
    """Return a seed by which no chain of these prompts was written, so that writing them again gives other texts."""
    return 1 + max(
        (store.chains.rows.highest_seed(prompt_ids[at : at + 400]) for at in range(0, len(prompt_ids), 400)), default=-1
    )


def wanted_prompts(store: Store, settings: ChainSettings) -> set[str] | None:
    """Return the ids of the prompts asked for, or None for all."""
    parts: list[set[str]] = []
    if settings.prompts:
        parts.append(_by_id(store, settings.prompts.split(",")))
    if settings.tag:
        parts.append(set(store.prompts.rows.ids(PromptQuery(tag=settings.tag))))
    if settings.only == NEW:
        parts.append(set(store.chains.rows.prompts_without(current_runs(store))))
    elif settings.only:
        if settings.only not in ONLY:
            raise BadInputError(
                "Setting only must be one of {known}, not '{only}'.", known=", ".join(ONLY), only=settings.only
            )
        query = ChainQuery(current_runs(store), settings.only, current=True, outdated=outdated(store))
        parts.append(set(store.chains.rows.prompt_ids(query)))
    return set.intersection(*parts) if parts else None


def _by_id(store: Store, ids: Sequence[str]) -> set[str]:
    found = store.prompts.get_many([one.strip() for one in ids])
    if unknown := [one for one in ids if one.strip() not in found]:
        raise MissingError(
            "There is no prompt {unknown}; list them with: workbench show {folder} prompts",
            unknown=unknown[0],
            folder=quoted(store.folder),
        )
    return set(found)


def _words(settings: ChainSettings) -> str:
    words = [said("is {only}", only=settings.only)] if settings.only else []
    words += [said("bears the tag {tag}", tag=settings.tag)] if settings.tag else []
    words += [said("is among those named and open to chains")] if settings.prompts else []
    return joined(said(" and "), words) if words else said("is there")


def _criticised(steps: Sequence[Step]) -> bool:
    return any(step.kind == "critique" for step in steps)
