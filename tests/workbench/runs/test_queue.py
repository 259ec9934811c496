import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.workbench.runs.folders import CONSTITUTION, ECHO, ROOT, prompts, run_folder, until
from workbench.errors import BusyError
from workbench.records.run import Plan, RunState
from workbench.runs.control import ask
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import environment, launch
from workbench.runs.queue import Queue, submit
from workbench.runs.runner import walk
from workbench.runs.states import state_of
from workbench.runs.status import Status


def told(folder: RunFolder, kind: str) -> float:
    lines = [json.loads(line) for line in folder.events_file.read_text().splitlines()]
    return float(next(line["time"] for line in lines if line["type"] == kind))


def test_two_folders_are_worked_one_after_the_other(tmp_path: Path) -> None:
    first = run_folder(tmp_path / "one", prompts(10, sleep=0.01))
    second = run_folder(tmp_path / "two", prompts(3))
    submit(first, ECHO)
    submit(second, ECHO)  # starts a second runner, which must leave the queue to the first
    until(lambda: state_of(second).state is RunState.FINISHED)
    assert state_of(first).state is RunState.FINISHED
    assert told(second, "Started") >= told(first, "Finished")
    until(lambda: not Queue().entries())


def test_a_run_that_was_stopped_while_it_waited_is_passed_by(tmp_path: Path) -> None:
    first, second = (run_folder(tmp_path / name, prompts(2)) for name in ("one", "two"))
    queue = Queue()
    queue.put(first)
    queue.put(second)
    ask(first, "stop")
    walk(queue, ECHO, idle=0.3)
    assert state_of(first).state is RunState.STOPPED
    assert not first.results_file.exists()
    assert state_of(second).state is RunState.FINISHED


def test_a_run_that_is_asked_to_leave_just_when_its_turn_comes_is_not_started(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(2))
    queue = Queue()
    queue.put(folder)
    folder.write_request("pause")  # the one who asks is killed before it has written the state
    walk(queue, ECHO, idle=0.3)
    assert state_of(folder).state is RunState.PAUSED
    assert not folder.results_file.exists()
    queue.put(folder)
    walk(queue, ECHO, idle=0.3)
    assert state_of(folder).state is RunState.FINISHED


def test_asking_a_run_that_is_being_started_reaches_its_worker(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(400, sleep=0.02))
    Queue().put(folder)
    launch(folder, ECHO)
    assert ask(folder, "pause") == "asked"
    until(lambda: state_of(folder).state is RunState.PAUSED)


def test_a_worker_that_cannot_start_does_not_hold_up_the_queue(tmp_path: Path) -> None:
    first, second = (run_folder(tmp_path / name, prompts(2)) for name in ("one", "two"))
    queue = Queue()
    queue.put(first)
    queue.put(second)
    walk(queue, ["/nowhere/python"], idle=0.3)
    assert state_of(first).state is RunState.FAILED
    assert "could not be started" in state_of(first).reason
    assert queue.entries() == []


def test_a_folder_that_is_gone_and_a_damaged_entry_are_passed_by(tmp_path: Path) -> None:
    queue = Queue()
    (queue.path / "00000000000000000001-x.json").write_text("{")
    (queue.path / "00000000000000000002-y.json").write_text(json.dumps({"folder": str(tmp_path / "gone")}))
    folder = run_folder(tmp_path / "there", prompts(1))
    queue.put(folder)
    walk(queue, ECHO, idle=0.3)
    assert state_of(folder).state is RunState.FINISHED


def test_a_runner_that_comes_back_waits_for_the_worker_that_is_there(tmp_path: Path) -> None:
    first, second = run_folder(tmp_path / "one", prompts(30, sleep=0.005)), run_folder(tmp_path / "two", prompts(1))
    queue = Queue()
    queue.put(first)
    queue.put(second)
    launch(first, ECHO)  # as if the runner had been killed just after it started the worker
    walk(queue, ECHO, idle=0.3)
    assert told(second, "Started") >= told(first, "Finished")


def test_a_queue_whose_runner_was_killed_is_woken(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(2))
    queue = Queue()
    queue.wake(ECHO)  # nothing waits, so nobody is started
    assert not (queue.state / "runner-default.log").exists()
    queue.put(folder)
    with FileLock(queue.runner_lock):
        queue.wake(ECHO)
    assert not (queue.state / "runner-default.log").exists()
    queue.wake(ECHO)
    until(lambda: state_of(folder).state is RunState.FINISHED)


@pytest.mark.parametrize(("state", "word"), [("finished", "make a new run"), ("stopped", "make a new run")])
def test_what_is_over_is_not_queued_again(tmp_path: Path, state: str, word: str) -> None:
    folder = run_folder(tmp_path, prompts(1))
    folder.write_status(Status(RunState(state)))
    with pytest.raises(BusyError, match=word):
        Queue().put(folder)


def test_queueing_twice_is_waiting_once(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    queue = Queue()
    queue.put(folder)
    queue.put(folder)
    assert [entry.folder for entry in queue.entries()] == [folder]


def test_the_queue_outlives_whoever_filled_it(tmp_path: Path) -> None:
    folders = [run_folder(tmp_path / name, prompts(20, sleep=0.005)) for name in ("one", "two")]
    code = (
        "import sys,time; from pathlib import Path; from workbench.runs.folder import RunFolder;"
        "from workbench.runs.queue import submit\n"
        "for path in sys.argv[3:]: submit(RunFolder(Path(path)), sys.argv[1:3])\n"
        "print('queued', flush=True); time.sleep(60)"
    )
    paths = [str(folder.path) for folder in folders]
    owner = subprocess.Popen(
        [sys.executable, "-c", code, *ECHO, *paths], stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"queued\n"
    os.killpg(owner.pid, signal.SIGKILL)
    owner.communicate()
    until(lambda: all(state_of(folder).state is RunState.FINISHED for folder in folders))


def test_a_worker_learns_no_secrets_and_stays_offline() -> None:
    mine = {"PATH": "/bin", "HF_TOKEN": "secret", "OPENAI_API_KEY": "secret", "LC_ALL": "C", "https_proxy": "http://x"}
    theirs = environment(mine)
    assert "secret" not in theirs.values()
    assert {
        "PATH": "/bin",
        "LC_ALL": "C",
        "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }.items() <= theirs.items()
    assert "https_proxy" not in theirs


@pytest.mark.parametrize(
    ("stage", "rationale", "told"), [("labels", True, "128"), ("labels", False, ""), ("chains", True, "")]
)
def test_a_run_that_reads_ever_new_lengths_once_soon_forgets_them(
    tmp_path: Path, stage: str, rationale: bool, told: str
) -> None:
    plan = Plan(f"{stage}-1", stage, settings={"rationale": rationale})
    folder = RunFolder.create(tmp_path / plan.id, plan, CONSTITUTION, [])
    tell = "import os; print(os.environ.get('ONEDNN_PRIMITIVE_CACHE_CAPACITY', ''), 'told')"
    launch(folder, (sys.executable, "-c", tell))
    until(lambda: folder.log_file.read_text().endswith("told\n"))
    assert folder.log_file.read_text() == f"{told} told\n"


def test_a_worker_has_a_session_of_its_own(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(50, sleep=0.01))
    pid = launch(folder, ECHO)
    assert os.getsid(pid) == pid
    with pytest.raises(BusyError):
        launch(folder, ECHO)
    os.kill(pid, signal.SIGKILL)
    until(lambda: state_of(folder).state is RunState.INTERRUPTED)
