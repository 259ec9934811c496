"""PPO as a Trainer: experience is made once per batch, held, and handed out in slices for several passes.

Each optimiser step is a step of transformers' Trainer, so that callbacks, logging, checkpoints and resuming are its own.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainingArguments

from workbench.records.draws import stream_seed
from workbench.stages.training.alarms import Alarms
from workbench.stages.training.experience import Experience, by_length
from workbench.stages.training.forward import response_tokens
from workbench.stages.training.guarded import GuardedTrainer
from workbench.stages.training.kl import KlController
from workbench.stages.training.logprobs import tempered, token_logprobs
from workbench.stages.training.losses import policy_loss, value_loss
from workbench.stages.training.pinned import Pinned
from workbench.stages.training.rhythm import Rhythm
from workbench.stages.training.rollouts import Rollouts


class ActorCritic(nn.Module):
    """The policy and the value model side by side: what one optimiser updates."""

    def __init__(self, policy: Any, value: Any) -> None:
        super().__init__()
        self.policy = policy
        self.value = value


class Steps(torch.utils.data.Dataset[dict[str, int]]):
    """The numbers of the micro-batches: all the data a resumed run has to find its place in."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, int]:
        if index >= self.length:
            raise IndexError(index)
        return {"index": index}


class PpoTrainer(GuardedTrainer):
    """Trains an ActorCritic on experience; on_experience is told each batch and its responses' token ids."""

    on_experience: Callable[[int, Experience, list[list[int]]], None] | None = None
    _pinned: Pinned | None = None

    loss_is_scaled_for_ga = True
    learners = ("policy", "value")

    def __init__(
        self,
        model: ActorCritic,
        args: TrainingArguments,
        rollouts: Rollouts,
        rhythm: Rhythm,
        alarms: Alarms,
    ) -> None:
        super().__init__(model, args, train_dataset=Steps(rhythm.length), data_collator=lambda rows: rows[0])
        self.rollouts = rollouts
        self.rhythm = rhythm
        self.settings = settings = rollouts.settings
        self.alarms = alarms
        self.controller = KlController(settings.kl_coef, settings.kl_target)
        self.kept = {"kl.json": self.controller}
        self._experience: Experience | None = None
        self._batch = -1
        #: Numbers of the micro-batches since they were last logged, left on the device: reading one waits for all its work.
        self._numbers: dict[str, list[Tensor]] = defaultdict(list)

    def answers_beside(self, pinned: Pinned) -> bool:
        """Answer these prompts, where they are due, beside the next batch."""
        self._pinned = pinned
        return True

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        at = self.rhythm.position(inputs["index"])
        if self._experience is None or at.batch != self._batch:
            self._experience = self._make(at.batch)
        experience = self._experience
        micros = self.rhythm.mini_batch(at, experience.texts.lengths.tolist(), self.rollouts.seed)
        tokens = int(experience.texts.mask[[row for rows in micros for row in rows]].sum())
        slices = experience.rows(micros[at.micro_batch])
        device = self.rollouts.compute.device
        return {**{name: tensor.to(device) for name, tensor in slices.items()}, "tokens_in_step": tokens}

    def _make(self, batch: int) -> Experience:
        self.model.eval()
        beside = self._pinned.draws() if self._pinned else []
        experience, responses, answers = self.rollouts.make(batch, self.controller.coef, beside)
        if self._pinned and beside:
            self._pinned.answered(answers)
        self.controller.update(experience.stats["objective/kl"], self.rhythm.batch_size)
        self.model.train()
        self._batch = batch
        self.alarms.look(experience.stats, (batch + 1) * self.rhythm.steps_per_batch)
        if self.on_experience:
            self.on_experience(batch, experience, responses)
        return experience

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        """Learn from one micro-batch; a policy and a value model that share no weights do so side by side."""
        index = int(inputs["index"])
        slices = self._prepare_inputs(inputs)
        model.train()
        if self.settings.dropout:
            # Which units are dropped follows from the micro-batch's number, so that a resumed run drops the same.
            torch.manual_seed(stream_seed(self.rollouts.seed, "dropout", index))
        if self.rollouts.players.shares_trunk:
            total = self._learn(self._joint_loss, slices)
        else:
            losses = self.rollouts.lanes.both(
                lambda: self._learn(self._policy_loss, slices), lambda: self._learn(self._value_loss, slices)
            )
            total = losses[0] + losses[1]
        self.share_gradients()
        total = total * self.ranks.size  # the Trainer tells the mean of what the processes say
        self.require_finite_loss(total)
        return total

    def _learn(self, loss_of: Callable[[dict[str, Any]], Tensor], inputs: dict[str, Any]) -> Tensor:
        tokens = inputs["tokens_in_step"]
        slices = {name: tensor for name, tensor in inputs.items() if name != "tokens_in_step"}
        total = torch.zeros((), device=self.rollouts.compute.device)
        compute = self.rollouts.compute
        with compute.autocast():  # around them all: weights that one part has narrowed are at hand for the next
            for part in by_length(slices, self.rollouts.readers.rows_at_once):
                loss = loss_of(part) / tokens
                with compute.full():
                    self.accelerator.backward(loss)
                total += loss.detach()
        return total

    def _policy_loss(self, inputs: dict[str, Any]) -> Tensor:
        return self._loss_of_logits(self.rollouts.readers.policy(*_text(inputs))[0], inputs)

    def _joint_loss(self, inputs: dict[str, Any]) -> Tensor:
        logits, values = self.rollouts.readers.policy(*_text(inputs))
        return self._loss_of_logits(logits, inputs) + self._loss_of_values(values, inputs)

    def _loss_of_logits(self, logits: Tensor, inputs: dict[str, Any]) -> Tensor:
        mask, ids, starts = inputs["mask"], inputs["input_ids"], inputs["prompt_lengths"]
        logits = tempered(logits, self.settings.temperature)
        logprobs = token_logprobs(logits, response_tokens(ids, starts, mask.shape[1]))
        loss = policy_loss(logprobs, inputs["logprobs"], inputs["advantages"], mask, self.settings.clip_range)
        difference = ((logprobs - inputs["logprobs"]) * mask).detach()
        self._numbers["tokens"].append(mask.sum())
        self._numbers["loss/policy_avg"].append(loss.loss.detach())
        self._numbers["policy/approxkl_avg"].append(0.5 * (difference**2).sum())
        self._numbers["policy/clipfrac_avg"].append(loss.clipped)
        self._numbers["val/ratio"].append((difference.exp() * mask).sum())
        return loss.loss

    def _value_loss(self, inputs: dict[str, Any]) -> Tensor:
        return self._loss_of_values(self.rollouts.readers.value(*_text(inputs)), inputs)

    def _loss_of_values(self, values: Tensor, inputs: dict[str, Any]) -> Tensor:
        mask = inputs["mask"]
        values = values - self.rollouts.players.value_offset
        loss = value_loss(values, inputs["values"], inputs["returns"], mask, self.settings.value_clip_range)
        self._numbers["loss/value_avg"].append(loss.loss.detach())
        self._numbers["val/clipfrac_avg"].append(loss.clipped)
        return self.settings.value_coef * loss.loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the batch's numbers to what the Trainer logs."""
        sums, ratios = self._gather()
        tokens = sums.pop("tokens", 0.0)
        if tokens and self._experience is not None:
            logs.update(self._experience.stats)
            logs.update({name: amount / tokens for name, amount in sums.items()})
            logs["val/ratio_var"] = float(torch.tensor(ratios).var()) if len(ratios) > 1 else 0.0
            logs["lr"] = logs.pop("learning_rate", self._get_learning_rate())
            logs["episode"] = (self._batch + 1) * self.rhythm.batch_size
        super().log(logs, start_time)

    def _gather(self) -> tuple[dict[str, float], list[float]]:
        """Take the numbers of all processes: each one's sum, and the mean ratio of every micro-batch."""
        mine = {name: torch.stack(values).tolist() for name, values in self._numbers.items()}
        self._numbers.clear()
        sums: dict[str, float] = defaultdict(float)
        ratios: list[float] = []
        for told in self.ranks.gathered(mine):
            for name, values in told.items():
                sums[name] += sum(values)
            ratios += [
                ratio / count for ratio, count in zip(told.get("val/ratio", ()), told.get("tokens", ()), strict=True)
            ]
        return sums, ratios


def _text(inputs: dict[str, Any]) -> tuple[Tensor, Tensor, int, Tensor]:
    """Return token ids, prompt lengths, the width of the responses, and the lengths of the texts."""
    starts, mask = inputs["prompt_lengths"], inputs["mask"]
    return inputs["input_ids"], starts, mask.shape[1], starts + mask.sum(1)
