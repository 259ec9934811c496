"""Tables as plain data, for scripts and for looking at."""

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.project.preference_models import measured_rows
from workbench.project.readiness import readiness_rows
from workbench.project.settling import rule_of
from workbench.records.chain import Chain
from workbench.records.encoding import to_data
from workbench.records.run import Run
from workbench.store.database import Store
from workbench.store.models import MadeModel

TABLES = (
    "prompts",
    "chains",
    "steps",
    "comparisons",
    "labels",
    "reviews",
    "audit_samples",
    "samples_aside",
    "guidelines",
    "rule_changes",
    "exclusions",
    "edits",
    "preferences",
    "answers",
    "scores",
    "judgements",
    "person_judgements",
    "samples",
    "pair_scores",
    "evaluation_items",
    "item_answers",
    "runs",
    "models",
    "preference_models",
    "readiness",
)


_SHOWN = "comparison_id NOT IN (SELECT value FROM json_each(?))"
#: The tables whose rows say what a model finds of a comparison.
TELLING_TABLES = ("labels", "preferences", "judgements", "pair_scores")


def table_rows(
    store: Store, runs: Callable[[], Sequence[Run]], table: str, limit: int, hidden: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return the newest rows of a table, newest first, a limit of 0 all; none that tells of a hidden comparison."""
    most = limit if limit > 0 else -1
    if table == "runs":
        return [_without(to_data(run), "plan") for run in runs()[: limit or None]]
    if table == "chains":
        return [{**to_data(chain), "final": _final(chain)} for chain in store.chains.newest(most)]
    if table == "models":
        return [_model(store, made) for made in store.models.all()[: limit or None]]
    if table == "preference_models":
        return measured_rows(store)[: limit or None]
    if table == "readiness":
        return readiness_rows(store)[: limit or None]
    if table == "preferences":
        each = (preference for _, _, preference in store.preferences.each(rule_of(store)))
        found = [to_data(one) for one in each if one.comparison_id not in hidden]
        return found[::-1][: limit or None]
    if table not in TABLES:
        raise BadInputError("There is no table {table}; there are {tables}.", table=table, tables=", ".join(TABLES))
    source = store.chains if table == "steps" else getattr(store, table)
    where, ids = ("1", ()) if table not in TELLING_TABLES else (_SHOWN, (json.dumps(sorted(hidden)),))
    rows = [to_data(record) for record in source.select(where, ids, limit=most, order="seq DESC")]
    return [{**row, "text": _asked(row)} for row in rows] if table in ("prompts", "evaluation_items") else rows


def _asked(row: dict[str, Any]) -> str:
    """What is asked: the last turn, or a question that is written out."""
    return str(row["messages"][-1]["text"] if row["messages"] else row["question"])


def _final(chain: Chain) -> str:
    return chain.revisions[-1].text if chain.revisions else chain.initial


def _model(store: Store, made: MadeModel) -> dict[str, Any]:
    run = store.runs.find(made.run_id)
    folder = str(Path(run.folder) / made.path) if run else made.path
    return {"label": f"{made.kind} of {made.run_id}", "folder": folder, **to_data(made)}


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
