"""Reinforcement learning from the preference model (paper section 4.2): PPO, with the details of arXiv 2403.17031."""

from collections.abc import Callable
from typing import Any

from transformers import TrainingArguments

from workbench.records.settings import RlSettings
from workbench.stages.training.course import Place, Trained, arguments
from workbench.stages.training.experience import Experience
from workbench.stages.training.ppo_trainer import ActorCritic, PpoTrainer
from workbench.stages.training.reinforcement import Asked, made_ready
from workbench.stages.training.rhythm import Rhythm
from workbench.stages.training.watching import Watcher


def train_ppo(asked: Asked, settings: RlSettings, place: Place, watcher: Watcher) -> Trained:
    """Train the policy against the preference model by PPO (arXiv 2212.08073, section 4.2) and write it to place.output.

    The reward is the weighted sum of the rewards' scores (by default the preference model's alone) at a response's last token
    minus kl_coef times the KL to the reference (nats per token); a response that does not end within max_tokens loses
    missing_eos_penalty. Goes on from the newest whole checkpoint; when asked to stop, or when an alarm is raised, finishes the
    batch of experience in hand, leaves a checkpoint and returns unfinished. Where a number is not finite it ends at once, with
    the checkpoint before.
    """
    ready = made_ready(asked, settings, place, watcher)
    players = ready.rollouts.players
    model = ActorCritic(players.policy, players.value)
    trainer = PpoTrainer(
        model, _arguments(settings, ready.place, ready.rhythm), ready.rollouts, ready.rhythm, ready.alarms
    )
    trainer.on_experience = _shower(ready.tokenizer, watcher)
    return ready.run(trainer)


def _arguments(settings: RlSettings, place: Place, rhythm: Rhythm) -> TrainingArguments:
    # The processes take micro-batches in turns.
    shared = arguments(place, settings.learning_rate, settings.schedule, place.ranks.size)
    shared |= {
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": place.ranks.share(rhythm.micro_batches, "the micro-batches of a step"),
        "logging_steps": rhythm.steps_per_batch,
        "max_grad_norm": settings.max_grad_norm,
        "remove_unused_columns": False,
    }
    return TrainingArguments(**shared)


def _shower(tokenizer: Any, watcher: Watcher) -> Callable[[int, Experience, list[list[int]]], None]:
    def show(batch: int, experience: Experience, responses: list[list[int]]) -> None:
        text = tokenizer.decode(responses[0], skip_special_tokens=True)
        watcher.show(f"batch {batch + 1}, score {float(experience.scores[0]):.2f}", text)

    return show
