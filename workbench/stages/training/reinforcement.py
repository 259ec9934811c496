"""What every algorithm of reinforcement learning has in common: its models, its prompts, its alarms, and how it ends."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from workbench.errors import BadInputError, MissingError, NoRoomError
from workbench.models.rendering import end_of_turn
from workbench.records.prompt import Prompt
from workbench.records.rewards import parse_rewards
from workbench.records.run import Metric
from workbench.records.settings import RlSettings
from workbench.records.snapshots import snapshot_batches
from workbench.records.transcript import RoleNames
from workbench.sentences import said
from workbench.stages.preferences import LabelWork
from workbench.stages.training.adapted import as_one_model
from workbench.stages.training.alarms import Alarms, BrokenError
from workbench.stages.training.compute import CPU
from workbench.stages.training.course import Course, Place, Trained, run_course
from workbench.stages.training.feedback_reward import feedback_reward
from workbench.stages.training.guarded import GuardedTrainer
from workbench.stages.training.picking import Picking
from workbench.stages.training.pinned import Pinned, divide, require_counts
from workbench.stages.training.players import Starts, open_players, open_policy
from workbench.stages.training.rewards import WeightedReward
from workbench.stages.training.rhythm import Rhythm, rhythm_of
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.shards import load_learnt, put_together
from workbench.stages.training.snapshots import Snapshots
from workbench.stages.training.tokens import prompt_ids
from workbench.stages.training.watching import Watcher, Watching
from workbench.stages.training.weights import save_model


@dataclass(frozen=True)
class Asked:
    """What a training is asked for: models, prompts, the longest response in tokens, the task's names, a feedback model."""

    starts: Starts
    prompts: Sequence[Prompt]
    max_tokens: int
    names: RoleNames | None = None
    feedback: LabelWork | None = None


@dataclass(frozen=True)
class Reinforcement:
    """A training made ready: everything but the algorithm."""

    settings: RlSettings
    place: Place
    watcher: Watcher
    rhythm: Rhythm
    rollouts: Rollouts
    pinned: tuple[RlPrompt, ...]
    tokenizer: Any
    alarms: Alarms
    picking: Picking
    #: Makes the policy that training begins with anew, in one piece.
    policy_again: Callable[[], Any]
    #: Whether the policy starts from its reference's weights.
    begins_as_reference: bool

    def run(self, trainer: GuardedTrainer) -> Trained:
        """Let a trainer go its course, from its newest checkpoint or from the start, and write the model it ends with."""
        whom = self.place, self.tokenizer, self.watcher
        asking = Pinned(self.pinned, self.rollouts, self.picking, self.rhythm, *whom, self.begins_as_reference)
        trainer.add_callback(asking)
        asking.rides = trainer.answers_beside(asking)
        trainer.add_callback(self._snapshots())
        trainer.kept = {**trainer.kept, "alarms.json": self.alarms, "picking.json": self.picking}
        course = Course(
            _Alarmed(self.watcher, self.alarms), self.settings.checkpoint_every, self.rhythm.steps_per_batch
        )
        try:
            finished = run_course(trainer, course, self.place)
            trainer.require_sound()
        except BrokenError as broken:
            return Trained(False, trainer.state.global_step, alarm=str(broken))
        if not finished:
            raised = self.alarms.raised
            return Trained(False, trainer.state.global_step, alarm=raised.sentence if raised else "")
        policy = self._whole_policy()
        if not self.place.ranks.leads:
            return Trained(True, trainer.state.global_step)
        step = self._take_best(policy, trainer.state.global_step)
        return Trained(True, step, save_model(as_one_model(policy), self.tokenizer, self.place.output))

    def _snapshots(self) -> Snapshots:
        return Snapshots(self._whole_policy, self.settings, self.rhythm, self.place, self.tokenizer, self.watcher)

    def _whole_policy(self) -> Any:
        """Return the policy in one piece on the process that leads; every process must ask."""
        return put_together(self.rollouts.players.policy, self.policy_again, self.place.ranks.leads)

    def _take_best(self, policy: Any, last: int) -> int:
        """Give the policy the weights of the step that was picked, and return that step."""
        best, picking = self.picking.best(last), self.picking
        if best is None:
            if picking.lost(last):
                self.watcher.say(
                    said(
                        "The policy of step {step}, whose held-out score was the highest, is damaged or gone: "
                        "that of step {last} is taken in its place.",
                        step=picking.step,
                        last=last,
                    )
                )
            return last
        self.watcher.say(
            said(
                "Took the policy of step {step}, whose held-out score {score:.3g} was the highest.",
                step=picking.step,
                score=picking.score,
            )
        )
        load_learnt(policy, best)
        return picking.step


def made_ready(asked: Asked, settings: RlSettings, place: Place, watcher: Watcher) -> Reinforcement:
    """Open the models and encode the prompts; raises BadInputError or MissingError where something does not fit."""
    rhythm = rhythm_of(settings)
    require_counts(settings)  # what cannot work is told before models are opened
    snapshot_batches(settings)
    place = dataclasses.replace(place, compute=place.compute.asked(settings.dtype))
    alarms, picking = Alarms(settings, watcher), Picking(settings, place.checkpoints, place.ranks.leads)
    players, tokenizer = open_players(asked.starts, settings, place, asked.names)
    end, length = end_of_turn(tokenizer), _checked_length(settings, asked.max_tokens)
    asked = dataclasses.replace(asked, prompts=asked.prompts[: settings.limit or None])
    encoded = _fitting(_encode(tokenizer, asked), players.policy, length, watcher)
    training, pinned = divide(encoded, settings, place.seed)
    rollouts = Rollouts(players, training, settings, end, tokenizer.pad_token_id, length, place.seed, place.compute)
    if weight := parse_rewards(settings.rewards).get("feedback"):
        by_id = {prompt.id: prompt for prompt in asked.prompts}
        known = {tuple(prompt.ids): by_id[prompt.id] for prompt in encoded}
        reward = WeightedReward("feedback", weight, feedback_reward(asked.feedback, known, rollouts, tokenizer))
        rollouts.players = dataclasses.replace(players, rewards=(*players.rewards, reward))
    again = partial(open_policy, asked.starts.policy, settings, dataclasses.replace(place, compute=CPU))
    same = asked.starts.policy == asked.starts.reference
    return Reinforcement(
        settings, place, watcher, rhythm, rollouts, tuple(pinned), tokenizer, alarms, picking, again, same
    )


@dataclass(frozen=True)
class _Alarmed(Watching):
    """A watcher that also asks to stop once an alarm has been raised."""

    alarms: Alarms

    def should_stop(self) -> bool:
        return self.alarms.raised is not None or self.watcher.should_stop()


def _encode(tokenizer: Any, asked: Asked) -> list[RlPrompt]:
    if not asked.prompts:
        raise MissingError("There are no prompts to train on; import some with split train or rl.")
    return [RlPrompt(prompt.id, prompt_ids(tokenizer, prompt.messages, asked.names)) for prompt in asked.prompts]


def _fitting(prompts: list[RlPrompt], policy: Any, length: int, watcher: Watcher) -> list[RlPrompt]:
    """Return the prompts that leave the policy room for its longest response, and tell of the others."""
    room = int(getattr(policy.config.get_text_config(), "max_position_embeddings", 0) or 1 << 20)
    fitting = [prompt for prompt in prompts if len(prompt.ids) + length <= room]
    left_out = len(prompts) - len(fitting)
    holds = said("which holds {room:,} tokens with a response of up to {length:,}.", room=room, length=length)
    watcher.emit(Metric("rows_left_out", 0, float(left_out)))
    if not fitting:
        raise NoRoomError(
            said("None of the {count:,} prompts fits the policy, {holds}", count=len(prompts), holds=holds)
        )
    if left_out:
        watcher.say(
            said(
                "{left_out:,} of {count:,} prompts do not fit the policy and were left out, {holds}",
                left_out=left_out,
                count=len(prompts),
                holds=holds,
            )
        )
    return fitting


def _checked_length(settings: RlSettings, longest: int) -> int:
    if settings.max_tokens < 0 or (settings.max_tokens or longest) < 1:
        raise BadInputError(
            "max_tokens must be at least 1, not {max_tokens}.", max_tokens=settings.max_tokens or longest
        )
    if settings.temperature <= 0:
        raise BadInputError(
            "The policy explores by sampling: temperature must be above 0, not {temperature}.",
            temperature=settings.temperature,
        )
    return settings.max_tokens or longest
