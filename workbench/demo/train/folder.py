"""A training's folder: its settings and progress, tokenizer, checkpoint, and the model folder it comes to."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from workbench.demo.train.learner import Learner
from workbench.demo.train.optimisers import Optimisers
from workbench.demo.train.tokenizer import as_folder_tokenizer, train_tokenizer
from workbench.demo.world.documents import documents

VOCABULARY = 2560
TOKENIZER_DOCUMENTS = 30_000


@dataclass
class Settings:
    """What a training is given."""

    out: Path
    minutes: float = 90.0
    threads: int = 2
    rate: float = 3e-3
    seed: int = 0
    resume_from: Path | None = None
    compiled: bool = True
    export_to: Path | None = None
    shape: tuple[int, int, int] = (192, 6, 512)


@dataclass
class Progress:
    """How far a training is: steps, tokens, seconds spent, and how often it was begun."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    begun: int = 0
    recent: dict[str, float] = field(default_factory=dict)


def prepare_tokenizer(settings: Settings) -> Tokenizer:
    """The tokenizer in the folder, or one trained on the first documents of the corpus."""
    path = settings.out / "tokenizer.json"
    if settings.resume_from is not None and not path.exists():
        shutil.copy(settings.resume_from / "tokenizer.json", path)
    if not path.exists():
        texts = (script.text for script in islice(documents(settings.seed + 1), TOKENIZER_DOCUMENTS))
        train_tokenizer(texts, VOCABULARY).save(str(path))
    return Tokenizer.from_file(str(path))


def save_checkpoint(settings: Settings, learner: Learner, optimiser: Optimisers, progress: Progress) -> None:
    """Write everything a resumed training needs, beside and then in place."""
    beside = settings.out / "checkpoint.part"
    state = {"learner": learner.state_dict(), "optimiser": optimiser.state_dict(), "progress": vars(progress)}
    torch.save(state, beside)
    os.replace(beside, settings.out / "checkpoint.pt")


def load_checkpoint(settings: Settings, learner: Learner, optimiser: Optimisers) -> Progress:
    """Continue from the folder's checkpoint, or from other weights with a fresh optimiser, or from nothing."""
    path = settings.out / "checkpoint.pt"
    if path.exists():
        state: dict[str, Any] = torch.load(path, weights_only=True)
        learner.load_state_dict(state["learner"])
        optimiser.load_state_dict(state["optimiser"])
        return Progress(**state["progress"])
    if settings.resume_from is not None:
        known = settings.resume_from / "checkpoint.pt"
        if known.exists():
            learner.load_state_dict(torch.load(known, weights_only=True)["learner"])
        else:
            finished = LlamaForCausalLM.from_pretrained(settings.resume_from, dtype=torch.float32)
            learner.model.load_state_dict(finished.state_dict())
    return Progress()


def export(learner: Learner, tokenizer: Tokenizer, folder: Path) -> None:
    """Write an ordinary model folder in bfloat16, beside and then in place."""
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    model = type(learner.model)(learner.model.config)
    model.load_state_dict(learner.model.state_dict())
    model.generation_config.do_sample = True
    model.generation_config.temperature = 1.0
    model.to(torch.bfloat16).save_pretrained(beside)
    as_folder_tokenizer(tokenizer).save_pretrained(beside)
    if folder.exists():
        folder.rename(folder.with_name(folder.name + ".old"))
    beside.rename(folder)
    shutil.rmtree(folder.with_name(folder.name + ".old"), ignore_errors=True)


def keep(settings: Settings, learner: Learner, optimiser: Optimisers, tokenizer: Tokenizer, progress: Progress) -> None:
    """Save a checkpoint and, if wanted, the model folder as it is now."""
    save_checkpoint(settings, learner, optimiser, progress)
    if settings.export_to is not None:
        export(learner, tokenizer, settings.export_to)
