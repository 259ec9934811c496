"""A project: a folder with a store and runs, and what its owner may do with them."""

import dataclasses
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from workbench import __version__
from workbench.errors import BadInputError, MissingError
from workbench.project.adding import add_ready
from workbench.project.asking import Asked, check_judges
from workbench.project.chain_sources import chain_runs
from workbench.project.checking import problems
from workbench.project.collection import Collected, adopt, collect, furthest, queue_chains
from workbench.project.deciding import edit_of, exclusions_of, inclusions_of, tagging_of
from workbench.project.drafting import draft_text, save_draft, settle_draft
from workbench.project.example_room import fitted
from workbench.project.model_choice import ModelChoice
from workbench.project.readiness import readiness_words
from workbench.project.recovery import recover, sweep, wake_queues
from workbench.project.run_states import run_now
from workbench.project.selection import Request, select_inputs
from workbench.project.settling import rule_of
from workbench.project.tables import table_rows
from workbench.project.test_sets import lock
from workbench.project.training_rows import preference_rows, sft_rows
from workbench.records.comparison import Comparison, Review
from workbench.records.constitution import Constitution, ConstitutionVersion
from workbench.records.encoding import to_data
from workbench.records.evaluation import PersonJudgement
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import Plan, Run
from workbench.records.settings import SftSettings
from workbench.records.telling import Tell, untold
from workbench.records.test_set import TestSet
from workbench.runs.folder import RunFolder
from workbench.runs.launchers import read_launcher, require_installed
from workbench.runs.mailbox import Mailbox
from workbench.sentences import said
from workbench.store.database import Store
from workbench.store.ready import Ready, dated

if TYPE_CHECKING:  # figures are reckoned with numpy, which opening a project does not wait for
    from workbench.project.figures import MeasureRequest

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
        cls, folder: Path, constitution: Constitution, yaml: str = "", message: str = said("First version")
    ) -> "Project":
        """Make a new project with a first committed constitution; its text becomes the draft to edit."""
        project = cls(folder.resolve(), Store.create(folder.resolve()))
        (project.folder / RUNS).mkdir(exist_ok=True)
        if yaml:
            project.save_draft(yaml)
        project.commit(constitution, yaml, message)
        return project

    @classmethod
    def open(cls, folder: Path, wait: float = 10.0, backed_up: bool = True) -> "Project":
        """Open a project as its owner and take over what happened while nobody had it open.

        With backed_up=False the day's backup is left to whoever opens it, by store.due_backup.
        """
        project = cls(folder.resolve(), Store.open(folder.resolve(), wait, backed_up))
        try:
            settle_draft(project.store)
            sweep(project.folder / RUNS)
            project.recover()
            wake_queues(project.store)
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
            raise MissingError("The project {folder} has no committed constitution.", folder=self.folder)
        return current

    @property
    def mailbox(self) -> Mailbox:
        """Where a model is asked something without a run."""
        return Mailbox(self.folder)

    @property
    def draft(self) -> str:
        """The text of the constitution's draft, as it was saved last."""
        return draft_text(self.store)

    def save_draft(self, text: str) -> None:
        """Save the text of the constitution's draft, as often as you like; when this returns no crash can lose it."""
        save_draft(self.store, text)

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

    def import_records(
        self,
        prompts: Sequence[Prompt],
        comparisons: Sequence[Comparison] = (),
        items: Sequence[EvaluationItem] = (),
        reviews: Sequence[Review] = (),
    ) -> dict[str, list[str]]:
        """Add what a file brings, in one transaction; return the ids that are new, by kind."""
        with self.store.bring_in():
            return self.add_records(prompts, comparisons, items, reviews)

    def add_records(
        self,
        prompts: Sequence[Prompt],
        comparisons: Sequence[Comparison],
        items: Sequence[EvaluationItem],
        reviews: Sequence[Review],
    ) -> dict[str, list[str]]:
        """Add what a part of a file brings, within store.bring_in(); return the ids that are new, by kind."""
        return add_ready(self.store, Ready.of(prompts, comparisons, items, reviews, _now()))

    def review(self, reviews: Sequence[Review]) -> list[str]:
        """Save a person's reviews; when this returns they are on disk twice. Returns the ids that are new."""
        return self.store.decide(dated(reviews, _now()))

    def judge(self, judgements: Sequence[PersonJudgement]) -> list[str]:
        """Save a person's judgements between answers, as durably as reviews. Returns the ids that are new."""
        return self.store.decide(
            [one if one.created else dataclasses.replace(one, created=_now()) for one in judgements]
        )

    def exclude(self, targets: Sequence[str], person: str, reason: str) -> list[str]:
        """Leave chains, revisions, comparisons or labels out of training, all or none; return the ids that are newly excluded."""
        exclusions = exclusions_of(self.store, targets, person, reason)
        self.store.decide(exclusions)
        return [exclusion.target for exclusion in exclusions]

    def include(self, targets: Sequence[str], person: str, reason: str = "") -> None:
        """Take back into training what was excluded."""
        self.store.decide(inclusions_of(self.store, targets, person, reason))

    def edit(self, step_id: str, text: str | None, person: str, reason: str = "") -> bool:
        """Word a step anew (None: as the model wrote it); what the model wrote is kept. Return whether that changed it."""
        edit = edit_of(self.store, step_id, text, person, reason)
        return bool(edit and self.store.decide([edit]))

    def tag(self, prompt_ids: Sequence[str], tag: str, person: str, tagged: bool = True) -> bool:
        """Let prompts bear a tag, or no longer; return whether that changed anything."""
        tagging = tagging_of(self.store, prompt_ids, tag, person, tagged)
        return bool(tagging and self.store.decide([tagging]))

    def make_run(
        self,
        stage: str,
        settings: Mapping[str, str] | None = None,
        machine: Mapping[str, Any] | None = None,
        seed: int = 0,
        again: Plan | None = None,
        here: bool = True,
    ) -> RunFolder:
        """Make a run folder for a stage and record the run as queued; starting it is the queue's business.

        settings maps texts as people write them: the stage's knobs, models by role (response=FOLDER_OR_RUN), seed, and for sft
        chains=RUN[,RUN]. again is the plan of a run that is done again: under its id, by its constitution. here says whether
        it is worked on this machine, which must then have what its launcher needs.
        Raises MissingError naming the command that makes what the stage needs, BadInputError otherwise.
        """
        asked = Asked.of(stage, settings or {}, seed)
        launcher = _launcher(asked.launcher, stage, here)
        self.recover()
        version = self._version(again.constitution_hash if again else "")
        request = Request(stage, asked.settings, asked.seed, version.hash, self._known_runs(asked.source_runs))
        selected = select_inputs(self.store, request)
        models = ModelChoice(self.store, asked.models).models(stage, asked.settings)
        check_judges(stage, asked.settings, models, self.folder)
        ready = readiness_words(models, asked.settings) if stage == "rl" else ""
        knobs, left_out = fitted(settings or {}, asked.settings, models, version.constitution)
        path = self._place_again(again) if again else self.new_place(stage)
        plan = Plan(
            id=path.name,
            stage=stage,
            models={role: _portable(ref, path) for role, ref in models.items()},
            constitution_hash=version.hash,
            task=version.constitution.task,
            selection="; ".join(filter(None, (selected.words, ready, left_out))),
            sources=selected.sources,
            settings=to_data(knobs),
            seed=asked.seed,
            total=selected.total,
            created=_now(),
            workbench=__version__,
            machine=dict(machine or {}),
            amends=selected.amends,
            rule=selected.rule,
            test_set=selected.asked_set,
            launcher=asked.launcher,
        )
        folder = RunFolder.create(path, plan, version.constitution, selected.inputs, version.yaml, launcher)
        self._record(folder, selected.test_set)
        return folder

    def _record(self, folder: RunFolder, test_set: TestSet | None) -> None:
        with self.store.write():
            self.store.runs.record(folder.plan, folder.path)
            queue_chains(self.store, folder.plan, folder.inputs(Prompt))
            lock(self.store, test_set, folder.plan)

    def _place_again(self, plan: Plan) -> Path:
        """Return the place of a run that is done again: what others say of it by its id is to hold."""
        place = self.folder / RUNS / plan.id
        return self.new_place(plan.stage) if place.exists() else place

    def _version(self, hash_: str) -> ConstitutionVersion:
        found = self.store.constitutions.get(hash_) if hash_ else self.constitution
        if found is None:
            raise MissingError(
                "The project {folder} has no constitution version {version}.", folder=self.folder, version=hash_[:12]
            )
        return found

    def constitution_versions(self) -> list[ConstitutionVersion]:
        """Return the committed constitutions, newest first."""
        return self.store.constitutions.select("1", order="seq DESC")

    def rows(self, table: str, limit: int = 0, hidden: Collection[str] = ()) -> list[dict[str, Any]]:
        """Return the newest rows of a table as plain data, 0 all; none that tells what a model says of hidden comparisons."""
        return table_rows(self.store, self.runs, table, limit, hidden)

    def sft_rows(self, settings: SftSettings, runs: Sequence[str] = ()) -> list[SftRow]:
        """Return the rows SFT would learn from: those of the named chains runs, or of the newest."""
        return sft_rows(self.store, chain_runs(self.store, runs), settings)

    def preference_rows(self) -> list[PreferenceRow]:
        """Return the rows a preference model would learn from, under the constitution committed last."""
        return preference_rows(self.store, self.constitution.hash, rule=rule_of(self.store))

    def measure(self, run_id: str, request: "MeasureRequest") -> dict[str, Any]:
        """Return the figures of an evaluation run (of the newest where none is named) with their intervals."""
        from workbench.project.measuring import measure  # noqa: PLC0415

        return measure(self.store, run_id, request)

    def preference_model(self, run: str | None = None) -> Path:
        """Return the folder of the preference model that a run made, or of the newest."""
        choice = ModelChoice(self.store, {})
        ref = choice.named(run) if run else choice.required("preference_model")
        if ref.folder is None:
            raise BadInputError("{model} is not a preference model's folder.", model=run)
        return Path(ref.folder)

    def model(self, name: str = "", stage: str = "chains", role: str = "response") -> ModelRef:
        """Return a model by its name (demo, scripted, a run, a folder), or the one a stage would take in a role."""
        named = {role: name} if name else {}
        ref = ModelChoice(self.store, named).models(stage).get(role)
        if ref is None:
            raise MissingError("There is no {role} model for {stage} yet.", role=role, stage=stage)
        return ref

    def report_page(self) -> str:
        """Return a report of what the project's runs left, as one HTML document."""
        from workbench.project.report_page import project_page  # noqa: PLC0415

        return project_page(self.store, self.runs(), self.folder.name)

    def report_markdown(self) -> str:
        """Return the figures of the newest evaluation as Markdown."""
        from workbench.project.report_markdown import project_markdown  # noqa: PLC0415

        return project_markdown(self.store, self.folder.name)

    def gate_sentence(self) -> str:
        """Return the newest verdict on the feedback model, or nothing where it was never asked an evaluation set."""
        from workbench.project.measuring import newest_gate  # noqa: PLC0415

        return newest_gate(self.store)

    def check(self, tell: Tell = untold) -> list[str]:
        """Return what is wrong with the project, a sentence each; tell hears what is looked at."""
        return problems(self.store, tell)

    def run_folder(self, run_id: str) -> RunFolder:
        """Return a run's folder."""
        return RunFolder.open(Path(self.run(run_id).folder))

    def run(self, run_id: str) -> Run:
        """Return one run with its state now."""
        found = self.store.runs.find(run_id)
        if found is None:
            raise MissingError("The project {folder} has no run {run_id}.", folder=self.folder, run_id=run_id)
        return run_now(found)

    def runs(self) -> list[Run]:
        """Return the project's runs, newest first, each with its state now."""
        return [run_now(run) for run in self.store.runs.newest_first()]

    def collect(self, run: str | RunFolder) -> Collected:
        """Take over what a run has appended; a folder the project does not know yet, or knows elsewhere, is taken in first."""
        folder = self.run_folder(run) if isinstance(run, str) else run
        adopt(self.store, folder)
        return collect(self.store, furthest(self.store, folder))

    def has_collected(self, folder: RunFolder) -> bool:
        """Say whether the store has all that a run appended and knows how it stands."""
        stored = self.store.runs.find(folder.id)
        if stored is None or stored.state != run_now(stored).state:
            return False
        size = folder.results_file.stat().st_size if folder.results_file.exists() else 0
        return self.store.runs.collected(folder.id) >= size

    def recover(self) -> list[Collected]:
        """Take over what runs did while nobody looked; a run that cannot be read is told and keeps nobody from working."""
        return recover(self.store, self.folder / RUNS)

    def new_place(self, stage: str) -> Path:
        """Return where a new run's folder goes; names of folders that could not be taken in are not given again."""
        path = self.folder / RUNS / self.store.runs.next_id(stage)
        while path.exists():
            path = path.with_name(f"{stage}-{int(path.name.rpartition('-')[2]) + 1}")
        return path

    def _known_runs(self, run_ids: Sequence[str]) -> tuple[str, ...]:
        if tuple(run_ids) == ("all",):
            return tuple(run.id for run in self.store.runs.usable("chains"))
        for run_id in run_ids:
            run = self.store.runs.find(run_id)
            if run is None or run.stage != "chains":
                raise BadInputError("There is no chains run {run_id} in this project.", run_id=run_id)
        return tuple(run_ids)


def _portable(ref: ModelRef, run: Path) -> ModelRef:
    """Return a reference to another run's output as seen from a run's folder, so that both can be moved together."""
    if ref.kind != "run" or not ref.folder or not Path(ref.folder).is_relative_to(run.parent):
        return ref
    return dataclasses.replace(ref, folder=os.path.relpath(ref.folder, run))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _launcher(asked: str, stage: str, here: bool) -> str:
    launcher = read_launcher(asked, stage) if asked else ""
    if launcher and here:
        require_installed(launcher)
    return launcher
