"""Adapters of the training stages: a run folder's plan and rows in, metrics and a model folder out."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import Prompt
from workbench.records.rewards import PREFERENCE_MODELS
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import OUTPUT, Metric, Output
from workbench.records.settings import LabelSettings
from workbench.records.spread import ONE
from workbench.records.task import TASKS, Task
from workbench.runs.folder import LAUNCHER
from workbench.runs.launchers import spread_of
from workbench.runs.trackers import named_trackers
from workbench.sentences import said
from workbench.stages.chains import worded
from workbench.stages.preferences import LabelWork
from workbench.stages.training import checkpoints
from workbench.stages.training.compute import Compute, compute_of
from workbench.stages.training.course import Place, Trained
from workbench.stages.training.ranks import Ranks
from workbench.worker.opening import open_model
from workbench.worker.work import Work

Row = TypeVar("Row", SftRow, PreferenceRow, Prompt)


def work_sft(work: Work) -> None:
    """Fine-tune the policy's model on the run's rows."""
    from workbench.stages.training.sft import train_sft  # noqa: PLC0415 - TRL takes seconds to load

    if not _finished(work):
        start, rows, task = _model(work, "policy"), _worded(work, work.inputs(SftRow)), _task(work)
        trained = train_sft(
            start, rows, work.settings, _place(work), Listener(work), task.roles, task.max_response_tokens
        )
        _keep(work, trained)


def work_preference_model(work: Work) -> None:
    """Train a preference model from the policy's model on the run's comparisons."""
    from workbench.stages.training.preference_model import train_preference_model  # noqa: PLC0415

    if not _finished(work):
        start, rows = _model(work, "policy"), _worded(work, work.inputs(PreferenceRow))
        trained = train_preference_model(start, rows, work.settings, _place(work), Listener(work), _task(work).roles)
        _keep(work, trained)


def work_dpo(work: Work) -> None:
    """Train the policy on the run's comparisons directly."""
    from workbench.stages.training.dpo import train_dpo  # noqa: PLC0415

    if not _finished(work):
        start, rows, task = _model(work, "policy"), _worded(work, work.inputs(PreferenceRow)), _task(work)
        trained = train_dpo(
            start, rows, work.settings, _place(work), Listener(work), task.roles, task.max_response_tokens
        )
        _keep(work, trained)


def work_rl(work: Work) -> None:
    """Train the policy by reinforcement learning against the models that reward."""
    from workbench.stages.training.players import Starts  # noqa: PLC0415
    from workbench.stages.training.reinforcement import Asked  # noqa: PLC0415
    from workbench.stages.training.rl import train_rl  # noqa: PLC0415

    if not _finished(work):
        policy = _model(work, "policy")
        reference = _model(work, "reference") if work.plan.model("reference") else policy
        found = {role: _model(work, role) for role in ("gold", *PREFERENCE_MODELS) if work.plan.model(role)}
        reward, gold = found.pop("reward", None), found.pop("gold", None)
        starts, task = Starts(policy, reference, reward, gold, found), _task(work)
        prompts = _worded(work, work.inputs(Prompt))
        asked = Asked(starts, prompts, task.max_response_tokens, task.roles, _feedback(work))
        _keep(work, train_rl(asked, work.settings, _place(work), Listener(work)))


class Listener:
    """Passes what a training tells to the run folder; numbers that are there already are not saved twice."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.known = {(metric.name, metric.step) for metric in work.results(Metric)}
        self.sampled = {one.id for one in work.results(PolicySample)} | {one.id for one in work.results(PairScores)}
        self.kept = {output.path for output in work.results(Output)}

    def emit(self, metric: Metric) -> None:
        """Save one number, once."""
        if (metric.name, metric.step) not in self.known:
            self.known.add((metric.name, metric.step))
            self.work.emit(metric)

    def progress(self, done: int, total: int) -> None:
        """Tell how many optimiser steps are done."""
        self.work.progress(done, total)

    def say(self, text: str) -> None:
        """Tell a sentence."""
        self.work.say(text)

    def show(self, name: str, text: str) -> None:
        """Show a text the model has just written."""
        self.work.show(name, text)

    def sample(self, sample: PolicySample | PairScores) -> None:
        """Save a response to a pinned prompt, or the scores of a pinned pair, once."""
        if sample.id not in self.sampled:
            self.sampled.add(sample.id)
            self.work.emit(sample)

    def made(self, output: Output) -> None:
        """Save that a model folder has been written, once."""
        if output.path not in self.kept:
            self.kept.add(output.path)
            self.work.emit(output)

    def should_stop(self) -> bool:
        """Whether somebody asked for the run to pause or stop."""
        return self.work.should_stop() is not None

    def keeps(self) -> bool:
        """Whether somebody asked for the run to end, and for what it made to stay."""
        return self.work.leaving == "stop"


def _finished(work: Work) -> bool:
    return any(output.path == OUTPUT for output in work.results(Output))


def _keep(work: Work, trained: Trained) -> None:
    if not work.writes:
        return
    if trained.finished:
        work.emit(Output(OUTPUT, work.plan.stage, trained.weights, trained.steps))
        work.sync()
        # Only now: a run killed before this line goes on from its last checkpoint instead of beginning again.
        checkpoints.clear(work.checkpoint_folder)
    elif trained.alarm:
        work.pause(trained.alarm)


def _model(work: Work, role: str) -> Path:
    ref = work.plan.model(role)
    if ref is None or ref.folder is None:
        raise MissingError(
            "The plan names no model folder for the role {role}, which stage {stage} needs.",
            role=role,
            stage=work.plan.stage,
        )
    return Path(ref.folder)


def _place(work: Work) -> Place:
    compute = _several(work, compute_of(work.plan.machine))
    compute.use_threads()
    trackers = named_trackers(work.settings.report_to)
    if trackers:  # their own ways to be told where to write
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(work.folder.path / "tensorboard")
        os.environ["WANDB_DIR"] = str(work.folder.path)
        os.environ["WANDB_PROJECT"] = "constitution-workbench"
    kept = work.settings.keep_checkpoints
    folders = work.output_folder, work.checkpoint_folder
    return Place(*folders, work.plan.seed, compute, work.plan.id, kept, trackers)


def _several(work: Work, compute: Compute) -> Compute:
    """Return how this process computes beside those that it trains together with, where a launcher has started several."""
    # What the workbench does itself, the launcher's own ways are not to do a second time.
    for own in ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"):
        os.environ.pop(own, None)
    ranks, spread = Ranks.of(os.environ), spread_of(work.folder)
    if spread is not None and ranks.size != spread.processes:
        raise BadInputError(_another_size(work.folder.path, ranks.size, spread.processes))
    if "RANK" not in os.environ:
        return compute
    spread = spread or ONE
    if spread.cpu and compute.device != "cpu":
        compute = dataclasses.replace(compute, device="cpu", bf16=False)
    return dataclasses.replace(compute, ranks=ranks, sharded=ranks.size > 1 and spread.sharded, zero=spread.zero)


def _another_size(folder: Path, found: int, told: int) -> str:
    """Say that fewer or more processes have been started than the run is spread over, each of which would learn too much."""
    return said(
        "{launcher} of the run spreads it over {told} processes, and this is one of {found}: start it with "
        "workbench work {folder}, on each machine where there are several; or put num_processes right in "
        "{launcher}, or take that file away to train in one process.",
        launcher=LAUNCHER,
        told=told,
        found=found,
        folder=quoted(folder),
    )


def _feedback(work: Work) -> LabelWork | None:
    """Return the feedback model and what it is to be asked, where it rewards."""
    settings, ref = work.settings, work.plan.model("feedback")
    if ref is None:
        return None
    model = open_model(ref, work.plan.task, work.plan.machine)
    asking = LabelSettings(principles=settings.feedback_principles, few_shots=settings.feedback_few_shots)
    return LabelWork(model, work.constitution, asking, _task(work), work.plan.seed, work.plan.id)


def _task(work: Work) -> Task:
    if work.plan.task not in TASKS:
        raise MissingError("There is no task {task}; there are {tasks}.", task=work.plan.task, tasks=", ".join(TASKS))
    return TASKS[work.plan.task]


def _worded(work: Work, rows: Sequence[Row]) -> list[Row]:
    """Word each row's last turn as the task does, so that a model learns what it will be asked."""
    task = _task(work)
    return [dataclasses.replace(row, messages=tuple(worded(task, row.messages))) for row in rows]
