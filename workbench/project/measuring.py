"""What an evaluation found, as plain numbers with their intervals: policies, and by each judge win rates and Elo scores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, get_args

from workbench.errors import BadInputError, MissingError
from workbench.measurement.elo import elo_scores
from workbench.measurement.intervals import Estimate, bootstrap_mean, wilson
from workbench.measurement.judge_gate import GateLimits, GateVerdict, Given, judge_verdict
from workbench.measurement.length_control import length_corrected_win_rate
from workbench.measurement.power import detectable_share, pairs_needed
from workbench.measurement.refusals import evasive
from workbench.measurement.texts import distinct_share, top_sentence_share
from workbench.measurement.win_rates import Match, Ties, win_rate
from workbench.records.encoding import to_data
from workbench.records.evaluation import Answer, Judgement, Score, Verdict
from workbench.records.run import Run
from workbench.store.database import Store

#: How judges are named to people: what a preference model predicts overestimates what people would say (arXiv 2204.05862, B.4).
JUDGE_TITLES = {
    "oracle": "oracle",
    "feedback": "feedback model, both orders",
    "preference_model": "PM-predicted",
    "person": "person",
}

_NAMES = {"feedback": "feedback model", "preference_model": "preference model"}


@dataclass(frozen=True)
class MeasureRequest:
    """What to measure of an evaluation: how ties count, whose points are nought, and the win rate somebody wants to find."""

    ties: Ties = "left_out"
    anchor: str = ""
    share: float = 0.55
    seed: int = 0

    def checked(self) -> "MeasureRequest":
        """Return the request, or say in a sentence what is wrong with it."""
        if self.ties not in get_args(Ties):
            raise BadInputError(f"Ties are {' or '.join(get_args(Ties))}, not '{self.ties}'.")
        pairs_needed(self.share)
        return self


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation left: answers, what judges and people found of pairs of them, and scores."""

    run: str
    answers: Sequence[Answer]
    judgements: Sequence[Judgement]
    people: Sequence[Judgement]
    scores: Sequence[Score]


def measure(store: Store, run_id: str, request: MeasureRequest) -> dict[str, Any]:
    """Return the figures of an evaluation run, or of the newest where none is named, as plain data."""
    request.checked()
    named = store.runs.find(run_id) if run_id else None
    if named is not None and named.stage == "evaluation_set":
        return {"run": named.id, "verdicts": gate_verdicts(store, named)}
    return evaluation_figures(evaluated(store, evaluation_run(store, run_id)), request)


def evaluated(store: Store, run: str) -> Evaluated:
    """Return what an evaluation left, read once."""
    return Evaluated(
        run,
        list(store.answers.each("run_id = ?", (run,))),
        list(store.judgements.each("run_id = ? AND comparison_id = ''", (run,))),
        person_judgements(store, run),
        list(store.scores.each("run_id = ?", (run,))),
    )


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
    by_id = {answer.id: answer for answer in answers}
    order = list(dict.fromkeys(answer.model for answer in answers))
    matches: dict[str, dict[str, list[Match]]] = {}
    for item in judgements:
        if item.answer_a in by_id and item.answer_b in by_id:
            kind = by_id[item.answer_a].kind
            matches.setdefault(item.judge, {}).setdefault(kind, []).append(match_of(item, by_id))
    return {
        JUDGE_TITLES.get(judge, judge): {kind: _judge(group, order, request) for kind, group in kinds.items()}
        for judge, kinds in matches.items()
    }


def match_of(judgement: Judgement, answers: Mapping[str, Answer]) -> Match:
    """Return a judgement as a match, with the lengths of both answers in words."""
    a, b = (len(answers[answer_id].text.split()) for answer_id in (judgement.answer_a, judgement.answer_b))
    return Match(judgement.model_a, judgement.model_b, judgement.verdict, judgement.prompt_id, a, b)


def gate_verdicts(store: Store, run: Run) -> dict[str, Any]:
    """Return by judge, as plain data, what it reached on an evaluation set and whether it is ready to label."""
    return {judge: to_data(verdict) for judge, verdict in verdicts_on_set(store, run).items()}


def verdicts_on_set(store: Store, run: Run) -> dict[str, GateVerdict]:
    """Return by judge the verdict on what it answered in a run that asked an evaluation set."""
    settings = run.plan.settings if run.plan else {}
    names = {
        "accuracy": "least_accuracy",
        "order_flips": "most_order_flips",
        "calibration_error": "most_calibration_error",
    }
    limits = GateLimits(**{limit: settings[name] for limit, name in names.items() if name in settings})
    given: dict[str, list[Given]] = {}
    for answer in store.item_answers.each("run_id = ? AND verdict = 'ok'", (run.id,)):
        one = Given(answer.item_id, answer.right, answer.confidence, answer.order_flip)
        given.setdefault(answer.judge, []).append(one)
    return {judge: judge_verdict(found, _NAMES.get(judge, judge), limits) for judge, found in given.items()}


def newest_gate(store: Store) -> str:
    """Return the newest verdict on the feedback model in a sentence; empty where it was never asked an evaluation set."""
    for run in store.runs.usable("evaluation_set"):
        found = gate_verdicts(store, run).get("feedback")
        if found:
            return str(found["sentence"])
    return ""


def person_judgements(store: Store, run_id: str, person: str = "") -> list[Judgement]:
    """Return what people (one of them) found of an evaluation's answers; skipped and flagged pairs are left out."""
    standing = store.person_judgements.standing(run_id, person)
    answers = store.answers.get_many(list({name for one in standing for name in (one.answer_a, one.answer_b)}))
    verdicts: dict[str, Verdict] = {"a_much": "a", "a": "a", "tie": "tie", "both_bad": "tie", "b": "b", "b_much": "b"}
    found = []
    for one in standing:
        a, b, verdict = answers[one.answer_a], answers[one.answer_b], verdicts.get(one.decision)
        if verdict is not None:
            found.append(Judgement(one.id, a.prompt_id, "person", a.model, b.model, a.id, b.id, verdict))
    return found


def evaluation_run(store: Store, run_id: str) -> str:
    """Return the id of an evaluation, of the newest where none is named; raises where there is none."""
    if run_id:
        run = store.runs.find(run_id)
        if run is None or run.stage != "evaluation":
            raise BadInputError(f"There is no evaluation run {run_id} in this project.")
        return run.id
    usable = store.runs.usable("evaluation")
    if not usable:
        raise MissingError(f"There is no evaluation yet; make one with: workbench run {store.folder} evaluation")
    return usable[0].id


def _policy(group: Sequence[Answer], values: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    texts = [answer.text for answer in group]
    found: dict[str, Any] = {
        "answers": len(group),
        "words": bootstrap_mean([float(len(text.split())) for text in texts]),
        "tokens": bootstrap_mean([float(answer.tokens) for answer in group]),
        "distinct": distinct_share(texts),
        "top_sentence": top_sentence_share(texts),
        "wording: evasive": wilson(sum(map(evasive, texts)), len(texts)),
    }
    names = dict.fromkeys(name for answer in group for name in values.get(answer.id, {}))
    for name in names:
        found[name] = _mean([values[answer.id][name] for answer in group if name in values.get(answer.id, {})])
    return {name: to_data(value) for name, value in found.items()}


def _mean(values: Sequence[float]) -> Estimate:
    """A share where all values are 0 or 1, else a mean."""
    if set(values) <= {0.0, 1.0}:
        return wilson(int(sum(values)), len(values))
    return bootstrap_mean(values)


def _judge(matches: Sequence[Match], order: Sequence[str], request: MeasureRequest) -> dict[str, Any]:
    decided = [match for match in matches if match.verdict != "tie"]
    met = {match.models for match in matches}
    pairs = [(before, after) for before, after in combinations(order, 2) if {before, after} in met]
    return {
        "matches": len(matches),
        "ties": len(matches) - len(decided),
        "elo": _elo(matches, order, request) if decided else None,
        "win_rates": [_win_rate(matches, after, before, request) for before, after in pairs],
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
    corrected = length_corrected_win_rate(matches, model, against, ties=request.ties, seed=request.seed)
    ties = rate.ties.value
    return {
        "model": model,
        "against": against,
        **to_data(rate),
        "length_corrected": to_data(corrected),
        "pairs_needed": pairs_needed(request.share, ties=ties) if ties < 1 else None,
        "least_found": detectable_share(rate.wins.n, ties=ties) if ties < 1 else None,
    }
