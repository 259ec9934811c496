"""The models a warm worker has loaded: kept while there is room, the one not asked for longest makes way."""

import gc
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.errors import BadInputError, BusyError
from workbench.models.language_model import LanguageModel
from workbench.records.model import ModelRef
from workbench.records.task import TASKS
from workbench.runs.machine import known_machine, this_machine
from workbench.sentences import said
from workbench.worker.judges import PreferenceModelJudge
from workbench.worker.opening import open_model, open_renderer

if TYPE_CHECKING:
    from workbench.models.rendering import Renderer

#: A model in memory takes at most this many times its files (bfloat16 ones are held in float32, and packed beside them).
_GROWTH = 3.0
#: What must stay free beside it, in bytes.
_SPARE = 512 << 20


class LoadedModels:
    """Models by where they are and when they were written; one that was trained anew is loaded anew."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def note(self, kind: str, ref: ModelRef, task: str) -> str:
        """Return what to say before a language or preference model is opened, or nothing where it is at hand."""
        at_hand = ref.folder is None or _key(kind, ref, task) in self._kept
        first = "" if known_machine() else said("Measuring what this machine does best, once: it takes some seconds. ")
        return "" if at_hand else said("{first}Loading {model}.", first=first, model=ref.label or ref.location)

    def language_model(self, ref: ModelRef, task: str) -> LanguageModel:
        """Return a model to sample and choose with."""
        opened = self._get("language", ref, task, lambda: open_model(ref, task, self._machine_for(ref)))
        return cast("LanguageModel", opened)

    def preference_model(self, ref: ModelRef, task: str) -> PreferenceModelJudge:
        """Return a model to score with."""
        if ref.folder is None:
            raise BadInputError("{ref} is not a preference model's folder.", ref=ref.label or ref.location)
        folder = Path(ref.folder)

        def load() -> PreferenceModelJudge:
            from workbench.stages.training.weights import require_preference_model  # noqa: PLC0415 - needs torch

            require_preference_model(folder)
            return PreferenceModelJudge(folder, TASKS[task], self.machine)

        found = self._get("preference", ref, task, load)
        return cast("PreferenceModelJudge", found)

    def renderer(self, ref: ModelRef, task: str) -> "LanguageModel | Renderer":
        """Return what renders a model's prompts, which needs none of its weights."""
        key = _key("renderer", ref, task)
        if key not in self._kept:
            self._kept[key] = open_renderer(ref, task)
        self._kept.move_to_end(key)
        return cast("LanguageModel | Renderer", self._kept[key])

    @cached_property
    def machine(self) -> Mapping[str, Any]:
        """Device, type and threads, as this machine was measured."""
        machine = this_machine()
        if machine.get("device", "cpu") == "cpu" and machine.get("threads"):
            from workbench.models.threads import use_threads  # noqa: PLC0415 - a scripted model needs no torch

            use_threads(int(machine["threads"]))
        return machine

    def _machine_for(self, ref: ModelRef) -> Mapping[str, Any]:
        return self.machine if ref.folder is not None else {}

    def _get(self, kind: str, ref: ModelRef, task: str, load: Callable[[], Any]) -> Any:
        key = _key(kind, ref, task)
        if key not in self._kept:
            if ref.folder is not None:
                self._make_room(Path(ref.folder), ref.label or ref.location)
            self._kept[key] = load()
        self._kept.move_to_end(key)
        return self._kept[key]

    def _make_room(self, folder: Path, label: str) -> None:
        from workbench.models.memory import free_bytes  # noqa: PLC0415 - a scripted model needs no torch

        device = str(self.machine.get("device", "cpu"))
        needed = int(_GROWTH * _weight(folder)) + _SPARE
        while (free := free_bytes(device)) < needed and self._kept:
            self._kept.popitem(last=False)
            gc.collect()  # what loading left behind may refer to it
        if free < needed:
            raise BusyError(
                "{label} needs about {needed} MiB on {device}, and {free} are free; wait for what runs there or "
                "pause it, then ask again.",
                label=label,
                needed=needed >> 20,
                device=device,
                free=free >> 20,
            )


def _key(kind: str, ref: ModelRef, task: str) -> tuple[object, ...]:
    # An endpoint may have been given another address under its name since.
    return kind, ref.kind, ref.folder or ref.location, ref.endpoint, task, _written(ref)


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _written(ref: ModelRef) -> int:
    if ref.folder is None:
        return 0
    return max((file.stat().st_mtime_ns for file in Path(ref.folder).glob("*.safetensors")), default=0)
