"""Collecting: what a run has appended comes into the store, in batches that either count wholly or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, BusyError, MissingError
from workbench.records.chain import Step, steps_in_chain
from workbench.records.comparison import Comparison, Label
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import Prompt
from workbench.records.run import Done, Metric, Output, Plan
from workbench.runs.contents import parse_record
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines, size_of_lines
from workbench.runs.states import at_work, state_of
from workbench.runs.status import Status
from workbench.store.database import Store

#: Inputs of a run folder that are in memory at a time.
_PART = 5000


@dataclass
class Collected:
    """The ids that are new in the store, by kind of record, of one run."""

    run_id: str
    new: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        """How many records are new."""
        return sum(map(len, self.new.values()))


def collect(store: Store, folder: RunFolder) -> Collected:
    """Take over what the run has appended since the last time; doing it twice changes nothing."""
    *_, collected = collecting(store, folder)
    return collected


def collecting(store: Store, folder: RunFolder, block: int = 1 << 20) -> Iterator[Collected]:
    """Take over what the run has appended, about a block of it in a transaction and step; yields what is new so far.

    The state is read before the results, so that a run the store calls finished has been collected whole.
    """
    run_id = folder.plan.id
    _must_be_this_run(store, folder)
    status = state_of(folder)
    collected, file = Collected(run_id), folder.results_file
    while True:
        lines, reached = read_lines(file, store.runs.collected(run_id), block)
        if not lines:
            break
        records = [parse_record(line, file) for line in lines]
        with store.write():
            for kind, ids in _save(store, run_id, records).items():
                collected.new[kind].extend(ids)
            store.runs.set(run_id, collected=reached)
        yield collected
    _save_status(store, run_id, status)
    yield collected


def adopt(store: Store, folder: RunFolder) -> bool:
    """Take a run folder into the project that it does not know yet, with the prompts and comparisons it brings along."""
    plan = folder.plan
    if store.runs.get(plan.id) is not None:
        return False
    with store.write():
        store.runs.record(plan, folder.path)
        inputs = folder.inputs((Prompt, EvaluationItem))
        while part := list(islice(inputs, _PART)):
            prompts = [one for one in part if isinstance(one, Prompt)]
            store.prompts.add(prompts)
            store.evaluation_items.add(one for one in part if isinstance(one, EvaluationItem))
            queue_chains(store, plan, prompts)
        if plan.stage in ("labels", "evaluation"):
            store.comparisons.add(folder.inputs(Comparison), run_id=None)
    return True


def furthest(store: Store, folder: RunFolder) -> RunFolder:
    """Return the folder of a run in which it has come furthest: the project's own, or one that was worked elsewhere.

    The project then takes the run, and the models it made, to lie there.
    """
    _must_be_this_run(store, folder)
    known = store.runs.find(folder.id)
    mine = folder if known is None else RunFolder(Path(known.folder))
    if mine.path.resolve() == folder.path.resolve():
        return folder
    if worker := at_work(mine):
        raise BusyError(
            "Run {folder} is being worked in {path} by process {pid}; stop it first.",
            folder=folder.id,
            path=mine.path,
            pid=worker.pid,
        )
    there = (mine.path / "plan.json").is_file()
    if there and size_of_lines(folder.results_file) <= size_of_lines(mine.results_file):
        return mine
    with store.write():
        store.runs.move(folder.id, folder.path)
    return folder


def queue_chains(store: Store, plan: Plan, prompts: Iterable[Prompt]) -> None:
    """List the chains a run is to write; to be called in the transaction that records it. Nobody writes those that came in."""
    if plan.stage == "chains" and plan.models:
        rounds, critique = int(plan.settings.get("rounds", 0)), bool(plan.settings.get("critique", True))
        expected = ((prompt.id, steps_in_chain(prompt.kind, rounds, critique)) for prompt in prompts)
        store.chains.rows.queue(plan.id, expected)


def _must_be_this_run(store: Store, folder: RunFolder) -> None:
    known = store.runs.get(run_id := folder.plan.id)
    if known is None:
        raise MissingError("The project {folder} has no run {run_id}.", folder=store.folder, run_id=run_id)
    mine, theirs = known.plan, folder.plan
    if mine is not None and (mine.created, mine.inputs_hash, mine.seed) != (
        theirs.created,
        theirs.inputs_hash,
        theirs.seed,
    ):
        raise BadInputError(
            "{path} is not run {run_id} of this project but another project's run of that name.",
            path=folder.path,
            run_id=run_id,
        )


def _save(store: Store, run_id: str, records: Sequence[Any]) -> dict[str, list[str]]:
    by_kind: dict[type[Any], list[Any]] = defaultdict(list)
    for record in records:
        by_kind[type(record)].append(record)
    # Rows that others refer to come first.
    tables: tuple[tuple[type[Any], Any], ...] = (
        (Step, store.chains),
        (Comparison, store.comparisons),
        (Label, store.labels),
        (Answer, store.answers),
        (Score, store.scores),
        (Judgement, store.judgements),
        (PolicySample, store.samples),
        (PairScores, store.pair_scores),
        (ItemAnswer, store.item_answers),
    )
    new = {kind.__name__: table.add(by_kind[kind], run_id=run_id) for kind, table in tables if kind in by_kind}
    store.metrics.add(by_kind[Metric], run_id)
    store.models.add(by_kind[Output], run_id)
    store.done_inputs.add(by_kind[Done], run_id)
    return new


def _save_status(store: Store, run_id: str, status: Status) -> None:
    with store.write():
        store.runs.set(run_id, **columns_of(status))


def columns_of(status: Status) -> dict[str, Any]:
    """Return how a run stands as the columns of its row."""
    names = ("reason", "done", "total", "started", "ended", "seconds", "peak_memory_mb")
    columns = {name: getattr(status, name) for name in names}
    return {**columns, "state": str(status.state), "discarded": int(status.discarded)}
