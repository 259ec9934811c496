"""Adapters on the way into a model's weights."""

from pathlib import Path
from typing import Any

from workbench.errors import MissingError

_WEIGHTS = "adapter_model.safetensors"


def merged(model: Any, folder: Path) -> Any:
    """Return the base model with the folder's adapter merged into its weights; a scoring model on the same base will do too."""
    from peft import PeftConfig, PeftModel  # noqa: PLC0415 - seconds to import, and few models need it

    if not (folder / _WEIGHTS).is_file():
        raise MissingError("{folder} has no {weights}.", folder=folder, weights=_WEIGHTS)
    config = PeftConfig.from_pretrained(str(folder))
    config.task_type = None  # its own kind of task would ask the model for methods that a scoring model lacks
    # The base was frozen around its adapter; what comes out is a model like any other.
    return PeftModel.from_pretrained(model, str(folder), config=config).merge_and_unload().requires_grad_(True)
