"""What is known of the project's preference models, read from the files their runs left beside the weights."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadInputError
from workbench.records.encoding import from_data
from workbench.store.database import Store

if TYPE_CHECKING:  # what reckons with numpy is loaded where figures are asked for, not with every project
    from workbench.measurement.intervals import Estimate
    from workbench.measurement.preference_models import Measured, Slice

REPORT = "report.json"


def measured_rows(store: Store) -> list[dict[str, Any]]:
    """Return what was measured of each preference model, newest first: a row for all, each group and each reliability bin."""
    from workbench.measurement.preference_models import Measured  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    for run_id, folder in preference_model_folders(store):
        report = read_json(folder / REPORT)
        if report is not None and report.get("measured"):
            measured = from_data(Measured, report["measured"])
            rows += [{"run_id": run_id, "labels": report["labels"], **row} for row in _rows(measured)]
    return rows


def preference_model_folders(store: Store) -> Iterator[tuple[str, Path]]:
    """Yield (run id, model folder) of each preference model the project's runs made, newest first."""
    for made in store.models.all():
        run = store.runs.find(made.run_id)
        if made.kind == "preference_model" and run is not None:
            yield made.run_id, Path(run.folder) / made.path


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a JSON file's object, or None where there is no such file."""
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadInputError(
            "{path} cannot be read: {error}. Train the preference model again.", path=path, error=error
        ) from error
    if not isinstance(data, dict):
        raise BadInputError("{path} holds no JSON object. Train the preference model again.", path=path)
    return data


def _rows(measured: "Measured") -> Iterator[dict[str, Any]]:
    yield _row("all", "", measured.overall)
    for by, groups in measured.by.items():
        for group, found in groups.items():
            yield _row(by, group, found)
    for one in measured.overall.reliability:
        yield {
            "by": "predicted",
            "group": f"{one.low:.2f} to {one.high:.2f}",
            "n": one.observed.n,
            "predicted": one.mean_probability,
            **_interval("labels_say", one.observed),
        }


def _row(by: str, group: str, found: "Slice") -> dict[str, Any]:
    return {
        "by": by,
        "group": group,
        "n": found.n,
        "decided": found.decided,
        "loss": found.loss,
        **_interval("accuracy", found.accuracy),
        **_interval("margin", found.margin),
        **_interval("ece", found.ece),
    }


def _interval(name: str, found: "Estimate | None") -> dict[str, float | None]:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
