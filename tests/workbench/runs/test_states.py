import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workbench.runs.folders import prompts, run_folder
from workbench.records.run import RunState
from workbench.runs.folder import RunFolder
from workbench.runs.identity import ProcessIdentity, alive, identity_of
from workbench.runs.states import at_work, state_of
from workbench.runs.status import Status


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return run_folder(tmp_path, prompts(1))


def me() -> ProcessIdentity:
    found = identity_of(os.getpid())
    assert found is not None
    return found


def ended() -> ProcessIdentity:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = identity_of(process.pid)
    assert identity is not None
    assert alive(identity)
    process.kill()
    process.communicate()
    return identity


@pytest.mark.parametrize("state", ["queued", "paused", "finished", "failed", "stopped", "interrupted"])
def test_what_needs_no_process_is_taken_at_its_word(folder: RunFolder, state: str) -> None:
    folder.write_status(Status(RunState(state), "because"))
    folder.write_worker(ended())
    assert state_of(folder) == Status(RunState(state), "because")
    assert at_work(folder) is None


@pytest.mark.parametrize(
    ("said", "request_", "expected"),
    [
        ("starting", None, "starting"),
        ("running", None, "running"),
        ("running", "pause", "stopping"),
        ("running", "stop", "stopping"),
        ("stopping", None, "stopping"),
    ],
)
def test_a_living_worker_is_at_work(folder: RunFolder, said: str, request_: str | None, expected: str) -> None:
    folder.write_status(Status(RunState(said)))
    folder.write_worker(me())
    folder.write_request(request_)
    assert state_of(folder).state == expected
    assert at_work(folder) == me()


@pytest.mark.parametrize("said", ["starting", "running", "stopping"])
def test_a_dead_worker_is_an_interruption_with_a_reason(folder: RunFolder, said: str) -> None:
    folder.write_status(Status(RunState(said), done=3, total=9))
    folder.write_worker(ended())
    found = state_of(folder)
    assert (found.state, found.done, found.total) == (RunState.INTERRUPTED, 3, 9)
    assert "resume" in found.reason


def test_a_process_that_ended_before_it_began_has_left_its_last_words(folder: RunFolder) -> None:
    folder.write_worker(ended())
    folder.log_file.write_text("OSError: of an earlier start\n")
    os.utime(folder.log_file, (0, 0))
    folder.write_status(Status(RunState.STARTING))
    assert "killed" in state_of(folder).reason, "what an earlier start left in the log is not its word"
    with folder.log_file.open("a") as log:
        log.write("Traceback (most recent call last):\nAttributeError: no such thing.\n=====\n\n")
    assert "before it began: AttributeError: no such thing;" in state_of(folder).reason
    folder.write_status(Status(RunState.RUNNING))
    assert "killed" in state_of(folder).reason, "it worked, and what it last wrote need not be why it ended"


def test_a_number_given_to_another_process_is_a_dead_worker(folder: RunFolder) -> None:
    folder.write_status(Status(RunState.RUNNING))
    folder.write_worker(dataclasses.replace(me(), started=me().started - 100))
    assert state_of(folder).state is RunState.INTERRUPTED
    folder.write_worker(dataclasses.replace(me(), boot="an earlier start of the machine"))
    assert state_of(folder).state is RunState.INTERRUPTED


def test_a_run_without_word_of_its_worker_is_interrupted(folder: RunFolder) -> None:
    folder.write_status(Status(RunState.RUNNING))
    assert state_of(folder).state is RunState.INTERRUPTED


def test_another_host_has_it(folder: RunFolder) -> None:
    folder.write_status(Status(RunState.RUNNING))
    folder.write_worker(dataclasses.replace(me(), host="elsewhere.example"))
    folder.heartbeat_file.touch()
    found = state_of(folder)
    assert found.state is RunState.ELSEWHERE
    assert "elsewhere.example" in found.reason
    assert at_work(folder) is None


def test_a_worker_without_a_beat_is_said_not_to_respond(folder: RunFolder) -> None:
    folder.write_status(Status(RunState.RUNNING))
    folder.write_worker(me())
    folder.heartbeat_file.touch()
    assert state_of(folder).reason == ""
    long_ago = time.time() - 100
    os.utime(folder.heartbeat_file, (long_ago, long_ago))
    assert "not responding" in state_of(folder).reason


def test_a_zombie_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    identity = identity_of(process.pid)
    while process.pid and Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    assert identity is None or not alive(identity)
    process.wait()
