"""Pinned prompts: the same few questions again and again while the policy learns, answered beside the reference.

Each prompt keeps its random numbers, so that what changes in an answer is the policy's doing. Their mean score minus the KL
penalty is also what a checkpoint can be picked by.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from workbench.errors import BadInputError
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.policy_sample import PolicySample
from workbench.records.run import Metric
from workbench.records.settings import RlSettings
from workbench.stages.training.course import Place
from workbench.stages.training.experience import Experience
from workbench.stages.training.generation import Draw
from workbench.stages.training.looking import PARTS
from workbench.stages.training.picking import Picking
from workbench.stages.training.rewards import weighted_sum
from workbench.stages.training.rhythm import Rhythm
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.watching import Watcher

#: Where nobody says how far apart looks are: so many batches, fewer in a short training, which is looked at as others are.
APART = 8


def require_counts(settings: RlSettings) -> None:
    """Raise BadInputError where what is asked of the pinned prompts are no counts."""
    if settings.pinned < 0 or settings.pinned_every < 0:
        raise BadInputError("pinned and pinned_every must be 0 or more.")


def divide(prompts: Sequence[RlPrompt], settings: RlSettings, seed: int) -> tuple[list[RlPrompt], list[RlPrompt]]:
    """Return (prompts to train on, pinned prompts): as many as the settings say, drawn by the seed, kept out if they say so."""
    drawn = sorted(prompts, key=lambda prompt: stream_seed(seed, "pinned", prompt.id))[: settings.pinned]
    if not settings.hold_out_pinned:
        return list(prompts), drawn
    kept = {prompt.id for prompt in drawn}
    rest = [prompt for prompt in prompts if prompt.id not in kept]
    if not rest:
        raise BadInputError(
            "Keeping {pinned} pinned prompts out of training leaves none of {prompts_count} to train on; import "
            "more prompts or take a smaller number for pinned.",
            pinned=settings.pinned,
            prompts_count=len(prompts),
        )
    return rest, drawn


class Pinned(TrainerCallback):  # type: ignore[misc]
    """Answers the pinned prompts every few batches and at the end, and lets the picking know how good the policy is.

    A policy that is due is answered for beside the batch after it, which that same policy writes, where the trainer sees to that.
    """

    def __init__(
        self,
        asked: Sequence[RlPrompt],
        rollouts: Rollouts,
        picking: Picking,
        rhythm: Rhythm,
        place: Place,
        tokenizer: Any,
        watcher: Watcher,
        begins_as_reference: bool = False,
    ) -> None:
        self.asked = asked
        self.rollouts = rollouts
        self.picking = picking
        batches = rollouts.settings.pinned_every or min(APART, max(1, rhythm.batches // PARTS))
        self.every = batches * rhythm.steps_per_batch
        self.place = place
        self.tokenizer = tokenizer
        self.watcher = watcher
        #: Whether the trainer writes the answers beside its next batch, and the step whose policy they are due of.
        self.rides = False
        self._due: int | None = None
        self._begins_as_reference = begins_as_reference
        #: Whether the policy is its reference still, so that what it writes beside the first batch are the reference's answers.
        self._unmoved = False
        self._reference: tuple[list[list[int]], list[float]] | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Where the best policy is to be picked, the one training begins with may be it; a resumed one may be due."""
        if self.picking.wanted and state.global_step == 0:
            self._look(0)
        self._unmoved = self._begins_as_reference and state.global_step == 0
        if self.rides and self._is_time(state.global_step) and state.global_step < state.max_steps:
            self._due = state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Answer where it is time to, or note that it is where answers can be written beside the next batch's."""
        step = state.global_step
        if not self._is_time(step) and step < state.max_steps:
            return
        if self.rides and step < state.max_steps:
            self._due = step
        else:
            self._look(step)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Answer what no further batch was made for: a pause or a stop came first."""
        if self._due is not None:
            self._look(self._due)

    def draws(self) -> list[Draw]:
        """Return what is to be drawn beside the next batch, by the policy as it is now: nothing where it is not time."""
        wanted = self._due is not None or (self._unmoved and self._reference is None)
        return self._draws() if wanted else []

    def answered(self, responses: list[list[int]]) -> None:
        """Take the responses to these draws, while the policy is still the one that wrote them."""
        if self._unmoved and self._reference is None:
            self._reference = self._scored(responses)
        self._unmoved = False
        if self._due is not None:
            self._judge(self._due, responses)

    def _is_time(self, step: int) -> bool:
        return step > 0 and step % self.every == 0

    def _look(self, step: int) -> None:
        if not self.asked:
            self._due = None
            return
        policy = self.rollouts.players.policy
        was_training = policy.training
        self._judge(step, self.rollouts.write(policy.eval(), self._draws()))
        policy.train(was_training)

    def _judge(self, step: int, responses: list[list[int]]) -> None:
        """Score responses, tell of them, and let the picking know how good the policy is; it must be in evaluation mode."""
        self._due = None
        found = self.rollouts.assess([prompt.ids for prompt in self.asked], responses, self.rollouts.settings.kl_coef)
        self._tell(step, responses, found)
        self.picking.consider(self.rollouts.players.policy, step, held_out_score(found.stats))

    def _tell(self, step: int, responses: Sequence[list[int]], found: Experience) -> None:
        numbers = {"score": found.stats["objective/scores"], "kl": found.stats["objective/kl"]}
        for name, value in {**numbers, "held_out_score": held_out_score(found.stats)}.items():
            self.watcher.emit(Metric(f"pinned/{name}", step, value))
        references, reference_scores = self._references()
        for row, prompt in enumerate(self.asked):
            sample = PolicySample(
                record_id("sample", self.place.run, prompt.id, str(step)),
                prompt.id,
                step,
                self._text(responses[row]),
                self._text(references[row]),
                float(found.scores[row]),
                reference_scores[row],
                float(found.kl[row]),
            )
            self.watcher.sample(sample)

    def _references(self) -> tuple[list[list[int]], list[float]]:
        """Return the reference's responses and their scores; written anew when a run is resumed, from the same numbers."""
        if self._reference is None:
            self._reference = self._scored(self.rollouts.write(self.rollouts.players.reference, self._draws()))
        return self._reference

    def _scored(self, responses: list[list[int]]) -> tuple[list[list[int]], list[float]]:
        asked, rewards = [prompt.ids for prompt in self.asked], self.rollouts.players.rewards
        return responses, weighted_sum(rewards, asked, responses, self.rollouts.ranks)[0].tolist()

    def _draws(self) -> list[Draw]:
        seed = self.rollouts.seed
        return [Draw(prompt.ids, stream_seed(seed, prompt.id, "pinned")) for prompt in self.asked]

    def _text(self, ids: list[int]) -> str:
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        return text.strip()


def held_out_score(stats: Mapping[str, float]) -> float:
    """Return a policy's mean score less the KL penalty: the gold preference model's score where there is one."""
    return stats.get("objective/gold", stats["objective/scores"]) + stats["objective/non_score_reward"]
