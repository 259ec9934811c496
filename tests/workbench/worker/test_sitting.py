import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.workbench.runs.echo import STEPS
from tests.workbench.runs.folders import CONSTITUTION, ECHO, prompts, run_folder, until
from workbench.errors import BadInputError, BusyError
from workbench.records.chain import Step
from workbench.records.run import Done, Plan, RunState
from workbench.runs.events import Failed, Finished, Left, Message, Started, parse_event
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status
from workbench.worker.beside import SilentWork
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES
from workbench.worker.work import Work

HERE = "tests.workbench.worker.test_sitting"


def work_nothing(work: Work) -> None:
    work.say(f"{len(work.inputs(Step))} steps to read")


def work_and_be_asked(work: Work) -> None:
    for number in range(1, 6):
        work.progress(number, 5)
        if work.should_stop() and number == 3:
            return


def work_on_a_full_disk(work: Work) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def work_until_the_disk_is_full(work: Work) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, work._events._handle)  # as if it filled up while the last records were written
    os.close(full)


def work_without_memory(work: Work) -> None:
    raise MemoryError


def work_beyond_memory(work: Work) -> None:
    # As torch words it on a processor, in an error like any other.
    raise RuntimeError(
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
        "34359738368 bytes. Error code 12 (Cannot allocate memory)"
    )


def work_after_another_ended(work: Work) -> None:
    raise RuntimeError(
        "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:657."
    )


def events(folder: RunFolder) -> list[object]:
    lines = folder.events_file.read_bytes().splitlines()
    return [parse_event(line, folder.events_file).event for line in lines]


def work_echo(folder: RunFolder) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*ECHO, str(folder.path)], capture_output=True, text=True, check=False)


def test_a_finished_sitting_says_what_it_took(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(3, sleep=0.01))
    assert work_echo(folder).returncode == 0
    status = folder.status()
    assert (status.state, status.done, status.total, status.reason) == (RunState.FINISHED, 3, 3, "")
    assert 3 * STEPS * 0.01 <= status.seconds < 10
    assert 5 < status.peak_memory_mb < 2000
    assert status.started <= status.ended
    heard = events(folder)
    assert isinstance(heard[0], Started)
    assert not heard[0].resumed
    assert isinstance(heard[-1], Finished)


def test_what_a_person_can_mend_is_one_sentence_without_a_traceback(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, [*prompts(1), *prompts(1, start="fail")])
    assert work_echo(folder).returncode == 1
    assert folder.status().state is RunState.FAILED
    assert folder.status().reason == "This prompt asks for a failure."
    assert not folder.log_file.exists()
    assert [done.input for done in folder.results(Done)] == [prompts(1)[0].id]
    assert isinstance(events(folder)[-1], Failed)


def test_a_bug_keeps_its_traceback(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1, start="bug"))
    assert work_echo(folder).returncode == 1
    assert "unexpected ZeroDivisionError" in folder.status().reason
    assert str(folder.log_file) in folder.status().reason
    assert "Traceback" in folder.log_file.read_text()
    assert "a bug was asked for" in folder.log_file.read_text()


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("work_on_a_full_disk", "make room and resume"),
        ("work_without_memory", "memory ran out"),
        ("work_beyond_memory", "memory ran out when it asked for 32768 MB more: this process had held up to"),
        ("work_after_another_ended", "One of the processes that train together ended"),
    ],
)
def test_a_machine_at_its_limits_is_no_bug(tmp_path: Path, stage: str, sentence: str) -> None:
    folder = run_folder(tmp_path, prompts(1))
    assert work_folder(folder, {"chains": f"{HERE}:{stage}"}) is RunState.FAILED
    assert sentence in folder.status().reason
    assert "Traceback" in folder.log_file.read_text()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full is Linux's")
def test_a_run_whose_last_lines_could_not_be_written_says_why(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    assert work_folder(folder, {"chains": f"{HERE}:work_until_the_disk_is_full"}) is RunState.FAILED
    assert (folder.status().state, folder.status().reason) == (
        RunState.FAILED,
        "The disk is full; make room and resume the run.",
    )


def test_a_process_that_only_takes_part_leaves_alone_what_another_is_writing(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    for file in (folder.results_file, folder.events_file):
        file.write_bytes(b'{"whole": 1}\n{"being writ')
    work = SilentWork(folder)
    work.tell(Message("hello"))
    work.emit()
    assert {file.read_bytes() for file in (folder.results_file, folder.events_file)} == {b'{"whole": 1}\n{"being writ'}


def test_a_file_that_may_not_grow_fails_the_run_and_loses_nothing(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(60))
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *ECHO, str(folder.path)]
    assert subprocess.run(limited, check=False).returncode == 1
    assert "make room and resume" in folder.status().reason
    torn = folder.results_file.read_bytes()
    assert len(torn) == 8 * 1024
    before = len(list(folder.results(Done)))
    assert 0 < before < 60
    assert work_echo(folder).returncode == 0
    assert folder.results_file.read_bytes().startswith(torn[: torn.rfind(b"\n") + 1])
    done = [one.input for one in folder.results(Done)]
    assert len(done) == len(set(done)) == 60


def test_a_paused_run_that_is_worked_again_by_hand_goes_on(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(3))
    folder.write_request("pause")
    assert work_echo(folder).returncode == 0
    assert folder.status().state is RunState.PAUSED
    assert work_echo(folder).returncode == 0
    assert folder.status().state is RunState.FINISHED


def test_a_failed_run_goes_on_when_the_cause_is_gone(tmp_path: Path) -> None:
    inputs = [*prompts(2), *prompts(1, start="later")]
    folder = run_folder(tmp_path, inputs)
    good = (folder.path / "inputs.jsonl").read_bytes()
    (folder.path / "inputs.jsonl").write_bytes(good[:-2])
    assert work_echo(folder).returncode == 1
    assert "make a new run" in folder.status().reason
    (folder.path / "inputs.jsonl").write_bytes(good)
    assert work_echo(folder).returncode == 0
    assert [done.input for done in folder.results(Done)] == [prompt.id for prompt in inputs]
    assert [event for event in events(folder) if isinstance(event, Started)][1].resumed


def test_a_second_worker_leaves_the_folder_alone(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(2))
    with FileLock(folder.lock_file):
        other = work_echo(folder)
    assert other.returncode == 1
    assert "is being worked by" in other.stderr
    assert folder.status() == Status(total=2)
    assert not folder.results_file.exists()


def test_sigterm_is_a_request_to_pause(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(300, sleep=0.005))
    process = subprocess.Popen([*ECHO, str(folder.path)])
    until(lambda: folder.status().done > 0)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait() == 0
    assert folder.status().state is RunState.PAUSED
    assert isinstance(events(folder)[-1], Left)


def test_a_folder_that_is_none_and_a_stage_nobody_knows(tmp_path: Path) -> None:
    missing = subprocess.run([*ECHO, str(tmp_path)], capture_output=True, text=True, check=False)
    assert missing.returncode == 1
    assert "no plan.json" in missing.stderr
    folder = RunFolder.create(tmp_path / "r", Plan("poetry-1", "poetry"), CONSTITUTION, [])
    assert work_folder(folder, STAGES) is RunState.FAILED
    assert "no stage poetry" in folder.status().reason


def test_work_that_was_complete_when_asked_to_stop_is_finished(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    assert work_folder(folder, {"chains": f"{HERE}:work_and_be_asked"}, lambda: "pause") is RunState.PAUSED
    folder = run_folder(tmp_path, prompts(1), "chains-2")
    asked = iter([None, None, None, None, "stop"])
    assert work_folder(folder, {"chains": f"{HERE}:work_and_be_asked"}, lambda: next(asked)) is RunState.FINISHED


def test_sentences_reach_the_events_and_the_lock_is_given_back(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    for _ in range(2):
        assert work_folder(folder, {"chains": f"{HERE}:work_nothing"}) is RunState.FINISHED
    assert events(folder).count(Message("0 steps to read")) == 2


def test_settings_are_read_as_the_stages_record(tmp_path: Path) -> None:
    plan = Plan("chains-1", "chains", settings={"rounds": 2})
    folder = RunFolder.create(tmp_path / "r", plan, CONSTITUTION, [])
    work = Work(folder)
    assert (work.settings.rounds, work.settings.critique) == (2, True)
    assert work.output_folder.is_dir()
    assert work.constitution == CONSTITUTION
    work.close()
    plan = Plan("chains-2", "chains", settings={"rouns": 2})
    folder = RunFolder.create(tmp_path / "s", plan, CONSTITUTION, [])
    work = Work(folder)
    with pytest.raises(BadInputError, match="rouns"):
        _ = work.settings
    work.close()


def test_the_worker_without_a_stage_loads_no_torch() -> None:
    code = "import sys, workbench.worker.__main__; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_busy_names_the_process_that_has_it(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    work_echo(folder)
    worker = folder.worker()
    assert worker is not None
    with FileLock(folder.lock_file), pytest.raises(BusyError, match=str(worker.pid)):
        work_folder(folder, {"chains": f"{HERE}:work_nothing"})
