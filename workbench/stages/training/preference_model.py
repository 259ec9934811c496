"""The preference model (paper section 4.1): a score per response, trained on probabilities rather than winners."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import RewardConfig, RewardTrainer
from trl.trainer.reward_trainer import DataCollatorForPreference

from workbench.records.encoding import to_data
from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.records.transcript import RoleNames
from workbench.sentences import said
from workbench.stages.training.adapted import as_one_model
from workbench.stages.training.course import Course, Place, Trained, arguments, run_course, say_left_out
from workbench.stages.training.forward import end_scores
from workbench.stages.training.held_out import READINESS, REPORT, facts, judge, report, score_pairs
from workbench.stages.training.looking import PinnedPairs
from workbench.stages.training.lora import ready_to_learn
from workbench.stages.training.pair_steps import (
    PAIR_COLUMNS,
    PairSteps,
    filled,
    pair_columns,
    soft_preference_loss,
    tensors_of,
)
from workbench.stages.training.pairs import Pair, encode_pairs, weighted
from workbench.stages.training.reference_set import REFERENCE, centre, choose_reference
from workbench.stages.training.schedule import accumulation, reading_order, shortened, tokens_read
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.seeding import Seeding
from workbench.stages.training.shards import sharded
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import load_preference_model, load_tokenizer, save_model


def train_preference_model(
    start: Path,
    rows: Sequence[PreferenceRow],
    settings: PreferenceModelSettings,
    place: Place,
    watcher: Watcher,
    names: RoleNames | None = None,
) -> Trained:
    """Train a preference model from the causal language model in start (arXiv 2212.08073, section 4.1), into place.output.

    The loss of a comparison is the cross-entropy (nats) between its probability and sigmoid(score a - score b), times its weight
    by kind of prompt; rows held out train nothing and measure it. Pairs with a side longer than max_length tokens are left
    out, counted and told. Some pairs are pinned: they are scored as training goes. Scores of the saved model average zero over
    a fixed reference set stored with it; report.json and readiness.json beside the weights say what was measured and whether it
    is fit to be a reward. With lora_rank above 0 it learns through an adapter, which is merged into what is measured and written.
    Goes on from the newest whole checkpoint; when asked to stop, leaves one and returns unfinished.
    """
    tokenizer = load_tokenizer(start)
    pairs = encode_pairs(tokenizer, rows, settings.soft_labels, names)
    fitting = [pair for pair in pairs if pair.length <= settings.max_length]
    say_left_out(watcher, len(pairs) - len(fitting), len(pairs), "comparisons", settings.max_length)
    learnt = weighted([pair for pair in fitting if not pair.held_out], settings)
    order = reading_order([pair.length for pair in learnt], settings.batch_size, settings.epochs, place.seed)
    read = [learnt[row] for row in shortened(order, settings.batch_size, settings.max_steps)]
    tokens = tokens_read([len(pair.chosen) + len(pair.rejected) for pair in read], settings.batch_size)
    model = sharded(_learning(start, tokenizer, settings, place), place.compute)
    trainer = _trainer(model, tokenizer, read, settings, place)
    trainer.add_callback(PinnedPairs(fitting, settings, place, tokenizer, watcher))
    finished = run_course(trainer, Course(watcher, settings.checkpoint_every, tokens=tokens), place)
    if not finished:
        return Trained(False, trainer.state.global_step)
    alone = dataclasses.replace(place, compute=place.compute.alone)
    whole = trainer.whole_model(lambda: _learning(start, tokenizer, settings, alone))
    if not place.ranks.leads:
        return Trained(True, trainer.state.global_step)
    model = as_one_model(whole)
    scorer = Scorer(model, tokenizer, alone.compute, names)
    beside = _measured(scorer, pairs, fitting, settings, watcher, trainer.state.global_step)
    weights = save_model(model, tokenizer, place.output, beside)
    return Trained(True, trainer.state.global_step, weights)


def _measured(
    scorer: Scorer,
    pairs: Sequence[Pair],
    fitting: Sequence[Pair],
    settings: PreferenceModelSettings,
    watcher: Watcher,
    step: int,
) -> dict[str, str]:
    """Give the scores their zero, measure the model, tell, and return the files that belong beside the weights."""
    reference = centre(scorer, choose_reference([pair.row for pair in fitting]))
    scored = score_pairs(scorer, [pair for pair in fitting if pair.held_out])
    told = {**facts(settings, pairs, reference), "measured": to_data(report(scored, watcher, step))}
    verdict, margins = judge(scorer, scored, watcher, step)
    judged = {**to_data(verdict), "fixed_pairs": margins}
    written = {REPORT: told, READINESS: judged}
    texts = {name: json.dumps(data, indent=1, ensure_ascii=False) for name, data in written.items()}
    return {**texts, REFERENCE: reference.lines()}


class SoftPreferenceCollator(DataCollatorForPreference):  # type: ignore[misc]
    """TRL's collator, carrying each pair's probability and weight."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Return a batch: chosen sequences, then rejected ones, then what belongs to the pairs."""
        return {**super().torch_call(examples), **tensors_of(examples, PAIR_COLUMNS)}


class SoftPreferenceTrainer(PairSteps, RewardTrainer):  # type: ignore[misc]
    """TRL's RewardTrainer on soft labels."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the micro-batch's part of the step's soft preference loss.

        The score is read at a sequence's last token; TRL looks for the last one that is not padding, which is one too early
        where a tokenizer pads with its end-of-text token.
        """
        with self.compute.autocast():
            scores = end_scores(model, inputs["input_ids"], inputs["attention_mask"].sum(1) - 1)
        chosen, rejected = scores.chunk(2)
        self._note(chosen, rejected, inputs["counts"].bool())
        loss = soft_preference_loss(
            chosen, rejected, inputs["chosen_prob"], inputs["pair_weight"], count=num_items_in_batch
        )
        return (loss, {"logits": scores}) if return_outputs else loss

    def _note(self, chosen: torch.Tensor, rejected: torch.Tensor, counted: torch.Tensor) -> None:
        chosen, rejected = chosen[counted], rejected[counted]
        scores = torch.cat([chosen, rejected])
        self.told.add("accuracy", chosen > rejected)
        self.told.add("margin", chosen - rejected)
        self.told.add("mean_reward", scores)
        self.told.add("min_reward", scores, "least")
        self.told.add("max_reward", scores, "most")


def _learning(start: Path, tokenizer: Any, settings: PreferenceModelSettings, place: Place) -> Any:
    """Return the model a training begins with, as it is to learn."""
    model = load_preference_model(start, tokenizer, place.seed, place.compute)
    return ready_to_learn(model, settings, place.seed, scores=True)


def _example(pair: Pair) -> dict[str, Any]:
    return {"chosen_ids": pair.chosen, "rejected_ids": pair.rejected, **pair_columns(pair)}


def _trainer(
    model: Any, tokenizer: Any, read: Sequence[Pair], settings: PreferenceModelSettings, place: Place
) -> SoftPreferenceTrainer:
    """Return a trainer of a model, which reads pairs in the order they are given."""
    micro, steps = accumulation(settings.batch_size, settings.micro_batch_size)
    trainer = SoftPreferenceTrainer(
        model=model,
        args=RewardConfig(
            **arguments(place, settings.learning_rate, settings.schedule, micro, gradient_accumulation_steps=steps),
            max_length=None,
            disable_dropout=False,
        ),
        data_collator=SoftPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=Dataset.from_list(filled(list(map(_example, read)), settings, place.ranks)),
        processing_class=tokenizer,
        callbacks=[Seeding(place.seed, said("preference model"))],
    )
    trainer.compute = place.compute
    return trainer
