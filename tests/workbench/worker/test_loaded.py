"""Which models a warm worker keeps: one makes way for another where memory is short, and its memory is free by then."""

import gc
import weakref
from collections.abc import Callable

import psutil
import pytest
import torch
from torch import nn

from workbench.errors import BusyError
from workbench.models import memory
from workbench.models.local import LocalModel
from workbench.project.model_choice import demo_ref
from workbench.records.model import ModelRef
from workbench.worker import loaded as loaded_models
from workbench.worker.loaded import LoadedModels


def kept_by(loaded: LoadedModels, task: str = "dialogue") -> Callable[[], nn.Module | None]:
    """Load the demo's model for a task and return what says whether it is in memory; by task it is another model."""
    model = loaded.language_model(demo_ref(), task)
    assert isinstance(model, LocalModel)
    return weakref.ref(model.model)


def test_a_model_that_makes_way_is_out_of_memory_before_the_next_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_models, "this_machine", lambda: {"device": "cpu"})  # measuring it takes seconds
    loaded = LoadedModels()
    gc.disable()  # what loading leaves behind refers to the model, and nothing happens to sweep it
    try:
        first = kept_by(loaded)
        monkeypatch.setattr(memory, "free_bytes", lambda device: 0 if first() is not None else 1 << 40)
        second = kept_by(loaded, "summary")
        assert (first(), second() is None) == (None, False)
    finally:
        gc.enable()
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1 << 20)
    other = ModelRef("folder", str(demo_ref().folder), "other", demo_ref().folder)
    with pytest.raises(BusyError, match=r"other needs about .* 1 are free"):
        loaded.language_model(other, "dialogue")


def test_what_torch_keeps_of_a_device_may_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, found in (("mem_get_info", (100, 1000)), ("memory_reserved", 700), ("memory_allocated", 400)):
        monkeypatch.setattr(torch.cuda, name, lambda device, found=found: found)
    assert memory.free_bytes("cuda:0") == 400
    assert 0 < memory.free_bytes("cpu") <= psutil.virtual_memory().total
