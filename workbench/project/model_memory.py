"""How much memory the models of a run take, told before anything is loaded."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.project.training_estimate import free_memory_mb
from workbench.records.model import ModelRef
from workbench.sentences import said
from workbench.sources.badges import asking_bytes
from workbench.sources.folder import look_at


def memory_needed(models: Iterable[ModelRef], machine: Mapping[str, Any]) -> int:
    """Return the bytes it takes to ask the models that lie on this machine; one in several roles is loaded once."""
    reduced = machine.get("dtype", "float32") != "float32"
    folders = {model.folder for model in models if model.folder}
    return sum(asking_bytes(look_at(Path(folder)), reduced) for folder in folders)


def memory_words(models: Iterable[ModelRef], machine: Mapping[str, Any]) -> str:
    """Say what the models need of the memory that is free; nothing where none of them is loaded here."""
    needed, free = memory_needed(models, machine) / 1e9, free_memory_mb(machine) / 1e3
    if not needed:
        return ""
    if needed > free:
        return said(
            "memory: about {needed:.1f} GB, MORE than the {free:.1f} GB that are free",
            needed=needed,
            free=free,
        )
    return said("memory: about {needed:.1f} GB of {free:.1f} GB free", needed=needed, free=free)
