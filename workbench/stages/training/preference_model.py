"""The preference model (paper section 4.1): a score per response, trained on probabilities rather than winners."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.nn.functional import binary_cross_entropy_with_logits
from trl import RewardConfig, RewardTrainer
from trl.trainer.reward_trainer import DataCollatorForPreference

from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.records.transcript import RoleNames
from workbench.stages.training import checkpoints
from workbench.stages.training.calibration import report
from workbench.stages.training.compute import CPU, Compute
from workbench.stages.training.course import Course, Place, Trained, arguments, run_course, say_left_out
from workbench.stages.training.forward import end_scores
from workbench.stages.training.schedule import accumulation, reading_order
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.tokens import prompt_ids, response_ids
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import SCORE_OFFSET, load_preference_model, load_tokenizer, save_model


@dataclass(frozen=True)
class Pair:
    """A comparison as token ids, the likelier winner first; probability is that it wins, weight how much the pair counts."""

    chosen: list[int]
    rejected: list[int]
    probability: float
    weight: float
    held_out: bool

    @property
    def length(self) -> int:
        """Tokens of the longer of the two."""
        return max(len(self.chosen), len(self.rejected))


def train_preference_model(
    start: Path,
    rows: Sequence[PreferenceRow],
    settings: PreferenceModelSettings,
    place: Place,
    watcher: Watcher,
    names: RoleNames | None = None,
) -> Trained:
    """Train a preference model from the causal language model in start (arXiv 2212.08073, section 4.1), into place.output.

    The loss of a comparison is the cross-entropy (nats) between its probability and sigmoid(score a - score b); rows held out
    train nothing and measure it. Pairs with a side longer than max_length tokens are left out, counted and told. Scores of the
    saved model average zero over the training responses. Goes on from the newest whole checkpoint; when asked to stop, leaves
    one and returns unfinished.
    """
    tokenizer = load_tokenizer(start)
    pairs = encode_pairs(tokenizer, rows, settings.soft_labels, names)
    fitting = [pair for pair in pairs if pair.length <= settings.max_length]
    say_left_out(watcher, len(pairs) - len(fitting), len(pairs), "comparisons", settings.max_length)
    learnt = [pair for pair in fitting if not pair.held_out]
    trainer = _trainer(start, tokenizer, learnt, settings, place)
    finished = run_course(trainer, Course(watcher, settings.checkpoint_every), place)
    if not finished:
        return Trained(False, trainer.state.global_step)
    scorer = Scorer(trainer.model, tokenizer, place.compute, names)
    _centre(scorer, learnt)
    report(scorer, [pair for pair in fitting if pair.held_out], watcher, trainer.state.global_step)
    weights = save_model(trainer.model, tokenizer, place.output)
    return Trained(True, trainer.state.global_step, weights)


def encode_pairs(
    tokenizer: Any, rows: Sequence[PreferenceRow], soft_labels: bool, names: RoleNames | None = None
) -> list[Pair]:
    """Return each comparison as token ids, turned so that the likelier winner comes first."""
    pairs = []
    for row in rows:
        prompt = prompt_ids(tokenizer, row.messages, names)
        a, b = (prompt + response_ids(tokenizer, text) for text in (row.response_a, row.response_b))
        probability = row.probability_a
        if probability < 0.5:
            a, b, probability = b, a, 1.0 - probability
        if not soft_labels and probability != 0.5:
            probability = 1.0
        pairs.append(Pair(a, b, probability, row.weight, row.held_out))
    return pairs


def soft_preference_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, probability: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Return the weighted mean cross-entropy (nats) between probabilities [pairs] and sigmoid(chosen - rejected) [pairs]."""
    losses = binary_cross_entropy_with_logits(chosen - rejected, probability, reduction="none")
    return (weight * losses).sum() / weight.sum().clamp(min=1e-9)


class SoftPreferenceCollator(DataCollatorForPreference):  # type: ignore[misc]
    """TRL's collator, carrying each pair's probability and weight."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Return a batch: chosen sequences, then rejected ones, then what belongs to the pairs."""
        batch: dict[str, Any] = super().torch_call(examples)
        for column in ("chosen_prob", "pair_weight"):
            batch[column] = torch.tensor([example[column] for example in examples], dtype=torch.float32)
        return batch


class SoftPreferenceTrainer(checkpoints.VerifiedCheckpoints, RewardTrainer):  # type: ignore[misc]
    """TRL's RewardTrainer on soft labels."""

    compute: Compute = CPU

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        extra = [name for name in ("chosen_prob", "pair_weight") if name not in self._signature_columns]
        self._signature_columns += extra

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the soft preference loss of the micro-batch.

        The score is read at a sequence's last token; TRL looks for the last one that is not padding, which is one too early
        where a tokenizer pads with its end-of-text token.
        """
        with self.compute.autocast():
            scores = end_scores(model, inputs["input_ids"], inputs["attention_mask"].sum(1) - 1)
        chosen, rejected = scores.chunk(2)
        self._note(scores.detach())
        loss = soft_preference_loss(chosen, rejected, inputs["chosen_prob"], inputs["pair_weight"])
        return (loss, {"logits": scores}) if return_outputs else loss

    def _note(self, scores: torch.Tensor) -> None:
        chosen, rejected = scores.chunk(2)
        told = self._metrics["train" if self.model.training else "eval"]
        told["accuracy"].append(float((chosen > rejected).float().mean()))
        told["margin"].append(float((chosen - rejected).mean()))
        told["mean_reward"].append(float(scores.mean()))
        told["min_reward"].append(float(scores.min()))
        told["max_reward"].append(float(scores.max()))


def _trainer(
    start: Path, tokenizer: Any, learnt: Sequence[Pair], settings: PreferenceModelSettings, place: Place
) -> SoftPreferenceTrainer:
    micro, steps = accumulation(settings.batch_size, settings.micro_batch_size)
    order = reading_order([pair.length for pair in learnt], settings.batch_size, settings.epochs, place.seed)
    read = [learnt[row] for row in order]
    trainer = SoftPreferenceTrainer(
        model=load_preference_model(start, tokenizer, place.seed, place.compute),
        args=RewardConfig(
            **arguments(place, settings.learning_rate, settings.schedule, micro, gradient_accumulation_steps=steps),
            max_length=None,
            disable_dropout=True,
        ),
        data_collator=SoftPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=Dataset.from_dict(
            {
                "chosen_ids": [pair.chosen for pair in read],
                "rejected_ids": [pair.rejected for pair in read],
                "chosen_prob": [pair.probability for pair in read],
                "pair_weight": [pair.weight for pair in read],
            }
        ),
        processing_class=tokenizer,
    )
    trainer.compute = place.compute
    return trainer


def _centre(scorer: Scorer, learnt: Sequence[Pair]) -> None:
    # Scores of different preference models are comparable only once each has a zero of its own (arXiv 2204.05862).
    scores = scorer.score_ids([ids for pair in learnt for ids in (pair.chosen, pair.rejected)])
    scorer.offset += sum(scores) / len(scores)
    setattr(scorer.model.config, SCORE_OFFSET, scorer.offset)
