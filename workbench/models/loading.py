"""Loading a model folder: safetensors only, nothing from the network, no code from the folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from workbench.errors import BadInputError, MissingError
from workbench.models.adapters import merged
from workbench.models.linears import can_pack, pack
from workbench.models.local import LocalModel
from workbench.models.templates import require_faithful
from workbench.records.transcript import RoleNames
from workbench.sources.adapters import base_of, described_in, is_adapter, spoken_in
from workbench.sources.folder import agreed_code, runs_own_code

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def load(
    folder: Path,
    name: str = "",
    machine: Mapping[str, Any] | None = None,
    adapter: Path | None = None,
    names: RoleNames | None = None,
    slots: int = 0,
) -> LocalModel:
    """Load a folder as a language model for sampling and scoring, as a plan's `machine` says (float32 on the CPU without one).

    On a CPU bfloat16 means products in bfloat16, attention and its memory in float32. Raises MissingError where the folder or
    its weights are not there, BadInputError where they cannot be read.
    """
    chosen = {"device": "cpu", "dtype": "float32", "attention": "sdpa", **(machine or {})}
    cpu = chosen["device"] == "cpu"
    _require_folder(folder)
    tokenizer = load_tokenizer(folder)
    require_faithful(tokenizer, name or folder.name)
    model = load_weights(folder, "float32" if cpu else chosen["dtype"], chosen["device"], adapter)
    reduced = cpu and chosen["dtype"] != "float32"
    if can_pack(model):
        pack(model, DTYPES[chosen["dtype"]])
    return LocalModel(model, tokenizer, name or folder.name, names, slots, kernel=chosen["attention"], reduced=reduced)


def load_weights(folder: Path, dtype: str = "float32", device: str = "cpu", adapter: Path | None = None) -> Any:
    """Return the folder's causal language model, in evaluation mode; an adapter, its own or another, is merged into it."""
    _require_folder(folder)
    if is_adapter(folder):
        model = merged(load_weights(base_of(folder), dtype), folder)
        return (model if adapter is None else merged(model, adapter)).to(device).eval().requires_grad_(False)
    own = runs_own_code(folder)
    logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=DTYPES[dtype], use_safetensors=True, trust_remote_code=own, local_files_only=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise BadInputError(
            "The model in {folder} cannot be loaded: {first_line}", folder=folder, first_line=_first_line(error)
        ) from error
    if adapter is not None:
        model = merged(model, adapter)
    return model.to(device).eval().requires_grad_(False)


def load_tokenizer(folder: Path) -> Any:
    """Return the folder's tokenizer."""
    folder = spoken_in(folder)
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=agreed_code(folder), local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BadInputError(
            "The tokenizer in {folder} cannot be loaded: {first_line}", folder=folder, first_line=_first_line(error)
        ) from error


def _require_folder(folder: Path) -> None:
    if not (described_in(folder) / "config.json").is_file():
        raise MissingError("{folder} is not a model folder: it has no config.json.", folder=folder)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
