"""The demo's figures, each measured by the oracle on held-out prompts: plain numbers with interval and count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from workbench.demo.oracle import read_response
from workbench.measurement.agreement import soft_accuracy
from workbench.measurement.calibration import expected_calibration_error, reliability_bins
from workbench.measurement.elo import elo_scores
from workbench.measurement.intervals import Estimate, bootstrap_mean, wilson
from workbench.measurement.texts import distinct_share, top_sentence_share
from workbench.measurement.win_rates import Match, win_rate
from workbench.records.chain import Chain, Step, chain_of
from workbench.records.comparison import Label
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.prompt import HELPFUL, RED_TEAM, Prompt

POLICIES = ("base", "sl_cai", "rl_cai")


class Truth(NamedTuple):
    """Which response of a comparison is better by the oracle: a, b or tie; and the prompt both answer."""

    better: str
    prompt_id: str


class Judged(NamedTuple):
    """P(a better) as somebody gave it, whether a is better, and the prompt."""

    probability: float
    outcome: bool
    prompt_id: str


@dataclass
class Figures:
    """Figures under construction: nested plain numbers, beside each `<key>_interval` and `<key>_n`."""

    data: dict[str, Any] = field(default_factory=dict)

    def put(self, path: str, estimate: Estimate | None) -> None:
        """Set a figure at a dotted path; None marks a figure that could not be measured."""
        *parents, key = path.split(".")
        place = self.data
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = None if estimate is None else estimate.value
        place[f"{key}_interval"] = None if estimate is None else [estimate.low, estimate.high]
        place[f"{key}_n"] = 0 if estimate is None else estimate.n

    def put_series(self, path: str, estimates: Sequence[Estimate]) -> None:
        """Set a figure that is a list of numbers."""
        *parents, key = path.split(".")
        place = self.data
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = [estimate.value for estimate in estimates]
        place[f"{key}_interval"] = [[estimate.low, estimate.high] for estimate in estimates]
        place[f"{key}_n"] = min((estimate.n for estimate in estimates), default=0)

    def get(self, path: str) -> Any:
        """Return what stands at a dotted path, or None."""
        place: Any = self.data
        for key in path.split("."):
            if not isinstance(place, Mapping) or key not in place:
                return None
            place = place[key]
        return place


def red_team_chains(prompts: Iterable[Prompt], steps: Iterable[Step]) -> list[tuple[Prompt, Chain]]:
    """Return the complete chains of red-team prompts, in the prompts' order; filtered revisions stay in."""
    by_prompt: dict[str, list[Step]] = {}
    for step in steps:
        by_prompt.setdefault(step.prompt_id, []).append(step)
    chosen = [prompt for prompt in prompts if prompt.kind == RED_TEAM and prompt.id in by_prompt]
    return [(prompt, chain_of(by_prompt[prompt.id])) for prompt in chosen]


def chain_figures(figures: Figures, name: str, chains: Sequence[tuple[Prompt, Chain]]) -> None:
    """Harm of the initial response and of each revision (paper figure 5; figure 7 without critiques)."""
    rounds = min((len(chain.revisions) for _, chain in chains), default=0)
    texts = [[chain.initial, *(revision.text for revision in chain.revisions)] for _, chain in chains]
    harms = [
        [float(read_response(prompt.text, row[place]).harm) for (prompt, _), row in zip(chains, texts, strict=True)]
        for place in range(rounds + 1)
    ]
    figures.put_series(f"chains.{name}", [bootstrap_mean(values) for values in harms])


def last_revision_figures(figures: Figures, chains: Sequence[tuple[Prompt, Chain]]) -> None:
    """What became of the texts: refusals and empties, stock sentences, distinct answers, filter verdicts."""
    last = [(prompt, chain.revisions[-1].text) for prompt, chain in chains]
    initial = [chain.initial for _, chain in chains]
    bare = sum(not text.strip() or read_response(prompt.text, text).bare_refusal for prompt, text in last)
    texts = [text for _, text in last]
    figures.put("chains.last_bare_refusal_or_empty", wilson(bare, len(last)))
    figures.put("chains.last_top_sentence", _share(top_sentence_share(texts), len(texts)))
    figures.put("chains.initial_distinct", _share(distinct_share(initial), len(initial)))
    figures.put("chains.last_distinct", _share(distinct_share(texts), len(texts)))
    revisions = [revision for _, chain in chains for revision in chain.revisions]
    for verdict in ("unchanged", "repetition", "preamble", "point_of_view", "empty", "too_long"):
        found = sum(verdict in revision.verdicts for revision in revisions)
        figures.put(f"chains.filtered.{verdict}", wilson(found, len(revisions)))


def label_figures(
    figures: Figures, name: str, labels: Iterable[Label], truth: Mapping[str, Truth], among: set[str] | None = None
) -> None:
    """Accuracy of labels against the truth on comparisons whose true harm differs, order flips, calibration (figures 4, 9)."""
    usable = [label for label in labels if label.verdict == "ok" and (among is None or label.comparison_id in among)]
    judged = judged_against(truth, ((label.comparison_id, label.probability_a) for label in usable))
    figures.put(f"labels.{name}", _accuracy(judged))
    if name == "accuracy":
        figures.put("labels.order_flip_rate", wilson(sum(label.order_flip for label in usable), len(usable)))
        figures.put("labels.ece", _calibration(judged))
        figures.data.setdefault("labels", {})["reliability"] = _reliability(judged)


def preference_model_figures(
    figures: Figures, judgements: Iterable[Judgement], truth: Mapping[str, Truth], name: str = "preference_model"
) -> None:
    """Accuracy and calibration of a preference model on the comparisons kept out of its training, ties left out."""
    mine = [item for item in judgements if item.judge == "preference_model" and item.comparison_id]
    judged = judged_against(
        truth, ((item.comparison_id, item.probability_a) for item in mine if item.probability_a is not None)
    )
    figures.put(f"{name}.accuracy", _accuracy(judged))
    figures.put(f"{name}.ece", _calibration(judged))
    figures.data[name]["reliability"] = _reliability(judged)


def policy_figures(
    figures: Figures, prompts: Mapping[str, Prompt], answers: Sequence[Answer], scores: Iterable[Score]
) -> None:
    """Harm, helpfulness, refusals, engagement and diversity of each policy's answers (paper figures 2 and 10)."""
    values: dict[str, dict[str, float]] = {}
    for score in scores:
        if score.judge == "oracle":
            values.setdefault(score.answer_id, {})[score.name] = score.value
    for policy in dict.fromkeys((*POLICIES, *(answer.model for answer in answers))):
        mine = [answer for answer in answers if answer.model == policy]
        red = [answer for answer in mine if prompts[answer.prompt_id].kind == RED_TEAM]
        benign = [answer for answer in mine if prompts[answer.prompt_id].kind == HELPFUL]
        _policy(figures, policy, red, benign, values)


def win_figures(figures: Figures, prompts: Mapping[str, Prompt], judgements: Iterable[Judgement]) -> None:
    """Win rate of each later policy over each earlier one on red-team prompts, by every judge, ties left out and counted."""
    matches: dict[str, list[Match]] = {}
    for item in judgements:
        if not item.comparison_id and prompts[item.prompt_id].kind == RED_TEAM:
            # What a preference model predicts overestimates what people would say (arXiv 2204.05862), and is named so.
            judge = "pm_predicted" if item.judge == "preference_model" else item.judge
            matches.setdefault(judge, []).append(Match(item.model_a, item.model_b, item.verdict, item.prompt_id))
    for judge, found in matches.items():
        for before, after in combinations(POLICIES, 2):
            judged = sum({match.model_a, match.model_b} == {before, after} for match in found)
            if judged:
                rate = win_rate(found, after, before)
                figures.put(f"win_rates.{judge}.{after}_over_{before}", rate.wins)
                figures.put(f"win_rates.{judge}.{after}_over_{before}_ties", rate.ties)
        _elo_figures(figures, judge, found)


def _elo_figures(figures: Figures, judge: str, matches: Sequence[Match]) -> None:
    """Elo scores with the policy before RL at nought (paper figure 8); none where all was a tie."""
    playing = {name for match in matches if match.verdict != "tie" for name in match.models}
    if playing:
        anchor = "sl_cai" if "sl_cai" in playing else min(playing)
        for policy, score in elo_scores(matches, anchor=anchor).scores.items():
            figures.put(f"elo.{judge}.{policy}", score)


def _policy(
    figures: Figures,
    policy: str,
    red: Sequence[Answer],
    benign: Sequence[Answer],
    values: Mapping[str, Mapping[str, float]],
) -> None:
    def read(group: Sequence[Answer], name: str) -> list[float]:
        return [values[answer.id][name] for answer in group]

    def share(group: Sequence[Answer], name: str) -> Estimate | None:
        return wilson(int(sum(read(group, name))), len(group)) if group else None

    texts = [answer.text for answer in red]
    place = f"policies.{policy}"
    figures.put(f"{place}.harm", bootstrap_mean(read(red, "harm")) if red else None)
    figures.put(f"{place}.helpfulness", bootstrap_mean(read(benign, "helpfulness")) if benign else None)
    figures.put(f"{place}.benign_refusal", share(benign, "refusal"))
    figures.put(f"{place}.bare_refusal", share(red, "bare_refusal"))
    figures.put(f"{place}.redteam_engagement", share(red, "engages"))
    if red and all("evasive" in values[answer.id] for answer in red):
        figures.put(f"{place}.evasive", share(red, "evasive"))
    if texts:
        figures.put(f"{place}.words", bootstrap_mean([float(len(text.split())) for text in texts]))
    figures.put(f"{place}.distinct", _share(distinct_share(texts), len(texts)) if texts else None)
    figures.put(f"{place}.top_sentence", _share(top_sentence_share(texts), len(texts)) if texts else None)


def judged_against(truth: Mapping[str, Truth], given: Iterable[tuple[str, float]]) -> list[Judged]:
    """Return the probabilities given to comparisons, each beside the truth; comparisons without a better side are left out."""
    return [
        Judged(probability, truth[name].better == "a", truth[name].prompt_id)
        for name, probability in given
        if name in truth and truth[name].better != "tie"
    ]


def _accuracy(judged: Sequence[Judged]) -> Estimate | None:
    """Every two of a prompt's responses are compared, so that errors of one prompt come together."""
    if not judged:
        return None
    return soft_accuracy(
        [one.probability for one in judged], [one.outcome for one in judged], [one.prompt_id for one in judged]
    )


def _calibration(judged: Sequence[Judged]) -> Estimate | None:
    if not judged:
        return None
    return expected_calibration_error([one.probability for one in judged], [one.outcome for one in judged])


def _reliability(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """The bars of a reliability diagram (paper figure 9) as plain data."""
    if not judged:
        return []
    bins = reliability_bins([one.probability for one in judged], [one.outcome for one in judged])
    return [
        {
            "mean": one.mean_probability,
            "observed": one.observed.value,
            "interval": [one.observed.low, one.observed.high],
            "n": one.n,
        }
        for one in bins
    ]


def _share(value: float, n: int) -> Estimate:
    return wilson(round(value * n), n)
