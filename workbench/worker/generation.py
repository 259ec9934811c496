"""The generation stages at work in a run folder: chains, comparisons and labels."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from workbench.models.language_model import LanguageModel
from workbench.records.chain import Step
from workbench.records.comparison import Comparison, Label
from workbench.records.prompt import Prompt
from workbench.records.task import TASKS
from workbench.stages.chains import ChainWork, steps_per_chain, write_chains
from workbench.stages.comparisons import ComparisonWork, write_comparisons
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.worker.opening import open_models
from workbench.worker.work import Work


def work_chains(work: Work) -> None:
    """Write the chains of the run's prompts; what is there already, down to single steps, is kept."""
    models = _opened(work, "response", "critic")
    chains = ChainWork(models, work.constitution, work.settings, TASKS[work.plan.task], work.plan.seed, work.plan.id)
    prompts = work.inputs(Prompt)
    finished: dict[str, list[Step]] = {}
    for step in work.results(Step):
        finished.setdefault(step.prompt_id, []).append(step)
    tracker = _Tracker(work, {prompt.id: steps_per_chain(chains, prompt) for prompt in prompts})
    for prompt_id, steps in finished.items():
        tracker.count(prompt_id, len(steps))
    verdicts: Counter[str] = Counter(
        verdict for steps in finished.values() for step in steps for verdict in step.verdicts
    )
    waiting = (prompt for prompt in prompts if not tracker.is_done(prompt.id))
    for step in _until_asked(work, write_chains(chains, waiting, finished, work.live)):
        verdicts.update(step.verdicts)
        tracker.save(step.prompt_id, step)
    if verdicts:
        work.say("Filters flagged " + ", ".join(f"{count} {name}" for name, count in verdicts.most_common()) + ".")


def work_comparisons(work: Work) -> None:
    """Write the comparisons of the run's prompts."""
    model = _opened(work, "response")["response"]
    comparing = ComparisonWork(model, work.settings, TASKS[work.plan.task], work.plan.seed, work.plan.id)
    prompts = work.inputs(Prompt)
    there = work.results(Comparison)
    tracker = _Tracker(work, {prompt.id: comparing.settings.pairs for prompt in prompts})
    for comparison in there:
        tracker.count(comparison.prompt_id, 1)
    written = write_comparisons(comparing, prompts, {comparison.id for comparison in there}, work.live)
    for comparison in _until_asked(work, written):
        tracker.save(comparison.prompt_id, comparison)


def work_labels(work: Work) -> None:
    """Label the run's comparisons."""
    model = _opened(work, "feedback")["feedback"]
    labelling = LabelWork(model, work.constitution, work.settings, TASKS[work.plan.task], work.plan.seed, work.plan.id)
    prompts = {prompt.id: prompt for prompt in work.inputs(Prompt)}
    comparisons = work.inputs(Comparison)
    there = work.results(Label)
    tracker = _Tracker(work, {comparison.id: 1 for comparison in comparisons})
    for label in there:
        tracker.count(label.comparison_id, 1)
    items = ((prompts[item.prompt_id], item) for item in comparisons if not tracker.is_done(item.id))
    excluded = sum(label.verdict != "ok" for label in there)
    for label in _until_asked(work, label_comparisons(labelling, items)):
        excluded += label.verdict != "ok"
        tracker.save(label.comparison_id, label)
    if excluded:
        work.say(f"{excluded} labels are degenerate and excluded: equal responses, or no usable answer.")


def _opened(work: Work, *roles: str) -> dict[str, LanguageModel]:
    models = open_models(work.plan, roles)
    for note in dict.fromkeys(note for model in models.values() for note in model.notes):
        work.say(note)
    return models


def _until_asked(work: Work, records: Iterator[Any]) -> Iterator[Any]:
    """Hand records on until somebody asks the run to stop."""
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
        work.progress(len(self.marked), len(expected))

    def count(self, input_id: str, records: int) -> None:
        """Take note of records that are there already."""
        self.missing[input_id] -= records
        self._mark(input_id)

    def save(self, input_id: str, record: Any) -> None:
        """Save a record, and the input's mark with it if it was the last."""
        self.missing[input_id] -= 1
        self.work.emit(record)
        self._mark(input_id)

    def is_done(self, input_id: str) -> bool:
        """Whether all of an input's records are there."""
        return self.missing[input_id] <= 0

    def _mark(self, input_id: str) -> None:
        if self.is_done(input_id) and input_id not in self.marked:
            self.work.done_input(input_id)
            self.marked.add(input_id)
            self.work.progress(len(self.marked), len(self.missing))
