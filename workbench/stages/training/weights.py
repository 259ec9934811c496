"""Model folders that training reads and writes: ordinary folders, safetensors only, tokenizer beside the weights."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging

from workbench.errors import BadInputError, MissingError
from workbench.models.adapters import merged
from workbench.models.rendering import end_of_turn
from workbench.sentences import said
from workbench.sources.adapters import base_of, described_in, is_adapter, spoken_in
from workbench.sources.folder import agreed_code, runs_own_code
from workbench.stages.training.compute import CPU, Compute

#: Name of the number in a preference model's config.json that is subtracted from its raw score.
SCORE_OFFSET = "score_offset"


def load_tokenizer(folder: Path) -> Any:
    """Return the folder's tokenizer, with a padding token set."""
    _require(folder)
    folder = spoken_in(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=agreed_code(folder))
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_policy(folder: Path, compute: Compute = CPU, quantised: bool = False) -> Any:
    """Return the folder's causal language model in float32, ready to train (no dropout).

    quantised holds its linear layers in four bits, frozen, for an adapter to learn beside (QLoRA, arXiv 2305.14314).
    """
    _require(folder)
    more = {"quantization_config": four_bits(compute)} if quantised else {}
    model = _from(AutoModelForCausalLM, folder, compute, **more)
    model.config.use_cache = False
    set_dropout(model, 0.0)
    return model if quantised else model.to(compute.loading_device)


def four_bits(compute: Compute) -> Any:
    """Return how weights are held in four bits; raises BadInputError where this machine cannot."""
    if compute.sharded:
        raise BadInputError(
            "quantised holds the whole base on each GPU, and distributed_type: FSDP cuts it into shards: leave quantised off, or "
            "take distributed_type: MULTI_GPU."
        )
    if compute.zero is not None:
        raise BadInputError(
            "quantised has not been tried with distributed_type: DEEPSPEED: leave quantised off, or take distributed_type: "
            "MULTI_GPU, under which each process holds the few weights of an adapter's optimiser whole."
        )
    if not compute.device.startswith("cuda") or find_spec("bitsandbytes") is None:
        raise BadInputError(
            "quantised needs a CUDA device and the package bitsandbytes (pip install bitsandbytes); without them train an "
            "adapter on the whole base: leave quantised off."
        )
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def load_preference_model(folder: Path, tokenizer: Any, seed: int = 0, compute: Compute = CPU) -> Any:
    """Return a model that scores a text with one number at its last token, from a preference model's or a causal LM's folder.

    From a causal LM the score's weights are drawn with seed; from a preference model they are read.
    """
    _require(folder)
    torch.manual_seed(seed)
    with _quietly():
        model = _from(AutoModelForSequenceClassification, folder, compute, num_labels=1)
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.use_cache = False
    set_dropout(model, 0.0)
    return model.to(compute.loading_device)


def require_preference_model(folder: Path) -> None:
    """Raise unless the folder holds a model that scores; a language model's folder would be scored with random weights."""
    _require(folder)
    architectures = json.loads((described_in(folder) / "config.json").read_text(encoding="utf-8")).get(
        "architectures"
    ) or [""]
    if not architectures[0].endswith("ForSequenceClassification"):
        raise BadInputError(
            "{folder} holds a {architectures}, not a preference model.",
            folder=folder,
            architectures=architectures[0] or said("model of no known kind"),
        )


def score_offset(model: Any) -> float:
    """Return what is subtracted from a preference model's raw score so that its reference responses average zero."""
    return float(getattr(model.config, SCORE_OFFSET, 0.0) or 0.0)


def require_same_tokenizer(one: Any, other: Any) -> None:
    """Raise unless both tokenizers give every token the same id, since token ids pass between the models."""
    if one.get_vocab() != other.get_vocab() or end_of_turn(one) != end_of_turn(other):
        raise BadInputError(
            "The preference model and the policy use different tokenizers; train the preference model from the policy's family."
        )


def save_model(model: Any, tokenizer: Any, folder: Path, beside: Mapping[str, str] | None = None) -> str:
    """Write model, tokenizer and the texts beside them, by file name, whole or not at all; return the hash of the weights."""
    with whole_folder(folder) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        for name, text in (beside or {}).items():
            (partial / name).write_text(text, encoding="utf-8")
    return weights_hash(folder)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write into that takes the place of folder once everything is written."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def weights_hash(folder: Path) -> str:
    """Return the SHA-256 (hex) over the names and bytes of a folder's safetensors files."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _from(kind: Any, folder: Path, compute: Compute, **more: Any) -> Any:
    """Load a folder's weights into a model of a kind; an adapter's are merged into its base's."""
    if is_adapter(folder):
        return merged(_from(kind, base_of(folder), compute, **more), folder)
    own = runs_own_code(folder)
    try:
        return kind.from_pretrained(folder, **more, **_loading(compute, own))
    except (ValueError, OSError, KeyError) as error:
        what = said("a model that scores") if kind is AutoModelForSequenceClassification else said("a language model")
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInputError(
            "The model in {folder} cannot be loaded as {what}: {why}", folder=folder, what=what, why=words[0][:300]
        ) from error


def _loading(compute: Compute, own_code: bool) -> dict[str, Any]:
    how = {"dtype": torch.float32, "local_files_only": True, "trust_remote_code": own_code, "use_safetensors": True}
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
    if not (described_in(folder) / "config.json").is_file():
        raise MissingError("There is no model in {folder}: it has no config.json.", folder=folder)


def set_dropout(model: Any, share: float) -> None:
    """Drop this share of a model's units in training; loaded models drop none, whatever their configuration says."""
    if not 0.0 <= share < 1.0:
        raise BadInputError("dropout must be at least 0 and below 1, not {share}.", share=share)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share
        elif isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = share
