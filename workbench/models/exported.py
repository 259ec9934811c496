"""A model folder that goes out, tested: read by transformers alone it must answer as the one it was made from."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from workbench.errors import BadInputError
from workbench.sources.adapters import described_in
from workbench.sources.folder import agreed_code

TEXTS = ("How do I plan a picnic?", "\n\nHuman: Hello there.\n\nAssistant:", "The answer is")
TOKENS = 16
#: Scores of the same weights may differ by rounding where they were merged before they were saved.
_SCORE_ROUNDING = 1e-4


def is_scoring(folder: Path) -> bool:
    """Whether a folder holds a model that scores texts instead of writing them."""
    names = json.loads((described_in(folder) / "config.json").read_text(encoding="utf-8")).get("architectures") or []
    return any(name.endswith("ForSequenceClassification") for name in names)


def as_anybody_loads(folder: Path) -> tuple[Any, Any]:
    """Return model and tokenizer of a folder as transformers gives them to anybody."""
    logging.disable_progress_bar()
    kind = AutoModelForSequenceClassification if is_scoring(folder) else AutoModelForCausalLM
    how = {"local_files_only": True, "trust_remote_code": agreed_code(folder)}
    try:
        model = kind.from_pretrained(folder, dtype=torch.float32, **how)
        return model.eval(), AutoTokenizer.from_pretrained(folder, **how)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BadInputError(
            "The exported model cannot be loaded: {first_line}", first_line=str(error).splitlines()[0]
        ) from error


def first_tokens(model: Any, tokenizer: Any, texts: Sequence[str] = TEXTS) -> list[list[int]]:
    """Return the likeliest first tokens after each text, one at a time."""
    found = []
    with torch.inference_mode():
        for text in texts:
            ids = tokenizer(text, return_tensors="pt")["input_ids"]
            begun = ids.shape[1]
            for _ in range(TOKENS):
                ids = torch.cat((ids, model(input_ids=ids).logits[:, -1].argmax(-1, keepdim=True)), dim=1)
            found.append(ids[0, begun:].tolist())
    return found


def scores(model: Any, tokenizer: Any, texts: Sequence[str] = TEXTS) -> list[float]:
    """Return what a scoring model gives each text."""
    with torch.inference_mode():
        return [model(**tokenizer(text, return_tensors="pt")).logits[0, 0].item() for text in texts]


def require_the_same(before: Any, before_tokenizer: Any, folder: Path) -> int:
    """Raise BadInputError where a folder, loaded by anybody, does not answer as a model; return how many were compared."""
    after, tokenizer = as_anybody_loads(folder)
    if is_scoring(folder):
        pairs = zip(scores(before, before_tokenizer), scores(after, tokenizer), strict=True)
        same = all(abs(one - other) <= _SCORE_ROUNDING for one, other in pairs)
    else:
        same = first_tokens(before, before_tokenizer) == first_tokens(after, tokenizer)
    if not same:
        raise BadInputError("The exported model does not answer as the one it was made from, so it was not kept.")
    return len(TEXTS) * (1 if is_scoring(folder) else TOKENS)
