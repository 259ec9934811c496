"""An evaluation's figures as plain numbers with their intervals: policies, and by each judge win rates and Elo scores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, get_args

from workbench.errors import BadInputError
from workbench.measurement.elo import elo_scores
from workbench.measurement.intervals import Estimate, bootstrap_means, wilson
from workbench.measurement.length_control import length_corrected_win_rate
from workbench.measurement.power import detectable_share, pairs_needed
from workbench.measurement.refusals import evasive
from workbench.measurement.texts import distinct_share, top_sentence_share
from workbench.measurement.win_rates import Match, Ties, win_rate
from workbench.records.encoding import to_data
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.sentences import said

#: How judges are named to people: what a preference model predicts overestimates what people would say (arXiv 2204.05862, B.4).
JUDGE_TITLES = {
    "oracle": said("oracle"),
    "feedback": said("feedback model, both orders"),
    "preference_model": said("PM-predicted"),
    "person": said("person"),
}

#: How figures of answers are named to people; those that are no shares stand in their own units.
MEASURE_TITLES = {
    "answers": "answers",
    "words": "words",
    "tokens": "tokens",
    "distinct": "distinct answers, share",
    "top_sentence": "commonest sentence, share of answers",
    "wording: evasive": "evasive by wording, share",
    "oracle: harm": "harm by oracle",
    "oracle: helpfulness": "helpfulness by oracle",
    "oracle: refusal": "refusals by oracle, share",
    "oracle: bare_refusal": "bare refusals by oracle, share",
    "oracle: engages": "engages by oracle, share",
    "oracle: evasive": "evasive by oracle, share",
    "preference_model: preference_model": "score, PM-predicted",
}


@dataclass(frozen=True)
class MeasureRequest:
    """What to measure of an evaluation: how ties count, whose points are nought, and the win rate somebody wants to find.

    equal_length asks for win rates at equal length too, which takes longer than all the rest; see length_corrections.
    """

    ties: Ties = "left_out"
    anchor: str = ""
    share: float = 0.55
    seed: int = 0
    equal_length: bool = True

    def checked(self) -> "MeasureRequest":
        """Return the request, or say in a sentence what is wrong with it."""
        if self.ties not in get_args(Ties):
            raise BadInputError("Ties are {known}, not '{ties}'.", known=" or ".join(get_args(Ties)), ties=self.ties)
        pairs_needed(self.share)
        return self


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation left: answers, what judges and people found of pairs of them, and scores.

    collected says how much of the run's results that is.
    """

    run: str
    answers: Sequence[Answer]
    judgements: Sequence[Judgement]
    people: Sequence[Judgement]
    scores: Sequence[Score]
    collected: int = 0


def evaluation_figures(found: Evaluated, request: MeasureRequest) -> dict[str, Any]:
    """Return the figures of an evaluation as plain data."""
    return {
        "run": found.run,
        "ties": request.ties,
        "policies": policy_measures(found.answers, found.scores),
        "judges": judge_measures(found.answers, [*found.judgements, *found.people], request),
    }


def policy_measures(answers: Sequence[Answer], scores: Iterable[Score]) -> dict[str, Any]:
    """Return by model and kind of prompt: length, diversity, evasiveness, and the mean of every judge's score."""
    values: dict[str, dict[str, float]] = {}
    for score in scores:
        values.setdefault(score.answer_id, {})[f"{score.judge}: {score.name}"] = score.value
    groups: dict[str, dict[str, list[Answer]]] = {}
    for answer in answers:
        groups.setdefault(answer.model, {}).setdefault(answer.kind, []).append(answer)
    return {model: {kind: _policy(group, values) for kind, group in kinds.items()} for model, kinds in groups.items()}


def judge_measures(
    answers: Sequence[Answer], judgements: Sequence[Judgement], request: MeasureRequest
) -> dict[str, Any]:
    """Return by judge and kind of prompt: Elo scores, and the win rate of each later model over each earlier one."""
    order = list(dict.fromkeys(answer.model for answer in answers))
    return {
        JUDGE_TITLES.get(judge, judge): {kind: _judge(group, order, request) for kind, group in kinds.items()}
        for judge, kinds in _matches(answers, judgements).items()
    }


def length_corrections(found: Evaluated, judge: str, request: MeasureRequest) -> dict[tuple[str, str, str], Any]:
    """Return by kind of prompt, model and the one it is held against what each win rate by a judge is at equal length.

    The judge is named by its title; None stands where it cannot be told.
    """
    order = list(dict.fromkeys(answer.model for answer in found.answers))
    judged = [one for one in (*found.judgements, *found.people) if JUDGE_TITLES.get(one.judge, one.judge) == judge]
    return {
        (kind, after, before): _at_equal_length(matches, after, before, request)
        for kinds in _matches(found.answers, judged).values()
        for kind, group in kinds.items()
        for (before, after), matches in _met(group, order).items()
    }


def _matches(answers: Sequence[Answer], judgements: Iterable[Judgement]) -> dict[str, dict[str, list[Match]]]:
    """Return judgements by judge and kind of prompt as matches, with the lengths of both answers in words."""
    kinds = {answer.id: answer.kind for answer in answers}
    words = {answer.id: len(answer.text.split()) for answer in answers}
    found: dict[str, dict[str, list[Match]]] = {}
    for one in judgements:
        a, b = one.answer_a, one.answer_b
        if a in kinds and b in kinds:
            match = Match(one.model_a, one.model_b, one.verdict, one.prompt_id, words[a], words[b])
            found.setdefault(one.judge, {}).setdefault(kinds[a], []).append(match)
    return found


def _met(matches: Iterable[Match], order: Sequence[str]) -> dict[tuple[str, str], list[Match]]:
    """Return the matches of each pair of models that met, the earlier model named first."""
    found: dict[frozenset[str], list[Match]] = {}
    for match in matches:
        found.setdefault(match.models, []).append(match)
    pairs = ((before, after) for before, after in combinations(order, 2))
    return {pair: found[frozenset(pair)] for pair in pairs if frozenset(pair) in found}


def _policy(group: Sequence[Answer], values: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    texts = [answer.text for answer in group]
    scores: dict[str, list[float]] = {}
    for answer in group:
        for name, value in values.get(answer.id, {}).items():
            scores.setdefault(name, []).append(value)
    shares = {name: found for name, found in scores.items() if set(found) <= {0.0, 1.0}}
    lengths = {"words": [float(len(text.split())) for text in texts], "tokens": [float(one.tokens) for one in group]}
    means = _means(lengths | {name: found for name, found in scores.items() if name not in shares})
    found = {
        "answers": len(group),
        "words": means["words"],
        "tokens": means["tokens"],
        "distinct": distinct_share(texts),
        "top_sentence": top_sentence_share(texts),
        "wording: evasive": wilson(sum(map(evasive, texts)), len(texts)),
    }
    judged = {name: means.get(name) or wilson(int(sum(scores[name])), len(scores[name])) for name in scores}
    return {name: to_data(value) for name, value in (found | judged).items()}


def _means(values: Mapping[str, Sequence[float]]) -> dict[str, Estimate]:
    """Return the mean of each name's values; those that are equally many are resampled together."""
    found: dict[str, Estimate] = {}
    for length in {len(one) for one in values.values()}:
        names = [name for name, one in values.items() if len(one) == length]
        found |= zip(names, bootstrap_means([values[name] for name in names]), strict=True)
    return found


def _judge(matches: Sequence[Match], order: Sequence[str], request: MeasureRequest) -> dict[str, Any]:
    decided = [match for match in matches if match.verdict != "tie"]
    return {
        "matches": len(matches),
        "ties": len(matches) - len(decided),
        "elo": _elo(matches, order, request) if decided else None,
        "win_rates": [_win_rate(met, after, before, request) for (before, after), met in _met(matches, order).items()],
    }


def _elo(matches: Sequence[Match], order: Sequence[str], request: MeasureRequest) -> dict[str, Any]:
    playing = {
        name for match in matches if match.verdict != "tie" or request.ties == "half_win" for name in match.models
    }
    anchor = request.anchor or next(name for name in order if name in playing)
    found = elo_scores(matches, anchor=anchor, ties=request.ties, seed=request.seed)
    scores = {name: to_data(found.scores[name]) for name in order if name in found.scores}
    return {"anchor": anchor, "bounded": found.bounded, "scores": scores}


def _win_rate(matches: Sequence[Match], model: str, against: str, request: MeasureRequest) -> dict[str, Any]:
    rate = win_rate(matches, model, against)
    corrected = {"length_corrected": _at_equal_length(matches, model, against, request)} if request.equal_length else {}
    ties = rate.ties.value
    return {
        "model": model,
        "against": against,
        **to_data(rate),
        **corrected,
        "pairs_needed": pairs_needed(request.share, ties=ties) if ties < 1 else None,
        "least_found": detectable_share(rate.wins.n, ties=ties) if ties < 1 else None,
    }


def _at_equal_length(matches: Sequence[Match], model: str, against: str, request: MeasureRequest) -> Any:
    return to_data(length_corrected_win_rate(matches, model, against, ties=request.ties, seed=request.seed))
