"""Where the models of a run lie on the machine that works it, which need not be the one that made its folder."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import workbench
from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.records.model import ModelRef
from workbench.records.run import Plan
from workbench.runs.files import replace_text
from workbench.runs.identity import this_host
from workbench.sentences import said
from workbench.sources.adapters import CONFIG
from workbench.sources.hub_files import Repository

#: In a run's folder: by machine and role where models lie that are not where the plan says.
_REMEMBERED = "whereabouts.json"


def remembered(run: Path) -> dict[str, str]:
    """Return where this machine was told that the run's models lie, by role, as far as they are still there."""
    told = _all_remembered(run).get(this_host(), {})
    return {role: folder for role, folder in told.items() if _holds_model(Path(folder))}


def remember(run: Path, plan: Plan, named: Mapping[str, str]) -> None:
    """Keep in the run's folder where models were named to lie on this machine, so that going on with it needs no naming."""
    if named:
        told = _all_remembered(run)
        folders = {role: folder for role in named if (folder := plan.models[role].folder)}
        told[this_host()] = told.get(this_host(), {}) | folders
        replace_text(run / _REMEMBERED, json.dumps(told, indent=1) + "\n")


def _all_remembered(run: Path) -> dict[str, dict[str, str]]:
    try:
        told = json.loads((run / _REMEMBERED).read_text(encoding="utf-8"))
        return {str(host): {str(role): str(folder) for role, folder in there.items()} for host, there in told.items()}
    except (FileNotFoundError, AttributeError, ValueError):  # what somebody spoilt is named anew
        return {}


def found_here(plan: Plan, named: Mapping[str, str], run: Path) -> Plan:
    """Return a plan with its models' folders as they are here; named says by role where those lie that are elsewhere.

    Raises MissingError, which says how to name it, where a model is not here.
    """
    unknown = sorted(role for role in named if (ref := plan.model(role)) is None or ref.folder is None)
    if unknown:
        there = ", ".join(role for role, ref in plan.models.items() if ref.folder) or said("no model with a folder")
        raise BadInputError(
            "{plan} has no model in a folder as {unknown}; it has {there}.",
            plan=plan.id,
            unknown=unknown[0],
            there=there,
        )
    models = {role: _found(role, ref, named.get(role, ""), run) for role, ref in plan.models.items()}
    return dataclasses.replace(plan, models=models)


def _found(role: str, ref: ModelRef, named: str, run: Path) -> ModelRef:
    if ref.folder is None:
        return ref
    places = [Path(named).expanduser()] if named else [Path(ref.folder), *_elsewhere(ref)]
    there = next((place for place in places if _holds_model(place)), None)
    if there is None:
        raise MissingError(_missing(role, ref, named, run))
    return dataclasses.replace(ref, folder=str(there.resolve()))


def _elsewhere(ref: ModelRef) -> list[Path]:
    """Return where a model lies that every machine can have: the demo's in the workbench, the hub's in its cache by commit."""
    if ref.kind == "demo":
        return [Path(workbench.__file__).parent / "demo" / "model"]
    cached = Repository(ref.location).snapshot(ref.commit or "main") if ref.kind == "hub" else None
    return [cached] if cached else []


def _holds_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("config.json", CONFIG))


def _missing(role: str, ref: ModelRef, named: str, run: Path) -> str:
    option = f"workbench work {quoted(run)} --model {quoted(role)}=FOLDER"
    if named:
        return said(
            "There is no model in {named}, which is named as {role}: name a folder with a config.json.",
            named=named,
            role=role,
        )
    if ref.kind == "hub":
        wanted = f"{ref.location}@{ref.commit}" if ref.commit else ref.location
        return said(
            "{wanted}, the {role} of the run, is not in the hub's cache here; fetch it with: workbench models "
            "get {quoted_text}, or say where it lies: {option}",
            wanted=wanted,
            role=role,
            quoted_text=quoted(wanted),
            option=option,
        )
    also = (
        said(" Outputs of other runs are looked for beside this one: bring those folders too.")
        if ref.kind == "run"
        else ""
    )
    return said(
        "The {role} of the run is not here: there is no model in {folder}. Say where it lies: {option}.{also}",
        role=role,
        folder=ref.folder,
        option=option,
        also=also,
    )
