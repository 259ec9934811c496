"""A transaction that stays open between the parts of a file: others read what is in it, and have it committed when they write."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.errors import BadInputError, WorkbenchError
from workbench.project.adding import add_ready
from workbench.records.comparison import Comparison, Review
from workbench.records.prompt import Prompt, prompt_of
from workbench.store.database import DATABASE, JOURNAL, Store
from workbench.store.ready import Ready

NOW = "2026-11-28T12:00:00+00:00"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with_store = Store.create(tmp_path / "p")
    yield with_store
    with_store.close()


def chosen(number: int) -> tuple[Prompt, Comparison, Review]:
    """Return a prompt, a pair and a choice."""
    prompt = prompt_of(f"What is {number}?")
    comparison = Comparison(f"c{number}", prompt.id, "a", "b")
    return prompt, comparison, Review(f"r{number}", comparison.id, "ada", "a")


def bring(store: Store, number: int) -> None:
    """Bring one part in."""
    prompt, comparison, review = chosen(number)
    with store.parts.part():
        add_ready(store, Ready.of([prompt], [comparison], [], [review], NOW))


def committed(store: Store) -> list[str]:
    """Return the pairs that whoever else opens the database finds."""
    with sqlite3.connect(store.folder / DATABASE) as other:
        return [row[0] for row in other.execute("SELECT id FROM comparisons ORDER BY seq")]


def journal(store: Store) -> list[str]:
    """Return the ids of the decisions in the journal."""
    return [json.loads(line)["id"] for line in (store.folder / JOURNAL).read_text().splitlines()]


def test_parts_are_seen_at_once_and_committed_when_they_are_due_or_at_the_end(store: Store) -> None:
    with store.parts.whole() as parts:
        for number in range(8):
            assert not parts.due
            bring(store, number)
            assert store.comparison_states.of([f"c{number}"])[f"c{number}"].decision == "a"
            assert store.search.find(f"{number}", ["prompts"])
        assert (parts.due, committed(store)) == (True, [])
        parts.end()
        assert (parts.due, len(committed(store)), len(journal(store))) == (False, 8, 8)
        bring(store, 8)
    assert (len(committed(store)), len(journal(store))) == (9, 9)
    assert store.problems() == []


def test_who_decides_meanwhile_comes_behind_what_was_brought_before(store: Store) -> None:
    with store.parts.whole():
        bring(store, 1)
        store.decide([Review("mine", "c1", "ben", "b")])
        assert committed(store) == ["c1"]
        bring(store, 2)
        with pytest.raises(BadInputError):
            store.decide([Review("impossible", "absent", "ben", "b")])
        bring(store, 3)
    assert [one.id for one in store.decisions.after(0)] == ["r1", "mine", "r2", "r3"]
    assert journal(store) == ["r1", "mine", "r2", "r3"]
    assert store.problems() == []


@pytest.mark.parametrize("what", ["close", "backup", "check"])
def test_whatever_needs_all_of_it_has_it_committed(store: Store, what: str) -> None:
    bring(store, 1)
    work: dict[str, Callable[[], object]] = {"close": store.close, "backup": store.back_up, "check": store.problems}
    work[what]()
    assert committed(store) == ["c1"]
    assert len(journal(store)) == 1


def test_a_part_that_fails_takes_back_what_is_not_committed_and_the_next_begins_anew(store: Store) -> None:
    bring(store, 1)
    with pytest.raises(BadInputError), store.parts.part():
        add_ready(store, Ready.of([], [Comparison("lost", "absent", "a", "b")], [], [], NOW))
    assert (committed(store), store.comparisons.count()) == ([], 0)
    with store.parts.whole():
        bring(store, 2)
    assert committed(store) == ["c2"]
    assert store.problems() == []


def test_that_it_could_not_be_committed_is_told_to_whoever_brings_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, 1)
    with monkeypatch.context() as patched:

        def full() -> None:
            raise sqlite3.OperationalError("database or disk is full")

        patched.setattr(store, "catch_up", full)
        with pytest.raises(WorkbenchError, match="disk is full"), store.write():
            pass
    assert committed(store) == []
    with store.write():
        store.prompts.add([chosen(5)[0]])
    with pytest.raises(WorkbenchError, match="disk is full"):
        bring(store, 2)
    with store.parts.whole():
        bring(store, 3)
    assert committed(store) == ["c3"]
