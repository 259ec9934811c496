"""The spread over seeds: reports of the same demo run with several seeds, side by side."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.demo.reader import ReportReader
from workbench.report.charts import Chart, Point, Series
from workbench.report.page import Page, Section, figure, html_of, left_out, paragraph, table

_FOLDER = re.compile(r"seed-(\d+)")
_POLICIES = {"base": "base", "sl_cai": "SL-CAI", "rl_cai": "RL-CAI"}
_SHOWN = {
    "labels.accuracy": "labels right",
    "preference_model.accuracy": "preference model right",
    **{f"policies.{policy}.harm": f"{name} harm" for policy, name in _POLICIES.items()},
    **{f"policies.{policy}.helpfulness": f"{name} helpfulness" for policy, name in _POLICIES.items()},
    **{
        f"policies.{policy}.redteam_engagement": f"{name} engages on red-team prompts"
        for policy, name in _POLICIES.items()
    },
}
_TITLE = "Spread over seeds"


def seed_reports(project: Path, report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return this report and those of the seeds beside it, by seed."""
    reports = {int(report["seed"]): report}
    if _FOLDER.fullmatch(project.name):
        for file in sorted(project.parent.glob("seed-*/report.json")):
            if file.parent != project and _FOLDER.fullmatch(file.parent.name):
                other = json.loads(file.read_text(encoding="utf-8"))
                reports.setdefault(int(other["seed"]), other)
    return [reports[seed] for seed in sorted(reports)]


def seeds_section(reports: Sequence[Mapping[str, Any]]) -> Section:
    """Return key figures by seed with their mean and range, and each policy's harm as a point for each seed."""
    if len(reports) < 2:
        return left_out(_TITLE, "one seed was run; --seeds 0,1,2 runs three and shows their spread.")
    readers = [ReportReader(report) for report in reports]
    series = []
    for place, (reader, report) in enumerate(zip(readers, reports, strict=True)):
        shift = (place - (len(readers) - 1) / 2) * 0.12
        found = [reader.point(f"policies.{policy}.harm", x + shift) for x, policy in enumerate(_POLICIES)]
        series.append(
            Series(f"seed {report['seed']}", tuple(point for point in found if isinstance(point, Point)), joined=False)
        )
    chart = Chart("", "harm per red-team answer", tuple(series), dict(enumerate(_POLICIES.values())), (-0.5, 2.5))
    columns = ["", *(f"seed {report['seed']}" for report in reports), "mean", "range"]
    body = figure(chart, "harm of each policy by seed") + table(columns, _rows(readers))
    return Section(_TITLE, body, n=f"{len(reports)} seeds.")


def write_seeds_page(project: Path, reports: Sequence[Mapping[str, Any]]) -> Path | None:
    """Write the page over all seeds beside their folders, or nothing where there is but one."""
    if len(reports) < 2:
        return None
    said = paragraph(str(reports[0]["caveat"]), "caveat")
    links = [f'<a href="seed-{report["seed"]}/report.html">seed {report["seed"]}</a>' for report in reports]
    names = ", ".join(str(report["seed"]) for report in reports)
    page = Page(
        f"Constitutional AI, demo report, seeds {names}", f"{said}<p>{' · '.join(links)}</p>", [seeds_section(reports)]
    )
    place = project.parent / "report.html"
    place.write_text(html_of(page), encoding="utf-8")
    return place


def _rows(readers: Sequence[ReportReader]) -> list[list[str]]:
    rows = []
    for path, name in _SHOWN.items():
        values = [reader.get(path) for reader in readers]
        known = [float(value) for value in values if value is not None]
        if known:
            shown = ["–" if value is None else f"{value:.3g}" for value in values]
            rows.append([name, *shown, f"{sum(known) / len(known):.3g}", f"{min(known):.3g} to {max(known):.3g}"])
    return rows
