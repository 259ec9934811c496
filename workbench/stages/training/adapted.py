"""A policy that learns through an adapter: its reference is itself with the adapter off, and what it hands on is one model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, load_peft_weights, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import nn

from workbench.stages.training.shards import LEARNT, is_sharded, load_learnt, save_learnt

_HEAD = "head.safetensors"


class AdapterOff:
    """The model beneath an adapter, called as any model is; no second copy of the weights is needed to have a reference."""

    def __init__(self, adapted: PeftModel) -> None:
        self._adapted = adapted

    def __call__(self, **inputs: Any) -> Any:
        """Run the model as it was before its adapter learnt anything."""
        with self._adapted.disable_adapter(), _unmoved(self._adapted):
            return self._adapted(**inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapted, name)


def save_weights(model: Any, folder: Path, leads: bool = True) -> None:
    """Write what learns of a model or a value head: all of it, or its adapter alone; the leading process does.

    Of a model in shards every process must ask.
    """
    if is_sharded(model):
        save_learnt(model, folder, leads)
    elif leads:
        _save_weights(model, folder)


def _save_weights(model: Any, folder: Path) -> None:
    if isinstance(model, PeftModel):
        # Whether the embeddings changed would be asked of a server.
        model.save_pretrained(str(folder), save_embedding_layers=False)
    elif isinstance(model, nn.Linear):
        folder.mkdir(parents=True)
        save_file(model.state_dict(), folder / _HEAD)
    else:
        model.save_pretrained(folder)


def load_weights(model: Any, folder: Path) -> None:
    """Give a model, whole or in shards, the weights that save_weights wrote."""
    if (folder / LEARNT).is_file():
        load_learnt(model, folder)
    elif isinstance(model, PeftModel):
        set_peft_model_state_dict(model, load_peft_weights(str(folder), device=str(model.device)))
    elif isinstance(model, nn.Linear):
        model.load_state_dict(load_file(folder / _HEAD, device=str(model.weight.device)))
    else:
        loaded = type(model).from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        model.load_state_dict(loaded.state_dict())


def as_one_model(model: Any) -> Any:
    """Return a model with its adapter, if it has one, merged into its weights; the model given is used up."""
    return model.merge_and_unload() if isinstance(model, PeftModel) else model


@contextmanager
def _unmoved(model: Any) -> Iterator[None]:
    """Keep the training mode: a reference drops no units."""
    before = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(before)
