"""Runs: one piece of work as a plan, a folder and a state."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.records.comparison import PreferenceRule
from workbench.records.model import ModelRef
from workbench.records.test_set import AskedSet
from workbench.sentences import said

STAGES: tuple[str, ...] = (
    "chains",
    "comparisons",
    "labels",
    "sft",
    "preference_model",
    "rl",
    "dpo",
    "evaluation",
    "evaluation_set",
)

#: How the reason of a run begins whose memory ran out.
OUT_OF_MEMORY: str = said("The memory ran out")
#: How the reason of a run begins that is at work and waits for a server.
WAITS: str = said("waiting: ")
#: What the reason of a run says whose prompt, with the examples in front, is longer than what its model holds.
NO_ROOM: str = said(" does not fit the model")


#: Stages that train a model.
TRAININGS: tuple[str, ...] = ("sft", "preference_model", "rl", "dpo")


class RunState(enum.StrEnum):
    """Where a run is; each state comes with a reason a person can read."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ELSEWHERE = "elsewhere"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself and nothing is left to resume."""
        return self in (RunState.FINISHED, RunState.STOPPED)

    @property
    def resumable(self) -> bool:
        """Whether starting the same folder again would go on."""
        return self in (RunState.PAUSED, RunState.FAILED, RunState.INTERRUPTED)


@dataclass(frozen=True)
class Plan:
    """A run's inputs as plain data: everything the worker needs besides the inputs file beside it."""

    id: str
    stage: str
    models: dict[str, ModelRef] = field(default_factory=dict)
    constitution_hash: str = ""
    task: str = "dialogue"
    #: What of the store was selected, in words a person can read.
    selection: str = ""
    #: The runs whose results were selected, where somebody may name them.
    sources: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    total: int = 0
    inputs_hash: str = ""
    created: str = ""
    workbench: str = ""
    #: The machine's choices, kept on resume: device, dtype, threads, attention.
    machine: dict[str, Any] = field(default_factory=dict)
    #: By which configuration of accelerate several processes work it; empty where one does.
    launcher: str = ""
    #: Runs of chains that this one redoes a part of, or adds to: for all other prompts theirs count.
    amends: tuple[str, ...] = ()
    #: The rule by which reviews and labels became probabilities, where the inputs are preferences.
    rule: PreferenceRule | None = None
    #: Which test prompts an evaluation asks.
    test_set: AskedSet | None = None

    def model(self, role: str) -> ModelRef | None:
        """Return the model in a role, or None."""
        return self.models.get(role)


def training_dtype(machine: Mapping[str, Any], asked: str = "auto") -> str:
    """Return in which type a training multiplies: the one that is asked for, or what was measured to be quick on the machine.

    Processors of which that is not known train in float32.
    """
    if asked != "auto":
        return asked
    usual = "float32" if machine.get("device", "cpu") == "cpu" else machine.get("dtype", "float32")
    return str(machine.get("training_dtype", usual))


@dataclass(frozen=True)
class Run:
    """A run as the project knows it."""

    id: str
    stage: str
    state: RunState
    reason: str = ""
    done: int = 0
    total: int = 0
    pid: int | None = None
    folder: str = ""
    created: str = ""
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    plan: Plan | None = None
    #: Whether what it made is left out of every later step.
    discarded: bool = False

    @property
    def out_of_memory(self) -> bool:
        """Whether it failed because the memory ran out, which a run of smaller micro-batches may not."""
        return self.state is RunState.FAILED and self.reason.startswith(OUT_OF_MEMORY)

    @property
    def waits(self) -> bool:
        """Whether it is at work and can do nothing until a server answers: how fast it went tells nothing of when it is done."""
        return self.state is RunState.RUNNING and self.reason.startswith(WAITS)

    @property
    def out_of_room(self) -> bool:
        """Whether it failed because a prompt was too long for the model, which a run without examples may not."""
        used = self.plan is not None and bool(self.plan.settings.get("few_shots"))
        return self.state is RunState.FAILED and NO_ROOM in self.reason and used


@dataclass(frozen=True)
class Metric:
    """One number of a run at one step, under TRL's names."""

    name: str
    step: int
    value: float


#: Where in its folder a training leaves the model it ends with.
OUTPUT = "output"


@dataclass(frozen=True)
class Output:
    """A model folder a run made: path relative to the run folder, what it is, and the hash of its weights.

    A run makes one model under OUTPUT at its end; others are snapshots of its way.
    """

    path: str
    kind: str
    weights: str = ""
    step: int = 0


@dataclass(frozen=True)
class Done:
    """An input of a run is complete, or left out for a reason: a resumed worker passes it by."""

    input: str
    left_out: str = ""
