"""The baseline of PPO: the PPOTrainer of TRL 1.12, the last there was, with the same four models and settings."""

import json
import os
from pathlib import Path
from typing import Any

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import torch
from datasets import Dataset
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)
from trl.experimental.ppo import PPOConfig, PPOTrainer

from tests.benchmarks.clock import Clock
from tests.benchmarks.contest import BENCH
from tests.benchmarks.side import serve
from tests.benchmarks.training_workloads import Ppo, gaps


def ppo(folder: str, data: str, batches: int, settings: dict[str, Any], device: str, threads: int) -> dict[str, Any]:
    """Train by PPO; return seconds per batch. bf16 has no effect in this trainer, so it is left off."""
    torch.set_num_threads(threads)
    asked = Ppo(**settings)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    prompts: list[list[int]] = json.loads(Path(data).read_text())
    config = PPOConfig(
        output_dir=str(BENCH / "trl"),
        learning_rate=asked.learning_rate,
        per_device_train_batch_size=asked.micro,
        gradient_accumulation_steps=asked.batch // asked.micro,
        num_mini_batches=1,
        num_ppo_epochs=asked.passes,
        total_episodes=batches * asked.batch,
        response_length=asked.tokens,
        temperature=1.0,
        kl_coef=asked.kl_coef,
        local_rollout_forward_batch_size=asked.micro,
        num_sample_generations=0,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        bf16=False,
        gradient_checkpointing=False,
        use_cpu=device == "cpu",
        seed=asked.seed,
    )
    trainer = PPOTrainer(
        args=config,
        processing_class=tokenizer,
        model=_policy(folder),
        ref_model=_policy(folder),
        reward_model=_scorer(folder, tokenizer),
        value_model=_scorer(folder, tokenizer),
        train_dataset=Dataset.from_dict({"input_ids": prompts}),
    )
    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    return gaps(clock.times)


def _policy(folder: str) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def _scorer(folder: str, tokenizer: Any) -> Any:
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, dtype=torch.float32)
    model.config.pad_token_id = tokenizer.pad_token_id
    return model


if __name__ == "__main__":
    serve({"ppo": ppo})
