"""The recorded demo project: the run folders of a real demo run without trained weights, packed, and unpacked into a project."""

import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import workbench
from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.collection import collect
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.commands import quoted
from workbench.records.comparison import Comparison, Review
from workbench.records.prompt import Prompt
from workbench.records.run import RunState
from workbench.runs.contents import read_records, record_line
from workbench.runs.folder import RunFolder

T = TypeVar("T")

#: What the recording may weigh.
MOST_BYTES = 3_000_000
#: The prompts, and the comparisons that came with people's choices.
_DATA = "data.jsonl"
#: What the project keeps beside its runs.
_BESIDE = ("demo.json", "report.json", "report.md", "report.html")
#: What says nothing to a reader, or only of the machine it was made on.
_LEFT_OUT = frozenset({"worker.json", "worker.lock", "heartbeat", "live.jsonl", "run.log", "control"})
_WEIGHTS = frozenset({".safetensors", ".pt", ".bin", ".npz"})


def recording() -> Path:
    """Return the recording that comes with the workbench: inside an installed package, beside it in a checkout."""
    package = Path(workbench.__file__).resolve().parent
    inside = package / "projects" / "demo" / "recorded.tar.xz"
    return inside if inside.is_file() else package.parent / "projects" / "demo" / "recorded.tar.xz"


def unpack(folder: Path, file: Path | None = None) -> Project:
    """Make the demo project in a folder from its recording and return it open; an interrupted unpacking leaves nothing there."""
    file = file or recording()
    if not file.is_file():
        raise MissingError(
            "The recorded demo is not at {file}; make one with: workbench demo {folder}",
            file=file,
            folder=quoted(folder),
        )
    if folder.exists() and any(folder.iterdir()):
        raise BadInputError(
            "{folder} is there already and is not empty; choose another folder for the demo.",
            folder=folder,
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    with tarfile.open(file) as archive:
        archive.extractall(beside, filter="data")
    _collect(beside)
    if folder.exists():
        folder.rmdir()
    beside.rename(folder)
    return Project.open(folder)


def record(project: Path, file: Path) -> int:
    """Pack a finished demo project without its trained weights; return the recording's size in bytes."""
    Project.open(project).close()  # takes over what is not collected yet, and updates an older project
    runs = _runs(project)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    with tarfile.open(beside, "w:xz", preset=9) as archive:
        for name, content in _contents(project, runs):
            _add(archive, name, content)
    size = beside.stat().st_size
    if size > MOST_BYTES:
        beside.unlink()
        raise BadInputError(
            "The recording would weigh {size:,} bytes; {most_bytes:,} are allowed. Nothing was kept.",
            size=size,
            most_bytes=MOST_BYTES,
        )
    beside.replace(file)
    return size


def _runs(project: Path) -> list[RunFolder]:
    """Return the run folders in the order they were made; all must be finished."""
    with Project.read(project) as opened:
        runs = list(reversed(opened.runs()))
    if unfinished := [run.id for run in runs if run.state is not RunState.FINISHED]:
        raise BadInputError(
            "{unfinished} in {project} is not finished; a recording shows whole runs.",
            unfinished=", ".join(unfinished),
            project=project,
        )
    return [RunFolder.open(Path(run.folder)) for run in runs]


def _contents(project: Path, runs: list[RunFolder]) -> Iterator[tuple[str, bytes]]:
    with Project.read(project) as opened:
        data: list[Any] = [*opened.store.prompts.each(), *(comparisons := opened.store.comparisons.imported())]
        for reviews in opened.store.reviews.of([comparison.id for comparison in comparisons]).values():
            data += reviews
    yield _DATA, "".join(record_line(record) + "\n" for record in data).encode()
    for name in _BESIDE:
        if (project / name).is_file():
            yield name, _impersonal((project / name).read_bytes(), name, project)
    for folder in runs:
        for path in sorted(folder.path.rglob("*")):
            inside = path.relative_to(folder.path)
            if (
                not path.is_file()
                or path.name in _LEFT_OUT
                or path.suffix in _WEIGHTS
                or inside.parts[0] == "checkpoints"
            ):
                continue
            content = path.read_bytes()
            content = _plan_without_places(content) if inside.parts == ("plan.json",) else content
            yield f"runs/{folder.path.name}/{inside}", _impersonal(content, str(inside), project)


def _plan_without_places(content: bytes) -> bytes:
    """Take the embedded model's folder out of a plan: it lies elsewhere on every machine."""
    plan: dict[str, Any] = json.loads(content)
    for ref in plan["models"].values():
        if ref["kind"] == "demo":
            ref["folder"] = None
    return json.dumps(plan, indent=1).encode()


def _impersonal(content: bytes, name: str, project: Path) -> bytes:
    for place in (project.resolve(), Path(workbench.__file__).resolve().parent.parent):
        content = content.replace(f"{place}/".encode(), b"")
        if str(place).encode() in content:
            raise BadInputError(
                "{name} names the folder {place}; a recording must be the same on every machine.",
                name=name,
                place=place,
            )
    return content


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _collect(folder: Path) -> None:
    """Make the project's database from what lies in its run folders."""
    numbers = json.loads((folder / "demo.json").read_bytes())["runs"]
    places = sorted((folder / "runs").iterdir(), key=lambda path: list(numbers.values()).index(path.name))
    runs = [RunFolder.open(path) for path in places]
    for run in runs:
        _place_demo_model(run.path / "plan.json")
    first = runs[0]
    text = (first.path / "constitution.yaml").read_text(encoding="utf-8")
    with Project.create(folder, first.constitution, text) as project:
        _import(project, list(read_records(folder / _DATA)))
        for run in runs:
            project.commit(run.constitution, (run.path / "constitution.yaml").read_text(encoding="utf-8"))
            with project.store.write():
                project.store.runs.record(run.plan, run.path)
            collect(project.store, run)
    (folder / _DATA).unlink()


def _import(project: Project, records: list[Any]) -> None:
    def of(kind: type[T]) -> list[T]:
        return [record for record in records if isinstance(record, kind)]

    project.import_records(of(Prompt), of(Comparison), reviews=of(Review))


def _place_demo_model(plan: Path) -> None:
    content = json.loads(plan.read_bytes())
    for ref in content["models"].values():
        if ref["kind"] == "demo":
            ref["folder"] = str(DEMO_MODEL)
    plan.write_text(json.dumps(content, indent=1), encoding="utf-8")
