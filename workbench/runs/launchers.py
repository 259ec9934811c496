"""How many processes work a training: one, or those that `accelerate launch` starts by a configuration file.

The configuration lies in the run's folder as accelerate.yaml, so that the folder can be carried to where the processes are.
"""

import io
import os
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import BadInputError, MissingError
from workbench.records.spread import ONE, Spread
from workbench.runs import deepspeed
from workbench.runs.folder import LAUNCHER, RunFolder
from workbench.sentences import said

#: Stages that several processes can work together.
SHARED: tuple[str, ...] = ("sft", "preference_model", "rl", "dpo")
_WORKER = "workbench.worker"
_SHARDS = "FSDP"
#: Other kinds of configuration that cut a model into pieces.
_CUTTING = ("MEGATRON_LM", "TP")
#: Processors: accelerate leaves it to an MPI to start these, and to nobody where there is none.
_PROCESSORS = "MULTI_CPU"
_COPIES = "MULTI_"
#: Settings whose value is a word; accelerate reads `no` without quotes as false, and falls over it.
_WORDS = ("mixed_precision", "downcast_bf16")


def launchers_folder() -> Path:
    """Return the folder of the user's named configurations."""
    return platformdirs.user_config_path("constitution-workbench", appauthor=False) / "launchers"


def named_launchers() -> list[str]:
    """Return the names of the user's named configurations, sorted."""
    return sorted(file.stem for file in launchers_folder().glob("*.yaml"))


def located(asked: str) -> str:
    """Return what names the same configuration from whichever folder it is read: a file by its whole path."""
    file = Path(asked).expanduser()
    return str(file.resolve()) if file.is_file() else asked


def read_launcher(asked: str, stage: str) -> str:
    """Return the text of an accelerate configuration, by file or by name; one sentence where it cannot serve a stage.

    Processors are told as accelerate starts them without an MPI: as several GPUs that are not to be used.
    """
    if stage not in SHARED:
        raise BadInputError(
            "launcher= is for trainings ({shared}); stage {stage} spreads over cores by itself.",
            shared=", ".join(SHARED),
            stage=stage,
        )
    places = (Path(asked).expanduser(), launchers_folder() / f"{asked}.yaml")
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        named = "" if places[0].is_absolute() else f", nor {places[1]}"
        raise MissingError(
            "There is no file {asked}{named}; `accelerate config --config_file FILE` makes one.",
            asked=asked,
            named=named,
        )
    try:
        text = file.read_text(encoding="utf-8")
    except ValueError as error:
        raise BadInputError("{file} is no configuration of accelerate: it is not text.", file=file) from error
    _check(file, text, stage)
    return _startable(text)


def spread_in(text: str, file: object = LAUNCHER) -> Spread:
    """Return over how many processes a configuration spreads a training, and what each holds; no text is one process."""
    if not text:
        return ONE
    settings = _parsed(text)
    processes, machines = _counts(file, settings)
    kind = _kind(settings)
    zero = deepspeed.read_zero(file, settings) if kind == deepspeed.KIND else None
    cpu = kind == _PROCESSORS or settings.get("use_cpu") is True
    return Spread(processes, machines, cpu, kind == _SHARDS, zero)


def spread_of(folder: RunFolder) -> Spread | None:
    """Return over how many processes a folder's training is to be spread; None where its folder says nothing of it."""
    config = folder.path / LAUNCHER
    return spread_in(config.read_text(encoding="utf-8"), config) if config.is_file() else None


def require_installed(text: str) -> None:
    """Raise MissingError where what a configuration asks for is not installed on this machine."""
    if _kind(_parsed(text)) == deepspeed.KIND:
        deepspeed.require_deepspeed()


def _parsed(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - most runs have no launcher, and the window waits for it

    return YAML(typ="safe").load(text)


def _startable(text: str) -> str:
    """Return a configuration as accelerate starts it: processors as processes that meet by gloo, as GPUs would by NCCL."""
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.scalarstring import SingleQuotedScalarString  # noqa: PLC0415

    whole = YAML()
    whole.preserve_quotes = True
    settings: MutableMapping[str, Any] = whole.load(text)
    bare = [name for name in _WORDS if type(settings.get(name)) is str]
    if _kind(settings) != _PROCESSORS and not bare:
        return text
    settings.update({name: SingleQuotedScalarString(settings[name]) for name in bare})
    if _kind(settings) == _PROCESSORS:
        settings.update(distributed_type="MULTI_GPU", use_cpu=True)
        for name in ("mpirun_config", "ipex_config"):
            settings.pop(name, None)
    written = io.StringIO()
    whole.dump(settings, written)
    return written.getvalue()


def _kind(settings: Any) -> str:
    return str(settings.get("distributed_type", "NO")).upper()


def _counts(file: object, settings: Any) -> tuple[int, int]:
    """Return how many processes a configuration asks for in all, and on how many machines."""
    count = settings.get("num_processes") if isinstance(settings, dict) else None
    if not isinstance(count, int) or count < 1:
        raise BadInputError(
            "{file} is no configuration of accelerate: num_processes must be a number above 0.",
            file=file,
        )
    machines = settings.get("num_machines") or 1
    if not isinstance(machines, int) or machines < 1 or count % machines:
        raise BadInputError(
            "{file} spreads {count} processes over {machines} machines; num_processes, which counts all, must be "
            "a multiple of num_machines.",
            file=file,
            count=count,
            machines=machines,
        )
    return count, machines


def _check(file: Path, text: str, stage: str) -> None:
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        settings = _parsed(text)
    except YAMLError as error:
        raise BadInputError(
            "{file} is not YAML: {first_line}.", file=file, first_line=str(error).splitlines()[0]
        ) from error
    count, _ = _counts(file, settings)
    kind = _kind(settings)
    if count > 1 and not kind.startswith((_COPIES, _SHARDS, deepspeed.KIND, *_CUTTING)):
        raise BadInputError(
            "{file} says distributed_type: {kind}, by which accelerate starts one process of the {count}; take "
            "MULTI_GPU, or MULTI_CPU where there is none.",
            file=file,
            kind=kind,
            count=count,
        )
    if kind in _CUTTING:
        raise BadInputError(
            "{file} asks for {kind}; where a model does not fit one GPU, the workbench cuts it by PyTorch's own "
            "means: take distributed_type: FSDP, or MULTI_GPU with lora_rank.",
            file=file,
            kind=kind,
        )
    if kind == deepspeed.KIND and deepspeed.read_zero(file, settings).offload and stage == "rl":
        raise BadInputError(
            "{file} asks for offload_optimizer_device, which is for trainings of one model: for stage rl leave "
            "it out, or take distributed_type: FSDP.",
            file=file,
        )
    if kind == _SHARDS and str((settings.get("fsdp_config") or {}).get("fsdp_offload_params", "")).lower() == "true":
        raise BadInputError(
            "{file} asks for fsdp_offload_params, which is not to be had here; take more processes, or "
            "gradient_checkpointing.",
            file=file,
        )


@dataclass(frozen=True)
class Node:
    """Which of the machines that train together this is, and where the first of them answers; None and nothing as configured."""

    rank: int | None = None
    main_address: str = ""


def program_of(folder: RunFolder, worker: tuple[str, ...], node: Node | None = None) -> tuple[str, ...]:
    """Return the command line that works a folder: the worker's own, or the launcher's where the run has one.

    Raises MissingError where what the launcher needs is not installed here, BadInputError where it has no such machine.
    """
    config, node = folder.path / LAUNCHER, node or Node()
    spread = spread_of(folder)
    _check_node(spread, node)
    if spread is None or "RANK" in os.environ:
        return worker
    text = config.read_text(encoding="utf-8")
    require_installed(text)
    where = ["--machine_rank", str(node.rank)] if node.rank is not None else []
    where += ["--main_process_ip", node.main_address] if node.main_address else []
    if spread.machines > 1 and not node.main_address and not _parsed(text).get("main_process_ip"):
        raise BadInputError(
            "{config} spreads the run over {machines} machines and does not say where the first of them is; add "
            "main_process_ip and main_process_port, or name it with --main-address.",
            config=config,
            machines=spread.machines,
        )
    return (sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config), *where, "-m", _WORKER)


def _check_node(spread: Spread | None, node: Node) -> None:
    machines = spread.machines if spread else 1
    if node.rank is not None and not 0 <= node.rank < machines:
        there = (
            said("ranks 0 to {machines}", machines=machines - 1)
            if machines > 1
            else said("one machine, whose rank is 0")
        )
        raise BadInputError(
            "There is no machine of rank {rank}: the run is spread over {there}.", rank=node.rank, there=there
        )
