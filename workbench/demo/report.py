"""The demo's report: report.json for scripts, report.md and report.html for people; a target not met is shown as not met."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.demo.evidence import Evidence
from workbench.demo.figures import POLICIES, Figures
from workbench.demo.page import demo_page
from workbench.demo.reader import shown
from workbench.demo.seeds import seed_reports, write_seeds_page
from workbench.demo.targets import targets

CAVEAT = "This shows the machinery on a synthetic world with a known truth; it is no evidence about real models."

#: The figures a part of the recipe adds, told when it has run.
_TOLD = {
    "chains_without_critique": ("chains.harm_by_revision_without_critique",),
    "chains": ("chains.harm_by_revision", "chains.last_distinct", "chains.last_bare_refusal_or_empty"),
    "labels": ("labels.accuracy", "labels.order_flip_rate", "labels.ece"),
    "labels_with_rationale": ("labels.accuracy_chain_of_thought",),
    "evaluation": (
        "preference_model.accuracy",
        *(f"policies.{policy}.{name}" for policy in POLICIES for name in ("harm", "helpfulness", "redteam_engagement")),
    ),
}

_NAMES = {
    "chains.harm_by_revision": "harm per response, initial and after each revision",
    "chains.harm_by_revision_without_critique": "harm per response, revised without critiques",
    "chains.last_distinct": "distinct last revisions",
    "chains.last_bare_refusal_or_empty": "bare refusals or empty among last revisions",
    "labels.accuracy": "labels that agree with the truth",
    "labels.accuracy_chain_of_thought": "labels with a rationale that agree with the truth",
    "labels.order_flip_rate": "labels that flip with the order of the options",
    "labels.ece": "expected calibration error of the labels",
    "preference_model.accuracy": "preference model's choices that agree with the truth",
}


def measured(project: Path, runs: Mapping[str, str], part: str) -> list[str]:
    """Return what a part reached, against the truth, a line each."""
    paths = _TOLD.get(part, ())
    if not paths:
        return []
    figures = Evidence(project, runs).figures()
    return [f"{_NAMES.get(path, path)}: {_value(figures, path)}" for path in paths]


def write_report(
    project: Path, seed: int, runs: Mapping[str, str], seconds: Mapping[str, float], memory: Mapping[str, float]
) -> dict[str, Any]:
    """Measure everything, write report.json, report.md and report.html into the project, and return the report."""
    figures = Evidence(project, runs).figures()
    figures.data["seconds"] = round(sum(seconds.values()), 1)
    figures.data["seconds_by_part"] = {name: round(value, 1) for name, value in seconds.items()}
    figures.data["memory_mb_by_part"] = {name: round(value, 1) for name, value in memory.items()}
    figures.data["peak_memory_mb"] = round(max(memory.values(), default=0.0), 1)
    report = {
        "workbench": __version__,
        "seed": seed,
        "caveat": CAVEAT,
        "runs": dict(runs),
        **figures.data,
        "targets": targets(figures),
    }
    _write(project / "report.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    _write(project / "report.md", _markdown(report, figures))
    _write(project / "report.html", demo_page(report, Evidence(project, runs), project))
    write_seeds_page(project, seed_reports(project, report))
    return report


def _markdown(report: Mapping[str, Any], figures: Figures) -> str:
    lines = [f"# Demo report, seed {report['seed']}", "", CAVEAT, ""]
    lines += ["All prompts, fillers and principle wordings are held out from the demo model's training.", ""]
    lines += ["## Targets", "", "| target | asked | reached | met |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {row['name']} | {row['target']} | {_number(row['value'])} | {_met(row)} |" for row in report["targets"]
    ]
    lines += ["", "## Figures", "", "| figure | value | 95 % interval | n |", "| --- | --- | --- | --- |"]
    lines += _figure_rows(figures)
    lines += _left_out(figures)
    lines += ["", "## Time", "", "| part | seconds |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in report["seconds_by_part"].items()]
    lines += [f"| all | {report['seconds']} |", "", f"Peak memory: {report['peak_memory_mb']} MB.", ""]
    return "\n".join(lines)


def _left_out(figures: Figures) -> list[str]:
    """Say which parts the paper has figures of did not run."""
    whole = {
        "chains.harm_by_revision_without_critique": "revising without critiques (figure 7)",
        "labels.accuracy_chain_of_thought": "labels with chain of thought (figure 4)",
        "preference_model_hard.accuracy": "a preference model on hard labels",
        "preference_model_chain_of_thought.accuracy": "a preference model on labels with chain of thought",
        "policies.rl_cai.harm": "RL-CAI (figures 2, 8 and 10)",
    }
    missing = [what for path, what in whole.items() if figures.get(path) is None]
    if not any("@" in policy for policy in figures.get("policies") or {}):
        missing.append("policies between the ends of RL (figures 8 and 10)")
    said = "`workbench demo FOLDER --full` goes on from here and adds them."
    return ["", "## Left out", "", *(f"- {what}" for what in missing), "", said] if missing else []


def _figure_rows(figures: Figures) -> list[str]:
    rows = []
    for path, value in _flat(figures.data):
        if path.endswith(("_interval", "_n")) or figures.get(f"{path}_n") is None:
            continue
        interval = _interval(figures.get(f"{path}_interval"))
        rows.append(f"| {path} | {_number(value)} | {interval} | {figures.get(f'{path}_n')} |")
    return rows


def _flat(data: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in data.items():
        path = f"{above}{key}"
        found += _flat(value, f"{path}.") if isinstance(value, Mapping) else [(path, value)]
    return found


def _value(figures: Figures, path: str) -> str:
    value, interval, n = (figures.get(f"{path}{end}") for end in ("", "_interval", "_n"))
    return f"{_number(value)} (95 % interval {_interval(interval)}, n {n})"


def _number(value: Any) -> str:
    if isinstance(value, list):
        return " → ".join(_number(item) for item in value)
    return shown(value)


def _interval(value: Any) -> str:
    """Show a pair as its two ends, and a list of pairs one after the other."""
    if value is None:
        return "–"
    if value and isinstance(value[0], list):
        return ", ".join(_interval(pair) for pair in value)
    return " to ".join(_number(end) for end in value)


def _met(row: Mapping[str, Any]) -> str:
    return "yes" if row["met"] else "**no**"


def _write(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
