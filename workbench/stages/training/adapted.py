"""A policy that learns through an adapter: its reference is itself with the adapter off, and what it hands on is one model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, load_peft_weights, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import nn

from workbench.errors import BadInputError

_HEAD = "head.safetensors"


def with_lora(model: Any, rank: int, alpha: float, seed: int) -> PeftModel:
    """Return the model with adapters of a rank on its linear layers (arXiv 2106.09685), drawn with seed; the rest is frozen.

    The adapters' change is scaled by alpha / rank and begins at nought.
    """
    if rank < 1 or alpha <= 0:
        raise BadInputError(f"lora_rank must be at least 1 and lora_alpha above 0, not {rank} and {alpha}.")
    torch.manual_seed(seed % 2**63)
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(model, config)


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


def save_weights(model: Any, folder: Path) -> None:
    """Write what learns of a model or a value head: all of it, or its adapter alone."""
    if isinstance(model, PeftModel):
        # Whether the embeddings changed would be asked of a server.
        model.save_pretrained(str(folder), save_embedding_layers=False)
    elif isinstance(model, nn.Linear):
        folder.mkdir(parents=True)
        save_file(model.state_dict(), folder / _HEAD)
    else:
        model.save_pretrained(folder)


def load_weights(model: Any, folder: Path) -> None:
    """Give a model the weights that save_weights wrote."""
    if isinstance(model, PeftModel):
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
