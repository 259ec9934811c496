"""Sections that every report may have: RL curves, Elo scores, time and memory, settings and versions."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.report.charts import SMALL, Chart, Point, Series, bars
from workbench.report.page import Section, figure, left_out, side_by_side, table

#: An estimate as plain data: value, low, high, n.
Plain = Mapping[str, Any]
Curve = Sequence[tuple[float, float]]

#: Metrics of an RL run worth looking at, with what they are.
_CURVES = {
    "objective/scores": "preference-model score",
    "objective/kl": "KL to the reference, nats per response",
    "policy/entropy_avg": "entropy, nats per token",
    "response_length": "response length, tokens",
    "val/num_eos_tokens": "responses that end by themselves",
    "loss/value_avg": "value loss",
    "policy/clipfrac_avg": "share of clipped ratios",
    "kl_coef": "weight of the KL penalty",
}
_RL = "Reinforcement learning"
_NO_FIGURE = (
    "The paper has no such figure; score against √KL is plotted as in arXiv 2204.05862, where it is near a line until trouble "
    "begins."
)
_ON_THE_WAY = re.compile(r"rl_cai@(\d+)")


def step_of(policy: str) -> float | None:
    """Return after how many responses a policy on its way was taken (rl_cai@512), or None for any other."""
    found = _ON_THE_WAY.fullmatch(policy)
    return float(found.group(1)) if found else None


def rl_section(metrics: Mapping[str, Curve], run: str) -> Section:
    """Return the curves of an RL run, and the root of KL against reward, near a line until trouble begins."""
    shown = {name: curve for name, curve in metrics.items() if name in _CURVES and len(curve) > 1}
    if not shown:
        return left_out(_RL, "no RL run has finished in this project.")
    parts = [
        (_CURVES[name], figure(_line(shown[name], "optimiser step"), _CURVES[name]))
        for name in _CURVES
        if name in shown
    ]
    kl, score = (dict(metrics.get(name, ())) for name in ("objective/kl", "objective/scores"))
    both = [(math.sqrt(kl[step]), score[step]) for step in sorted(kl) if step in score and kl[step] >= 0]
    if len(both) > 1:
        chart = _line(both, "√KL", "score", joined=False)
        parts.insert(0, ("score against √KL", figure(chart, "score against the root of KL")))
    said = f"n: {max(map(len, shown.values()))} batches of experience. {_NO_FIGURE}"
    return Section(f"{_RL}: {run}", side_by_side(parts), n=said)


def along_rl(chart: Chart, last: float) -> Chart:
    """Return a chart over the responses sampled in RL, with room for marks and names beside both of its ends."""
    return replace(chart, x_label="responses sampled in RL", x_range=(-0.04 * (last or 1.0), 1.16 * (last or 1.0)))


def elo_section(judges: Mapping[str, Mapping[str, Plain]], steps: Mapping[str, float], note: str = "") -> Section:
    """Return Elo scores by judge over RL: a policy's step is nought before RL; policies without a step stand in the table."""
    if not judges:
        return left_out("Elo scores over RL", "no evaluation with judged pairs has run.", "figure 8")
    series, ends = [], (0.0, max(steps.values(), default=0.0))
    for place, (judge, scores) in enumerate(judges.items()):
        # Judges stand a little apart, or their intervals would cover each other.
        apart = place * max(steps.values(), default=0.0) / 80
        points = [
            # Those on the way are told by the axis.
            Point(steps[name] + apart, score["value"], score["low"], score["high"], label=name * (steps[name] in ends))
            for name, score in scores.items()
            if name in steps
        ]
        series.append(Series(judge, tuple(sorted(points, key=lambda point: point.x))))
    chart = along_rl(Chart("", "Elo, first policy at 0", tuple(series)), max(steps.values(), default=0.0))
    rows = [
        (judge, name, f"{score['value']:+.0f}", _ends(score), score["n"])
        for judge, scores in judges.items()
        for name, score in scores.items()
    ]
    columns, said = (
        ("judge", "policy", "Elo", "95 % interval", "decided pairs"),
        "Ties left out of the fit; n in the table.",
    )
    if not any(one.points for one in series):
        return Section("Elo scores", table(columns, rows), n=said)
    body = figure(_labelled_once(chart), "Elo scores over RL", note) + table(columns, rows)
    return Section("Elo scores over RL", body, "figure 8", said)


def time_section(parts: Sequence[tuple[str, float, float]]) -> Section:
    """Return time and memory by part: (name, seconds, MB)."""
    if not parts:
        return left_out("Time and memory", "nothing has run yet.")
    time = bars([(name, seconds, _duration(seconds)) for name, seconds, _ in parts], "seconds by part")
    memory = bars([(name, mb, f"{mb:.0f} MB") for name, _, mb in parts], "peak memory by part")
    total = sum(seconds for _, seconds, _ in parts)
    body = side_by_side([(f"time, {_duration(total)} in all", time), ("peak memory", memory)])
    return Section("Time and memory by stage", body, n=f"Each is measured once, as it ran; n = {len(parts)}.")


def settings_section(plans: Sequence[tuple[str, Mapping[str, Any]]], versions: Mapping[str, str]) -> Section:
    """Return what each run was asked for, and the versions of what it ran on."""
    rows = []
    for name, plan in plans:
        settings = ", ".join(f"{key} {value}" for key, value in plan.get("settings", {}).items() if value != "")
        models = ", ".join(
            f"{role}: {ref.get('label') or ref['location']}" for role, ref in plan.get("models", {}).items()
        )
        rows.append((name, plan.get("seed", ""), plan.get("selection", ""), models, settings))
    hashes = dict.fromkeys(str(plan.get("constitution_hash", ""))[:12] for _, plan in plans)
    said = {**versions, "constitution": ", ".join(hashes)}
    said |= _machines([plan.get("machine", {}) for _, plan in plans])
    body = table(("what", "version"), [(key, value) for key, value in said.items() if value])
    return Section("Settings and versions", body + table(("run", "seed", "inputs", "models", "settings"), rows))


def _ends(score: Plain) -> str:
    """Show an interval; the score the others are measured from has none, and one decided pair tells of none."""
    if score["low"] == score["high"]:
        return "not known" if score["value"] else "fixed"
    return f"{score['low']:+.0f} to {score['high']:+.0f}"


def _machines(machines: Sequence[Plain]) -> dict[str, str]:
    """Return what the runs were worked on, and what was measured there once to choose how; several ways stand side by side."""
    chosen: dict[str, dict[str, None]] = {}
    timed: dict[str, str] = {}
    for machine in machines:
        for key, value in machine.items():
            if key == "seconds" and isinstance(value, Mapping):
                timed |= {name: f"{name} {seconds:.3g} s" for name, seconds in value.items()}
            else:
                parts = value.items() if isinstance(value, Mapping) else [(key, value)]
                for name, part in parts:
                    if part != "":
                        chosen.setdefault(str(name).replace("_", " "), {})[str(part)] = None
    said = "; ".join(f"{name} {' and '.join(values)}" for name, values in sorted(chosen.items()))
    return {"machine": said, "timed on it": "; ".join(timed.values())}


def _labelled_once(chart: Chart) -> Chart:
    """Labels stand on the first series alone, or they would cover each other."""
    series = [
        one if not number else Series(one.name, tuple(Point(p.x, p.y, p.low, p.high) for p in one.points))
        for number, one in enumerate(chart.series)
    ]
    return replace(chart, series=tuple(series), level=0.0)


def _line(curve: Curve, x_label: str, y_label: str = "", joined: bool = True) -> Chart:
    points = tuple(Point(x, y) for x, y in curve if math.isfinite(y))
    return Chart(x_label, y_label, (Series("", points, joined=joined, marked=not joined),), size=SMALL)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s"
