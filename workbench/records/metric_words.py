"""What the numbers of a training mean: for each name (TRL's) a group, a title, and a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricWords:
    """A number in words; group is the heading it stands under."""

    group: str
    title: str
    meaning: str


GROUPS: tuple[str, ...] = ("Learning", "Reward", "Distance", "Responses", "Steps", "Held out", "Alarms", "Other")

_WORDS: dict[str, tuple[str, str, str]] = {
    "loss": ("Learning", "Loss", "What the training makes small; falls, fast at first."),
    "mean_token_accuracy": ("Learning", "Token accuracy", "Share of tokens the model would have guessed; rises."),
    "entropy": ("Learning", "Entropy", "How undecided the model is about the next token, in nats."),
    "accuracy": ("Learning", "Accuracy", "Share of comparisons in which the better side scores higher; above 0.5."),
    "margin": ("Learning", "Margin", "Mean difference of the scores of both sides; rises."),
    "loss/policy_avg": ("Learning", "Policy loss", "What the policy's steps make small; hovers around nought."),
    "loss/value_avg": ("Learning", "Value loss", "How far the value model's predictions are off; falls, then stays low."),
    "mean_reward": ("Reward", "Mean score", "Mean score of all responses, both sides of a comparison."),
    "min_reward": ("Reward", "Lowest score", "Lowest score in a batch."),
    "max_reward": ("Reward", "Highest score", "Highest score in a batch."),
    "objective/scores": ("Reward", "Reward", "Mean score of the responses, penalties taken off; what RL raises."),
    "objective/rlhf_reward": ("Reward", "Reward less KL penalty", "Reward less the price of leaving the reference; rises."),
    "objective/gold": (
        "Reward", "Gold score", "Score by a preference model that does not reward; when it falls, the reward is exploited."),
    "objective/gold_error": ("Reward", "Error of the gold score", "Standard error of the gold score's mean."),
    "objective/gold_agreement": (
        "Reward", "Agreement with gold", "Correlation of reward and gold score over responses; below nought gold will fall."),
    "objective/kl": ("Distance", "KL to the reference", "How far the policy has gone from where it began, in nats a response."),
    "objective/token_kl": ("Distance", "KL per token", "The same by token; far from nought the policy leaves the language."),
    "objective/sqrt_kl": ("Distance", "√KL", "Square root of the KL: reward rises about linearly in it at first."),
    "objective/non_score_reward": ("Distance", "KL penalty", "What the KL costs, in units of reward; below nought."),
    "kl_coef": ("Distance", "KL coefficient", "Price of a nat of KL; fixed unless kl_target is set."),
    "policy/approxkl_avg": ("Distance", "KL of a step", "How far one batch's steps have moved the policy; small."),
    "policy/entropy_avg": (
        "Responses", "Policy entropy", "How varied the policy writes, in nats a token; a collapse means all answers alike."),
    "objective/entropy": ("Responses", "Response entropy", "Minus the log-probability of a response, in nats."),
    "response_length": ("Responses", "Response length", "Mean length in tokens; growth without quality is a warning."),
    "val/missing_eos": ("Responses", "Do not end", "Share of responses cut off at the longest length."),
    "val/num_eos_tokens": ("Responses", "Responses that end", "Number of responses in a batch that end by themselves."),
    "policy/clipfrac_avg": ("Steps", "Clipped", "Share of tokens whose step was cut short by clip_range."),
    "val/clipfrac_avg": ("Steps", "Values clipped", "Share of values whose step was cut short by value_clip_range."),
    "val/ratio": ("Steps", "Ratio", "New over old probability of the sampled tokens, on average; near 1."),
    "val/ratio_var": ("Steps", "Variance of the ratio", "How much that ratio varies; small."),
    "grad_norm": ("Steps", "Gradient norm", "Length of the gradient before clipping; a jump is a warning."),
    "learning_rate": ("Steps", "Learning rate", "As the schedule has it."),
    "lr": ("Steps", "Learning rate", "As the schedule has it."),
    "episode": ("Steps", "Responses sampled", "Responses sampled so far."),
    "num_tokens": ("Steps", "Tokens read", "Tokens the training has read so far."),
    "device_peak_mb": ("Steps", "Memory of the GPU", "The most the training held of the GPU's memory, in MiB."),
    "rows_left_out": ("Steps", "Left out", "Rows longer than max_length, which train nothing."),
    "rewards/accuracies": (
        "Learning", "Better side favoured", "Share of comparisons whose better side has gained more than the other; above 0.5."),
    "rewards/margins": ("Learning", "Lead of the better side", "How much more the better side has gained than the other; rises."),
    "rewards/chosen": ("Reward", "Gain of the better side", "Beta times the log-probability it has gained over the reference."),
    "rewards/rejected": ("Reward", "Gain of the worse side", "Beta times the log-probability it has gained; falls below 0."),
    "logps/chosen": ("Distance", "Log-probability, better side", "Of the whole response; a fall says that both sides get rarer."),
    "logps/rejected": ("Distance", "Log-probability, worse side", "Of the whole response; falls."),
    "eval_rewards/accuracies": (
        "Held out", "Held-out side favoured", "Share of held-out comparisons whose better side has gained more; above 0.5."),
    "eval_rewards/margins": ("Held out", "Held-out lead", "How much more the better side of held-out comparisons has gained."),
    "eval_accuracy": (
        "Held out", "Held-out accuracy", "Share of held-out comparisons in which the better side scores higher; above 0.5."),
    "eval_margin": ("Held out", "Held-out margin", "Mean difference of the scores of both sides of held-out comparisons."),
    "eval_loss": ("Held out", "Held-out loss", "The loss on comparisons the model never learns."),
    "eval_ece": ("Held out", "Calibration error", "How far its probabilities are off on average on held-out comparisons; low."),
    "eval_pairs": ("Held out", "Held-out pairs", "Comparisons the model is measured on and never learns."),
    "eval_decided_pairs": ("Held out", "Decided pairs", "Held-out comparisons of which one side is the better."),
    "pinned/score": ("Held out", "Score of pinned prompts", "Mean score of the policy's answers to the pinned prompts."),
    "pinned/kl": ("Held out", "KL on pinned prompts", "How far the policy has gone on the pinned prompts, in nats a response."),
    "pinned/held_out_score": (
        "Held out", "Held-out score", "That score, or the gold one, less the KL penalty; the best policy is kept."),
    "eval_ready": ("Held out", "Ready to be a reward", "1 where every check passed, 0 where one failed."),
}  # fmt: skip


def words_of(name: str) -> MetricWords:
    """Return a number's words; a name nobody has described keeps its own, under a heading that its beginning gives."""
    if name in _WORDS:
        return MetricWords(*_WORDS[name])
    start, _, rest = name.partition("/")
    if start == "alarm":
        return MetricWords("Alarms", rest, "The value at which this alarm was raised.")
    group = "Held out" if start.startswith(("eval", "held_out", "pinned", "readiness", "canary")) else "Other"
    return MetricWords(group, name, "")


def all_words() -> list[MetricWords]:
    """Return the words of every number that is described here."""
    return [MetricWords(*words) for words in _WORDS.values()]


def in_order(names: list[str]) -> list[str]:
    """Return names by group, and within it as they are described here, others behind."""
    known = {name: place for place, name in enumerate(_WORDS)}
    return sorted(names, key=lambda name: (GROUPS.index(words_of(name).group), known.get(name, len(known)), name))
