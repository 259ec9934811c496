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
from workbench.sentences import counted, joined, said
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
    return Selection(tuple(prompts), len(prompts), counted(len(prompts), "1 prompt", "{count} prompts"))


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
            "There are no prompts for {stage} (split {splits}); import some with: workbench import {folder} FILE "
            "--as prompts",
            stage=stage,
            splits=" or ".join(splits),
            folder=quoted(store.folder),
        )
    return prompts


def _chains(store: Store, request: Request) -> Selection:
    settings: ChainSettings = request.settings
    amends = amended(store, settings)
    if settings.branch:
        prompt, steps = branched(store, settings)
        return Selection(
            (prompt, *steps), 1, said("1 chain from step {branch} on", branch=settings.branch), amends=amends
        )
    prompts = chain_prompts(store, settings, _prompts(store, "chains"))
    prompts = limited(prompts, settings.limit, request.seed)
    words = counted(
        len(prompts),
        "1 {only}prompt{tagged}",
        "{count} {only}prompts{tagged}",
        only=f"{settings.only} " if settings.only else "",
        tagged=said(" tagged {tag}", tag=settings.tag) if settings.tag else "",
    )
    return Selection(tuple(prompts), len(prompts), words, amends=amends)


def _sft(store: Store, request: Request) -> Selection:
    runs = chain_runs(store, request.source_runs)
    rows = sft_rows(store, runs, request.settings, request.seed)
    if not rows:
        why = (
            said("There are no chains yet")
            if not runs
            else said("The chains of {runs} hold no usable revision", runs=", ".join(runs))
        )
        raise MissingError("{why}; make them with: workbench run {folder} chains", why=why, folder=quoted(store.folder))
    revisions = sum(row.round > 0 for row in rows)
    words = said(
        "{revisions} and {helpful} helpful samples of {runs}",
        revisions=counted(revisions, "1 revision", "{count} revisions"),
        helpful=len(rows) - revisions,
        runs=", ".join(runs),
    )
    edited = sum("," in row.origin for row in rows)
    excluded = store.exclusions.among("chains", runs) + store.exclusions.among("steps", runs)
    return Selection(tuple(rows), len(rows), joined("", (words, _by_people(edited, excluded))), runs)


def _labels(store: Store, request: Request) -> Selection:
    method = "rationale" if request.settings.rationale else "logprobs"
    comparisons = store.comparisons.without_label(request.constitution_hash, method)
    # In an order that does not depend on which was written first: labels read together round alike when the run is done again.
    comparisons = sorted(limited(comparisons, request.settings.limit, request.seed), key=attrgetter("prompt_id", "id"))
    if not comparisons:
        if store.comparisons.count():
            raise MissingError("Every comparison has a label of this kind under this constitution version already.")
        raise MissingError(
            "There are no comparisons yet; make them with: workbench run {folder} comparisons",
            folder=quoted(store.folder),
        )
    prompts = _prompts_of(store, comparisons)
    return Selection(
        (*prompts, *comparisons), len(comparisons), counted(len(comparisons), "1 comparison", "{count} comparisons")
    )


def _preferences(store: Store, request: Request) -> Selection:
    rule = replace(rule_of(store), method=_method(request.settings))
    rows = _chosen_preferences(store, request, rule)
    if not rows:
        raise MissingError(
            "There are no labelled comparisons yet; make them with: workbench run {folder} labels",
            folder=quoted(store.folder),
        )
    held_out = sum(row.held_out for row in rows)
    words = counted(
        len(rows),
        "1 preference, {held_out} of them held out",
        "{count} preferences, {held_out} of them held out",
        held_out=held_out,
    )
    excluded = store.exclusions.among("comparisons") + store.exclusions.among("labels")
    words = joined("", (words, _by_people(0, excluded), _unused(store, request.settings, len(rows) + excluded)))
    return Selection(tuple(rows), len(rows), words, rule=rule)


def _unused(store: Store, settings: PreferenceModelSettings | DpoSettings, told: int) -> str:
    """Say how many comparisons beside those told of teach nothing, to stand last; nothing where a part was asked for."""
    left = store.comparison_states.counts()["all"] - told
    if left <= 0 or settings.data_from > 0 or settings.data_to < 1:
        return ""
    return counted(
        left,
        "; 1 comparison teaches nothing: it has no label that can be used, or both its responses are bad",
        "; {count} comparisons teach nothing: they have no label that can be used, or both responses are bad",
    )


def _method(settings: PreferenceModelSettings | DpoSettings) -> Method:
    if settings.labels not in get_args(Method):
        raise BadInputError(
            "labels must be {known}, not '{labels}'.", known=" or ".join(get_args(Method)), labels=settings.labels
        )
    return cast(Method, settings.labels)


def _chosen_preferences(store: Store, request: Request, rule: PreferenceRule) -> list[PreferenceRow]:
    """Return what a preference model learns from, and is measured on, as its settings choose it."""
    settings: PreferenceModelSettings | DpoSettings = request.settings
    low, high = settings.data_from, settings.data_to
    if not 0.0 <= low < high <= 1.0:
        raise BadInputError(
            "data_from and data_to must be at least 0, at most 1 and in order, not {low} and {high}.",
            low=low,
            high=high,
        )
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
    of = said("the {size} of ", size=test_set.size) if asked.hash != test_set.hash else ""
    words = [
        counted(
            len(prompts),
            "1 test prompt of {of}set {name}",
            "{count} test prompts of {of}set {name}",
            of=of,
            name=test_set.short,
        ),
        counted(len(comparisons), " and 1 held-out comparison", " and {count} held-out comparisons"),
    ]
    if more := len(everything) - test_set.size:
        words += [
            counted(more, "; 1 more test prompt is not in the set", "; {count} more test prompts are not in the set")
        ]
    return Selection(inputs, len(prompts), joined("", words), test_set=test_set, asked_set=asked)


def _evaluation_set(store: Store, request: Request) -> Selection:
    name, judges = request.settings.set_name, request.settings.judges.split(",")
    items = store.evaluation_items.select("? IN ('', set_name)", (name,))
    if not items:
        which = said("set {name}", name=name) if name else said("evaluation set")
        raise MissingError(
            "There is no {which} here; import one with: workbench import {folder} FILE --as evaluation_set",
            which=which,
            folder=quoted(store.folder),
        )
    items = limited(items, request.settings.limit, request.seed)
    sets = ", ".join(dict.fromkeys(item.set_name for item in items))
    return Selection(
        tuple(items),
        len(items) * len(judges),
        counted(len(items), "1 item of {sets}", "{count} items of {sets}", sets=sets),
    )


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
    if edited and excluded:
        return said(" ({edited} edited and {excluded} excluded by people)", edited=edited, excluded=excluded)
    if edited:
        return said(" ({edited} edited by people)", edited=edited)
    return said(" ({excluded} excluded by people)", excluded=excluded) if excluded else ""
