"""A project: a folder with a store and runs, and what its owner may do with them."""

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from workbench import __version__
from workbench.errors import BadInputError, MissingError, WorkbenchError
from workbench.project.checking import problems
from workbench.project.collection import Collected, adopt, collect
from workbench.project.model_choice import ROLES_OF, ModelChoice
from workbench.project.selection import Request, select_inputs
from workbench.project.tables import table_rows
from workbench.project.training_rows import preference_rows, sft_rows
from workbench.records.comparison import Comparison, Review
from workbench.records.constitution import Constitution, ConstitutionVersion
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import STAGES, Plan, Run, RunState
from workbench.records.settings import SftSettings, parse_settings
from workbench.runs.folder import RunFolder
from workbench.runs.queue import Queue, device_of
from workbench.runs.states import at_work, state_of
from workbench.store.database import Store

#: The constitution as a person edits it; committing makes a version of it.
DRAFT = "constitution.yaml"
RUNS = "runs"


@dataclass(frozen=True)
class Imported:
    """What an import brought: ids that are new, and how many records were there already."""

    new: tuple[str, ...]
    known: int


class Project:
    """An open project; made by create, open or read, and to be closed."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store

    @classmethod
    def create(
        cls, folder: Path, constitution: Constitution, yaml: str = "", message: str = "First version"
    ) -> "Project":
        """Make a new project with a first committed constitution; its text becomes the draft to edit."""
        project = cls(folder.resolve(), Store.create(folder.resolve()))
        (project.folder / RUNS).mkdir(exist_ok=True)
        if yaml:
            (project.folder / DRAFT).write_bytes(yaml.encode())
        project.commit(constitution, yaml, message)
        return project

    @classmethod
    def open(cls, folder: Path, wait: float = 10.0) -> "Project":
        """Open a project as its owner and take over what happened while nobody had it open."""
        project = cls(folder.resolve(), Store.open(folder.resolve(), wait))
        try:
            project.recover()
            project._wake_queues()
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def read(cls, folder: Path) -> "Project":
        """Open a project to look at only, whoever owns it."""
        return cls(folder.resolve(), Store.read(folder.resolve()))

    def close(self) -> None:
        """Close it and let others own it."""
        self.store.close()

    def __enter__(self) -> "Project":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def constitution(self) -> ConstitutionVersion:
        """The constitution that was committed last."""
        current = self.store.constitutions.current()
        if current is None:
            raise MissingError(f"The project {self.folder} has no committed constitution.")
        return current

    def commit(self, constitution: Constitution, yaml: str = "", message: str = "") -> ConstitutionVersion:
        """Commit a constitution as the project's current version; the current one again changes nothing."""
        current = self.store.constitutions.current()
        if current is not None and current.hash == constitution.hash:
            return current
        parent = current.hash if current else None
        self.store.decide([ConstitutionVersion(constitution.hash, constitution, yaml, message, parent, _now())])
        return self.constitution

    def import_prompts(self, prompts: Iterable[Prompt]) -> Imported:
        """Add prompts, all or none; those that are there already stay as they are."""
        everything = list(prompts)
        with self.store.write():
            new = self.store.prompts.add(everything)
        return Imported(tuple(new), len(everything) - len(new))

    def import_comparisons(
        self, prompts: Iterable[Prompt], comparisons: Sequence[Comparison], reviews: Sequence[Review] = ()
    ) -> Imported:
        """Add comparisons with their prompts, and the reviews that came with them."""
        with self.store.write():
            self.store.prompts.add(prompts)
            new = self.store.comparisons.add(comparisons, run_id=None)
        self.review(reviews)
        return Imported(tuple(new), len(comparisons) - len(new))

    def review(self, reviews: Sequence[Review]) -> list[str]:
        """Save a person's reviews; when this returns they are on disk twice. Returns the ids that are new."""
        dated = [review if review.created else dataclasses.replace(review, created=_now()) for review in reviews]
        return self.store.decide(dated)

    def make_run(
        self,
        stage: str,
        settings: Mapping[str, str] | None = None,
        machine: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> RunFolder:
        """Make a run folder for a stage and record the run as queued; starting it is the queue's business.

        settings maps texts as people write them: the stage's knobs, models by role (response=FOLDER_OR_RUN), seed, and for sft
        chains=RUN[,RUN]. Raises MissingError naming the command that makes what the stage needs, BadInputError otherwise.
        """
        if stage not in STAGES:
            raise BadInputError(f"There is no stage {stage}; there are {', '.join(STAGES)}.")
        self.recover()
        asked = _Asked.of(stage, settings or {}, seed)
        version = self.constitution
        request = Request(stage, asked.settings, asked.seed, version.hash, self._known_runs(asked.source_runs))
        selected = select_inputs(self.store, request)
        models = ModelChoice(self.store, asked.models).models(stage)
        _check_judges(stage, asked.settings, models, self.folder)
        path = self.folder / RUNS / self.store.runs.next_id(stage)
        plan = Plan(
            id=path.name,
            stage=stage,
            models={role: _portable(ref, path) for role, ref in models.items()},
            constitution_hash=version.hash,
            task=version.constitution.task,
            selection=selected.words,
            settings=to_data(asked.settings),
            seed=asked.seed,
            total=selected.total,
            created=_now(),
            workbench=__version__,
            machine=dict(machine or {}),
        )
        folder = RunFolder.create(path, plan, version.constitution, selected.inputs, version.yaml)
        with self.store.write():
            self.store.runs.record(folder.plan, folder.path)
        return folder

    def constitution_versions(self) -> list[ConstitutionVersion]:
        """Return the committed constitutions, newest first."""
        return self.store.constitutions.select("1", order="seq DESC")

    def rows(self, table: str, limit: int = 0) -> list[dict[str, Any]]:
        """Return the newest rows of a table as plain data; 0 returns all."""
        return table_rows(self.store, self.runs, table, limit)

    def sft_rows(self, settings: SftSettings, runs: Sequence[str] = ()) -> list[SftRow]:
        """Return the rows SFT would learn from: those of the named chains runs, or of the newest."""
        named = tuple(runs) or tuple(run.id for run in self.store.runs.usable("chains")[:1])
        return sft_rows(self.store, named, settings)

    def preference_rows(self) -> list[PreferenceRow]:
        """Return the rows a preference model would learn from, under the constitution committed last."""
        return preference_rows(self.store, self.constitution.hash)

    def check(self) -> list[str]:
        """Return what is wrong with the project, a sentence each."""
        return problems(self.store)

    def run_folder(self, run_id: str) -> RunFolder:
        """Return a run's folder."""
        return RunFolder.open(Path(self.run(run_id).folder))

    def run(self, run_id: str) -> Run:
        """Return one run with its state now."""
        found = self.store.runs.find(run_id)
        if found is None:
            raise MissingError(f"The project {self.folder} has no run {run_id}.")
        return _now_of(found)

    def runs(self) -> list[Run]:
        """Return the project's runs, newest first, each with its state now."""
        return [_now_of(run) for run in self.store.runs.newest_first()]

    def collect(self, run: str | RunFolder) -> Collected:
        """Take over what a run has appended; a folder the project does not know yet is taken in first."""
        folder = self.run_folder(run) if isinstance(run, str) else run
        adopt(self.store, folder)
        return collect(self.store, folder)

    def recover(self) -> list[Collected]:
        """Take over what runs did while nobody looked; a run that cannot be read is noted and keeps nobody from working."""
        done = []
        for path in sorted((self.folder / RUNS).glob("[!.]*/plan.json")):
            try:
                adopt(self.store, RunFolder(path.parent))
            except WorkbenchError as error:
                self.store.damage.append(f"The run folder {path.parent} was passed by: {error}")
        for run in self.store.runs.unfinished():
            try:
                done.append(collect(self.store, RunFolder.open(Path(run.folder))))
            except WorkbenchError as error:
                self.store.damage.append(f"Run {run.id} was passed by: {error}")
        return [collected for collected in done if collected.count]

    def _wake_queues(self) -> None:
        """See to it that queued runs come up even where the runner that walked their queue was killed."""
        plans = [run.plan for run in self.store.runs.queued() if run.plan is not None]
        for device in {device_of(plan) for plan in plans}:
            Queue(device).wake()

    def _known_runs(self, run_ids: Sequence[str]) -> tuple[str, ...]:
        if tuple(run_ids) == ("all",):
            return tuple(run.id for run in self.store.runs.usable("chains"))
        for run_id in run_ids:
            run = self.store.runs.find(run_id)
            if run is None or run.stage != "chains":
                raise BadInputError(f"There is no chains run {run_id} in this project.")
        return tuple(run_ids)


@dataclass(frozen=True)
class _Asked:
    """What a person asked of a run, sorted: settings, models by role, source runs, seed."""

    settings: Any
    models: dict[str, str]
    source_runs: tuple[str, ...]
    seed: int

    @classmethod
    def of(cls, stage: str, texts: Mapping[str, str], seed: int) -> "_Asked":
        rest = dict(texts)
        models = {role: rest.pop(role) for role in ROLES_OF[stage] if role in rest}
        source = rest.pop("chains", "") if stage == "sft" else ""
        seed_text = rest.pop("seed", str(seed))
        if not seed_text.lstrip("-").isdigit():
            raise BadInputError(f"The seed must be a whole number, not '{seed_text}'.")
        return cls(parse_settings(stage, rest), models, tuple(filter(None, source.split(","))), int(seed_text))


def _check_judges(stage: str, settings: Any, models: Mapping[str, Any], folder: Path) -> None:
    if stage == "evaluation" and "preference_model" in settings.judges and "reward" not in models:
        raise MissingError(
            f"There is not a preference model yet to judge; make it with: workbench run {folder} preference_model, "
            "or leave it out with --set judges=feedback"
        )


def _now_of(run: Run) -> Run:
    """Return a run with its state now."""
    folder = RunFolder(Path(run.folder))
    if not (folder.path / "plan.json").exists():
        return run if run.state.over else dataclasses.replace(run, state=RunState.FAILED, reason="its folder is gone")
    status = state_of(folder)
    worker = at_work(folder)
    if status.state is RunState.QUEUED and not status.reason:
        status = dataclasses.replace(status, reason="made but not started; resume it to start it")
    known = {
        name: getattr(status, name) for name in ("state", "reason", "done", "total", "started", "ended", "seconds")
    }
    return dataclasses.replace(run, **known, peak_memory_mb=status.peak_memory_mb, pid=worker.pid if worker else None)


def _portable(ref: ModelRef, run: Path) -> ModelRef:
    """Return a reference to another run's output as seen from a run's folder, so that both can be moved together."""
    if ref.kind != "run" or not ref.folder or not Path(ref.folder).is_relative_to(run.parent):
        return ref
    return dataclasses.replace(ref, folder=os.path.relpath(ref.folder, run))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
