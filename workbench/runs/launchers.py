"""How many processes work a training: one, or those that `accelerate launch` starts by a configuration file.

The configuration lies in the run's folder as accelerate.yaml, so that the folder can be carried to where the processes are.
"""

import os
import sys
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import BadInputError, MissingError
from workbench.records.zero import Zero
from workbench.runs import deepspeed
from workbench.runs.folder import LAUNCHER, RunFolder

#: Stages that several processes can work together.
SHARED: tuple[str, ...] = ("sft", "preference_model", "rl", "dpo")
_WORKER = "workbench.worker"
_SHARDS = "FSDP"
#: Other kinds of configuration that cut a model into pieces.
_CUTTING = ("MEGATRON_LM", "TP")


def launchers_folder() -> Path:
    """Return the folder of the user's named configurations."""
    return platformdirs.user_config_path("constitution-workbench", appauthor=False) / "launchers"


def read_launcher(asked: str, stage: str) -> str:
    """Return the text of an accelerate configuration, by file or by name; one sentence where it cannot serve a stage."""
    if stage not in SHARED:
        raise BadInputError(
            f"launcher= is for trainings ({', '.join(SHARED)}); stage {stage} spreads over cores by itself."
        )
    places = (Path(asked).expanduser(), launchers_folder() / f"{asked}.yaml")
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise MissingError(
            f"There is no file {asked}, nor {places[1]}; `accelerate config --config_file FILE` makes one."
        )
    text = file.read_text(encoding="utf-8")
    _check(file, text, stage)
    return text


def cuts(folder: RunFolder) -> bool:
    """Whether the processes that work a folder are to hold its model in shards."""
    return _kind(_settings(folder)) == _SHARDS


def zero_of(folder: RunFolder) -> Zero | None:
    """Return how DeepSpeed is to divide the training of a folder among the processes that work it, or None."""
    settings = _settings(folder)
    return deepspeed.read_zero(folder.path / LAUNCHER, settings) if _kind(settings) == deepspeed.KIND else None


def require_installed(text: str) -> None:
    """Raise MissingError where what a configuration asks for is not installed on this machine."""
    if _kind(_parsed(text)) == deepspeed.KIND:
        deepspeed.require_deepspeed()


def _settings(folder: RunFolder) -> Any:
    config = folder.path / LAUNCHER
    return _parsed(config.read_text(encoding="utf-8")) if config.is_file() else {}


def _parsed(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - most runs have no launcher, and the window waits for it

    return YAML(typ="safe").load(text)


def _kind(settings: Any) -> str:
    return str(settings.get("distributed_type", "NO")).upper()


def _check(file: Path, text: str, stage: str) -> None:
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        settings = _parsed(text)
    except YAMLError as error:
        raise BadInputError(f"{file} is not YAML: {str(error).splitlines()[0]}.") from error
    count = settings.get("num_processes") if isinstance(settings, dict) else None
    if not isinstance(count, int) or count < 1:
        raise BadInputError(f"{file} is no configuration of accelerate: num_processes must be a number above 0.")
    kind = _kind(settings)
    if kind in _CUTTING:
        raise BadInputError(
            f"{file} asks for {kind}; where a model does not fit one GPU, the workbench cuts it by PyTorch's own means: take "
            "distributed_type: FSDP, or MULTI_GPU with lora_rank."
        )
    if kind == deepspeed.KIND and deepspeed.read_zero(file, settings).offload and stage == "rl":
        raise BadInputError(
            f"{file} asks for offload_optimizer_device, which is for trainings of one model: for stage rl leave it out, or take "
            "distributed_type: FSDP."
        )
    if kind == _SHARDS and str((settings.get("fsdp_config") or {}).get("fsdp_offload_params", "")).lower() == "true":
        raise BadInputError(
            f"{file} asks for fsdp_offload_params, which is not to be had here; take more processes, or gradient_checkpointing."
        )


def program_of(folder: RunFolder, worker: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line that works a folder: the worker's own, or the launcher's where the run has one.

    Raises MissingError where what the launcher needs is not installed here.
    """
    config = folder.path / LAUNCHER
    if not config.is_file() or "RANK" in os.environ:
        return worker
    require_installed(config.read_text(encoding="utf-8"))
    return (sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config), "-m", _WORKER)
