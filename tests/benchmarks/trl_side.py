"""The baseline of SFT and preference model: TRL's own trainers, as a script calls them, on the same token ids."""

import json
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)
from trl import RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

from tests.benchmarks.clock import Clock
from tests.benchmarks.contest import BENCH
from tests.benchmarks.side import serve
from tests.benchmarks.training_workloads import gaps


def arguments(rows: int, learning_rate: float, dtype: str, device: str) -> dict[str, Any]:
    """Return the arguments both trainers are given, the same as ours."""
    return {
        "output_dir": str(BENCH / "trl"),
        "learning_rate": learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": rows,
        "num_train_epochs": 1,
        "train_sampling_strategy": "sequential",
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "bf16": dtype == "bfloat16",
        "gradient_checkpointing": False,
        "use_cpu": device == "cpu",
        "dataloader_pin_memory": False,
        "max_length": None,
    }


def sft(
    folder: str, data: str, rows: int, learning_rate: float, dtype: str, device: str, threads: int
) -> dict[str, Any]:
    """Fine-tune on rows of token ids; return seconds per step and the losses."""
    torch.set_num_threads(threads)
    found = json.loads(Path(data).read_text())
    mask = [[int(label != -100) for label in row["labels"]] for row in found]
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        args=SFTConfig(
            **arguments(rows, learning_rate, dtype, device),
            packing=False,
            shuffle_dataset=False,
            completion_only_loss=True,
        ),
        train_dataset=Dataset.from_dict({"input_ids": [row["input_ids"] for row in found], "completion_mask": mask}),
        processing_class=AutoTokenizer.from_pretrained(folder),
    )
    return timed(trainer)


def preference_model(
    folder: str, data: str, rows: int, learning_rate: float, dtype: str, device: str, threads: int
) -> dict[str, Any]:
    """Train a preference model on pairs of token ids; return seconds per step and the losses."""
    torch.set_num_threads(threads)
    found = json.loads(Path(data).read_text())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, dtype=torch.float32)
    model.config.pad_token_id = tokenizer.pad_token_id
    trainer = RewardTrainer(
        model=model,
        args=RewardConfig(**arguments(rows, learning_rate, dtype, device)),
        train_dataset=Dataset.from_dict(
            {name: [row[name] for row in found] for name in ("chosen_ids", "rejected_ids")}
        ),
        processing_class=tokenizer,
    )
    return timed(trainer)


def timed(trainer: Any) -> dict[str, Any]:
    """Train; return seconds per step and the losses."""
    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {**gaps(clock.times), "losses": losses}


if __name__ == "__main__":
    serve({"sft": sft, "preference_model": preference_model})
