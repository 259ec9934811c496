"""Commands about the machine: doctor, and work on a run folder by hand."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.printing import Json, print_json, say, settings_of

_PACKAGES = ("torch", "transformers", "trl", "datasets", "peft", "sqlite-utils", "numpy")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(doctor)
    app.command()(work)


def doctor(json_: Json = False) -> None:
    """Check this machine: Python, packages, memory, disk, accelerator, the embedded model, SQLite."""
    facts = _facts()
    if json_:
        print_json(facts)
    else:
        for name, value in facts.items():
            say(f"{name:<16} {_plain(value)}")
    if facts["problems"]:
        raise typer.Exit(1)


def work(
    rundir: Annotated[str, typer.Argument(help="The folder of a run.")],
    beside: Annotated[
        bool, typer.Option("--beside", help="Work even where another worker has the device; both will be slower.")
    ] = False,
    machine_rank: Annotated[
        int | None,
        typer.Option(
            help="Of several machines that train together, which this is; 0 is the first. In a Slurm step as Slurm says."
        ),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="ROLE=FOLDER: where a model lies here, if not where the run says.")
    ] = None,
    main_address: Annotated[str, typer.Option(help="Where the first of several machines answers.")] = "",
) -> None:
    """Work a run folder here and now, in the foreground: what the queue does in the background.

    A run that is spread over several machines is worked by the same command on each of them.
    """
    from workbench.cli.becoming import become  # noqa: PLC0415
    from workbench.runs.folder import RunFolder  # noqa: PLC0415
    from workbench.runs.launcher import WORKER, short_memory  # noqa: PLC0415
    from workbench.runs.launchers import Node, program_of, spread_of  # noqa: PLC0415

    folder = RunFolder.open(Path(rundir))
    spread = spread_of(folder)
    if machine_rank is None and spread is not None and spread.machines > 1 and "SLURM_NODEID" in os.environ:
        machine_rank = int(os.environ["SLURM_NODEID"])
    command = [*program_of(folder, WORKER, Node(machine_rank, main_address)), *(["--beside"] if beside else [])]
    command += [f"--model={role}={place}" for role, place in settings_of(model or []).items()]
    command += [rundir]
    become(command, {**os.environ, **short_memory(folder)})


def _facts() -> dict[str, Any]:
    import psutil  # noqa: PLC0415

    from workbench import __version__  # noqa: PLC0415
    from workbench.project.model_choice import DEMO_MODEL  # noqa: PLC0415
    from workbench.store.integrity import sqlite_version  # noqa: PLC0415

    packages = {name: _version(name) for name in _PACKAGES}
    free = shutil.disk_usage(Path.cwd()).free
    memory = psutil.virtual_memory()
    facts: dict[str, Any] = {
        "workbench": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite_version(),
        "packages": packages,
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "memory_gb": round(memory.total / 2**30, 1),
        "memory_free_gb": round(memory.available / 2**30, 1),
        "disk_free_gb": round(free / 2**30, 1),
        "accelerator": _accelerator(),
        "demo_model": str(DEMO_MODEL) if (DEMO_MODEL / "model.safetensors").is_file() else None,
    }
    facts["problems"] = _problems(facts)
    return facts


def _problems(facts: dict[str, Any]) -> list[str]:
    missing = [name for name, found in facts["packages"].items() if found is None]
    problems = [f"Package {name} is missing; run: pip install -e ." for name in missing]
    if facts["memory_free_gb"] < 3:
        problems.append("Less than 3 GB of memory is free; the demo needs up to 3 GB. Close something else first.")
    if facts["disk_free_gb"] < 1:
        problems.append("Less than 1 GB of disk is free; runs write models and checkpoints. Free some space first.")
    if facts["demo_model"] is None:
        problems.append("The embedded demo model is not there; reinstall the workbench.")
    return problems


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _accelerator() -> str | None:
    """Ask the driver's own tool, so that no torch is imported here."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    asked = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20)
    return answer.stdout.strip().replace("\n", "; ") or None


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {item or 'MISSING'}" for name, item in value.items())
    if isinstance(value, list):
        return "none" if not value else " ".join(value)
    return "none" if value is None else str(value)
