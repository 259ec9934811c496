"""A preference model on the comparisons held out from its training: what is measured, told and kept beside the model."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from workbench.measurement.preference_models import Measured, ScoredPair, measure
from workbench.measurement.readiness import Readiness, readiness
from workbench.measurement.refusals import refuses
from workbench.records.rows import PreferenceRow
from workbench.records.run import Metric
from workbench.records.settings import PreferenceModelSettings
from workbench.sentences import joined, said
from workbench.stages.training.canaries import canary_margins
from workbench.stages.training.pairs import Pair
from workbench.stages.training.reference_set import ReferenceSet
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.watching import Watcher

#: Names of the files beside the weights that say how good the model is, and whether it is fit to be a reward.
REPORT, READINESS = "report.json", "readiness.json"


def score_pairs(scorer: Scorer, pairs: Sequence[Pair]) -> list[ScoredPair]:
    """Return each comparison with the scores of its sides, the side the labels favour as a."""
    scores = scorer.score_ids([ids for pair in pairs for ids in (pair.chosen, pair.rejected)])
    scored = zip(pairs, scores[::2], scores[1::2], strict=True)
    return [_scored(pair, chosen, rejected) for pair, chosen, rejected in scored]


def report(scored: Sequence[ScoredPair], watcher: Watcher, step: int) -> Measured | None:
    """Measure a preference model on held-out comparisons and emit eval_accuracy, eval_margin, eval_loss and eval_ece."""
    if not scored:
        watcher.say(said("No comparison was held out, so nothing measures the preference model."))
        return None
    measured = measure(scored)
    overall = measured.overall
    numbers = {"eval_loss": overall.loss, "eval_ece": overall.ece.value}
    if overall.accuracy and overall.margin:
        numbers |= {"eval_accuracy": overall.accuracy.value, "eval_margin": overall.margin.value}
    for name, value in {**numbers, "eval_pairs": overall.n, "eval_decided_pairs": overall.decided}.items():
        watcher.emit(Metric(name, step, float(value)))
    return measured


def judge(
    scorer: Scorer, scored: Sequence[ScoredPair], watcher: Watcher, step: int
) -> tuple[Readiness, dict[str, list[float]]]:
    """Return whether the model is fit to be a reward, and its margins on the fixed pairs; tell the verdict."""
    margins = canary_margins(scorer)
    found = readiness(scored, margins)
    watcher.emit(Metric("eval_ready", step, float(found.ready)))
    if found.ready:
        watcher.say(said("The preference model is ready to be a reward: it passed every check."))
    else:
        watcher.say(
            said(
                "The preference model is not ready to be a reward, because {reasons}.",
                reasons=joined(said("; and "), found.reasons),
            )
        )
    return found, margins


def facts(settings: PreferenceModelSettings, pairs: Sequence[Pair], reference: ReferenceSet) -> dict[str, Any]:
    """Return what the report says besides the figures: how it was trained, and what was left out of what."""
    counts = {}
    for name, of in (("learnt", [p for p in pairs if not p.held_out]), ("held_out", [p for p in pairs if p.held_out])):
        too_long = [pair for pair in of if pair.length > settings.max_length]
        counts[name] = {
            "comparisons": len(of),
            "left_out": len(too_long),
            "left_out_by_kind": dict(Counter(pair.row.kind or "none" for pair in too_long)),
        }
    return {
        "labels": "soft" if settings.soft_labels else "hard",
        "loss_weights": {"harmless": settings.harmless_weight, "helpful": settings.helpful_weight},
        "max_length": settings.max_length,
        **counts,
        "reference": {
            "responses": len(reference.scores),
            "held_out": all(row.held_out for row in reference.rows),
            "standard_deviation": reference.standard_deviation,
        },
    }


def _scored(pair: Pair, chosen: float, rejected: float) -> ScoredPair:
    row = pair.row
    first, second = (row.response_b, row.response_a) if pair.turned else (row.response_a, row.response_b)
    return ScoredPair(
        chosen,
        rejected,
        pair.probability,
        _source(row),
        row.kind,
        row.principle_ids,
        len(pair.chosen) - pair.prompt_tokens,
        len(pair.rejected) - pair.prompt_tokens,
        refuses(first),
        refuses(second),
        row.prompt_id,
    )


def _source(row: PreferenceRow) -> str:
    """Say whose word it is: review or label."""
    return row.origin.partition(":")[0] or "label"
