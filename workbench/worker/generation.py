"""The generation stages at work in a run folder: chains, comparisons and labels."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from workbench.models.language_model import LanguageModel
from workbench.records.chain import Step
from workbench.records.comparison import DEGENERATE, TOO_LONG, Comparison, Label
from workbench.records.constitution import Constitution
from workbench.records.prompt import Prompt
from workbench.records.run import Plan
from workbench.records.settings import ChainSettings, ComparisonSettings, LabelSettings
from workbench.records.task import TASKS
from workbench.sentences import counted, said
from workbench.stages.chains import ChainWork, steps_per_chain, taken_over, write_chains
from workbench.stages.comparisons import ComparisonWork, comparisons_per_prompt, write_comparisons
from workbench.stages.preferences import TOGETHER, LabelWork, label_comparisons
from workbench.stages.walking import LeftOut
from workbench.worker.left_out import tell_left_out
from workbench.worker.opening import open_models
from workbench.worker.spread import Job, Told, layout_for, spread
from workbench.worker.work import Work


@dataclass(frozen=True)
class ChainJob:
    """Chains of prompts: an input is a prompt and the steps of its chain that are there already."""

    plan: Plan
    constitution: Constitution
    settings: ChainSettings

    def work(self, models: dict[str, LanguageModel]) -> ChainWork:
        """What the chains have in common."""
        return ChainWork(models, self.constitution, self.settings, TASKS[self.plan.task], self.plan.seed, self.plan.id)

    def __call__(self, inputs: Iterator[tuple[Prompt, list[Step]]], told: Told) -> Iterator[Step | LeftOut]:
        """Yield the steps that are missing."""
        finished: dict[str, list[Step]] = {}

        def prompts() -> Iterator[Prompt]:
            for prompt, steps in inputs:
                finished[prompt.id] = steps
                yield prompt

        models = opened(self.plan, ("response", "critic"), told)
        return write_chains(self.work(models), prompts(), finished, told.live)


@dataclass(frozen=True)
class ComparisonJob:
    """Comparisons: an input is a prompt; comparisons whose ids are in `there` are not written again."""

    plan: Plan
    settings: ComparisonSettings
    there: frozenset[str]

    def __call__(self, inputs: Iterator[Prompt], told: Told) -> Iterator[Comparison | LeftOut]:
        """Yield the comparisons that are missing."""
        model = opened(self.plan, ("response",), told)["response"]
        work = ComparisonWork(model, self.settings, TASKS[self.plan.task], self.plan.seed, self.plan.id)
        return write_comparisons(work, inputs, self.there, told.live)


@dataclass(frozen=True)
class LabelJob:
    """Labels: an input is a comparison with its prompt."""

    plan: Plan
    constitution: Constitution
    settings: LabelSettings

    def __call__(self, inputs: Iterator[tuple[Prompt, Comparison]], told: Told) -> Iterator[Label]:
        """Yield the comparisons' labels."""
        model = opened(self.plan, ("feedback",), told)["feedback"]
        task = TASKS[self.plan.task]
        return label_comparisons(
            LabelWork(model, self.constitution, self.settings, task, self.plan.seed, self.plan.id), inputs
        )


def work_chains(work: Work) -> None:
    """Write the chains of the run's prompts; what is there already, down to single steps, is kept."""
    job = ChainJob(work.plan, work.constitution, work.settings)
    prompts = work.inputs(Prompt)
    finished: dict[str, list[Step]] = {prompt.id: [] for prompt in prompts}
    for step in work.results(Step):
        finished[step.prompt_id].append(step)
    tracker = _Tracker(work, {prompt.id: steps_per_chain(job.work({}), prompt) for prompt in prompts})
    for prompt_id, steps in finished.items():
        tracker.count(prompt_id, len(steps))
    _take_over(work, tracker, finished)
    verdicts: Counter[str] = Counter(
        verdict for steps in finished.values() for step in steps for verdict in step.verdicts
    )
    waiting = [(prompt, finished[prompt.id]) for prompt in prompts if not tracker.is_done(prompt.id)]
    for step in _spread(work, job, waiting, "response", "critic"):
        if isinstance(step, LeftOut):
            tracker.leave_out(step)
            continue
        verdicts.update(step.verdicts)
        tracker.save(step.prompt_id, step)
    if verdicts:
        flagged = ", ".join(f"{count} {name}" for name, count in verdicts.most_common())
        work.say(said("Filters flagged {flagged}.", flagged=flagged))
    tell_left_out(work, tracker.left_out, len(prompts), said("Chains with only=left_out ask for them again."))


def _take_over(work: Work, tracker: "_Tracker", finished: dict[str, list[Step]]) -> None:
    """Save the steps a branched chain begins with, unless they are there."""
    there = {step.id for steps in finished.values() for step in steps}
    for given in work.inputs(Step):
        step = taken_over(work.plan.id, given)
        if step.id not in there:
            finished[step.prompt_id].append(step)
            tracker.save(step.prompt_id, step)


def work_comparisons(work: Work) -> None:
    """Write the comparisons of the run's prompts."""
    settings: ComparisonSettings = work.settings
    prompts = work.inputs(Prompt)
    there = work.results(Comparison)
    tracker = _Tracker(work, {prompt.id: comparisons_per_prompt(settings) for prompt in prompts})
    for comparison in there:
        tracker.count(comparison.prompt_id, 1)
    waiting = [prompt for prompt in prompts if not tracker.is_done(prompt.id)]
    job = ComparisonJob(work.plan, settings, frozenset(comparison.id for comparison in there))
    for comparison in _spread(work, job, waiting, "response"):
        if isinstance(comparison, LeftOut):
            tracker.leave_out(comparison)
        else:
            tracker.save(comparison.prompt_id, comparison)
    tell_left_out(work, tracker.left_out, len(prompts))


def work_labels(work: Work) -> None:
    """Label the run's comparisons."""
    prompts = {prompt.id: prompt for prompt in work.inputs(Prompt)}
    comparisons = work.inputs(Comparison)
    there = work.results(Label)
    tracker = _Tracker(work, {comparison.id: 1 for comparison in comparisons})
    for label in there:
        tracker.count(label.comparison_id, 1)
    waiting = [(prompts[item.prompt_id], item) for item in comparisons if not tracker.is_done(item.id)]
    verdicts = Counter(label.verdict for label in there)
    job = LabelJob(work.plan, work.constitution, work.settings)
    for label in _spread(work, job, waiting, "feedback", together=TOGETHER):
        verdicts[label.verdict] += 1
        tracker.save(label.comparison_id, label)
    if count := verdicts[DEGENERATE]:
        work.say(
            counted(
                count,
                "1 label is degenerate and excluded: equal responses, or no usable answer.",
                "{count:,} labels are degenerate and excluded: equal responses, or no usable answer.",
            )
        )
    if count := verdicts[TOO_LONG]:
        work.say(
            counted(
                count,
                "1 label is excluded: its question does not fit the feedback model.",
                "{count:,} labels are excluded: their questions do not fit the feedback model.",
            )
        )


def opened(plan: Plan, roles: tuple[str, ...], told: Told) -> dict[str, LanguageModel]:
    """Open the plan's models in these roles and tell what there is to say about them."""
    models = open_models(plan, roles)
    told.hear(*models.values())
    return models


def _spread(work: Work, job: Job, inputs: list[Any], *roles: str, together: int = 1) -> Iterator[Any]:
    """Hand on the records of a job until somebody asks the run to stop."""
    models = [work.plan.model(role) for role in roles]
    records = spread(work, job, inputs, layout_for(work.plan.machine, models, len(inputs)), together)
    with closing(records):
        for record in records:
            yield record
            if work.should_stop():
                return


class _Tracker:
    """Counts an input's records and marks it done when the last one is saved."""

    def __init__(self, work: Work, expected: dict[str, int]) -> None:
        self.work = work
        self.missing = dict(expected)
        self.marked = work.done_inputs()
        self.left_out = work.left_out()
        work.progress(len(self.marked), len(expected))

    def count(self, input_id: str, records: int) -> None:
        """Take note of records that are there already."""
        self.missing[input_id] -= records
        self.work.live.saved(input_id, records)
        self._mark(input_id)

    def save(self, input_id: str, record: Any) -> None:
        """Save a record, and the input's mark with it if it was the last."""
        self.missing[input_id] -= 1
        self.work.emit(record)
        self.work.live.saved(input_id, tokens=getattr(record, "tokens", 0))
        self._mark(input_id)

    def is_done(self, input_id: str) -> bool:
        """Whether all of an input's records are there, or no more will come."""
        return self.missing[input_id] <= 0 or input_id in self.left_out

    def leave_out(self, left: LeftOut) -> None:
        """Mark an input as left out."""
        input_id = str(left.key)
        self.left_out[input_id] = left.why
        self.work.done_input(input_id, left.why)
        self.marked.add(input_id)
        self.work.progress(len(self.marked), len(self.missing))

    def _mark(self, input_id: str) -> None:
        if self.is_done(input_id) and input_id not in self.marked:
            self.work.done_input(input_id)
            self.marked.add(input_id)
            self.work.progress(len(self.marked), len(self.missing))
