"""What was written is found by its words, right after it was saved and right after an older project was opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.store.examples import comparison, store_with_runs
from workbench.errors import BadInputError
from workbench.records.chain import Step
from workbench.records.evaluation import Answer
from workbench.records.intervention import Edit
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import prompt_of, prompt_of_messages
from workbench.records.transcript import Message
from workbench.store import migrations as schema
from workbench.store.database import Store

DATA = Path(__file__).resolve().parents[2] / "data" / "schemas"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = store_with_runs(tmp_path)
    yield made
    made.close()


def found(store: Store, words: str, *tables: str) -> set[str]:
    return {f"{one.table}:{one.id}" for one in store.search.find(words, tables)}


def test_every_kind_of_text_is_found_by_its_words(store: Store) -> None:
    turns = (Message("user", "Where is the zebra?"), Message("assistant", "In the zoo."), Message("user", "Why?"))
    asked = prompt_of_messages(turns)
    with store.write():
        store.prompts.add([asked])
        store.chains.add([Step("s-1", "c-1", asked.id, 0, 0, "initial", "A zebra eats GRASS.")], run_id="chains-1")
        store.comparisons.add([comparison(7, asked)], run_id=None)
        store.answers.add([Answer("w-1", asked.id, "base", "Zebras sleep standing.")], run_id="labels-1")
        store.samples.add([PolicySample("p-1", asked.id, 3, "Stripes", "None", 0.1, 0.2, 0.3)], run_id="labels-1")
    store.decide([Edit("e-1", "s-1", "It eats Gras, sagt Jürgen.")])
    assert found(store, "zebra") == {f"prompts:{asked.id}", "steps:s-1", "answers:w-1"}
    assert found(store, "stripes") == {"samples:p-1"}
    assert found(store, "zoo why") == {f"prompts:{asked.id}"}
    assert found(store, "grass zebra") == {"steps:s-1"}
    assert found(store, "jurgen") == {"edits:e-1"}
    assert found(store, "gra", "edits", "answers") == {"edits:e-1"}
    assert found(store, "b 7") == {"comparisons:comparison-7"}
    assert found(store, "user assistant") == set()


def test_a_text_that_is_there_already_is_indexed_once(store: Store) -> None:
    one = prompt_of("A walrus.")
    for _ in range(2):
        with store.write():
            store.prompts.add([one])
    assert len(store.search.find("walrus")) == 1


def test_a_changed_or_deleted_row_is_found_by_what_it_says_now(store: Store) -> None:
    with store.write():
        store.comparisons.add([comparison(1)], run_id=None)
        store.db.conn.execute("UPDATE comparisons SET response_a = 'a heron' WHERE id = 'comparison-1'")
    assert found(store, "heron") == {"comparisons:comparison-1"}
    with store.write():
        store.db.conn.execute("UPDATE comparisons SET response_a = 'a stork' WHERE id = 'comparison-1'")
    assert found(store, "heron") == set()
    assert found(store, "stork") == {"comparisons:comparison-1"}
    with store.write():
        store.db.conn.execute("DELETE FROM comparisons")
    assert found(store, "stork") == set()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.tuples(st.integers(1, 2), st.sampled_from(["owl", "elk", None])), max_size=5), max_size=4))
def test_the_index_follows_any_changes_of_a_transaction(
    tmp_path_factory: pytest.TempPathFactory, transactions: list[list[tuple[int, str | None]]]
) -> None:
    store = store_with_runs(tmp_path_factory.mktemp("any"))
    now: dict[str, str] = {}
    for changes in transactions:
        with store.write():
            for number, word in changes:
                name = f"comparison-{number}"
                if word is None:
                    store.db.conn.execute("DELETE FROM comparisons WHERE id = ?", [name])
                    now.pop(name, None)
                    continue
                store.comparisons.add([comparison(number)], run_id=None)
                store.db.conn.execute("UPDATE comparisons SET response_a = ? WHERE id = ?", [word, name])
                now[name] = word
        for word in ("owl", "elk"):
            assert found(store, word) == {f"comparisons:{name}" for name, text in now.items() if text == word}
    assert store.problems() == []
    store.close()


def test_what_is_rolled_back_is_not_found(store: Store) -> None:
    with suppress(ZeroDivisionError), store.write():
        store.prompts.add([prompt_of("A pelican.")])
        raise ZeroDivisionError
    assert found(store, "pelican") == set()


def test_the_excerpt_shows_the_words_where_they_stand(store: Store) -> None:
    long = "so " * 400 + "the Élan of it " + "and on " * 100
    with store.write():
        store.prompts.add([prompt_of(long)])
    (one,) = store.search.find("elan")
    assert "Élan of it" in one.excerpt
    assert one.excerpt.startswith("…")
    assert one.excerpt.endswith("…")
    assert len(one.excerpt) <= 170


def test_the_better_match_comes_first_and_the_limit_holds(store: Store) -> None:
    with store.write():
        store.prompts.add([prompt_of("owl " + "word " * 60), prompt_of("owl owl owl")])
    assert [one.excerpt for one in store.search.find("owl", limit=1)] == ["owl owl owl"]
    assert len(store.search.find("owl", limit=0)) == 2


@pytest.mark.parametrize("words", ["", "  ", "\0"])
def test_no_word_is_a_sentence(store: Store, words: str) -> None:
    with pytest.raises(BadInputError, match="at least one word"):
        store.search.find(words)
    with pytest.raises(BadInputError, match="dreams cannot be searched"):
        store.search.find("owl", ["dreams"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(min_size=1), st.text(alphabet='"*():^-+{}\\ aNEARORANDNOT\0', min_size=1)))
def test_nothing_a_person_types_is_taken_for_an_operator(store: Store, words: str) -> None:
    try:
        store.search.find(words)
    except BadInputError:
        assert not words.replace("\0", " ").split()


def test_where_very_many_hold_the_words_the_newest_of_each_table_come_in_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [prompt_of(f"An owl, {number}.") for number in range(3)]
    with store.write():
        store.prompts.add(prompts)
        store.answers.add(
            [Answer(f"w-{n}", prompts[0].id, "base", "Owls hoot. " * n) for n in (3, 1)], run_id="labels-1"
        )
    asked: list[str] = []
    with monkeypatch.context() as patched, store.db.tracer(lambda sql, _: asked.append(sql)):
        patched.setattr("workbench.store.search.MOST_WEIGHED", 4)
        first = [one.id for one in store.search.find("owl", limit=4)]
        every = [one.id for one in store.search.find("owl", limit=0)]
    assert first == [prompts[2].id, "w-1", prompts[1].id, "w-3"]
    assert every == [*first, prompts[0].id]
    assert not any("rank" in sql for sql in asked)
    assert [one.id for one in store.search.find("owl", ["answers"])] == ["w-3", "w-1"]  # the best first


def test_a_project_of_an_older_schema_is_searched_at_once(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "project.db")
    old.executescript((DATA / "0.1.0.sql").read_text(encoding="utf-8"))
    old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    old.close()
    store = Store.open(tmp_path)
    assert {name.partition(":")[0] for name in found(store, "text 0")} >= {"steps"}
    assert len(found(store, "about", "prompts")) == 2
    store.close()
