"""The demo's report as one HTML file: the shape of the paper's figures, measured against the known truth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.demo.evidence import Evidence
from workbench.demo.judge_sections import NOT_RUN, calibration, labels, soft_and_hard
from workbench.demo.policy_sections import elo, harm_over_rl, plane
from workbench.demo.reader import ReportReader, shown
from workbench.demo.seeds import seed_reports, seeds_section
from workbench.records.encoding import to_data
from workbench.records.run import Metric
from workbench.report.charts import Chart
from workbench.report.page import Page, Section, figure, html_of, left_out, paragraph, table
from workbench.report.sections import Curve, rl_section, settings_section, time_section
from workbench.report.versions import versions


def demo_page(report: Mapping[str, Any], evidence: Evidence, project: Path) -> str:
    """Return the report of one seed as HTML; what has not run is marked as left out."""
    figures = ReportReader(report)
    sections = [
        _targets(report),
        _harm_by_revision(figures),
        labels(figures),
        calibration(figures),
        soft_and_hard(figures),
        plane(figures),
        elo(figures, evidence),
        harm_over_rl(figures, evidence),
        rl_section(_curves(evidence), "PPO"),
        seeds_section(seed_reports(project, report)),
        _time(report),
        settings_section(_plans(evidence), versions()),
    ]
    introduction = paragraph(str(report["caveat"]), "caveat") + paragraph(
        "Every prompt, filler and principle wording here is held out from the demo model's training. Bars are 95 % intervals; "
        "harm and helpfulness are read by the demo world's oracle."
    )
    return html_of(Page(f"Constitutional AI, demo report, seed {report['seed']}", introduction, sections))


def _targets(report: Mapping[str, Any]) -> Section:
    rows = [
        (row["name"], row["target"], shown(row["value"]), "yes" if row["met"] else "no") for row in report["targets"]
    ]
    met = sum(bool(row["met"]) for row in report["targets"])
    body = table(("target", "asked", "reached", "met"), rows)
    return Section(f"Targets: {met} of {len(rows)} met", body)


def _harm_by_revision(figures: ReportReader) -> Section:
    names = {
        "chains.harm_by_revision": "with critiques",
        "chains.harm_by_revision_without_critique": "without critiques",
    }
    series = [one for path, name in names.items() if (one := figures.series(path, name))]
    if not series:
        return left_out("Harm by revision", NOT_RUN, "figures 5 and 7")
    steps = {float(x): "initial" if x == 0 else f"revision {x}" for x in range(len(series[0].points))}
    chart = Chart("", "harm per response", tuple(series), steps)
    counts = ", ".join(f"{figures.n(path)} prompts {name}" for path, name in names.items() if figures.get(path))
    caption = "The paper plots preference-model scores, higher being better; here harm is read off the text, lower being better."
    return Section("Harm by revision", figure(chart, "harm by revision", caption), "figures 5 and 7", f"n: {counts}.")


def _curves(evidence: Evidence) -> dict[str, Curve]:
    if not evidence.has("rl"):
        return {}
    found: dict[str, dict[int, float]] = {}
    for metric in evidence.folder("rl").results(Metric):
        found.setdefault(metric.name, {})[metric.step] = metric.value  # a resumed run's last word counts
    return {name: sorted(values.items()) for name, values in found.items()}


def _plans(evidence: Evidence) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, to_data(evidence.folder(name).plan)) for name in evidence.parts]


def _time(report: Mapping[str, Any]) -> Section:
    memory = report.get("memory_mb_by_part", {})
    return time_section([(name, value, memory.get(name, 0.0)) for name, value in report["seconds_by_part"].items()])
