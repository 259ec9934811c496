"""Writing an adapter and its base as one model, for tools that know no adapters."""

import shutil
from pathlib import Path

import torch
from transformers import AutoConfig

from workbench.errors import BadInputError
from workbench.models.loading import load_tokenizer, load_weights
from workbench.sources.adapters import base_of
from workbench.sources.folder import agreed_code


def write_merged(adapter: Path, folder: Path) -> None:
    """Merge in float32, then write in the base's own type, whole or not at all; what is written is read back and compared."""
    model, tokenizer = load_weights(adapter), load_tokenizer(adapter)
    asked = torch.tensor([tokenizer("Human: Hello", add_special_tokens=False)["input_ids"]])
    with torch.inference_mode():
        before = model(asked).logits[0, -1].float()
    dtype = AutoConfig.from_pretrained(
        base_of(adapter), local_files_only=True, trust_remote_code=agreed_code(base_of(adapter))
    ).dtype
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.to(dtype or torch.float32).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    with torch.inference_mode():
        after = load_weights(partial)(asked).logits[0, -1].float()
    if float((before.softmax(-1) - after.softmax(-1)).abs().max()) > 0.05:
        shutil.rmtree(partial)
        raise BadInputError(
            "Merged in {dtype}, the model of {adapter} says something else; nothing was written.",
            dtype=dtype,
            adapter=adapter,
        )
    partial.rename(folder)
