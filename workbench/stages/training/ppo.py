"""Reinforcement learning from the preference model (paper section 4.2): PPO, with the details of arXiv 2403.17031."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from transformers import TrainingArguments

from workbench.errors import BadInputError, MissingError
from workbench.models.rendering import end_of_turn
from workbench.records.prompt import Prompt
from workbench.records.rewards import parse_rewards
from workbench.records.settings import RlSettings
from workbench.records.transcript import RoleNames
from workbench.stages.preferences import LabelWork
from workbench.stages.training.adapted import as_one_model, load_weights
from workbench.stages.training.alarms import Alarms, BrokenError
from workbench.stages.training.course import Course, Place, Trained, arguments, run_course
from workbench.stages.training.experience import Experience
from workbench.stages.training.feedback_reward import feedback_reward
from workbench.stages.training.picking import Picking
from workbench.stages.training.pinned import Pinned, divide
from workbench.stages.training.players import Starts, open_players
from workbench.stages.training.ppo_trainer import ActorCritic, PpoTrainer
from workbench.stages.training.rewards import WeightedReward
from workbench.stages.training.rhythm import Rhythm, rhythm_of
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.tokens import prompt_ids
from workbench.stages.training.watching import Watcher, Watching
from workbench.stages.training.weights import save_model


def train_ppo(
    starts: Starts,
    prompts: Sequence[Prompt],
    settings: RlSettings,
    place: Place,
    watcher: Watcher,
    max_tokens: int,
    names: RoleNames | None = None,
    feedback: LabelWork | None = None,
) -> Trained:
    """Train the policy against the preference model by PPO (arXiv 2212.08073, section 4.2) and write it to place.output.

    The reward is the weighted sum of the rewards' scores (by default the preference model's alone) at a response's last token
    minus kl_coef times the KL to the reference (nats per token); a response that does not end within max_tokens loses
    missing_eos_penalty. feedback is the feedback model with its questions, where the settings have it reward. Goes on from the
    newest whole checkpoint; when asked to stop, or when an alarm is raised, finishes the batch of experience in hand, leaves a
    checkpoint and returns unfinished. Where a number is not finite it ends at once, with the checkpoint before.
    """
    rhythm = rhythm_of(settings)
    place = dataclasses.replace(place, compute=place.compute.asked(settings.dtype))
    alarms, picking = Alarms(settings, watcher), Picking(settings, place.checkpoints)
    players, tokenizer = open_players(starts, settings, place, names)
    encoded = _encode(tokenizer, prompts, settings.limit, names)
    training, asked = divide(encoded, settings, place.seed)
    end, length = end_of_turn(tokenizer), _checked_length(settings, max_tokens)
    rollouts = Rollouts(players, training, settings, end, tokenizer.pad_token_id, length, place.seed, place.compute)
    if weight := parse_rewards(settings.rewards).get("feedback"):
        known = dict(zip((tuple(prompt.ids) for prompt in encoded), prompts, strict=False))
        reward = feedback_reward(feedback, known, rollouts, tokenizer)
        rollouts.players = dataclasses.replace(
            players, rewards=(*players.rewards, WeightedReward("feedback", weight, reward))
        )
    model = ActorCritic(players.policy, players.value)
    trainer = PpoTrainer(model, _arguments(settings, place, rhythm), rollouts, rhythm, alarms, picking)
    trainer.on_experience = _shower(tokenizer, watcher)
    trainer.add_callback(Pinned(asked, rollouts, picking, rhythm.steps_per_batch, place, tokenizer, watcher))
    course = Course(_Alarmed(watcher, alarms), settings.checkpoint_every, rhythm.steps_per_batch)
    try:
        finished = run_course(trainer, course, place)
        trainer.require_sound()
    except BrokenError as broken:
        return Trained(False, trainer.state.global_step, alarm=str(broken))
    if not finished:
        return Trained(False, trainer.state.global_step, alarm=alarms.raised.sentence if alarms.raised else "")
    step = _take_best(players.policy, picking, trainer.state.global_step, watcher)
    return Trained(True, step, save_model(as_one_model(players.policy), tokenizer, place.output))


def _take_best(policy: Any, picking: Picking, last: int, watcher: Watcher) -> int:
    """Give the policy the weights of the step that was picked, and return that step."""
    best = picking.best(last)
    if best is None:
        return last
    watcher.say(f"Took the policy of step {picking.step}, whose held-out score {picking.score:.3g} was the highest.")
    load_weights(policy, best)
    return picking.step


@dataclass(frozen=True)
class _Alarmed(Watching):
    """A watcher that also asks to stop once an alarm has been raised."""

    alarms: Alarms

    def should_stop(self) -> bool:
        return self.alarms.raised is not None or self.watcher.should_stop()


def _encode(tokenizer: Any, prompts: Sequence[Prompt], limit: int, names: RoleNames | None) -> list[RlPrompt]:
    chosen = prompts[:limit] if limit else prompts
    if not chosen:
        raise MissingError("There are no prompts to train on; import some with split train or rl.")
    return [RlPrompt(prompt.id, prompt_ids(tokenizer, prompt.messages, names)) for prompt in chosen]


def _checked_length(settings: RlSettings, longest: int) -> int:
    if settings.max_tokens < 0 or (settings.max_tokens or longest) < 1:
        raise BadInputError(f"max_tokens must be at least 1, not {settings.max_tokens or longest}.")
    if settings.temperature <= 0:
        raise BadInputError(f"PPO explores by sampling: temperature must be above 0, not {settings.temperature}.")
    return settings.max_tokens or longest


def _arguments(settings: RlSettings, place: Place, rhythm: Rhythm) -> TrainingArguments:
    shared = arguments(place, settings.learning_rate, settings.schedule, 1)
    shared |= {
        "gradient_accumulation_steps": rhythm.micro_batches,
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
