"""Direct preference optimisation (arXiv 2305.18290): a policy learns preferences without a preference model or sampling.

A baseline beside RL on the very same comparisons. With soft labels a pair's loss is the cross-entropy between its probability and
what the policy implies of it, which for certain labels is DPO's own loss and for others its conservative form.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from workbench.errors import BadInputError
from workbench.records.rows import PreferenceRow
from workbench.records.run import Metric
from workbench.records.settings import DpoSettings
from workbench.records.transcript import RoleNames
from workbench.stages.training.compute import Compute
from workbench.stages.training.course import Course, Place, Trained, arguments, run_course, say_left_out
from workbench.stages.training.looking import PinnedAnswers
from workbench.stages.training.lora import ready_to_learn, save_adapter
from workbench.stages.training.pair_steps import (
    PAIR_COLUMNS,
    PairSteps,
    filled,
    pair_columns,
    soft_preference_loss,
    tensors_of,
)
from workbench.stages.training.pairs import Pair, encode_pairs, weighted
from workbench.stages.training.schedule import accumulation, reading_order, shortened, tokens_read
from workbench.stages.training.seeding import Seeding
from workbench.stages.training.shards import sharded
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import load_policy, load_tokenizer, save_model

#: What the reference says of a pair.
_REFERENCE = ("ref_chosen_logps", "ref_rejected_logps")


def train_dpo(
    start: Path,
    rows: Sequence[PreferenceRow],
    settings: DpoSettings,
    place: Place,
    watcher: Watcher,
    names: RoleNames | None = None,
    longest: int = 128,
) -> Trained:
    """Train the causal language model in start on comparisons and write it to place.output; start is also the reference.

    beta times the difference of two responses' log-ratios to the reference is the log-odds the policy implies. Rows held out
    train nothing and measure it; pairs longer than max_length tokens are left out, counted and told. With lora_rank above 0
    an adapter is trained and written. Goes on from the newest whole checkpoint; when asked to stop, leaves one.
    """
    if settings.beta <= 0:
        raise BadInputError("beta must be above 0, not {beta}.", beta=settings.beta)
    if settings.quantised and not settings.lora_rank:
        raise BadInputError("quantised holds the base fixed: give lora_rank as well, for example 16.")
    tokenizer = load_tokenizer(start)
    pairs = encode_pairs(tokenizer, rows, settings.soft_labels, names)
    fitting = [pair for pair in pairs if pair.length <= settings.max_length]
    say_left_out(watcher, len(pairs) - len(fitting), len(pairs), "comparisons", settings.max_length)
    learnt = weighted([pair for pair in fitting if not pair.held_out], settings)
    held_out = [pair for pair in fitting if pair.held_out]
    order = reading_order([pair.length for pair in learnt], settings.batch_size, settings.epochs, place.seed)
    order = shortened(order, settings.batch_size, settings.max_steps)
    tokens = tokens_read([len(learnt[row].chosen) + len(learnt[row].rejected) for row in order], settings.batch_size)
    model = ready_to_learn(load_policy(start, place.compute, settings.quantised), settings, place.seed)
    trainer = _trainer(model, tokenizer, list(map(_example, learnt)), settings, place)
    # The reference is the model before its first step; an adapter changes nothing until then.
    reference = [
        measured_logps(model, some, trainer.data_collator, settings.micro_batch_size, place)
        for some in (learnt, held_out)
    ]
    examples = [example | logps for example, logps in zip(map(_example, learnt), reference[0], strict=True)]
    trainer.train_dataset = _read([examples[row] for row in order], settings, place)
    prompts = {pair.row.prompt_id: pair.chosen[: pair.prompt_tokens] for pair in fitting if pair.row.prompt_id}
    trainer.add_callback(PinnedAnswers(prompts, settings, place, tokenizer, watcher, longest))
    if not run_course(trainer, Course(watcher, settings.checkpoint_every, tokens=tokens), place):
        return Trained(False, trainer.state.global_step)
    _tell_held_out(trainer.model, held_out, reference[1], settings, place, watcher, trainer.state.global_step)
    whole = trainer.whole_model(lambda: ready_to_learn(load_policy(start), settings, place.seed))
    if not place.ranks.leads:
        return Trained(True, trainer.state.global_step)
    save = save_adapter if settings.lora_rank else _save_whole
    return Trained(True, trainer.state.global_step, save(whole, tokenizer, start, place.output))


def response_logps(model: Any, batch: dict[str, Any]) -> Tensor:
    """Return the log-probability (nats) [rows] of each row's response, summed over its tokens and its end of turn."""
    input_ids, mask = batch["input_ids"], batch["completion_mask"].bool()
    first = int(mask.int().argmax(1).min()) - 1
    # Rows are padded on the right, which a causal model never looks at: no attention mask is needed.
    logits = (
        model(input_ids=input_ids, use_cache=False, logits_to_keep=input_ids.shape[1] - first).logits[:, :-1].float()
    )
    targets, kept = input_ids[:, first + 1 :], mask[:, first + 1 :]
    chosen: Tensor = logits.gather(2, targets[:, :, None])[:, :, 0] - logits.logsumexp(-1)
    summed: Tensor = (chosen * kept).sum(1)
    return summed


def measured_logps(model: Any, pairs: Sequence[Pair], collator: Any, size: int, place: Place) -> list[dict[str, float]]:
    """Return the model's log-probabilities of each pair's responses, by the column they are kept under.

    Several processes measure a share each.
    """
    ranks, size = place.ranks, max(1, size)
    ranks.meet(place.compute.device)
    model.eval()
    share = math.ceil(len(pairs) / ranks.size)
    mine = pairs[ranks.rank * share : (ranks.rank + 1) * share]
    found: list[dict[str, float]] = []
    for at in range(0, share, size):
        # Shards come together for all processes or none: one that has read its pairs reads another with the others.
        some = list(map(_example, mine[at : at + size] or pairs[:1]))
        batch = {name: value.to(place.compute.device) for name, value in collator(some).items()}
        with torch.no_grad(), place.compute.autocast():
            chosen, rejected = response_logps(model, batch).chunk(2)
        found += [
            {"ref_chosen_logps": one, "ref_rejected_logps": other}
            for one, other in zip(chosen.tolist(), rejected.tolist(), strict=True)
        ]
    return [logps for part in ranks.gathered(found[: len(mine)]) for logps in part]


def _example(pair: Pair) -> dict[str, Any]:
    at = pair.prompt_tokens
    return {
        "prompt_ids": pair.chosen[:at],
        "chosen_ids": pair.chosen[at:],
        "rejected_ids": pair.rejected[at:],
        **dict.fromkeys(_REFERENCE, 0.0),
        **pair_columns(pair),
    }


def _save_whole(model: Any, tokenizer: Any, start: Path, folder: Path) -> str:
    return save_model(model, tokenizer, folder)


class _Collator(DataCollatorForPreference):  # type: ignore[misc]
    """TRL's collator, carrying each pair's probability and weight."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Return a batch: chosen sequences, then rejected ones, then what belongs to the pairs."""
        return {**super().torch_call(examples), **tensors_of(examples, SoftDpoTrainer.columns)}


class SoftDpoTrainer(PairSteps, DPOTrainer):  # type: ignore[misc]
    """TRL's DPOTrainer on soft labels, with the reference's log-probabilities worked out before it starts."""

    columns = (*_REFERENCE, *PAIR_COLUMNS)

    def __init__(self, compute: Compute, **named: Any) -> None:
        self.compute = compute
        super().__init__(**named)

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset  # tokens already, as the model is asked

    def _precompute_ref_logps(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset  # they are columns of it

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the micro-batch's part of the step's soft preference loss, the scores being what the policy implies."""
        with self.compute.autocast():
            chosen, rejected = response_logps(model, inputs).chunk(2)
        rewards = (
            self.beta * (chosen - inputs["ref_chosen_logps"]),
            self.beta * (rejected - inputs["ref_rejected_logps"]),
        )
        counted = inputs["counts"].bool()
        self._note(*(seen[counted] for seen in (*rewards, chosen, rejected)))
        loss = soft_preference_loss(*rewards, inputs["chosen_prob"], inputs["pair_weight"], count=num_items_in_batch)
        return (loss, {}) if return_outputs else loss

    def _note(self, chosen: Tensor, rejected: Tensor, chosen_logps: Tensor, rejected_logps: Tensor) -> None:
        self.told.add("rewards/chosen", chosen)
        self.told.add("rewards/rejected", rejected)
        self.told.add("rewards/margins", chosen - rejected)
        self.told.add("rewards/accuracies", chosen > rejected)
        self.told.add("logps/chosen", chosen_logps)
        self.told.add("logps/rejected", rejected_logps)


def _trainer(
    model: Any, tokenizer: Any, examples: Sequence[dict[str, Any]], settings: DpoSettings, place: Place
) -> SoftDpoTrainer:
    micro, steps = accumulation(settings.batch_size, settings.micro_batch_size)
    trainer = SoftDpoTrainer(
        place.compute,
        model=model,
        args=DPOConfig(
            **arguments(place, settings.learning_rate, settings.schedule, micro, gradient_accumulation_steps=steps),
            beta=settings.beta,
            max_length=None,
            precompute_ref_log_probs=True,
            disable_dropout=False,
        ),
        data_collator=_Collator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=_read(examples, settings, place),
        processing_class=tokenizer,
        callbacks=[Seeding(place.seed, "dpo")],
    )
    if settings.lora_rank:
        model.delete_adapter("ref")  # TRL's copy of the adapter, to ask for what is measured beforehand here
    sharded(model, place.compute)  # only now: TRL reads the whole model
    return trainer


def _read(examples: Sequence[dict[str, Any]], settings: DpoSettings, place: Place) -> Dataset:
    return Dataset.from_list(filled(examples, settings, place.ranks))


def _tell_held_out(
    model: Any,
    pairs: Sequence[Pair],
    reference: Sequence[dict[str, float]],
    settings: DpoSettings,
    place: Place,
    watcher: Watcher,
    step: int,
) -> None:
    """Tell on how many comparisons kept from training the policy prefers what the labels prefer."""
    if not pairs:
        return
    collator = _Collator(pad_token_id=model.config.get_text_config().pad_token_id)
    now = measured_logps(model, pairs, collator, settings.micro_batch_size, place)
    margins = [
        (one["ref_chosen_logps"] - was["ref_chosen_logps"]) - (one["ref_rejected_logps"] - was["ref_rejected_logps"])
        for one, was in zip(now, reference, strict=True)
    ]
    watcher.emit(Metric("eval_rewards/accuracies", step, sum(margin > 0 for margin in margins) / len(margins)))
    watcher.emit(Metric("eval_rewards/margins", step, settings.beta * sum(margins) / len(margins)))
