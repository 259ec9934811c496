"""A project as one file that another machine replays: data, constitutions and plans, without models and without what runs made.

Draws are keyed by seed and ids, and ids follow from content; so the same plans on the same data draw the same.
"""

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from workbench import __version__
from workbench.errors import BadInputError, MissingError
from workbench.project.alike import PRINTS, prints_of
from workbench.project.project import Project
from workbench.project.replaying import LAUNCHERS, PLANS, TO_COME, decided
from workbench.records.comparison import Comparison, Review
from workbench.records.constitution import ConstitutionVersion
from workbench.records.encoding import from_data, to_line
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.prompt import Prompt
from workbench.records.run import Plan, Run, RunState
from workbench.runs.folder import LAUNCHER, RunFolder

FORMAT = 1
_BATCH = 1000
#: What reading an archive raises where it is cut off, spoilt, encrypted or packed by a method that is not known here.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    EOFError,
    json.JSONDecodeError,
    UnicodeDecodeError,
    NotImplementedError,
)
_RUN_FILES = ("inputs.jsonl", "results.jsonl", "constitution.json", "state.json", "plan.json")
#: Nothing in a bundle can name a place outside the project.
_BESIDE_ENTRY = re.compile(rf"(?:{LAUNCHERS}/[a-z_]+-[0-9]+\.yaml|{PRINTS}/[a-z_]+-[0-9]+)")
_RUN_ENTRY = re.compile(r"runs/([a-z_]+-[0-9]+)/([a-z]+\.jsonl?)")
_PARTS: tuple[tuple[str, type[Any]], ...] = (
    ("constitutions.jsonl", ConstitutionVersion),
    ("prompts.jsonl", Prompt),
    ("comparisons.jsonl", Comparison),
    ("evaluation_items.jsonl", EvaluationItem),
    ("reviews.jsonl", Review),
    (PLANS, Plan),
)


@dataclass(frozen=True)
class Bundled:
    """How many records of each kind a bundle holds."""

    counts: dict[str, int]


def write_bundle(project: Project, output: Path) -> Bundled:
    """Write a project's data, constitution versions and finished plans as one file."""
    beside = output.with_name(f".{output.name}.new")
    counts: dict[str, int] = {}
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, kind in _PARTS:
                with archive.open(name, "w", force_zip64=True) as file:
                    counts[name.removesuffix(".jsonl")] = _write(file, _records(project, kind))
            with archive.open(TO_COME, "w", force_zip64=True) as file:
                imported = (review.id for review in _records(project, Review))
                file.writelines(line.encode() for line in decided(project, imported))
            for run in _imported(project):
                for name in _RUN_FILES:
                    archive.write(Path(run.folder) / name, f"runs/{run.id}/{name}")
            for run in project.store.runs.newest_first():
                if (kept := Path(run.folder) / LAUNCHER).is_file():
                    archive.write(kept, f"{LAUNCHERS}/{run.id}.yaml")
            for plan in _records(project, Plan):
                with archive.open(f"{PRINTS}/{plan.id}", "w", force_zip64=True) as file:
                    file.writelines(prints_of(RunFolder(Path(project.run(plan.id).folder))))
            manifest = {"format": FORMAT, "workbench": __version__, "counts": counts}
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    return Bundled(counts)


def open_bundle(file: Path, folder: Path) -> Bundled:
    """Make a project from a bundle; its plans are laid down for replay, and no run is started.

    Nothing is left of a project whose bundle turns out to be damaged half-way.
    """
    if not file.is_file():
        raise MissingError("There is no file {file}.", file=file)
    taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    try:
        with zipfile.ZipFile(file) as archive:
            return _unpack(archive, folder, file.name)
    except BaseException as error:
        if not taken:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, _DAMAGE):
            raise BadInputError(
                "{file} is not a bundle of the workbench, or it is damaged: {error}.", file=file, error=error
            ) from error
        raise


def _unpack(archive: zipfile.ZipFile, folder: Path, name: str) -> Bundled:
    told = json.loads(archive.read("manifest.json"))
    if isinstance(told, dict) and told.get("format", FORMAT) != FORMAT:
        raise BadInputError(
            "{name} is a bundle of another version (format {version}); update the workbench.",
            name=name,
            version=told.get("format"),
        )
    if not isinstance(told, dict) or not isinstance(told.get("counts"), dict):
        raise zipfile.BadZipFile("its manifest does not tell what it holds")
    versions = list(_read(archive, "constitutions.jsonl", ConstitutionVersion))
    if not versions:
        raise BadInputError("{name} holds no constitution.", name=name)
    with Project.create(folder, versions[0].constitution, versions[0].yaml, versions[0].message) as project:
        for version in versions[1:]:
            project.commit(version.constitution, version.yaml, version.message)
        project.save_draft(versions[-1].yaml)
        for part, kind in _PARTS[1:-1]:
            for batch in _batches(_read(archive, part, kind)):
                _take(project, kind, batch)
        _unpack_runs(archive, folder)
        _unpack_beside(archive, folder)
        project.recover()
        if TO_COME in archive.namelist():  # bundles of earlier versions lack it
            (folder / TO_COME).write_bytes(archive.read(TO_COME))
    (folder / PLANS).write_bytes(archive.read(PLANS))
    return Bundled(told["counts"])


def _imported(project: Project) -> list[Run]:
    """Return the runs that hold what somebody else's models wrote: no plan makes them again."""
    return [run for run in project.store.runs.newest_first() if run.plan and not run.plan.models]


def _unpack_runs(archive: zipfile.ZipFile, folder: Path) -> None:
    for entry in archive.namelist():
        found = _RUN_ENTRY.fullmatch(entry)
        if found and found[2] in _RUN_FILES:
            place = folder / "runs" / found[1]
            place.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, (place / found[2]).open("wb") as target:
                shutil.copyfileobj(source, target)


def _unpack_beside(archive: zipfile.ZipFile, folder: Path) -> None:
    for entry in filter(_BESIDE_ENTRY.fullmatch, archive.namelist()):
        (folder / entry).parent.mkdir(exist_ok=True)
        (folder / entry).write_bytes(archive.read(entry))


def _take(project: Project, kind: type[Any], batch: list[Any]) -> None:
    if kind is Prompt:
        project.import_records(batch)
    elif kind is Comparison:
        project.import_records([], batch)
    elif kind is EvaluationItem:
        project.import_records([], items=batch)
    else:
        project.review(batch)


def _records(project: Project, kind: type[Any]) -> Iterable[Any]:
    """Return what was put into a project; what its runs made is made again by its plans."""
    store = project.store
    if kind is ConstitutionVersion:
        return reversed(project.constitution_versions())
    if kind is Prompt:
        return store.prompts.each()
    if kind is Comparison:
        return store.comparisons.each("run_id IS NULL")
    if kind is EvaluationItem:
        return store.evaluation_items.each()
    if kind is Review:
        return store.reviews.each("comparison_id IN (SELECT id FROM comparisons WHERE run_id IS NULL)")
    runs = reversed(store.runs.newest_first())
    return [run.plan for run in runs if run.plan and run.state == RunState.FINISHED and run.plan.models]


def _write(file: IO[bytes], records: Iterable[Any]) -> int:
    count = 0
    for record in records:
        file.write((to_line(record) + "\n").encode("utf-8", "surrogatepass"))
        count += 1
    return count


def _read(archive: zipfile.ZipFile, name: str, kind: type[Any]) -> Iterator[Any]:
    with archive.open(name) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield from_data(kind, json.loads(line))
            except (ValueError, TypeError, AttributeError) as error:
                raise BadInputError(
                    "Line {number} of {name} in the bundle is damaged: {error}.", number=number, name=name, error=error
                ) from error


def _batches(records: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for record in records:
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
