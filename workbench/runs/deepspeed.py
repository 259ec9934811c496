"""What of DeepSpeed an accelerate configuration may ask for, and whether it is there."""

import importlib.util
from collections.abc import Mapping
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.records.zero import Zero

#: The kind of configuration that asks for it.
KIND = "DEEPSPEED"
#: What is neither refused nor the workbench's own: how accelerate starts the processes.
_STANDARD = "standard"


def read_zero(file: object, settings: Mapping[str, Any]) -> Zero:
    """Return what a configuration asks of DeepSpeed; raises BadInputError, which says what to take instead."""
    asked = settings.get("deepspeed_config") or {}
    if not isinstance(asked, Mapping):
        raise BadInputError(
            "{file} is no configuration of accelerate: deepspeed_config must be names and values.",
            file=file,
        )
    if asked.get("deepspeed_config_file"):
        raise BadInputError(
            "{file} names a deepspeed_config_file, which a run's folder would not hold: say zero_stage and "
            "offload_optimizer_device in deepspeed_config itself; the rest is the plan's.",
            file=file,
        )
    stage = str(asked.get("zero_stage", 2))
    if stage == "3" or _device(asked, "offload_param_device") != "none":
        raise BadInputError(
            "{file} asks DeepSpeed to cut the model itself (zero_stage: 3, offload_param_device), which the "
            "workbench does by PyTorch's own means: take distributed_type: FSDP, or zero_stage: 2.",
            file=file,
        )
    if stage not in ("1", "2"):
        raise BadInputError(
            "{file} asks for zero_stage: {stage}; take 1 or 2, or distributed_type: MULTI_GPU for none.",
            file=file,
            stage=stage,
        )
    place = _device(asked, "offload_optimizer_device")
    if place not in ("none", "cpu"):
        raise BadInputError(
            "{file} asks for offload_optimizer_device: {place}; take cpu or none.", file=file, place=place
        )
    machines, starter = settings.get("num_machines", 1), asked.get("deepspeed_multinode_launcher", "pdsh")
    if machines != 1 and starter != _STANDARD:
        raise BadInputError(
            "{file} leaves it to {starter} to reach {machines} machines; say deepspeed_multinode_launcher: "
            "{standard} in deepspeed_config, and start the run's folder once on each.",
            file=file,
            starter=starter,
            machines=machines,
            standard=_STANDARD,
        )
    return Zero(int(stage), place == "cpu")


def require_deepspeed() -> None:
    """Raise MissingError where DeepSpeed is not installed."""
    if importlib.util.find_spec("deepspeed") is None:
        raise MissingError(
            "The launcher's configuration asks for DeepSpeed, which is not installed here; install it with: "
            "pip install 'constitution-workbench[deepspeed]'. Or take distributed_type: FSDP, which needs nothing more."
        )


def _device(asked: Mapping[str, Any], name: str) -> str:
    return str(asked.get(name) or "none").lower()
