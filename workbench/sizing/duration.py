"""The time a training takes: its arithmetic, over what this machine was measured to do.

A token costs 2 P operations forward and 4 P back, P being the parameters (arXiv 2001.08361, section 2.1); an adapter spares
the gradient of the frozen weights, 2 P; gradient_checkpointing adds a forward pass. RL writes (2 P a token, at a third of the
speed, since it goes token by token), reads what was written with each model beside the policy, and learns from it. How fast the
machine is was measured once with a small model; earlier runs correct both. Several processes share the operations evenly.
"""

from collections.abc import Mapping
from typing import Any

from workbench.records.run import training_dtype
from workbench.records.spread import Spread
from workbench.sizing.shape import Shape
from workbench.sizing.texts import Lengths

#: The small model machine.json was measured with: its parameters, and the tokens of its pass forward and back.
_MEASURED_PARAMETERS, _MEASURED_TOKENS = 4.26e6, 1024
_WRITING_IS_SLOWER = 3.0


def operations(
    stage: str, settings: Mapping[str, Any], models: Mapping[str, Shape], lengths: Lengths
) -> tuple[float, int]:
    """Return a training's floating-point operations in all, and its optimiser steps."""
    policy = models["policy"].parameters
    back = (4 if not settings.get("lora_rank") else 2) + (2 if settings.get("gradient_checkpointing") else 0)
    if stage == "rl":
        return _of_rl(settings, models, lengths, back)
    steps = max(1, round(lengths.rows * settings["epochs"] / settings["batch_size"]))
    if settings.get("max_steps"):
        steps = min(steps, settings["max_steps"])
    tokens = steps * settings["batch_size"] * min(lengths.mean, settings["max_length"])
    each = 2 if stage in ("preference_model", "dpo") else 1
    reference = 2 if stage == "dpo" else 0
    return each * tokens * (2 + back + reference) * policy, steps


def speed_of(machine: Mapping[str, Any], measured: Mapping[str, float]) -> float | None:
    """Return operations a second by what was measured of the machine, or None where it was not."""
    threads = machine.get("training_threads", machine.get("threads", 1))
    seconds = measured.get(f"training, {training_dtype(machine)}, {threads} threads")
    return 6 * _MEASURED_PARAMETERS * _MEASURED_TOKENS / seconds if seconds else None


def gain_of(spread: Spread, machine: Mapping[str, Any]) -> float:
    """Return how many times the pace of one process several are taken to have: one a GPU; processors share their cores.

    What the processes tell each other is not counted: it depends on what joins them.
    """
    if machine.get("device", "cpu") != "cpu" and not spread.cpu:
        return float(spread.processes)
    threads = machine.get("training_threads", machine.get("threads", 1)) or 1
    room = max(1.0, machine.get("cores", threads) / threads)
    return float(spread.machines * min(spread.on_each, room))


def _of_rl(settings: Mapping[str, Any], models: Mapping[str, Shape], lengths: Lengths, back: int) -> tuple[float, int]:
    batches = -(-settings["episodes"] // settings["batch_size"])
    policy = models["policy"].parameters
    separate = settings["value"] == "separate" and settings["algorithm"] == "ppo"
    value = models.get("reward", models["policy"]).parameters if separate else 0
    beside = sum(shape.parameters for role, shape in models.items() if role != "policy")
    written, read = settings["batch_size"] * lengths.response, settings["batch_size"] * lengths.mean
    writing = _WRITING_IS_SLOWER * 2 * policy * written
    reading = 2 * (policy + value + beside) * read
    learning = settings["ppo_epochs"] * (2 + back) * (policy + value) * read
    return batches * (writing + reading + learning), batches * settings["ppo_epochs"] * settings["mini_batches"]
