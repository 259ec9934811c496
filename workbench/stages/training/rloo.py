"""REINFORCE leave-one-out (arXiv 2402.14740) by TRL's RLOOTrainer: no value model, several responses to each prompt instead.

Models, prompts, rewards, alarms, pinned prompts and checkpoints are those of PPO; sampling, baseline and loss are TRL's.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from transformers import TrainerCallback
from trl import RLOOConfig, RLOOTrainer

from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training.alarms import Alarms
from workbench.stages.training.course import Place, Trained, arguments
from workbench.stages.training.experience import gold_stats, penalised
from workbench.stages.training.guarded import GuardedTrainer
from workbench.stages.training.reinforcement import Asked, Reinforcement, made_ready
from workbench.stages.training.rewards import weighted_sum
from workbench.stages.training.rollouts import Rollouts
from workbench.stages.training.seeding import Seeding
from workbench.stages.training.shards import sharded, whole
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import set_dropout

#: What TRL tells of its own speed differs from run to run.
_UNTOLD = ("step_time",)


def train_rloo(asked: Asked, settings: RlSettings, place: Place, watcher: Watcher) -> Trained:
    """Train the policy by RLOO and write it to place.output; goes on, pauses and ends as train_ppo does.

    Each batch holds num_generations responses to each of batch_size / num_generations prompts; a response's advantage is its
    reward, less kl_coef times its KL to the reference (nats), less the mean of the others to its prompt.
    """
    _check(settings)
    # What there is of a value model is a head that says nothing.
    ready = made_ready(asked, dataclasses.replace(settings, value="shared"), place, watcher)
    players = ready.rollouts.players
    players.policy.config._name_or_path = str(asked.starts.reference)
    players.policy.generation_config.eos_token_id = ready.rollouts.end_id
    texts = {prompt.id: ready.tokenizer.decode(prompt.ids) for prompt in ready.rollouts.prompts}
    encoded = {texts[prompt.id]: prompt.ids for prompt in ready.rollouts.prompts}
    reward = Rewarding(ready, encoded)
    trainer = RlooTrainer(
        model=players.policy,
        reward_funcs=reward.named(),
        args=_config(settings, ready),
        train_dataset=_dataset(ready, texts),
        processing_class=ready.tokenizer,
        callbacks=[Seeding(ready.place.seed, "rloo", place.ranks.rank)],
    )
    if trainer.ref_model is not None:
        sharded(trainer.ref_model, ready.place.compute)
    trainer.alarms, trainer.batch_stats, trainer.encoded = ready.alarms, reward.stats, encoded
    trainer.dropout = settings.dropout
    trainer.add_callback(Looking(trainer, ready.rhythm.steps_per_batch))
    return ready.run(trainer)


class RlooTrainer(GuardedTrainer, RLOOTrainer):  # type: ignore[misc]
    """TRL's RLOOTrainer on prompts as they are sent, with our checkpoints, alarms and PPO's names for what both measure."""

    alarms: Alarms
    batch_stats: Mapping[str, float]
    #: The token ids of each prompt's text.
    encoded: Mapping[str, list[int]]
    #: The policy as the Trainer calls it.
    model_wrapped: Any
    #: Share of units dropped while the policy learns.
    dropout: float = 0.0

    def learner(self, name: str) -> Any:
        """Return the policy, which is all the model there is."""
        return self.model

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Tensor:
        """Refuse a loss that is no number before it becomes weights."""
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.require_finite_loss(loss)
        return loss

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return a share of the mean over all processes, whose gradients are added up."""
        return super().compute_loss(model, inputs, return_outputs, num_items_in_batch) / self.ranks.size

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        """Sample and read as the whole policy; TRL would do both with units dropped."""
        wrapped, self.model_wrapped = self.model_wrapped, self.model
        set_dropout(self.model, 0.0)
        try:
            with whole(self.model):
                return super()._generate_and_score_completions(inputs)
        finally:
            set_dropout(self.model, self.dropout)
            self.model_wrapped = wrapped

    def look(self) -> None:
        """Look for alarms in the batch that has been learnt."""
        self.alarms.look(self._stats(), self.state.global_step)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Tell a batch under PPO's names too."""
        for name in _UNTOLD:
            self._metrics["train"].pop(name, None)
        if self._metrics["train"]:
            logs.update(self._stats())
        super().log(logs, start_time)

    def _stats(self) -> dict[str, float]:
        """Return the batch's numbers, TRL's KL per token as KL per response and its entropy under PPO's names."""
        metrics = self._metrics["train"]
        kl = _mean(metrics["kl"]) * self.batch_stats["response_length"]
        named = {
            "objective/kl": kl,
            "objective/sqrt_kl": max(0.0, kl) ** 0.5,
            "objective/token_kl": _mean(metrics["kl"]),
        }
        return {**self.batch_stats, **named, "policy/entropy_avg": _mean(metrics["entropy"])}

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [self.encoded[text] for text in prompts], None, {}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


class Looking(TrainerCallback):  # type: ignore[misc]
    """Has a trainer look for alarms at the end of each batch, before anybody asks whether to go on."""

    def __init__(self, trainer: RlooTrainer, steps_per_batch: int) -> None:
        self.trainer = trainer
        self.steps_per_batch = steps_per_batch

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look, where a batch ends."""
        if state.global_step % self.steps_per_batch == 0:
            self.trainer.look()


class Rewarding:
    """Scores TRL's completions as PPO scores its responses, and keeps the batch's numbers under PPO's names."""

    def __init__(self, ready: Reinforcement, encoded: Mapping[str, list[int]]) -> None:
        self.rollouts: Rollouts = ready.rollouts
        self.settings = ready.settings
        self.encoded = encoded
        self.show = ready.watcher.show
        self.stats: dict[str, float] = {}
        self._ends = {ready.rollouts.end_id, ready.tokenizer.eos_token_id}

    def named(self) -> Callable[..., list[float]]:
        """Return it as a function, since TRL names its numbers after the function's name."""

        def reward(
            prompts: list[str], completions: list[str], completion_ids: list[list[int]], **_: Any
        ) -> list[float]:
            scores = self.score([self.encoded[text] for text in prompts], completion_ids)
            self.show(f"score {scores[0]:.2f}", completions[0])
            return scores

        return reward

    def score(self, prompts: list[list[int]], responses: list[list[int]]) -> list[float]:
        """Return each response's reward with its penalties."""
        players = self.rollouts.players
        # A response may come as nothing at all, and a score is read at its last token.
        read = [ids or [self.rollouts.end_id] for ids in responses]
        raw, each = weighted_sum(players.rewards, prompts, read)
        ended = torch.tensor([ids[-1] in self._ends for ids in read])
        lengths = torch.tensor([len(ids) for ids in read])
        scores = penalised(raw, ended, lengths, self.settings)
        gold = torch.tensor(players.gold.reward(prompts, read)) if players.gold else None
        self.stats.clear()
        self.stats.update(self._together(scores, lengths, ended, {**each, **gold_stats(gold, raw)}))
        found: list[float] = scores.tolist()
        return found

    def _together(self, scores: Tensor, lengths: Tensor, ended: Tensor, more: dict[str, float]) -> dict[str, float]:
        """Return the numbers of the batch, of which every process has an equal share."""
        mine = {
            "objective/scores": float(scores.mean()),
            "response_length": float(lengths.float().mean()),
            "val/num_eos_tokens": float(ended.sum()),
            "val/missing_eos": float(1.0 - ended.float().mean()),
            **more,
        }
        shares = self.rollouts.ranks.gathered(mine)
        means = {name: sum(share[name] for share in shares) / len(shares) for name in mine}
        return means | {"val/num_eos_tokens": sum(share["val/num_eos_tokens"] for share in shares)}


def _check(settings: RlSettings) -> None:
    if settings.num_generations < 2 or settings.batch_size % settings.num_generations:
        raise BadInputError(
            "batch_size ({batch_size}) must be a multiple of num_generations ({num_generations}), which must be "
            "at least 2: rloo compares responses to one prompt.",
            batch_size=settings.batch_size,
            num_generations=settings.num_generations,
        )
    for name, value in (
        ("lora_rank", settings.lora_rank),
        ("kl_target", settings.kl_target),
    ):
        if value:
            raise BadInputError(
                "{name} is a setting of algorithm=ppo; leave it out with algorithm=rloo.",
                name=name,
            )


def _config(settings: RlSettings, ready: Reinforcement) -> RLOOConfig:
    rhythm = ready.rhythm
    shared = arguments(ready.place, settings.learning_rate, settings.schedule, rhythm.micro_batch_size)
    shared |= {
        "gradient_accumulation_steps": rhythm.micro_batches,
        "steps_per_generation": rhythm.mini_batches * rhythm.micro_batches,
        "num_iterations": rhythm.passes,
        "max_steps": rhythm.batches * rhythm.steps_per_batch,
        "logging_steps": rhythm.steps_per_batch,
        "max_grad_norm": settings.max_grad_norm,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "bf16": ready.place.compute.bf16,
    }
    return RLOOConfig(
        **shared,
        num_generations=settings.num_generations,
        max_completion_length=ready.rollouts.max_tokens,
        temperature=settings.temperature,
        beta=settings.kl_coef,
        epsilon=settings.clip_range,
        normalize_advantages=settings.whiten_advantages,
        shuffle_dataset=False,
    )


def _dataset(ready: Reinforcement, texts: Mapping[str, str]) -> Dataset:
    """Return the prompts in the order of their batches, each once; TRL repeats them."""
    rollouts, number = ready.rollouts, ready.settings.num_generations
    each = ready.rhythm.batches * ready.rhythm.batch_size // number
    return Dataset.from_list([{"prompt": texts[rollouts.prompt_of(at).id]} for at in range(each)])
