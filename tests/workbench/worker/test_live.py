import json
from pathlib import Path

from workbench.worker.live import LiveText


def told(path: Path) -> list[tuple[str, str]]:
    return [(line["walk"], line["text"]) for line in map(json.loads, path.read_text().splitlines())]


def test_one_walk_is_watched_at_a_time(tmp_path: Path) -> None:
    live = LiveText(tmp_path / "live.jsonl", rhythm=0.0, patience=60.0)
    for text in ("a", "ab"):
        live.tell("one", text)
        live.tell("two", text)
    assert told(tmp_path / "live.jsonl") == [("one", "a"), ("one", "ab")]


def test_a_walk_that_falls_silent_makes_room_and_its_text_is_cut(tmp_path: Path) -> None:
    live = LiveText(tmp_path / "live.jsonl", rhythm=0.0, patience=0.0)
    live.tell("one", "a")
    live.tell("two", "b\ud800")
    assert [walk for walk, _ in told(tmp_path / "live.jsonl")] == ["two"]


def test_words_come_in_bundles(tmp_path: Path) -> None:
    live = LiveText(tmp_path / "live.jsonl", rhythm=60.0)
    for length in range(1, 50):
        live.tell("one", "x" * length)
    assert len(told(tmp_path / "live.jsonl")) == 1
