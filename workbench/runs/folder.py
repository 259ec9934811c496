"""A run as a folder: everything the worker needs, everything it makes, and nothing of the store."""

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import BadInputError, MissingError
from workbench.records.constitution import Constitution
from workbench.records.encoding import from_data, to_data, to_line
from workbench.records.run import Done, Plan
from workbench.runs.contents import read_records, record_line
from workbench.runs.files import replace_text, sync_folder
from workbench.runs.identity import ProcessIdentity
from workbench.runs.status import Status, read_status, write_status

R = TypeVar("R")

#: The configuration of accelerate, where several processes are to work the run.
LAUNCHER = "accelerate.yaml"


@dataclass(frozen=True)
class RunFolder:
    """The files of one run; making the object reads nothing."""

    path: Path

    @classmethod
    def create(
        cls,
        path: Path,
        plan: Plan,
        constitution: Constitution,
        inputs: Iterable[Any] | Path,
        yaml: str = "",
        launcher: str = "",
    ) -> "RunFolder":
        """Write a new run folder beside its place and rename it there, so that it is whole or absent.

        The plan is completed by the hash of the inputs, which may be a file of their lines that is moved into the folder; a model
        folder that is relative is so to the run's folder.
        """
        if path.exists():
            raise BadInputError("The run folder {path} is there already.", path=path)
        beside = cls(path.with_name(f".{path.name}.new"))
        shutil.rmtree(beside.path, ignore_errors=True)  # left by a crash; nobody was told of it
        beside.path.mkdir(parents=True)
        beside._write(plan, constitution, inputs)
        for name, text in (("constitution.yaml", yaml), (LAUNCHER, launcher)):
            if text:
                replace_text(beside.path / name, text)
        beside.path.rename(path)
        sync_folder(path.parent)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Return the run folder at a path, or say that there is none."""
        if not (path / "plan.json").is_file():
            raise MissingError("{path} is not a run folder: it has no plan.json.", path=path)
        return cls(path.resolve())

    @property
    def id(self) -> str:
        """The run's id."""
        return self.plan.id

    @cached_property
    def plan(self) -> Plan:
        """The run's plan, with the folders of its models as they are on this machine."""
        plan = from_data(Plan, self._read_json("plan.json"))
        models = {
            role: dataclasses.replace(ref, folder=str((self.path / ref.folder).resolve())) if ref.folder else ref
            for role, ref in plan.models.items()
        }
        return dataclasses.replace(plan, models=models)

    def verify_inputs(self) -> None:
        """Raise BadInputError where the inputs are not those the plan was made for."""
        if self.plan.inputs_hash and self._inputs_hash() != self.plan.inputs_hash:
            raise BadInputError(
                "{path} is not what the plan was made for; make a new run.", path=self.path / "inputs.jsonl"
            )

    @cached_property
    def constitution(self) -> Constitution:
        """The constitution the run works by."""
        return from_data(Constitution, self._read_json("constitution.json"))

    def inputs(self, kind: type[R] | tuple[type[R], ...]) -> Iterator[R]:
        """Yield the inputs of one kind, or of some, in order."""
        return (record for record in read_records(self.path / "inputs.jsonl") if isinstance(record, kind))

    def results(self, kind: type[R]) -> Iterator[R]:
        """Yield the results of one kind so far, in order."""
        return (record for record in read_records(self.results_file) if isinstance(record, kind))

    def done_inputs(self) -> set[str]:
        """Return the ids of the inputs that are complete."""
        return {done.input for done in self.results(Done)}

    def left_out(self) -> dict[str, str]:
        """Return the ids of the inputs that are left out, and why."""
        return {done.input: done.left_out for done in self.results(Done) if done.left_out}

    @property
    def results_file(self) -> Path:
        """Where the worker appends results."""
        return self.path / "results.jsonl"

    @property
    def events_file(self) -> Path:
        """Where the worker tells events."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """Where the worker's output and tracebacks go."""
        return self.path / "run.log"

    @property
    def lock_file(self) -> Path:
        """The file a worker holds locked for life."""
        return self.path / "worker.lock"

    @property
    def heartbeat_file(self) -> Path:
        """The file a living worker touches."""
        return self.path / "heartbeat"

    def status(self) -> Status:
        """Return what was last said of the state; states.state_of also looks whether it still holds."""
        return read_status(self.path / "state.json")

    def write_status(self, status: Status, durable: bool = True) -> None:
        """Say the state."""
        write_status(self.path / "state.json", status, durable)

    def worker(self) -> ProcessIdentity | None:
        """Return which process works, or last worked, in this folder."""
        try:
            return from_data(ProcessIdentity, self._read_json("worker.json"))
        except (MissingError, BadInputError):
            return None

    def write_worker(self, identity: ProcessIdentity) -> None:
        """Leave word which process works in this folder."""
        replace_text(self.path / "worker.json", to_line(identity), durable=False)

    def request(self) -> str | None:
        """Return what the worker was asked: pause, stop or discard."""
        try:
            return (self.path / "control").read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def write_request(self, request: str | None) -> None:
        """Ask the worker for something, or take back what was asked."""
        if request is None:
            (self.path / "control").unlink(missing_ok=True)
        else:
            replace_text(self.path / "control", request)

    def _write(self, plan: Plan, constitution: Constitution, inputs: Iterable[Any] | Path) -> None:
        if isinstance(inputs, Path):
            inputs.rename(self.path / "inputs.jsonl")
            inputs = ()
        with (self.path / "inputs.jsonl").open("a", encoding="utf-8", newline="") as file:
            file.writelines(record_line(record) + "\n" for record in inputs)
            file.flush()
            os.fsync(file.fileno())
        plan = dataclasses.replace(plan, inputs_hash=self._inputs_hash())
        for name, content in (("plan.json", plan), ("constitution.json", constitution)):
            replace_text(self.path / name, json.dumps(to_data(content), indent=1))
        self.write_status(Status(total=plan.total))

    def _inputs_hash(self) -> str:
        with (self.path / "inputs.jsonl").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _read_json(self, name: str) -> Any:
        path = self.path / name
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise MissingError("The run folder {path} has no {name}.", path=self.path, name=name) from error
        except ValueError as error:
            raise BadInputError("{path} cannot be read: {error}.", path=path, error=error) from error
