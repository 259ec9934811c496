"""What the store holds of an evaluation, measured: its answers and verdicts read once, and how judges did on evaluation sets."""

from dataclasses import replace
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.measurement.judge_gate import GateLimits, GateVerdict, Given, judge_verdict
from workbench.project.figures import Evaluated, MeasureRequest, evaluation_figures
from workbench.project.test_sets import comparability, left_out_prompts, set_lines
from workbench.records.commands import quoted
from workbench.records.encoding import to_data
from workbench.records.evaluation import Judgement, Verdict
from workbench.records.run import Run
from workbench.store.database import Store

_NAMES = {"feedback": "feedback model", "preference_model": "preference model"}


def measure(store: Store, run_id: str, request: MeasureRequest) -> dict[str, Any]:
    """Return the figures of an evaluation run, or of the newest where none is named, as plain data."""
    request.checked()
    named = store.runs.find(run_id) if run_id else None
    if named is not None and named.stage == "evaluation_set":
        return {"run": named.id, "verdicts": gate_verdicts(store, named)}
    run = store.runs.find(evaluation_run(store, run_id))
    assert run is not None
    of = comparability(store, run)
    told = {"test_set": {**to_data(of), "lines": set_lines(of)}}
    return evaluation_figures(evaluated(store, run.id), request) | told


def evaluated(store: Store, run: str, before: Evaluated | None = None) -> Evaluated:
    """Return what an evaluation left; of what was read before only people's judgements are read anew, while no more has come."""
    collected = store.runs.collected(run)
    if before is not None and (before.run, before.collected) == (run, collected):
        return replace(before, people=person_judgements(store, run))
    # An answer to a prompt that did not fit every model compares nothing: no figure is of other prompts than the next one.
    left_out = left_out_prompts(store, run)
    return Evaluated(
        run,
        [answer for answer in store.answers.select("run_id = ?", (run,)) if answer.prompt_id not in left_out],
        store.judgements.select("run_id = ? AND comparison_id = ''", (run,)),
        person_judgements(store, run),
        store.scores.select("run_id = ?", (run,)),
        collected,
    )


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
            raise BadInputError("There is no evaluation run {run_id} in this project.", run_id=run_id)
        return run.id
    usable = store.runs.usable("evaluation")
    if not usable:
        raise MissingError(
            "There is no evaluation yet; make one with: workbench run {folder} evaluation",
            folder=quoted(store.folder),
        )
    return usable[0].id
