"""Low-rank adapters (arXiv 2106.09685): a training that changes few weights and leaves an adapter beside its base."""

import os
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model

from workbench.errors import BadInputError
from workbench.records.settings import DpoSettings, PreferenceModelSettings, SftSettings
from workbench.stages.training.weights import set_dropout, weights_hash, whole_folder

Learning = SftSettings | PreferenceModelSettings | DpoSettings


def with_lora(model: Any, rank: int, alpha: float, seed: int, scores: bool = False) -> PeftModel:
    """Return the model with adapters of a rank on its linear layers, drawn with seed; the rest of it is frozen.

    The adapters' change is scaled by alpha / rank and begins at nought. Of a model that scores, the score's own weights, which
    are new, learn as they are.
    """
    if rank < 1 or alpha <= 0:
        raise BadInputError(
            "lora_rank must be at least 1 and lora_alpha above 0, not {rank} and {alpha}.",
            rank=rank,
            alpha=alpha,
        )
    torch.manual_seed(seed % 2**63)
    task = "SEQ_CLS" if scores else "CAUSAL_LM"
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules="all-linear", task_type=task)
    return get_peft_model(model, config)


def save_adapter(adapted: PeftModel, tokenizer: Any, start: Path, folder: Path) -> str:
    """Write the adapter, its base's configuration and the tokenizer, whole or not at all; return the hash of its weights.

    A base among the same runs is named relative to the folder, so that both can be moved together.
    """
    base = os.path.relpath(start, folder) if start.is_relative_to(folder.parent.parent) else str(start)
    adapted.peft_config["default"].base_model_name_or_path = base
    with whole_folder(folder) as partial:
        adapted.save_pretrained(partial, save_embedding_layers=False)
        adapted.get_base_model().config.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        (partial / "README.md").unlink(missing_ok=True)  # a model card that says nothing
    return weights_hash(folder)


def ready_to_learn(model: Any, settings: Learning, seed: int, scores: bool = False) -> Any:
    """Return the model as it is to learn: what it drops, through an adapter or not, what it keeps for the way back."""
    set_dropout(model, settings.dropout)
    if settings.lora_rank:
        model = with_lora(model, settings.lora_rank, settings.lora_alpha, seed, scores)
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    return model
