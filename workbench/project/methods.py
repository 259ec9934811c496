"""A paper's section on methods, written from what the runs kept: constitution, models, settings, seeds, figures.

Every sentence says what a run did as its plan tells it, so that a reader can check it and nobody has to remember it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from workbench.measurement.intervals import Estimate
from workbench.project.audit_lines import audit_told, shared
from workbench.project.figures import MeasureRequest
from workbench.project.measuring import evaluation_run, measure
from workbench.project.preference_models import measured_rows
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.run import Plan, Run
from workbench.records.settings import parse_settings
from workbench.report.versions import versions
from workbench.store.database import Store

#: In this order they stand, whatever the order they ran in.
_ORDER = ("chains", "comparisons", "labels", "sft", "preference_model", "rl", "dpo", "evaluation")


def methods_section(store: Store, run_id: str = "") -> str:
    """Return how an evaluation (the newest where none is named) came about, one paragraph a step; raises where there is none."""
    runs = _behind(store, evaluation_run(store, run_id))
    said = [_constitution(store, runs[-1])]
    for run in sorted(runs, key=lambda one: _ORDER.index(one.stage)):
        said.append(_SENTENCES[run.stage](store, run))
    said.append(audit_told(store)[0])
    named = ", ".join(f"{name} {version}" for name, version in versions().items() if name != "workbench")
    said.append(f"Everything was run with Constitution Workbench {versions()['workbench']} ({named}).")
    return "\n\n".join(one for one in said if one) + "\n"


def _behind(store: Store, evaluation: str) -> list[Run]:
    """Return the runs an evaluation rests on, itself last: whose models it or they used, and whose results they learnt from."""
    found: dict[str, Run] = {}
    wanted = [evaluation]
    while wanted:
        run = store.runs.find(wanted.pop())
        if run is None or run.plan is None or run.id in found or run.stage not in _ORDER:
            continue
        found[run.id] = run
        made_by = (ref.location.partition("@")[0] for ref in run.plan.models.values() if ref.kind == "run")
        wanted += [*made_by, *run.plan.sources]
        if run.stage in ("preference_model", "dpo"):
            wanted += _labelling(store, run)
    return [run for name, run in found.items() if name != evaluation] + [found[evaluation]]


def _labelling(store: Store, training: Run) -> Iterator[str]:
    """Yield the newest labelling of the kind a training learnt from, before it began, and the newest sampling of pairs."""
    plan = training.plan
    assert plan is not None
    step_by_step = plan.settings.get("labels") == "rationale"
    before = [run for run in store.runs.usable("labels") if run.created <= training.created and run.plan]
    same = [run for run in before if run.plan and bool(run.plan.settings.get("rationale")) == step_by_step]
    yield from (run.id for run in (same or before)[:1])
    yield from (run.id for run in store.runs.usable("comparisons")[:1] if run.created <= training.created)


def _constitution(store: Store, evaluation: Run) -> str:
    plan = evaluation.plan
    version = store.constitutions.get(plan.constitution_hash) if plan else None
    if version is None:
        return ""
    count = len(version.constitution.principles)
    name = version.constitution.title or version.constitution.name
    return f"Constitution. “{name}” has {count} principle{'s' if count != 1 else ''} (version {version.hash[:12]})."


def _chains(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    rounds, critic = chosen["rounds"], _model(plan, "critic", "response")
    reviser = "" if critic == _model(plan, "response") else f"{critic} "
    first = f"{_model(plan, 'response')} answered {plan.selection} and {reviser}revised each answer"
    how = "after a critique" if chosen["critique"] else "without critiques"
    shots = ", shown the constitution's examples" if chosen.get("few_shots") else ""
    times = "once" if rounds == 1 else f"{rounds} times"
    return (
        f"Critiques and revisions. {first} {times}, each time by a principle drawn anew and {how}{shots}{_drawn(run)}."
    )


def _comparisons(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    what = f"{_model(plan, 'response')} gave {chosen['responses']} responses to each of {plan.selection}"
    return f"Pairs. {what}, which were paired{_drawn(run)}."


def _labels(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    how = "after reasoning step by step" if chosen["rationale"] else "from the log-probabilities of the two options"
    many = chosen["principles"]
    by = "a drawn principle" if many == 1 else f"each of {many} drawn principles, averaged"
    both = ", in both orders" if chosen["both_orders"] else ""
    held = f", held between {chosen['clamp_low']:g} and {chosen['clamp_high']:g}" if chosen["rationale"] else ""
    start = f"Labels. {_model(plan, 'feedback')} chose between the responses of {plan.selection} by {by}"
    return f"{start}, {how}{both}{held}{_drawn(run)}."


def _sft(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    return f"SL-CAI. {_model(plan, 'policy')} was fine-tuned on {plan.selection}{_drawn(run, _learning(chosen))}."


def _preference_model(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    soft = "soft" if chosen["soft_labels"] else "hard"
    said = f"Preference model. It began as {_model(plan, 'policy')} and learnt {plan.selection}, as {soft} labels"
    rows = [row for row in measured_rows(store) if row["run_id"] == run.id and row["by"] == "all"]
    right = _estimate(rows[0], "accuracy") if rows else None
    found = f" On the held-out pairs it chose as the labels do in {_share(right)}." if right else ""
    return f"{said}{_drawn(run, _learning(chosen))}.{found}"


def _rl(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    algorithm = str(chosen["algorithm"]).upper()
    drift = f"adaptive KL penalty towards {chosen['kl_target']:g}" if chosen["kl_target"] else ""
    drift = drift or f"KL coefficient {chosen['kl_coef']:g}"
    rewards = [_model(plan, role) for role in plan.models if role.startswith("reward")] or [str(chosen["rewards"])]
    prompts = plan.selection.partition(";")[0]
    trained = f"{_model(plan, 'policy')} was trained by {algorithm}"
    start = f"RL-CAI. {trained} for {chosen['episodes']:,} responses to {prompts}"
    against = f"rewarded by {' and '.join(rewards)} with {drift} to {_model(plan, 'reference', 'policy')}"
    why = f" (readiness was overridden: {chosen['override_reason']})" if chosen.get("override_reason") else ""
    return f"{start}, {against}{why}{_drawn(run, _learning(chosen))}."


def _dpo(store: Store, run: Run) -> str:
    plan, chosen = _asked(run)
    return f"DPO. {_model(plan, 'policy')} learnt {plan.selection} directly{_drawn(run, _learning(chosen))}."


def _evaluation(store: Store, run: Run) -> str:
    plan, _ = _asked(run)
    skipped = ("feedback", "gold")
    models = [name for name in plan.models if name not in skipped and not name.startswith("reward")]
    asked = plan.selection.partition(" and ")[0]  # held-out comparisons are judged, not answered
    said = [f"Evaluation. {_listed(models)} answered {asked}{_drawn(run)}."]
    for judge, kinds in measure(store, run.id, MeasureRequest(equal_length=False))["judges"].items():
        for kind, part in kinds.items():
            rates = [_win(rate) for rate in part["win_rates"] if rate["decided"]]
            if rates:
                said.append(f"By {judge}, on {kind} prompts, {_listed(rates)}.")
    said.append("Win rates are among decided pairs; brackets are 95 % intervals over prompts.")
    return " ".join(said)


_SENTENCES: Mapping[str, Callable[[Store, Run], str]] = {
    "chains": _chains,
    "comparisons": _comparisons,
    "labels": _labels,
    "sft": _sft,
    "preference_model": _preference_model,
    "rl": _rl,
    "dpo": _dpo,
    "evaluation": _evaluation,
}


def _asked(run: Run) -> tuple[Plan, Mapping[str, Any]]:
    """Return a run's plan and its settings; those that its version did not know yet are as they are without being set."""
    assert run.plan is not None
    return run.plan, {**to_data(parse_settings(run.stage, {})), **run.plan.settings}


def _model(plan: Plan, *roles: str) -> str:
    for role in roles:
        ref = plan.models.get(role)
        if ref is not None:
            return _named(ref)
    return "a model"


def _named(ref: ModelRef) -> str:
    exact = ref.commit or ref.weights
    return f"{ref.label or ref.location}{f' ({exact[:12]})' if exact else ''}"


def _learning(chosen: Mapping[str, object]) -> str:
    batch, rank = chosen.get("batch_size"), chosen.get("lora_rank")
    passes = f", {chosen['epochs']:g} epoch{'s' if chosen['epochs'] != 1 else ''}" if "epochs" in chosen else ""
    adapter = f", a low-rank adapter of rank {rank}" if rank else ""
    return f"learning rate {chosen['learning_rate']:g}, {chosen['schedule']} schedule, batches of {batch}{passes}{adapter}, "


def _drawn(run: Run, learning: str = "") -> str:
    plan, chosen = _asked(run)
    heat = f"temperature {chosen['temperature']:g}, " if "temperature" in chosen else ""
    return f" ({learning}{heat}seed {plan.seed}; {run.id})"


def _win(rate: Mapping[str, object]) -> str:
    return f"{rate['model']} won over {rate['against']} in {_share(_of(rate['decided']))}"


def _of(plain: object) -> Estimate:
    assert isinstance(plain, Mapping)
    return Estimate(plain["value"], plain["low"], plain["high"], plain["n"])


def _estimate(row: Mapping[str, object], name: str) -> Estimate | None:
    value, low, high, count = (row.get(key) for key in (name, f"{name}_low", f"{name}_high", "decided"))
    if not isinstance(value, float) or not isinstance(low, float) or not isinstance(high, float):
        return None
    return Estimate(value, low, high, count if isinstance(count, int) else 0)


def _share(found: Estimate | None) -> str:
    assert found is not None
    return shared(found)


def _listed(parts: Iterable[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
