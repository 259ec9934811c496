"""Supervised fine-tuning on revisions (paper section 3.2): cross-entropy of completions, nothing of the prompts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from workbench.errors import BadInputError
from workbench.records.rows import SftRow
from workbench.records.settings import SftSettings
from workbench.records.transcript import RoleNames
from workbench.sentences import said
from workbench.stages.training import checkpoints
from workbench.stages.training.course import Course, Place, Trained, arguments, run_course, say_left_out
from workbench.stages.training.forward import read_at
from workbench.stages.training.looking import PinnedAnswers
from workbench.stages.training.lora import ready_to_learn, save_adapter
from workbench.stages.training.packing import IGNORED, PackingCollator, packs_correctly
from workbench.stages.training.schedule import accumulation, reading_order, shortened, tokens_read
from workbench.stages.training.seeding import Seeding
from workbench.stages.training.shards import sharded
from workbench.stages.training.tokens import prompt_ids, response_ids
from workbench.stages.training.watching import Watcher
from workbench.stages.training.weights import load_policy, load_tokenizer, save_model


def train_sft(
    start: Path,
    rows: Sequence[SftRow],
    settings: SftSettings,
    place: Place,
    watcher: Watcher,
    names: RoleNames | None = None,
    longest: int = 128,
) -> Trained:
    """Fine-tune the causal language model in start on rows (arXiv 2212.08073, section 3.2) and write it to place.output.

    Each row is read as the model is asked: rendered conversation, completion, end of turn; the loss is the mean cross-entropy
    (nats) of the completion's tokens and the end of turn. Rows longer than max_length are left out, counted and told. With
    lora_rank above 0 an adapter is trained and written instead of the whole model. Some prompts of the rows are pinned: they are
    answered as training goes, in at most longest tokens. Goes on from the newest whole checkpoint; when asked to stop, leaves one
    and returns unfinished.
    """
    tokenizer = load_tokenizer(start)
    encoded = encode_rows(tokenizer, rows, names)
    fitting = [row for row in encoded if len(row["input_ids"]) <= settings.max_length]
    say_left_out(watcher, len(encoded) - len(fitting), len(encoded), "rows", settings.max_length)
    order = reading_order([len(row["input_ids"]) for row in fitting], settings.batch_size, settings.epochs, place.seed)
    order = shortened(order, settings.batch_size, settings.max_steps)
    tokens = tokens_read([len(fitting[row]["input_ids"]) for row in order], settings.batch_size)
    if settings.quantised and not settings.lora_rank:
        raise BadInputError("quantised holds the base fixed: give lora_rank as well, for example 16.")
    model = load_policy(start, place.compute, settings.quantised)
    collator = _collator(model, tokenizer, fitting, settings, place, watcher)
    trainer = CompletionTrainer(
        model=sharded(ready_to_learn(model, settings, place.seed), place.compute),
        args=_config(settings, place),
        data_collator=collator,
        train_dataset=Dataset.from_list(_read([fitting[row] for row in order], settings, place)),
        processing_class=tokenizer,
        callbacks=[Seeding(place.seed, "sft")],
    )
    trainer.compute = place.compute
    trainer.add_callback(PinnedAnswers(_prompts(rows, encoded, settings), settings, place, tokenizer, watcher, longest))
    finished = run_course(trainer, Course(watcher, settings.checkpoint_every, tokens=tokens), place)
    if not finished:
        return Trained(False, trainer.state.global_step)
    whole = trainer.whole_model(lambda: ready_to_learn(load_policy(start, place.compute.alone), settings, place.seed))
    if not place.ranks.leads:
        return Trained(True, trainer.state.global_step)
    if settings.lora_rank:
        weights = save_adapter(whole, tokenizer, start, place.output)
    else:
        weights = save_model(whole, tokenizer, place.output)
    return Trained(True, trainer.state.global_step, weights)


def encode_rows(tokenizer: Any, rows: Sequence[SftRow], names: RoleNames | None = None) -> list[dict[str, list[int]]]:
    """Return each row's token ids and labels; a label of -100 is read but not learnt."""
    encoded = []
    for row in rows:
        prompt, completion = prompt_ids(tokenizer, row.messages, names), response_ids(tokenizer, row.completion)
        encoded.append({"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion})
    return encoded


def _read(rows: Sequence[dict[str, list[int]]], settings: SftSettings, place: Place) -> list[dict[str, list[int]]]:
    """Return the rows as the processes read them, the last micro-batch filled with one of which nothing is learnt."""
    micro, _ = accumulation(settings.batch_size, settings.micro_batch_size)
    return place.ranks.filled(rows, micro, lambda row: {**row, "labels": [IGNORED] * len(row["labels"])})


def _prompts(
    rows: Sequence[SftRow], encoded: Sequence[dict[str, list[int]]], settings: SftSettings
) -> dict[str, list[int]]:
    """Return the token ids of the prompts that are learnt from, by their ids; rows from elsewhere have none."""
    return {
        row.prompt_id: [token for token, learnt in zip(*ids.values(), strict=True) if learnt == IGNORED]
        for row, ids in zip(rows, encoded, strict=True)
        if row.prompt_id and len(ids["input_ids"]) <= settings.max_length
    }


class CompletionTrainer(checkpoints.VerifiedCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's SFTTrainer with plain cross-entropy over the completions: its fused head is slow without a GPU kernel."""

    loss_is_scaled_for_ga = True

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the completion tokens' cross-entropy summed over the micro-batch, over their number in the optimiser step."""
        labels = inputs["labels"]
        learnt = labels[:, 1:] != IGNORED
        targets = labels[:, 1:][learnt]
        # Rows are padded on the right, which a causal model never looks at: no attention mask is needed.
        packed = {"position_ids": inputs["position_ids"]} if "position_ids" in inputs else {}
        with self.compute.autocast():
            outputs = read_at(
                model,
                lambda states: states[:, :-1][learnt].unsqueeze(0),
                input_ids=inputs["input_ids"],
                use_cache=False,
                **packed,
            )
        logits = outputs.logits[0].float()
        total = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
        self.told.add("mean_token_accuracy", logits.argmax(-1) == targets)
        # Over the tokens of all processes: their gradients are added up.
        loss = total / (len(targets) if num_items_in_batch is None else num_items_in_batch)
        return (loss, outputs) if return_outputs else loss


def _collator(
    model: Any,
    tokenizer: Any,
    rows: Sequence[dict[str, list[int]]],
    settings: SftSettings,
    place: Place,
    watcher: Watcher,
) -> PackingCollator | None:
    """Return what packs rows where that is asked for and right for the model; None pads them."""
    if not settings.packing:
        return None
    if packs_correctly(model, rows, tokenizer.pad_token_id, place.compute):
        return PackingCollator(tokenizer.pad_token_id, settings.max_length)
    watcher.say(said("Rows are not packed: in this model, rows that share a sequence would see each other."))
    return None


def _config(settings: SftSettings, place: Place) -> SFTConfig:
    micro, steps = accumulation(settings.batch_size, settings.micro_batch_size)
    return SFTConfig(
        **arguments(place, settings.learning_rate, settings.schedule, micro, gradient_accumulation_steps=steps),
        max_length=None,
        packing=False,
        shuffle_dataset=False,
        completion_only_loss=False,
    )
