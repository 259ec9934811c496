"""PPO as a Trainer: experience is made once per batch, held, and handed out in slices for several passes.

Each optimiser step is a step of transformers' Trainer, so that callbacks, logging, checkpoints and resuming are its own.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainingArguments

from workbench.records.settings import RlSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.experience import Experience, ExperienceMaker
from workbench.stages.training.forward import response_logits, response_tokens, response_values, token_logprobs
from workbench.stages.training.kl import KlController
from workbench.stages.training.losses import policy_loss, value_loss
from workbench.stages.training.rhythm import Rhythm

_KL = "kl.json"


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


class PpoTrainer(checkpoints.VerifiedCheckpoints):
    """Trains an ActorCritic on experience; on_experience is told each batch and its responses' token ids."""

    loss_is_scaled_for_ga = True

    def __init__(
        self,
        model: ActorCritic,
        args: TrainingArguments,
        maker: ExperienceMaker,
        rhythm: Rhythm,
        settings: RlSettings,
        on_experience: Callable[[int, Experience, list[list[int]]], None] | None = None,
    ) -> None:
        super().__init__(model, args, train_dataset=Steps(rhythm.length), data_collator=lambda rows: rows[0])
        self.maker = maker
        self.rhythm = rhythm
        self.settings = settings
        self.controller = KlController(settings.kl_coef, settings.kl_target)
        self.on_experience = on_experience
        self._experience: Experience | None = None
        self._batch = -1
        self._sums: dict[str, float] = defaultdict(float)
        self._ratios: list[float] = []

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        at = self.rhythm.position(inputs["index"])
        if self._experience is None or at.batch != self._batch:
            self._experience = self._make(at.batch)
        experience = self._experience
        micros = self.rhythm.mini_batch(at, experience.lengths.tolist(), self.maker.seed)
        tokens = int(experience.mask[[row for rows in micros for row in rows]].sum())
        slices = experience.rows(micros[at.micro_batch])
        device = self.maker.compute.device
        return {**{name: tensor.to(device) for name, tensor in slices.items()}, "tokens_in_step": tokens}

    def _make(self, batch: int) -> Experience:
        self.model.eval()
        experience, responses = self.maker.make(batch, self.controller.coef)
        self.controller.update(experience.stats["objective/kl"], self.rhythm.batch_size)
        self.model.train()
        self._batch = batch
        if self.on_experience:
            self.on_experience(batch, experience, responses)
        return experience

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Tensor:
        """Return the micro-batch's share of the step's loss: policy loss plus value_coef times value loss, per token."""
        actor_critic: ActorCritic = self.accelerator.unwrap_model(model)
        mask, old = inputs["mask"], inputs["logprobs"]
        width = mask.shape[1]
        ids, starts = inputs["input_ids"], inputs["prompt_lengths"]
        with self.maker.compute.autocast():
            logits = response_logits(actor_critic.policy, ids, starts, width) / self.settings.temperature
            values = response_values(actor_critic.value, ids, starts, width) - self.maker.players.scorer.offset
        logprobs = token_logprobs(logits, response_tokens(ids, starts, width))
        policy = policy_loss(logprobs, old, inputs["advantages"], mask, self.settings.clip_range)
        value = value_loss(values, inputs["values"], inputs["returns"], mask, self.settings.value_clip_range)
        self._note(((logprobs - old) * mask).detach(), mask, policy, value)
        total: Tensor = (policy.loss + self.settings.value_coef * value.loss) / inputs["tokens_in_step"]
        return total

    def _note(self, difference: Tensor, mask: Tensor, policy: Any, value: Any) -> None:
        ratio = difference.exp()
        count = float(mask.sum())
        added = {
            "tokens": count,
            "loss/policy_avg": policy.loss,
            "loss/value_avg": value.loss,
            "policy/approxkl_avg": 0.5 * (difference**2).sum(),
            "policy/clipfrac_avg": policy.clipped,
            "val/clipfrac_avg": value.clipped,
            "val/ratio": (ratio * mask).sum(),
        }
        for name, amount in added.items():
            self._sums[name] += float(amount.detach() if isinstance(amount, Tensor) else amount)
        self._ratios.append(float((ratio * mask).sum()) / count)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the batch's numbers to what the Trainer logs."""
        tokens = self._sums.pop("tokens", 0.0)
        if tokens and self._experience is not None:
            logs.update(self._experience.stats)
            logs.update({name: amount / tokens for name, amount in self._sums.items()})
            logs["val/ratio_var"] = float(torch.tensor(self._ratios).var()) if len(self._ratios) > 1 else 0.0
            logs["lr"] = logs.pop("learning_rate", self._get_learning_rate())
            logs["episode"] = (self._batch + 1) * self.rhythm.batch_size
        self._sums.clear()
        self._ratios.clear()
        super().log(logs, start_time)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        folder = Path(output_dir or self.args.output_dir)
        self.model.policy.save_pretrained(folder / "policy")
        self.model.value.save_pretrained(folder / "value")
        state = {"coef": self.controller.coef, "target": self.controller.target}
        (folder / _KL).write_text(json.dumps(state), encoding="utf-8")

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        for name in ("policy", "value"):
            module = getattr(self.model, name)
            loaded = type(module).from_pretrained(folder / name, dtype=torch.float32, local_files_only=True)
            module.load_state_dict(loaded.state_dict())
        self.controller = KlController(**json.loads((folder / _KL).read_text(encoding="utf-8")))
