from pathlib import Path

from tests.workbench.runs.folders import ECHO, prompts, run_folder, until
from workbench.records.run import RunState
from workbench.runs.events import Finished, Message, Progress, Started
from workbench.runs.follower import Follower, follow, told_so_far
from workbench.runs.launcher import launch
from workbench.runs.states import state_of
from workbench.runs.status import Status


def test_a_follower_hears_everything_to_the_end(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(40, sleep=0.005))
    launch(folder, ECHO)
    updates = list(follow(folder, every=0.05))
    events = [event for update in updates for event in update.events]
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert [event for event in events if isinstance(event, Progress)][-1] == Progress(40, 40)
    assert updates[-1].status.state is RunState.FINISHED
    assert updates[-1].results_size == folder.results_file.stat().st_size
    running = [update for update in updates if update.rate is not None and update.eta is not None]
    assert running
    # A prompt takes three steps of at least 5 ms, so no more than 67 can be done in a second.
    assert all(0 < (update.rate or 0) < 70 for update in running)


def test_rate_and_eta_follow_from_the_times_told(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    folder.events_file.write_text(
        '{"type":"Progress","time":100.0,"data":{"done":0,"total":50}}\n'
        '{"type":"Progress","time":104.0,"data":{"done":20,"total":50}}\n'
        '{"type":"Progress","time":105.0,"data":{"do'
    )
    follower = Follower(folder)
    update = follower.poll()
    assert update.rate == 5.0
    assert update.eta is None  # it is not at work
    assert update.events == (Progress(0, 50), Progress(20, 50))
    assert follower.poll().events == ()
    pace = Follower(folder).poll(events=False)
    assert (pace.rate, pace.events) == (5.0, ())


def test_following_from_now_leaves_out_what_was(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    launch(folder, ECHO)
    until(lambda: state_of(folder).state is RunState.FINISHED)
    assert [update.events for update in follow(folder, offset=told_so_far(folder))] == [()]


def test_a_damaged_event_ends_nobodys_watching(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    folder.events_file.write_bytes(
        b'\xff\xfe\n{"type":"Poem","data":{}}\n{"type":"Progress","time":"x","data":{"done":1,"total":2}}\n'
    )
    first, second, third = Follower(folder).poll().events
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert "events.jsonl" in first.text
    assert third == Progress(1, 2)


def test_a_run_that_waits_is_followed_on(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, prompts(1))
    assert not Follower(folder).poll().standing
    folder.write_status(Status(RunState.PAUSED))
    assert Follower(folder).poll().standing
