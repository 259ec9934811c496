"""Which models a warm worker keeps: one makes way for another where memory is short, and its memory is free by then."""

import gc
import weakref

import psutil
import pytest
import torch

from workbench.errors import BusyError
from workbench.models import memory
from workbench.project.model_choice import demo_ref
from workbench.records.model import ModelRef
from workbench.worker import loaded as loaded_models
from workbench.worker.loaded import LoadedModels


class Opened:
    """A model as loading leaves it: its parts refer to it."""

    def __init__(self, ref: ModelRef, *_: object) -> None:
        self.ref, self.engine = ref, self


def test_a_model_that_makes_way_is_out_of_memory_before_the_next_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_models, "this_machine", lambda: {"device": "cpu"})  # measuring it takes seconds
    monkeypatch.setattr(loaded_models, "open_model", Opened)
    loaded = LoadedModels()
    first = weakref.ref(loaded.language_model(demo_ref(), "dialogue"))
    monkeypatch.setattr(memory, "free_bytes", lambda device: 0 if first() is not None else 1 << 40)
    gc.disable()  # where nothing happens to sweep
    try:
        assert loaded.language_model(demo_ref(), "summary") is not None
    finally:
        gc.enable()
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1 << 20)
    with pytest.raises(BusyError, match=r"needs about .* 1 are free"):
        loaded.language_model(demo_ref(), "dialogue")


def test_what_torch_keeps_of_a_device_may_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, found in (("mem_get_info", (100, 1000)), ("memory_reserved", 700), ("memory_allocated", 400)):
        monkeypatch.setattr(torch.cuda, name, lambda device, found=found: found)
    assert memory.free_bytes("cuda:0") == 400
    assert 0 < memory.free_bytes("cpu") <= psutil.virtual_memory().total
