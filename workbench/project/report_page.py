"""A project's report as one HTML file: its newest evaluation, verdicts on judges, RL curves, time and memory, settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.project.audit_lines import NOT_AUDITED, TITLE, audit_told
from workbench.project.figures import JUDGE_TITLES, MEASURE_TITLES, MeasureRequest
from workbench.project.measuring import gate_verdicts, measure
from workbench.records.encoding import to_data
from workbench.records.prompt import HELPFUL, RED_TEAM
from workbench.records.run import Run
from workbench.report.charts import Chart, Point, Series
from workbench.report.page import Page, Section, figure, html_of, left_out, paragraph, table
from workbench.report.sections import Curve, elo_section, rl_section, settings_section, step_of, time_section
from workbench.report.versions import versions
from workbench.store.database import Store

_PM_SCORE = "preference_model: preference_model"
_NOTHING: Mapping[str, Any] = {"policies": {}, "judges": {}, "test_set": {"lines": []}}
_NOT_EVALUATED = "no evaluation has run in this project."


def project_page(store: Store, runs: Sequence[Run], name: str) -> str:
    """Return the report of a project as HTML, from what its runs left; what has not run is marked as left out."""
    evaluated = bool(store.runs.usable("evaluation"))
    found = measure(store, "", MeasureRequest()) if evaluated else _NOTHING
    sections = [
        _plane(found["policies"], found["judges"]),
        _policies(found["policies"]),
        _elo(store, found["judges"]),
        _win_rates(found["judges"]),
        _judges(store),
        _audit(store),
        rl_section(*_newest_rl(store)),
        time_section([(run.id, run.seconds, run.peak_memory_mb) for run in reversed(runs) if run.seconds]),
        settings_section([(run.id, to_data(run.plan)) for run in reversed(runs) if run.plan], versions()),
    ]
    said = f"Constitution {_constitution(store)}. Bars and brackets are 95 % intervals, drawn by prompt."
    said = " ".join([said, *found["test_set"]["lines"]])
    return html_of(Page(f"Constitutional AI, report of {name}", paragraph(said), sections))


def _audit(store: Store) -> Section:
    said, figures = audit_told(store)
    if not said:
        return left_out(TITLE, NOT_AUDITED)
    rows = [(title, _shown(to_data(one))) for title, one in figures]
    return Section(TITLE, paragraph(said) + (table(("figure", "value"), rows) if rows else ""))


def _constitution(store: Store) -> str:
    current = store.constitutions.current()
    return f"{current.constitution.name} ({current.hash[:12]})" if current else "–"


def _plane(policies: Mapping[str, Any], judges: Mapping[str, Any]) -> Section:
    """Policies by what the preference model gives them on both kinds of prompt, or else by the points they won."""
    title = "Harmlessness and helpfulness of the policies, PM-predicted"
    points = []
    for name, kinds in policies.items():
        helpful, red = (kinds.get(kind, {}).get(_PM_SCORE) for kind in (HELPFUL, RED_TEAM))
        if helpful and red:
            ends = (red["low"], red["high"], helpful["low"], helpful["high"])
            points.append(Point(helpful["value"], red["value"], *ends, label=name))
    if not points:
        return _plane_of_points(judges)
    chart = Chart("score on helpful prompts", "score on red-team prompts", (Series("", tuple(points)),))
    caption = "What a preference model predicts overestimates what people would say, for the policy was trained on it."
    return Section(title, figure(chart, title, caption), "figure 2", "n stands in the next table.")


def _plane_of_points(judges: Mapping[str, Any]) -> Section:
    """Policies by Elo points on both kinds of prompt, counted from one policy, by the first judge who decided on both."""
    for judge, kinds in judges.items():
        helpful, red = (kinds.get(kind, {}).get("elo") for kind in (HELPFUL, RED_TEAM))
        if not helpful or not red or helpful["anchor"] != red["anchor"]:
            continue
        points = []
        for name in (name for name in helpful["scores"] if name in red["scores"]):
            x, y = helpful["scores"][name], red["scores"][name]
            points.append(Point(x["value"], y["value"], y["low"], y["high"], x["low"], x["high"], label=name))
        if len(points) > 1:
            title = f"Harmlessness and helpfulness of the policies, Elo points by {judge}"
            series = (Series("", tuple(points), joined=False),)
            chart = Chart("points on helpful prompts", "points on red-team prompts", series)
            caption = f"Points are counted from {helpful['anchor']}."
            return Section(title, figure(chart, title, caption), "figure 2", "n stands beside the points below.")
    title, needs = "Harmlessness and helpfulness of the policies", "it needs an evaluation on both kinds of prompt."
    return left_out(title, needs, "figure 2")


def _policies(policies: Mapping[str, Any]) -> Section:
    if not policies:
        return left_out("Policies", _NOT_EVALUATED)
    parts = []
    for kind in dict.fromkeys(kind for kinds in policies.values() for kind in kinds):
        those = {name: kinds[kind] for name, kinds in policies.items() if kind in kinds}
        names = dict.fromkeys(measured for values in those.values() for measured in values)
        rows = [
            (MEASURE_TITLES.get(measured, measured), *(_shown(values.get(measured)) for values in those.values()))
            for measured in names
        ]
        parts.append(table((f"{kind} prompts", *those), rows))
    return Section("Policies", "".join(parts))


def _elo(store: Store, judges: Mapping[str, Any]) -> Section:
    scores = {
        f"{judge}, {kind}": part["elo"]["scores"]
        for judge, kinds in judges.items()
        for kind, part in kinds.items()
        if part["elo"]
    }
    runs = store.runs.usable("rl")
    last = float(runs[0].plan.settings.get("episodes", 0)) if runs and runs[0].plan else 0.0
    names = {name for points in scores.values() for name in points}
    between = {name: step for name in names if (step := step_of(name)) is not None}
    note = "" if between else "Left out: no policy between the ends was evaluated."
    return elo_section(scores, {"sl_cai": 0.0, **between, "rl_cai": last}, note)


def _win_rates(judges: Mapping[str, Any]) -> Section:
    rows = [
        (
            judge,
            kind,
            f"{rate['model']} over {rate['against']}",
            _shown(rate["decided"]),
            _shown(rate["ties"]),
            _shown(rate["length_corrected"]["rate"]) if rate["length_corrected"] else "–",
            rate["wins"]["n"],
        )
        for judge, kinds in judges.items()
        for kind, part in kinds.items()
        for rate in part["win_rates"]
    ]
    if not rows:
        return left_out("Win rates", _NOT_EVALUATED)
    columns = ("judge", "prompts", "pair", "wins among decided", "ties", "at equal length", "pairs")
    return Section("Win rates", table(columns, rows))


def _judges(store: Store) -> Section:
    """Verdicts on evaluation sets, and calibration there."""
    title = "Judges on questions whose answers are known"
    runs = store.runs.usable("evaluation_set")
    if not runs:
        return left_out(title, "no evaluation set was asked in this project.", "figures 4 and 9")
    verdicts = gate_verdicts(store, runs[0])
    series = tuple(
        Series(f"{JUDGE_TITLES.get(judge, judge)} (n {verdict['accuracy']['n']})", tuple(map(_bin, verdict["bins"])))
        for judge, verdict in verdicts.items()
    )
    chart = Chart("probability of its first choice", "right", series, x_range=(0, 1), y_range=(0, 1), diagonal=True)
    said = "".join(paragraph(verdict["sentence"]) for verdict in verdicts.values())
    return Section(title, said + figure(chart, "calibration of the judges"), "figures 4 and 9")


def _bin(one: Mapping[str, Any]) -> Point:
    observed = one["observed"]
    return Point(one["mean_probability"], observed["value"], observed["low"], observed["high"])


def _newest_rl(store: Store) -> tuple[dict[str, Curve], str]:
    runs = store.runs.usable("rl")
    curves: dict[str, list[tuple[float, float]]] = {}
    for metric in store.metrics.of_run(runs[0].id) if runs else []:
        curves.setdefault(metric.name, []).append((metric.step, metric.value))
    return dict(curves), runs[0].id if runs else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['value']:.3g} ({value['low']:.3g} to {value['high']:.3g}, n {value['n']})"
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
