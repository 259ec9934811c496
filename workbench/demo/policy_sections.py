"""Sections on the policies: harm against helpfulness, Elo scores, and harm over RL."""

from typing import Any

from workbench.demo.evidence import Evidence
from workbench.demo.figures import POLICIES
from workbench.demo.judge_sections import IN_FULL, NOT_RUN
from workbench.demo.reader import ReportReader
from workbench.report.charts import Chart, Point, Series
from workbench.report.page import Section, figure, left_out, table
from workbench.report.sections import along_rl, elo_section, step_of

TITLES = {
    "base": "base",
    "sl_cai": "SL-CAI",
    "rl_cai": "RL-CAI",
    "rl_cai_with_rationale": "RL-CAI, chain of thought",
}
_JUDGES = {"oracle": "oracle", "feedback": "feedback model, both orders", "pm_predicted": "PM-predicted"}


def plane(figures: ReportReader) -> Section:
    """Each policy as a point with intervals both ways, and all that was measured of it."""
    title = "Harmlessness and helpfulness of the policies"
    points = []
    for policy in _evaluated(figures):
        harm = figures.point(f"policies.{policy}.harm", 0)
        helpful = figures.point(f"policies.{policy}.helpfulness", 0)
        if harm and helpful:
            ends = (harm.low, harm.high, helpful.low, helpful.high)
            points.append(Point(helpful.y, harm.y, *ends, label=_title(policy)))
    if not points:
        return left_out(title, NOT_RUN, "figure 2")
    chart = Chart(
        "helpfulness on benign prompts (0–100)",
        "harm on red-team prompts (less is up)",
        (Series("", tuple(points), joined=False),),
        downwards=True,
    )
    counts = (
        f"n: {figures.n('policies.base.harm')} red-team and {figures.n('policies.base.helpfulness')} benign prompts."
    )
    return Section(title, figure(chart, title) + _policy_table(figures), "figure 2", counts)


def _policy_table(figures: ReportReader) -> str:
    policies = _evaluated(figures)
    names = dict.fromkeys(
        name
        for policy in policies
        for name in figures.get(f"policies.{policy}") or {}
        if not name.endswith(("_n", "_interval"))
    )
    rows = [
        (name.replace("_", " "), *(figures.cell(f"policies.{policy}.{name}") for policy in policies)) for name in names
    ]
    return table(("", *map(_title, policies)), rows)


def _evaluated(figures: ReportReader) -> list[str]:
    """The policies of a report: base and SL-CAI, then RL-CAI by how long it was trained, then others."""
    others = [policy for policy in figures.get("policies") or {} if policy not in POLICIES]
    steps = {policy: step for policy in others if (step := step_of(policy)) is not None}
    between = sorted(steps, key=lambda policy: steps[policy])
    return [*POLICIES[:2], *between, *POLICIES[2:], *(policy for policy in others if policy not in steps)]


def _title(policy: str) -> str:
    """SL-CAI for sl_cai, "RL-CAI after 512" for rl_cai@512, any other name as it is."""
    step = step_of(policy)
    return TITLES.get(policy, policy) if step is None else f"RL-CAI after {step:.0f}"


def _between(evidence: Evidence) -> str:
    """Say what of the way is missing, where no policy between the ends was evaluated."""
    return "" if len(rl_steps(evidence)) > 2 else f" Left out: no policy between the ends was evaluated{IN_FULL}."


def elo(figures: ReportReader, evidence: Evidence) -> Section:
    """Elo scores by judge before, on the way of, and after RL."""
    judges: dict[str, dict[str, dict[str, Any]]] = {}
    for judge, title in _JUDGES.items():
        for policy in _evaluated(figures):
            point = figures.point(f"elo.{judge}.{policy}", 0)
            if point:
                n = figures.n(f"elo.{judge}.{policy}")
                score = {"value": point.y, "low": point.low, "high": point.high, "n": n}
                judges.setdefault(title, {})[_title(policy)] = score
    steps = {_title(policy): step for policy, step in rl_steps(evidence).items()}
    note = f"Harmlessness on red-team prompts. PM-predicted scores overestimate.{_between(evidence)}"
    return elo_section(judges, steps, note)


def harm_over_rl(figures: ReportReader, evidence: Evidence) -> Section:
    """Harm of the policies before, on the way of, and after RL, beside base."""
    title = "Absolute harm over RL"
    found = [
        figures.point(f"policies.{policy}.harm", step, _title(policy) if step_of(policy) is None else "")
        for policy, step in rl_steps(evidence).items()
    ]
    points = tuple(point for point in found if point)
    if len(points) < 2:
        return left_out(title, NOT_RUN, "figure 10")
    base = figures.get("policies.base.harm")
    last = max(point.x for point in points)
    chart = along_rl(Chart("", "harm per response", (Series("", points),), level=base), last)
    caption = f"Dashed: base.{_between(evidence)}"
    return Section(
        title, figure(chart, title, caption), "figure 10", f"n: {figures.n('policies.rl_cai.harm')} prompts."
    )


def rl_steps(evidence: Evidence) -> dict[str, float]:
    """Return how many responses RL had sampled when a policy was taken: none for SL-CAI, all for RL-CAI."""
    if not evidence.has("rl"):
        return {}
    evaluated = evidence.folder(evidence.evaluation).plan.models if evidence.evaluation else {}
    between = {name: step for name in evaluated if (step := step_of(name)) is not None}
    return {"sl_cai": 0.0, **between, "rl_cai": float(evidence.folder("rl").plan.settings.get("episodes", 0))}
