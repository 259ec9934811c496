import json
import time
from collections.abc import Hashable
from pathlib import Path

from tests.workbench.worker.test_generation import PROMPTS, folder_of
from workbench.models.language_model import SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.chain import Step
from workbench.runs.watching import LIVE, Live, LiveReader, Watched, watch
from workbench.worker.live import LiveText
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES
from workbench.worker.work import Work


def told(folder: Path) -> list[tuple[str, int, str]]:
    lines = (folder / LIVE).read_text().splitlines()
    return [(line["walk"], line["step"], line["text"]) for line in map(json.loads, lines)]


def live_text(folder: Path, walk: str | None, rhythm: float = 0.0) -> LiveText:
    watch(folder, walk)
    return LiveText(folder, rhythm)


def test_the_watched_walk_is_shown_and_no_other(tmp_path: Path) -> None:
    live = live_text(tmp_path, "one")
    for text in ("a", "ab"):
        live("one", text)
        live("two", text)
    assert told(tmp_path) == [("one", 0, "a"), ("one", 0, "ab")]


def test_while_nobody_watches_nothing_is_written(tmp_path: Path) -> None:
    live = live_text(tmp_path, None)
    live("one", "a")
    live.saved("one")
    assert not (tmp_path / LIVE).exists()
    assert not live.wants("one")


def test_a_text_that_is_done_is_cut_and_the_next_one_is_numbered(tmp_path: Path) -> None:
    live = live_text(tmp_path, "one")
    live.saved("one", 3)
    live("one", "a")
    assert told(tmp_path) == [("one", 3, "a")]
    live.saved("one")
    assert told(tmp_path) == []
    live("one", "b\ud800")
    assert [(walk, step) for walk, step, _ in told(tmp_path)] == [("one", 4)]


def test_words_come_in_bundles(tmp_path: Path) -> None:
    live = live_text(tmp_path, "one", rhythm=60.0)
    for length in range(1, 50):
        live("one", "x" * length)
    assert len(told(tmp_path)) == 1


def test_the_rate_counts_the_tokens_of_what_is_saved(tmp_path: Path) -> None:
    live = live_text(tmp_path, "one")
    live("one", "a")
    live.saved("two", tokens=40)
    time.sleep(0.01)
    live("one", "ab")
    rates = [json.loads(line)["rate"] for line in (tmp_path / LIVE).read_text().splitlines()]
    assert rates[0] == 0.0
    assert rates[1] > 0.0
    assert (found := LiveReader(tmp_path).poll()) is not None
    assert found.rate == rates[1]


def test_the_reader_returns_each_text_once_and_bears_a_file_cut_under_it(tmp_path: Path) -> None:
    live, reader = live_text(tmp_path, "one"), LiveReader(tmp_path)
    assert reader.poll() is None
    live("one", "a")
    live("one", "ab")
    assert reader.poll() == Live("one", 0, "ab")
    assert reader.poll() is None
    live.saved("one")
    assert reader.poll() is None
    (tmp_path / LIVE).write_text('half a line"}\n')
    assert reader.poll() is None


def test_watching_can_change_and_end_while_a_run_goes_on(tmp_path: Path) -> None:
    watched = Watched(tmp_path, rhythm=0.0)
    assert not watched.wants("one")
    watch(tmp_path, "one")
    assert watched.wants("one")
    watch(tmp_path, None)
    assert not watched.wants("one")
    watch(tmp_path / "gone", "one")  # a run whose folder was removed is watched by nobody


def test_a_model_spells_out_only_the_walk_that_is_wanted(tmp_path: Path) -> None:
    heard: list[Hashable] = []

    class Fussy:
        def wants(self, walk: Hashable) -> bool:
            return walk == "b"

        def __call__(self, walk: Hashable, text: str) -> None:
            heard.append(walk)

    for listener in (Fussy(), lambda walk, _: heard.append(walk)):
        sampler = ScriptedModel().sampler(listener)
        for walk in ("a", "b"):
            sampler.submit(walk, SampleRequest("say", 1))
        sampler.advance()
    assert heard == ["b", "a", "b"]


def test_a_run_shows_the_chain_being_watched_with_the_number_of_the_text(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "chains", PROMPTS)
    watch(folder.path, PROMPTS[1].id)
    reader, seen = LiveReader(folder.path), set()

    def look() -> None:
        live = reader.poll()
        if live is not None:
            seen.add((live.walk, live.step))

    work_folder(folder, STAGES, look)
    steps = [step for step in folder.results(Step) if step.prompt_id == PROMPTS[1].id]
    assert {walk for walk, _ in seen} == {PROMPTS[1].id}
    assert {step for _, step in seen} <= {step.index for step in steps}
    assert (folder.path / LIVE).read_text() == ""


def test_a_worker_that_goes_on_numbers_from_what_is_there(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "chains", PROMPTS)
    work = Work(folder)
    watch(folder.path, "one")
    work.live.saved("one", 2)
    work.live("one", "a")
    assert told(folder.path) == [("one", 2, "a")]
    work.close()
