"""A project's newest evaluation as Markdown, to be pasted where HTML does not go."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.project.audit_lines import NOT_AUDITED, TITLE, audit_told
from workbench.project.figures import MEASURE_TITLES, MeasureRequest
from workbench.project.measuring import measure
from workbench.records.encoding import to_data
from workbench.records.run import Run
from workbench.store.database import Store


def project_markdown(store: Store, name: str) -> str:
    """Return policies and win rates by judge with their intervals, the models' weights, and the settings, as Markdown."""
    found = measure(store, "", MeasureRequest())
    run = store.runs.find(found["run"])
    current = store.constitutions.current()
    constitution = f"{current.constitution.name} ({current.hash[:12]})" if current else "–"
    lines = [f"# Constitutional AI, report of {name}", ""]
    lines += [
        f"Evaluation {found['run']}, constitution {constitution}. Brackets are 95 % intervals, drawn by prompt.",
        "",
        " ".join(found["test_set"]["lines"]),
        "",
    ]
    lines += ["## Models", "", *_table(("name", "from", "weights"), _models(store, run)), "", "## Policies", ""]
    for kind in dict.fromkeys(kind for kinds in found["policies"].values() for kind in kinds):
        those = {model: kinds[kind] for model, kinds in found["policies"].items() if kind in kinds}
        keys = dict.fromkeys(key for values in those.values() for key in values)
        rows = [(MEASURE_TITLES.get(key, key), *(_shown(values.get(key)) for values in those.values())) for key in keys]
        lines += [*_table((f"{kind} prompts", *those), rows), ""]
    lines += ["## Win rates", "", *_table(_RATES, _rates(found["judges"])), ""]
    audit, figures = audit_told(store)
    lines += [f"## {TITLE}", "", audit or f"Left out: {NOT_AUDITED}", ""]
    rows = [(title, _shown(to_data(one))) for title, one in figures]
    lines += [*_table(("figure", "value"), rows), ""] if rows else []
    if run is not None and run.plan is not None:
        lines += ["## Settings", "", *_table(("setting", "value"), run.plan.settings.items()), ""]
    return "\n".join(lines)


_RATES = ("judge", "prompts", "pair", "wins among decided", "ties", "at equal length", "pairs")


def _models(store: Store, run: Run | None) -> list[tuple[str, str, str]]:
    answers = store.answers.each("run_id = ?", (run.id,)) if run else ()
    weights: dict[str, str] = {}
    for answer in answers:
        weights[answer.model] = weights.get(answer.model) or answer.weights
    roles = run.plan.models if run and run.plan else {}
    return [(name, roles[name].label if name in roles else "", kept[:12] or "–") for name, kept in weights.items()]


def _rates(judges: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            judge,
            kind,
            f"{rate['model']} over {rate['against']}",
            _shown(rate["decided"]),
            _shown(rate["ties"]),
            _shown(rate["length_corrected"]["rate"]) if rate["length_corrected"] else "–",
            str(rate["wins"]["n"]),
        )
        for judge, kinds in judges.items()
        for kind, part in kinds.items()
        for rate in part["win_rates"]
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [_row(columns), _row(["---"] * len(columns))]
    return lines + [_row(row) for row in rows]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['value']:.3g} ({value['low']:.3g} to {value['high']:.3g}, n {value['n']})"
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
