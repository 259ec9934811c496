"""What the three trainings have in common: arguments, the course from step to step, the finished model."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from workbench.errors import BadInputError
from workbench.records.run import Metric
from workbench.sentences import said
from workbench.stages.training import checkpoints
from workbench.stages.training.compute import CPU, Compute
from workbench.stages.training.ranks import Ranks
from workbench.stages.training.sharing import SharedSteps
from workbench.stages.training.watching import Watcher

#: Left out: a count that begins anew when a run is resumed, a share of one long pass, and a guess.
_UNTOLD = frozenset({"num_tokens", "epoch", "total_flos"})

SCHEDULES: tuple[str, ...] = ("constant", "linear", "cosine")


@dataclass(frozen=True)
class Trained:
    """How a training ended: finished, or stopped with a checkpoint to go on from; weights is the hash of the output.

    alarm is the sentence of the alarm that stopped it, where one did.
    """

    finished: bool
    steps: int
    weights: str = ""
    alarm: str = ""


@dataclass(frozen=True)
class Place:
    """Where a training runs: the folder it writes the model to, the folder of its checkpoints, its seed and machine.

    run is the run's id, kept the number of newest checkpoints kept while it runs; trackers are told its numbers.
    """

    output: Path
    checkpoints: Path
    seed: int = 0
    compute: Compute = CPU
    run: str = ""
    kept: int = 2
    trackers: tuple[str, ...] = ()

    @property
    def ranks(self) -> Ranks:
        """Which of how many processes that train together this is."""
        return self.compute.ranks

    @property
    def snapshots(self) -> Path:
        """Where models of the way are kept, beside the model it ends with."""
        return self.output.with_name("snapshots")


def arguments(place: Place, learning_rate: float, schedule: str, micro_batch_size: int, **more: Any) -> dict[str, Any]:
    """Return the transformers arguments every training shares: nothing is sent or shuffled behind our back."""
    if schedule not in SCHEDULES:
        raise BadInputError(
            "schedule must be one of {schedules}, not '{schedule}'.", schedules=", ".join(SCHEDULES), schedule=schedule
        )
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise BadInputError("learning_rate must be above 0, not {learning_rate}.", learning_rate=learning_rate)
    if place.kept < 1:
        raise BadInputError("keep_checkpoints must be at least 1, not {kept}.", kept=place.kept)
    shared = {
        "output_dir": str(place.checkpoints),
        "seed": place.seed % 2**32,
        "learning_rate": learning_rate,
        "lr_scheduler_type": schedule,
        "per_device_train_batch_size": place.ranks.share(micro_batch_size, "micro_batch_size"),
        "per_device_eval_batch_size": micro_batch_size,
        "num_train_epochs": 1,
        # The rows come in the order they are read, see schedule.py.
        "train_sampling_strategy": "sequential",
        "logging_steps": 1,
        "save_strategy": "no",
        "save_total_limit": place.kept,
        "report_to": list(place.trackers) or "none",
        "run_name": place.run or None,
        "project": "constitution-workbench",
        "disable_tqdm": True,
        # Autocast is entered around each forward pass (compute.autocast), because models are also called by their parts.
        "bf16": False,
        "gradient_checkpointing": False,
        "use_cpu": place.compute.device == "cpu",
        "dataloader_pin_memory": False,
        "optim": "adamw_torch_fused",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
    }
    return {**shared, **more}


class Course(TrainerCallback):  # type: ignore[misc]
    """Follows the steps: asks for checkpoints, passes on numbers and progress, and stops when asked to.

    steps_per_unit is the number of optimiser steps that belong together (a batch of experience in PPO): checkpoints and stops
    happen at its multiples only. tokens are those read after each step, which are told along with the numbers.
    """

    def __init__(
        self, watcher: Watcher, checkpoint_every: int, steps_per_unit: int = 1, tokens: Sequence[int] = ()
    ) -> None:
        self.watcher = watcher
        self.tokens = tokens
        self.every = max(1, checkpoint_every) * steps_per_unit
        self.unit = steps_per_unit
        self.stopped = False
        #: Whether any of the processes that train together says so.
        self.agreed: Callable[[bool], bool] = bool

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save at the chosen rhythm, and save and stop when asked to.

        Where what was learnt is to be kept, the course counts as run to its end, which is this step.
        """
        step = state.global_step
        self.watcher.progress(step, state.max_steps)
        if step % self.unit or step >= state.max_steps:
            return
        if self.agreed(self.watcher.should_stop()):
            control.should_training_stop = control.should_save = True
            self.stopped = not self.agreed(self.watcher.keeps())
        elif step % self.every == 0:
            control.should_save = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        """Pass each number on under its name; the summary of the end is left out."""
        for name, value in (logs or {}).items():
            if name not in _UNTOLD and not name.startswith("train_") and isinstance(value, int | float):
                self.watcher.emit(Metric(name, state.global_step, float(value)))
        if "loss" in (logs or {}) and 0 < state.global_step <= len(self.tokens):
            self.watcher.emit(Metric("num_tokens", state.global_step, float(self.tokens[state.global_step - 1])))

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell what memory of a GPU it took, which later estimates are corrected by."""
        if torch.cuda.is_available():
            peak = torch.cuda.max_memory_allocated() / (1 << 20)
            self.watcher.emit(Metric("device_peak_mb", state.global_step, peak))


def run_course(trainer: SharedSteps, course: Course, place: Place) -> bool:
    """Train from the newest whole checkpoint, or from the start; return whether the end was reached."""
    trainer.compute, course.agreed, trainer.tokens = place.compute, place.ranks.agreed, course.tokens
    if place.compute.sharded:
        course.watcher.say(said("The model is held in {size} shards, one on each process.", size=place.ranks.size))
    if place.compute.zero is not None:
        course.watcher.say(
            said("DeepSpeed holds the optimiser ({zero}), a part of it in each process.", zero=place.compute.zero)
        )
    for spoken in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(spoken)
    trainer.add_callback(course)
    start = checkpoints.latest(place.checkpoints)
    if start is not None:
        course.watcher.say(said("Going on from {start}.", start=start.name))
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    return not course.stopped


def say_left_out(watcher: Watcher, left_out: int, total: int, what: str, max_length: int) -> None:
    """Tell how many rows were too long, and refuse if none is left."""
    watcher.emit(Metric("rows_left_out", 0, float(left_out)))
    if left_out:
        watcher.say(
            said(
                "{left_out} of {total} {what} are longer than {max_length} tokens and were left out.",
                left_out=left_out,
                total=total,
                what=what,
                max_length=max_length,
            )
        )
    if left_out == total:
        raise BadInputError(
            said(
                "None of the {total} {what} fits max_length={max_length} tokens.",
                total=total,
                what=what,
                max_length=max_length,
            )
            if total
            else said("There are no {what}.", what=what)
        )
