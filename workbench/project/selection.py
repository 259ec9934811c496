"""What each stage takes from the store: its inputs, and in words what was selected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, TypeVar, cast, get_args

from workbench.errors import BadInputError, MissingError
from workbench.project.chain_selection import CHAIN_SPLITS, amended, branched, chain_prompts
from workbench.project.chain_sources import chain_runs
from workbench.project.settling import rule_of
from workbench.project.test_sets import chosen_set
from workbench.project.training_rows import in_part, preference_rows, sft_rows
from workbench.records.commands import quoted
from workbench.records.comparison import Comparison, Method, PreferenceRule
from workbench.records.draws import stream_seed
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow
from workbench.records.settings import ChainSettings, DpoSettings, PreferenceModelSettings
from workbench.records.test_set import AskedSet, TestSet, set_hash
from workbench.runs.folder import RunFolder
from workbench.store.database import Store

R = TypeVar("R", Prompt, Comparison, EvaluationItem)

#: Which splits of prompts a stage may use.
_SPLITS = {
    "chains": CHAIN_SPLITS,
    "comparisons": ("train", "preferences"),
    "rl": ("train", "rl"),
    "evaluation": ("test",),
}


@dataclass(frozen=True)
class Selection:
    """The inputs of a run, how many units of work they are, what was selected, in words, and by which rule of preferences."""

    inputs: tuple[Any, ...]
    total: int
    words: str
    #: The runs they come from, where somebody may name them.
    sources: tuple[str, ...] = ()
    #: Runs of which this is to redo a part.
    amends: tuple[str, ...] = ()
    #: The rule of preferences they were made by.
    rule: PreferenceRule | None = None
    #: The set of test prompts they are drawn from, and what of it is asked.
    test_set: TestSet | None = None
    asked_set: AskedSet | None = None


@dataclass(frozen=True)
class Request:
    """What a run was asked for: stage, settings record, seed, constitution version, and runs named as its source."""

    stage: str
    settings: Any
    seed: int
    constitution_hash: str
    source_runs: tuple[str, ...] = ()


def select_inputs(store: Store, request: Request) -> Selection:
    """Select a stage's inputs; raises MissingError naming the command that makes what is not there."""
    if request.stage == "chains":
        return _chains(store, request)
    if request.stage == "sft":
        return _sft(store, request)
    if request.stage == "labels":
        return _labels(store, request)
    if request.stage in ("preference_model", "dpo"):
        return _preferences(store, request)
    if request.stage == "evaluation":
        return _evaluation(store, request)
    if request.stage == "evaluation_set":
        return _evaluation_set(store, request)
    prompts = limited(_prompts(store, request.stage), request.settings.limit, request.seed)
    return Selection(tuple(prompts), len(prompts), _count(len(prompts), "prompt"))


def limited(records: Sequence[R], limit: int, seed: int) -> list[R]:
    """Return at most `limit` prompts or comparisons (0: all), drawn by a hash so that none come first, in their order."""
    if not 0 < limit < len(records):
        return list(records)
    drawn = sorted(records, key=lambda record: stream_seed(seed, "limit", record.id))[:limit]
    kept = {record.id for record in drawn}
    return [record for record in records if record.id in kept]


def _prompts(store: Store, stage: str) -> list[Prompt]:
    splits = _SPLITS[stage]
    prompts = store.prompts.in_splits(splits)
    if not prompts:
        raise MissingError(
            f"There are no prompts for {stage} (split {' or '.join(splits)}); "
            f"import some with: workbench import {quoted(store.folder)} FILE --as prompts"
        )
    return prompts


def _chains(store: Store, request: Request) -> Selection:
    settings: ChainSettings = request.settings
    amends = amended(store, settings)
    if settings.branch:
        prompt, steps = branched(store, settings)
        return Selection((prompt, *steps), 1, f"1 chain from step {settings.branch} on", amends=amends)
    prompts = chain_prompts(store, settings, _prompts(store, "chains"))
    prompts = limited(prompts, settings.limit, request.seed)
    which = f"{settings.only} " if settings.only else ""
    tagged = f" tagged {settings.tag}" if settings.tag else ""
    return Selection(tuple(prompts), len(prompts), which + _count(len(prompts), "prompt") + tagged, amends=amends)


def _sft(store: Store, request: Request) -> Selection:
    runs = chain_runs(store, request.source_runs)
    rows = sft_rows(store, runs, request.settings, request.seed)
    if not rows:
        why = "There are no chains yet" if not runs else f"The chains of {', '.join(runs)} hold no usable revision"
        raise MissingError(f"{why}; make them with: workbench run {quoted(store.folder)} chains")
    revisions = sum(row.round > 0 for row in rows)
    words = f"{_count(revisions, 'revision')} and {len(rows) - revisions} helpful samples of {', '.join(runs)}"
    edited = sum("," in row.origin for row in rows)
    excluded = store.exclusions.among("chains", runs) + store.exclusions.among("steps", runs)
    return Selection(tuple(rows), len(rows), words + _by_people(edited, excluded), runs)


def _labels(store: Store, request: Request) -> Selection:
    method = "rationale" if request.settings.rationale else "logprobs"
    comparisons = store.comparisons.without_label(request.constitution_hash, method)
    # In an order that does not depend on which was written first: labels read together round alike when the run is done again.
    comparisons = sorted(limited(comparisons, request.settings.limit, request.seed), key=attrgetter("prompt_id", "id"))
    if not comparisons:
        if store.comparisons.count():
            raise MissingError("Every comparison has a label of this kind under this constitution version already.")
        raise MissingError(
            f"There are no comparisons yet; make them with: workbench run {quoted(store.folder)} comparisons"
        )
    prompts = _prompts_of(store, comparisons)
    return Selection((*prompts, *comparisons), len(comparisons), _count(len(comparisons), "comparison"))


def _preferences(store: Store, request: Request) -> Selection:
    rule = replace(rule_of(store), method=_method(request.settings))
    rows = _chosen_preferences(store, request, rule)
    if not rows:
        raise MissingError(
            f"There are no labelled comparisons yet; make them with: workbench run {quoted(store.folder)} labels"
        )
    held_out = sum(row.held_out for row in rows)
    words = f"{_count(len(rows), 'preference')}, {held_out} of them held out"
    excluded = store.exclusions.among("comparisons") + store.exclusions.among("labels")
    return Selection(tuple(rows), len(rows), words + _by_people(0, excluded), rule=rule)


def _method(settings: PreferenceModelSettings | DpoSettings) -> Method:
    if settings.labels not in get_args(Method):
        raise BadInputError(f"labels must be {' or '.join(get_args(Method))}, not '{settings.labels}'.")
    return cast(Method, settings.labels)


def _chosen_preferences(store: Store, request: Request, rule: PreferenceRule) -> list[PreferenceRow]:
    """Return what a preference model learns from, and is measured on, as its settings choose it."""
    settings: PreferenceModelSettings | DpoSettings = request.settings
    low, high = settings.data_from, settings.data_to
    if not 0.0 <= low < high <= 1.0:
        raise BadInputError(f"data_from and data_to must be at least 0, at most 1 and in order, not {low} and {high}.")
    rows = preference_rows(store, request.constitution_hash, settings.held_out_share, rule)
    return [row for row in rows if row.held_out or in_part(row.prompt_id, low, high, request.seed)]


def _evaluation(store: Store, request: Request) -> Selection:
    everything = _prompts(store, "evaluation")
    test_set = chosen_set(store, request.settings.test_set, everything)
    among = frozenset(test_set.prompt_ids)
    prompts = [prompt for prompt in everything if prompt.id in among]
    prompts = _limited_by_kind(prompts, request.settings.limit, request.seed)
    asked = AskedSet(set_hash(prompt.id for prompt in prompts), len(prompts), test_set.hash, test_set.size)
    comparisons = held_out_comparisons(store) if request.settings.held_out else []
    inputs = (*prompts, *_prompts_of(store, comparisons, without=prompts), *comparisons)
    of = f"the {test_set.size} of " if asked.hash != test_set.hash else ""
    words = f"{_count(len(prompts), 'test prompt')} of {of}set {test_set.short}"
    words += f" and {_count(len(comparisons), 'held-out comparison')}"
    if more := len(everything) - test_set.size:
        words += f"; {_count(more, 'more test prompt')} {'is' if more == 1 else 'are'} not in the set"
    return Selection(inputs, len(prompts), words, test_set=test_set, asked_set=asked)


def _evaluation_set(store: Store, request: Request) -> Selection:
    name, judges = request.settings.set_name, request.settings.judges.split(",")
    items = store.evaluation_items.select("? IN ('', set_name)", (name,))
    if not items:
        which = f"set {name}" if name else "evaluation set"
        raise MissingError(
            f"There is no {which} here; import one with: workbench import {quoted(store.folder)} FILE --as evaluation_set"
        )
    items = limited(items, request.settings.limit, request.seed)
    sets = ", ".join(dict.fromkeys(item.set_name for item in items))
    return Selection(tuple(items), len(items) * len(judges), f"{_count(len(items), 'item')} of {sets}")


def held_out_comparisons(store: Store) -> list[Comparison]:
    """Return the comparisons the newest preference model was measured on and never saw in training."""
    runs = store.runs.usable("preference_model")
    if not runs:
        return []
    rows = RunFolder.open(store.runs.folder(runs[0])).inputs(PreferenceRow)
    ids = [row.comparison_id for row in rows if row.held_out]
    found = store.comparisons.get_many(ids)
    return [found[comparison_id] for comparison_id in ids if comparison_id in found]


def _limited_by_kind(prompts: Sequence[Prompt], limit: int, seed: int) -> list[Prompt]:
    kinds = dict.fromkeys(prompt.kind for prompt in prompts)
    kept = {p.id for kind in kinds for p in limited([p for p in prompts if p.kind == kind], limit, seed)}
    return [prompt for prompt in prompts if prompt.id in kept]


def _prompts_of(store: Store, comparisons: Sequence[Comparison], without: Sequence[Prompt] = ()) -> list[Prompt]:
    there = {prompt.id for prompt in without}
    ids = [item for item in dict.fromkeys(c.prompt_id for c in comparisons) if item not in there]
    return list(store.prompts.get_many(ids).values())


def _by_people(edited: int, excluded: int) -> str:
    """Return what people changed about a selection, to be put at its end."""
    said = [f"{edited} edited"] if edited else []
    said += [f"{excluded} excluded"] if excluded else []
    return f" ({' and '.join(said)} by people)" if said else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
