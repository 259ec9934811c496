"""Two workers do not use one device at the same time unless somebody says so."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.workbench.runs.folders import ECHO, prompts, run_folder, until
from workbench.errors import BusyError
from workbench.records.run import RunState
from workbench.runs.control import ask
from workbench.runs.device import Device
from workbench.runs.events import Finished, parse_event
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.launcher import launch
from workbench.runs.queue import Queue, submit
from workbench.runs.runner import walk
from workbench.runs.states import state_of


def start(folder: RunFolder) -> "subprocess.Popen[bytes]":
    """Work a folder in the foreground, and return when the worker has the device."""
    worker = subprocess.Popen([*ECHO, str(folder.path)])
    until(lambda: folder.results_file.exists() and folder.results_file.stat().st_size > 0)
    return worker


@pytest.fixture
def folders(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    return run_folder(tmp_path / "slow", prompts(400, sleep=0.05)), run_folder(tmp_path / "quick", prompts(2))


def test_a_second_worker_is_told_who_has_the_device_and_touches_nothing(folders: tuple[RunFolder, RunFolder]) -> None:
    slow, quick = folders
    worker = start(slow)
    refused = subprocess.run([*ECHO, str(quick.path)], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert f"device default is in use by process {worker.pid}, which works {slow.path}" in refused.stderr
    assert "--beside" in refused.stderr
    assert quick.status().state is RunState.QUEUED
    assert not quick.results_file.exists()
    worker.kill()
    worker.wait()
    assert subprocess.run([*ECHO, str(quick.path)], check=False).returncode == 0  # the lock ended with its process


def test_one_works_beside_another_where_a_person_says_so(folders: tuple[RunFolder, RunFolder]) -> None:
    slow, quick = folders
    worker = start(slow)
    assert subprocess.run([*ECHO, "--beside", str(quick.path)], check=False).returncode == 0
    assert quick.status().state is RunState.FINISHED
    assert worker.poll() is None
    worker.kill()
    worker.wait()


def test_the_queue_waits_for_a_worker_in_the_foreground(folders: tuple[RunFolder, RunFolder]) -> None:
    slow, quick = folders
    worker = start(slow)
    submit(quick, ECHO)
    until(lambda: f"process {worker.pid}" in state_of(quick).reason)
    assert state_of(quick).state is RunState.QUEUED
    worker.send_signal(signal.SIGTERM)
    worker.wait()
    until(lambda: state_of(quick).state is RunState.FINISHED)
    assert not any(isinstance(parse_event(line, slow.events_file).event, Finished) for line in lines(slow))


def test_a_run_that_waits_for_a_device_can_be_stopped(folders: tuple[RunFolder, RunFolder]) -> None:
    slow, quick = folders
    worker = start(slow)
    submit(quick, ECHO)
    until(lambda: f"process {worker.pid}" in state_of(quick).reason)
    ask(quick, "stop")
    until(lambda: not Queue().entries())
    assert state_of(quick).state is RunState.STOPPED
    worker.kill()
    worker.wait()


def test_a_worker_from_the_queue_that_comes_too_late_waits_its_turn(folders: tuple[RunFolder, RunFolder]) -> None:
    _, quick = folders
    Queue().put(quick)
    lock = Device("default").acquire(identity_of(os.getpid()), Path("elsewhere"))
    launch(quick, ECHO)  # the runner had found the device free just before somebody took it
    until(lambda: quick.status().state is RunState.QUEUED)
    assert f"process {os.getpid()}" in quick.status().reason
    lock.release()
    walk(Queue(), ECHO, idle=0.3)
    assert state_of(quick).state is RunState.FINISHED


def test_another_device_is_another_lock(own_state: Path) -> None:
    me = identity_of(os.getpid())
    one, other = Device("cuda:0"), Device("cuda:1")
    lock = one.acquire(me, Path("here"))
    assert other.free()
    assert not one.free()
    with pytest.raises(BusyError, match=rf"cuda:0 is in use by process {os.getpid()}, which works here"):
        Device("cuda:0").acquire(me, Path("there"))
    lock.release()
    assert one.free()


def test_who_had_a_device_before_is_not_taken_for_who_has_it(own_state: Path) -> None:
    gone = subprocess.Popen(["sleep", "60"])
    identity = identity_of(gone.pid)
    gone.kill()
    gone.wait()
    first = Device("cpu").acquire(identity, Path("here"))
    first.release()
    lock = Device("cpu").acquire(None, Path("there"))  # a process whose identity could not be read
    with pytest.raises(BusyError, match="in use by another process"):
        Device("cpu").acquire(None, Path("anywhere"))
    lock.release()


def lines(folder: RunFolder) -> list[bytes]:
    return folder.events_file.read_bytes().splitlines()
