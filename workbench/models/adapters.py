"""Adapter folders: the low-rank change (arXiv 2106.09685) that a training made to a base model, and where that base is."""

import json
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def is_adapter(folder: Path) -> bool:
    """Whether a model folder holds an adapter instead of a whole model's weights."""
    return (folder / _CONFIG).is_file()


def base_of(folder: Path) -> Path:
    """Return the model folder an adapter belongs to; a relative one is seen from the adapter's own folder."""
    try:
        named = json.loads((folder / _CONFIG).read_text(encoding="utf-8")).get("base_model_name_or_path") or ""
    except ValueError as error:
        raise BadInputError(f"{folder / _CONFIG} cannot be read: {error}.") from error
    base = (folder / named).resolve()
    if not named or not (base / "config.json").is_file():
        raise MissingError(
            f"The adapter in {folder} belongs to the model {named or 'it does not name'}, which is not there; "
            f"put that model at {base}, or change base_model_name_or_path in {_CONFIG}."
        )
    return base


def merged(model: Any, folder: Path) -> Any:
    """Return the base model with the folder's adapter merged into its weights; a scoring model on the same base will do too."""
    from peft import PeftConfig, PeftModel  # noqa: PLC0415 - seconds to import, and few models need it

    if not (folder / _WEIGHTS).is_file():
        raise MissingError(f"{folder} has no {_WEIGHTS}.")
    config = PeftConfig.from_pretrained(str(folder))
    config.task_type = None  # its own kind of task would ask the model for methods that a scoring model lacks
    # The base was frozen around its adapter; what comes out is a model like any other.
    return PeftModel.from_pretrained(model, str(folder), config=config).merge_and_unload().requires_grad_(True)
