"""A policy that learns through an adapter: its reference is itself with the adapter off, and what it hands on is one model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peft import PeftModel


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
