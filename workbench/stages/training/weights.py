"""Model folders that training reads and writes: ordinary folders, safetensors only, tokenizer beside the weights."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from workbench.errors import BadInputError, MissingError
from workbench.models.rendering import end_of_turn
from workbench.stages.training.compute import CPU, Compute

#: Name of the number in a preference model's config.json that is subtracted from its raw score.
SCORE_OFFSET = "score_offset"


def load_tokenizer(folder: Path) -> Any:
    """Return the folder's tokenizer, with a padding token set."""
    _require(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_policy(folder: Path, compute: Compute = CPU) -> Any:
    """Return the folder's causal language model in float32, ready to train (no dropout)."""
    _require(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, **_loading(compute))
    model.config.use_cache = False
    set_dropout(model, 0.0)
    return model.to(compute.device)


def load_preference_model(folder: Path, tokenizer: Any, seed: int = 0, compute: Compute = CPU) -> Any:
    """Return a model that scores a text with one number at its last token, from a preference model's or a causal LM's folder.

    From a causal LM the score's weights are drawn with seed; from a preference model they are read.
    """
    _require(folder)
    torch.manual_seed(seed)
    with _quietly():
        model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, **_loading(compute))
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.use_cache = False
    set_dropout(model, 0.0)
    return model.to(compute.device)


def score_offset(model: Any) -> float:
    """Return what is subtracted from a preference model's raw score so that its reference responses average zero."""
    return float(getattr(model.config, SCORE_OFFSET, 0.0) or 0.0)


def require_same_tokenizer(one: Any, other: Any) -> None:
    """Raise unless both tokenizers give every token the same id, since token ids pass between the models."""
    if one.get_vocab() != other.get_vocab() or end_of_turn(one) != end_of_turn(other):
        raise BadInputError(
            "The preference model and the policy use different tokenizers; train the preference model from the policy's family."
        )


def save_model(model: Any, tokenizer: Any, folder: Path) -> str:
    """Write model and tokenizer into folder, whole or not at all, and return the hash of the weights."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return weights_hash(folder)


def weights_hash(folder: Path) -> str:
    """Return the SHA-256 (hex) over the names and bytes of a folder's safetensors files."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _loading(compute: Compute) -> dict[str, Any]:
    how = {"dtype": torch.float32, "local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
    return how | ({"attn_implementation": compute.attention} if compute.attention else {})


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep transformers from warning that a score is new where a language model becomes a preference model."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _require(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise MissingError(f"There is no model in {folder}: it has no config.json.")


def set_dropout(model: Any, share: float) -> None:
    """Drop this share of a model's units in training; loaded models drop none, whatever their configuration says."""
    if not 0.0 <= share < 1.0:
        raise BadInputError(f"dropout must be at least 0 and below 1, not {share}.")
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share
        elif isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = share
