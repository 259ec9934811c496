"""Settings of each stage: every knob with its default, its meaning, and the paper's value where there is one."""

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from workbench.errors import BadInputError


def knob(default: Any, meaning: str) -> Any:
    """Declare a setting with its meaning, which help pages and tooltips show."""
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class ChainSettings:
    """Chains of revisions (paper section 3.1)."""

    rounds: int = knob(4, "critique-revision rounds per red-team prompt (the paper's 4)")
    temperature: float = knob(1.0, "sampling temperature (the paper always samples at 1)")
    max_tokens: int = knob(0, "longest text of one step in tokens; 0 takes the task's rule")
    critique: bool = knob(True, "write a critique before each revision; off revises directly (paper figure 7)")
    few_shots: bool = knob(True, "put the constitution's examples in front")
    limit: int = knob(0, "use at most this many prompts; 0 uses all")
    slots: int = knob(0, "chains written at once; 0 lets the machine decide")
    principles: str = knob("", "draw from these principles alone, ids separated by commas; empty draws from all")
    only: str = knob(
        "",
        "write only chains that are new (none yet), stale, flagged, unchanged, refusal, edited or left_out; empty writes all",
    )
    prompts: str = knob("", "write only the chains of these prompts, ids separated by commas")
    tag: str = knob("", "write only the chains of prompts that bear this tag")
    branch: str = knob("", "go on from this step of a chain, which a new chain begins with")


@dataclass(frozen=True)
class ComparisonSettings:
    """Two responses per prompt (paper section 4.1)."""

    temperature: float = knob(1.0, "sampling temperature")
    max_tokens: int = knob(0, "longest response in tokens; 0 takes the task's rule")
    responses: int = knob(2, "responses per prompt; every two of them are compared (the paper's 2)")
    limit: int = knob(0, "use at most this many prompts; 0 uses all")
    slots: int = knob(0, "responses written at once; 0 lets the machine decide")


@dataclass(frozen=True)
class LabelSettings:
    """Soft labels from log-probabilities (paper section 4.1), both orders averaged (arXiv 2309.00267)."""

    principles: int = knob(1, "principles drawn per comparison; their log-odds are averaged (the paper draws 1)")
    both_orders: bool = knob(True, "ask with a first and with b first, and average the log-odds")
    rationale: bool = knob(False, "let the model think step by step before it answers (chain of thought)")
    clamp_low: float = knob(0.4, "chain-of-thought labels are not allowed below this probability")
    clamp_high: float = knob(0.6, "chain-of-thought labels are not allowed above this probability")
    rationale_temperature: float = knob(0.0, "sampling temperature of the rationale; 0 takes the likeliest")
    max_rationale_tokens: int = knob(96, "longest rationale in tokens")
    options_first: bool = knob(False, "put the options before the question, which shares more work between principles")
    few_shots: bool = knob(True, "put the constitution's examples in front")
    limit: int = knob(0, "label at most this many comparisons; 0 labels all")


@dataclass(frozen=True)
class SftSettings:
    """SL-CAI: supervised fine-tuning on revisions (paper section 3.2)."""

    learning_rate: float = knob(2e-4, "peak learning rate")
    schedule: str = knob("linear", "learning-rate schedule: constant, linear or cosine")
    epochs: float = knob(1.0, "passes over the data (the paper's 1)")
    batch_size: int = knob(16, "sequences per optimiser step, over all accumulation")
    micro_batch_size: int = knob(16, "sequences in memory at once")
    max_length: int = knob(512, "longest sequence in tokens; longer rows are left out, counted and shown")
    revisions: str = knob("all", "which revisions to learn from: all, or last")
    helpful_share: float = knob(0.5, "most helpful samples mixed in, per revision sample")
    drop_flagged: bool = knob(True, "leave out revisions that a filter flagged")
    dropout: float = knob(0.0, "share of units dropped while the model learns")
    packing: bool = knob(False, "lay the rows of a micro-batch side by side without padding; same losses, less work")
    lora_rank: int = knob(0, "train a low-rank adapter of this rank (arXiv 2106.09685); 0 trains all weights")
    lora_alpha: float = knob(32.0, "the adapter's change is scaled by this over its rank")
    quantised: bool = knob(
        False, "with lora_rank: hold the base in four bits (QLoRA, arXiv 2305.14314); needs a CUDA device"
    )
    gradient_checkpointing: bool = knob(False, "compute activations twice instead of keeping them: slower, less memory")
    max_steps: int = knob(0, "end after this many optimiser steps; 0 goes through all epochs")
    checkpoint_every: int = knob(50, "optimiser steps between checkpoints")
    keep_checkpoints: int = knob(2, "newest checkpoints kept while training; at its end all are removed")
    pinned: int = knob(4, "prompts of the rows that are answered at the start, on the way and at the end; 0 none")
    pinned_every: int = knob(
        0, "optimiser steps between answers to the pinned prompts; 0 spreads a few over the training"
    )
    report_to: str = knob("none", "trackers told the run's numbers, separated by commas: tensorboard, wandb, trackio")


@dataclass(frozen=True)
class PreferenceModelSettings:
    """The preference model, on soft labels (paper section 4.1)."""

    learning_rate: float = knob(1e-3, "peak learning rate")
    schedule: str = knob("linear", "learning-rate schedule: constant, linear or cosine")
    epochs: float = knob(1.0, "passes over the data (the paper's 1)")
    batch_size: int = knob(8, "comparisons per optimiser step, over all accumulation")
    micro_batch_size: int = knob(8, "comparisons in memory at once")
    max_length: int = knob(512, "longest sequence in tokens; longer pairs are left out, counted and shown")
    soft_labels: bool = knob(True, "train on probabilities; off rounds them to 0 or 1")
    dropout: float = knob(0.0, "share of units dropped while the model learns")
    harmless_weight: float = knob(1.0, "loss weight of comparisons on red-team prompts (AI labels in the paper)")
    helpful_weight: float = knob(1.0, "loss weight of comparisons on helpful prompts (human labels in the paper)")
    labels: str = knob(
        "logprobs", "which labels count where a comparison has both kinds: logprobs, or rationale (chain of thought)"
    )
    held_out_share: float = knob(0.1, "share of prompts kept to measure the model")
    data_from: float = knob(
        0.0, "with data_to: learn from this part of the prompts that are not kept, drawn by the seed"
    )
    data_to: float = knob(1.0, "with data_from: 0 to 0.5 and 0.5 to 1, under one seed, are halves that share no prompt")
    lora_rank: int = knob(
        0, "learn through a low-rank adapter of this rank (arXiv 2106.09685), merged at the end; 0: all weights"
    )
    lora_alpha: float = knob(32.0, "the adapter's change is scaled by this over its rank")
    gradient_checkpointing: bool = knob(False, "compute activations twice instead of keeping them: slower, less memory")
    max_steps: int = knob(0, "end after this many optimiser steps; 0 goes through all epochs")
    checkpoint_every: int = knob(50, "optimiser steps between checkpoints")
    keep_checkpoints: int = knob(2, "newest checkpoints kept while training; at its end all are removed")
    pinned: int = knob(4, "comparisons scored at the start, on the way and at the end, held-out ones first; 0 none")
    pinned_every: int = knob(0, "optimiser steps between scores of the pinned pairs; 0 spreads a few over the training")
    report_to: str = knob("none", "trackers told the run's numbers, separated by commas: tensorboard, wandb, trackio")


@dataclass(frozen=True)
class DpoSettings:
    """Direct preference optimisation (arXiv 2305.18290) on the preference model's comparisons: a baseline beside RL."""

    beta: float = knob(0.1, "how closely the policy is held to the model it starts from; larger holds it closer")
    learning_rate: float = knob(5e-5, "peak learning rate")
    schedule: str = knob("linear", "learning-rate schedule: constant, linear or cosine")
    epochs: float = knob(1.0, "passes over the data")
    batch_size: int = knob(8, "comparisons per optimiser step, over all accumulation")
    micro_batch_size: int = knob(8, "comparisons in memory at once")
    max_length: int = knob(512, "longest sequence in tokens; longer pairs are left out, counted and shown")
    soft_labels: bool = knob(True, "train on probabilities; off rounds them to 0 or 1")
    dropout: float = knob(0.0, "share of units dropped while the model learns")
    harmless_weight: float = knob(1.0, "loss weight of comparisons on red-team prompts (AI labels in the paper)")
    helpful_weight: float = knob(1.0, "loss weight of comparisons on helpful prompts (human labels in the paper)")
    labels: str = knob(
        "logprobs", "which labels count where a comparison has both kinds: logprobs, or rationale (chain of thought)"
    )
    held_out_share: float = knob(
        0.1, "share of prompts kept to measure the policy: those a preference model is measured on"
    )
    data_from: float = knob(
        0.0, "with data_to: learn from this part of the prompts that are not kept, drawn by the seed"
    )
    data_to: float = knob(1.0, "with data_from: 0 to 0.5 and 0.5 to 1, under one seed, are halves that share no prompt")
    lora_rank: int = knob(0, "train a low-rank adapter of this rank (arXiv 2106.09685); 0 trains all weights")
    lora_alpha: float = knob(32.0, "the adapter's change is scaled by this over its rank")
    quantised: bool = knob(
        False, "with lora_rank: hold the base in four bits (QLoRA, arXiv 2305.14314); needs a CUDA device"
    )
    gradient_checkpointing: bool = knob(False, "compute activations twice instead of keeping them: slower, less memory")
    max_steps: int = knob(0, "end after this many optimiser steps; 0 goes through all epochs")
    checkpoint_every: int = knob(50, "optimiser steps between checkpoints")
    keep_checkpoints: int = knob(2, "newest checkpoints kept while training; at its end all are removed")
    pinned: int = knob(
        4, "prompts of the comparisons that are answered at the start, on the way and at the end; 0 none"
    )
    pinned_every: int = knob(
        0, "optimiser steps between answers to the pinned prompts; 0 spreads a few over the training"
    )
    report_to: str = knob("none", "trackers told the run's numbers, separated by commas: tensorboard, wandb, trackio")


@dataclass(frozen=True)
class RlSettings:
    """RL-CAI: PPO against the preference model (paper section 4.2; details after TRL 1.12 and arXiv 2403.17031)."""

    algorithm: str = knob("ppo", "ppo, or rloo (REINFORCE leave-one-out, arXiv 2402.14740: no value model)")
    num_generations: int = knob(4, "rloo: responses to one prompt, each compared with the others")
    learning_rate: float = knob(1.5e-4, "policy and value learning rate")
    schedule: str = knob("linear", "learning-rate schedule: constant, linear or cosine")
    episodes: int = knob(2048, "responses sampled in all")
    batch_size: int = knob(64, "responses per batch of experience")
    micro_batch_size: int = knob(16, "responses per forward and backward pass")
    ppo_epochs: int = knob(1, "passes over each batch of experience (arXiv 2204.05862 takes 1)")
    mini_batches: int = knob(4, "optimiser steps per pass over a batch")
    temperature: float = knob(1.0, "sampling temperature")
    max_tokens: int = knob(0, "longest response in tokens; 0 takes the task's rule")
    kl_coef: float = knob(0.02, "weight of the per-token KL penalty to the reference")
    kl_target: float = knob(0.0, "steer kl_coef towards this KL per response, in nats; 0 keeps kl_coef fixed")
    clip_range: float = knob(0.2, "policy clip range")
    value_clip_range: float = knob(0.2, "value clip range")
    value_coef: float = knob(0.1, "weight of the value loss")
    gamma: float = knob(1.0, "discount")
    gae_lambda: float = knob(0.95, "lambda of generalised advantage estimation")
    whiten_advantages: bool = knob(True, "give advantages mean 0 and variance 1 within a batch")
    missing_eos_penalty: float = knob(1.0, "taken from the score of a response that does not end by itself")
    max_grad_norm: float = knob(1.0, "gradient norm is clipped to this")
    limit: int = knob(0, "use at most this many prompts; 0 uses all")
    override_readiness: bool = knob(
        False, "train although the preference model was found not ready; recorded in the plan"
    )
    override_reason: str = knob("", "why training goes on although the preference model was found not ready, in a line")
    checkpoint_every: int = knob(8, "batches between checkpoints")
    keep_checkpoints: int = knob(2, "newest checkpoints kept while training; at its end all are removed")
    report_to: str = knob("none", "trackers told the run's numbers, separated by commas: tensorboard, wandb, trackio")
    value: str = knob(
        "separate", "what predicts rewards: separate (a model of its own) or shared (a head on the policy)"
    )
    lora_rank: int = knob(
        0,
        "train a low-rank adapter of this rank (arXiv 2106.09685), the policy without it as reference; 0 trains all weights",
    )
    lora_alpha: float = knob(32.0, "the adapter's change is scaled by this over its rank")
    gradient_checkpointing: bool = knob(False, "compute activations twice instead of keeping them: slower, less memory")
    dtype: str = knob("auto", "precision of matrix products: auto (what is fast here), float32 or bfloat16")
    dropout: float = knob(
        0.0, "share of units dropped while policy and value model learn; 0 drops none, as is usual in PPO"
    )
    rewards: str = knob(
        "reward",
        "what scores a response, with weights: reward, reward_2, reward_3 (preference models), feedback (the feedback model "
        "asked directly); for example reward=1,feedback=0.5",
    )
    length_penalty: float = knob(0.0, "taken from the score for each token of a response")
    feedback_principles: int = knob(1, "principles the feedback model is asked about per response, where it rewards")
    feedback_few_shots: bool = knob(True, "put the constitution's examples in front of those questions")
    snapshots: int = knob(
        0,
        "policies kept on the way, evenly spaced; named RUN@RESPONSES where a model is, as in rl_cai@320=rl-1@320",
    )
    pinned: int = knob(4, "prompts the policy answers again and again, beside the reference's answers; 0 none")
    pinned_every: int = knob(
        0,
        "batches between answers to the pinned prompts; 0 takes 8, fewer in a training that is short, for four looks",
    )
    hold_out_pinned: bool = knob(False, "keep the pinned prompts out of training")
    pick: str = knob(
        "last",
        "which policy to keep: last, or best by score (gold's if there is one) less KL penalty on the pinned prompts",
    )
    max_kl: float = knob(50.0, "alarm: pause when the KL to the reference passes this, in nats per response; 0 never")
    max_token_kl: float = knob(0.3, "alarm: pause when the KL to the reference passes this, in nats per token; 0 never")
    entropy_floor: float = knob(0.25, "alarm: pause when entropy falls below this share of what it began with; 0 never")
    length_growth: float = knob(2.0, "alarm: pause when responses are this many times as long as at first; 0 never")
    missing_eos_rise: float = knob(
        0.3, "alarm: pause when the share of responses that do not end has risen by this; 0 never"
    )
    gold_fall: float = knob(
        0.2, "alarm: pause when the gold preference model's score has fallen by this while the reward rose; 0 never"
    )
    gold_agreement: float = knob(
        0.4, "alarm: pause when the correlation of reward and gold score over responses falls below this; 0 never"
    )
    ignore_alarms: str = knob(
        "",
        "alarms that are told but do not pause: kl, token_kl, entropy, length, missing_eos, over_optimisation, "
        "disagreement, or all",
    )


@dataclass(frozen=True)
class EvaluationSettings:
    """Answers of several models to held-out prompts, judged."""

    temperature: float = knob(1.0, "sampling temperature")
    max_tokens: int = knob(0, "longest response in tokens; 0 takes the task's rule")
    limit: int = knob(0, "use at most this many prompts of each kind; 0 uses all")
    test_set: str = knob(
        "locked",
        "which test prompts are asked: locked (those the first evaluation locked), all (all there are now, which locks them as "
        "a set of their own) or the beginning of a set's hash; figures of different sets do not compare",
    )
    judged_pairs: int = knob(
        100, "pairs of answers per two models and kind that the feedback model judges; 0 judges all"
    )
    judges: str = knob(
        "feedback,preference_model", "who judges, separated by commas: oracle, feedback, preference_model"
    )
    held_out: bool = knob(
        True,
        "let oracle and preference model judge the comparisons kept out of the newest preference model's training too",
    )
    baselines: str = knob(
        "",
        "policies to set beside the models: best_of_N:MODEL (of N answers the preference model's favourite) and "
        "constitution:MODEL (the constitution as system turn), for example best_of_16:sl_cai,constitution:base",
    )
    few_shots: bool = knob(True, "put the constitution's examples in front of what the feedback model is asked")
    slots: int = knob(0, "responses written at once; 0 lets the machine decide")


@dataclass(frozen=True)
class EvaluationSetSettings:
    """Questions whose right answers are known, asked of the judges (paper section 2); the gate before labelling."""

    set_name: str = knob("", "the evaluation set to ask; empty asks all that were imported")
    judges: str = knob("feedback", "who answers, separated by commas: feedback, preference_model")
    question: str = knob("", "ask by this one question; empty draws the constitution's principles, as labels do")
    rationale: bool = knob(False, "let the feedback model think step by step before it answers (chain of thought)")
    rationale_temperature: float = knob(0.0, "sampling temperature of the rationale; 0 takes the likeliest")
    max_rationale_tokens: int = knob(96, "longest rationale in tokens")
    few_shots: bool = knob(True, "put the constitution's examples in front")
    least_accuracy: float = knob(0.7, "accuracy below which a judge is not ready to label")
    most_order_flips: float = knob(0.3, "share of answers that turn with the order, above which a judge is not ready")
    most_calibration_error: float = knob(0.15, "expected calibration error above which a judge is not ready")
    limit: int = knob(0, "ask at most this many items; 0 asks all")


SETTINGS: dict[str, type[Any]] = {
    "chains": ChainSettings,
    "comparisons": ComparisonSettings,
    "labels": LabelSettings,
    "sft": SftSettings,
    "preference_model": PreferenceModelSettings,
    "rl": RlSettings,
    "dpo": DpoSettings,
    "evaluation": EvaluationSettings,
    "evaluation_set": EvaluationSetSettings,
}


def parse_settings(stage: str, texts: dict[str, str], roles: Sequence[str] = ()) -> Any:
    """Build a stage's settings from texts such as {'rounds': '2'}; a wrong name or value is one clear sentence.

    roles are the models that could have been named beside them.
    """
    known = {knob_.name: knob_ for knob_ in fields(SETTINGS[stage])}
    unknown = sorted(set(texts) - set(known))
    if unknown:
        meant = get_close_matches(unknown[0], [*known, *roles], 1)
        asked = f" (did you mean {meant[0]}?)" if meant else ""
        models = f", and the models {', '.join(roles)}" if roles else ""
        raise BadInputError(
            "Stage {stage} has no setting {unknown}{asked}; it has {known}{models}.",
            stage=stage,
            unknown=", ".join(unknown),
            asked=asked,
            known=", ".join(known),
            models=models,
        )
    return SETTINGS[stage](**{name: _parse(known[name], text) for name, text in texts.items()})


def _parse(knob_: "Field[Any]", text: str) -> Any:
    kind: type[Any] = type(knob_.default)
    if kind is bool:
        return _parse_bool(knob_.name, text)
    try:
        return kind(text)
    except ValueError as error:
        name = {int: "a whole number", float: "a number"}.get(kind, "text")
        raise BadInputError(
            "Setting {setting} must be {name}, not '{text}'.", setting=knob_.name, name=name, text=text
        ) from error


def _parse_bool(name: str, text: str) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if text.lower() not in words:
        raise BadInputError("Setting {name} must be true or false, not '{text}'.", name=name, text=text)
    return words[text.lower()]
