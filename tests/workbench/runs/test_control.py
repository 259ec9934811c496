import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.project.projects import append
from tests.workbench.runs.folders import CONSTITUTION, ECHO, prompts, run_folder, until
from workbench.errors import BadInputError
from workbench.records.run import Done, Output, Plan, RunState
from workbench.runs.control import Request, ask, end, keep, wait_or_end
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.launcher import launch
from workbench.runs.queue import Queue
from workbench.runs.states import at_work, state_of
from workbench.runs.status import Status


def started(folder: RunFolder) -> None:
    launch(folder, ECHO)
    until(lambda: state_of(folder).state is RunState.RUNNING and folder.status().done > 0)


@pytest.mark.parametrize(
    ("request_", "state", "discarded"),
    [("pause", "paused", False), ("stop", "stopped", False), ("discard", "stopped", True)],
)
def test_a_worker_leaves_when_asked(tmp_path: Path, request_: Request, state: str, discarded: bool) -> None:
    folder = run_folder(tmp_path, prompts(500, sleep=0.005))
    started(folder)
    assert ask(folder, request_) == "asked"
    left = wait_or_end(folder, deadline=20)
    assert (left.state, left.discarded) == (state, discarded)
    assert 0 < left.done < 500
    assert left.reason


def test_a_paused_run_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(60, sleep=0.002))
    started(folder)
    ask(folder, "pause")
    paused = wait_or_end(folder)
    queue = Queue()
    queue.put(folder)
    assert folder.request() is None
    assert state_of(folder).state is RunState.QUEUED
    launch(folder, ECHO)
    until(lambda: state_of(folder).state is RunState.FINISHED)
    finished = state_of(folder)
    assert finished.started == paused.started
    assert finished.seconds > paused.seconds
    done = [one.input for one in folder.results(Done)]
    assert len(done) == len(set(done)) == 60


def test_a_second_request_ends_a_worker_that_does_not_listen(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, [*prompts(2), *prompts(1, start="hang")])
    started(folder)
    worker = at_work(folder)
    assert worker is not None
    assert ask(folder, "stop") == "asked"
    assert state_of(folder).state is RunState.STOPPING
    assert ask(folder, "stop", grace=0.3) == "ended"
    assert state_of(folder).state is RunState.STOPPED
    assert identity_of(worker.pid) is None


def test_a_deadline_ends_it_too_and_a_pause_stays_resumable(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1, start="hang"))
    launch(folder, ECHO)
    until(lambda: state_of(folder).state is RunState.RUNNING)
    ask(folder, "pause")
    assert wait_or_end(folder, deadline=0.2, grace=0.3).state is RunState.PAUSED
    assert at_work(folder) is None


def test_a_run_that_waits_is_settled_at_once(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    assert ask(folder, "pause") == "settled"
    assert state_of(folder).state is RunState.PAUSED
    assert ask(folder, "stop") == "settled"
    assert state_of(folder).state is RunState.STOPPED
    with pytest.raises(BadInputError, match="stopped already"):
        ask(folder, "stop")
    assert ask(folder, "discard") == "settled"
    assert state_of(folder).discarded


def test_a_training_without_a_model_is_never_over_by_being_kept(tmp_path: Path) -> None:
    prompt = prompts(1)
    never = RunFolder.create(tmp_path / "sft-1", Plan("sft-1", "sft", total=20), CONSTITUTION, prompt)
    assert ask(never, "stop") == "settled"
    assert (never.status().state, never.status().reason) == (
        RunState.STOPPED,
        "stopped before it began; it made nothing",
    )
    begun = RunFolder.create(tmp_path / "sft-2", Plan("sft-2", "sft", total=20), CONSTITUTION, prompt)
    begun.write_status(Status(RunState.PAUSED, done=7, total=20, started="2026-01-01"))
    with pytest.raises(BadInputError, match="has written no model that could be kept: resume it and stop it"):
        ask(begun, "stop")
    assert begun.status().state is RunState.PAUSED
    assert ask(begun, "discard") == "settled"
    keep(begun)
    assert (begun.status().state, begun.status().discarded) == (RunState.PAUSED, False)
    append(begun, [Output("output", "sft", "hash", 7)])
    assert ask(begun, "stop") == "settled"
    assert begun.status().reason == "stopped early; its model of step 7 of 20 is kept, to be used like any"


def test_a_stranger_with_the_workers_number_is_never_signalled(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = identity_of(stranger.pid)
    assert identity is not None
    folder.write_status(Status(RunState.RUNNING))
    for claim in (
        dataclasses.replace(identity, started=identity.started - 1),
        dataclasses.replace(identity, boot="old"),
    ):
        folder.write_worker(claim)
        folder.write_request("stop")
        end(folder, grace=0.1)
        assert stranger.poll() is None
    stranger.communicate(b"\n")
    assert stranger.returncode == 0


def test_children_of_a_worker_end_with_it(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    code = "import subprocess,sys; p=subprocess.Popen(['sleep','60']); print(p.pid,flush=True); p.wait()"
    top = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert top.stdout is not None
    child = identity_of(int(top.stdout.readline()))
    worker = identity_of(top.pid)
    assert child is not None
    assert worker is not None
    folder.write_status(Status(RunState.RUNNING))
    folder.write_worker(worker)
    folder.write_request("stop")
    end(folder)
    until(lambda: identity_of(child.pid) != child)
    top.communicate()
    assert state_of(folder).state is RunState.STOPPED
    assert os.path.exists(folder.path)
