import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.store.examples import comparison, label, review, store_with_runs
from workbench.errors import BadInputError
from workbench.records.evaluation import Judgement
from workbench.records.intervention import Exclusion
from workbench.records.run import Plan
from workbench.store.comparison_states import SORTS, STATES, Wanted, keys_sql, rows_sql
from workbench.store.database import Store

NUMBERS = itertools.count()
PAIRS = [comparison(number) for number in range(6)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = store_with_runs(tmp_path)
    with made.write():
        made.runs.record(Plan("evaluation-1", "evaluation"), tmp_path / "runs" / "evaluation-1")
        made.comparisons.add(PAIRS, run_id="comparisons-1")
    yield made
    made.close()


def is_up_to_date(store: Store) -> bool:
    shown, now = (
        list(store.db.execute(f"SELECT * FROM {name} ORDER BY seq"))
        for name in ("comparison_states", "comparison_states_now")
    )
    return shown == now


def labels_are_counted(store: Store) -> bool:
    kept = list(store.db.execute("SELECT principle_id, run_id, labels, flips FROM label_counts ORDER BY 1, 2"))
    now = list(store.db.execute(
        """SELECT principle_id, run_id, count(*), sum(order_flip) FROM label_principles JOIN labels ON labels.id = label_id
        WHERE verdict = 'ok' GROUP BY 1, 2 ORDER BY 1, 2"""
    ))  # fmt: skip
    return kept == now


def changes(store: Store, number: "itertools.count[int]") -> dict[str, Callable[[int, int], None]]:
    def labelled(pair: int, how: int) -> None:
        made = label(PAIRS[pair], how / 9, f"label-{next(number)}", verdict="degenerate" if how == 9 else "ok")
        with store.write():
            store.labels.add([dataclasses.replace(made, order_flip=how % 2 == 0)], run_id="labels-1")

    def scored(pair: int, how: int) -> None:
        one = Judgement(
            f"j-{next(number)}", PAIRS[pair].prompt_id, "preference_model" if how else "oracle", "m", "m", "", "", "a",
            how / 9, comparison_id=PAIRS[pair].id if how != 5 else "",
        )  # fmt: skip
        with store.write():
            store.judgements.add([one], run_id="evaluation-1")

    def reviewed(pair: int, how: int) -> None:
        decision = ("a", "b", "tie", "flag", "withdrawn")[how % 5]
        before = store.reviews.select("comparison_id = ?", (PAIRS[pair].id,), limit=1, order="seq DESC")
        made = review(PAIRS[pair], next(number), before[0].id if before and how > 4 else None)
        store.decide([dataclasses.replace(made, decision=decision)])  # type: ignore[arg-type]

    def excluded(pair: int, how: int) -> None:
        last = store.exclusions.select("target = ?", (PAIRS[pair].id,), limit=1, order="seq DESC")
        store.decide([Exclusion(f"x-{next(number)}", PAIRS[pair].id, how < 6, supersedes=last[0].id if last else None)])

    def discarded(pair: int, how: int) -> None:
        run = ("labels-1", "comparisons-1", "evaluation-1")[pair % 3]
        with store.write():
            store.db.conn.execute("UPDATE runs SET discarded = ? WHERE id = ?", (how % 2, run))

    return {"label": labelled, "score": scored, "review": reviewed, "exclude": excluded, "discard": discarded}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(
    st.tuples(st.sampled_from(["label", "score", "review", "exclude", "discard"]), st.integers(0, 5), st.integers(0, 9)),
    min_size=4, max_size=14,
))  # fmt: skip
def test_whatever_happens_the_states_are_what_the_records_say(
    store: Store, happened: list[tuple[str, int, int]]
) -> None:
    do = changes(store, NUMBERS)
    for what, pair, how in happened:
        do[what](pair, how)
    assert is_up_to_date(store)
    assert labels_are_counted(store)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans()), max_size=8))
def test_pairs_that_come_with_their_choices_and_labels_are_told_whole(
    store: Store, said: list[tuple[int, int, bool]]
) -> None:
    pairs = [comparison(1000 + next(NUMBERS)) for _ in range(3)] + PAIRS[:1]
    with store.write():
        store.comparisons.add(pairs[:3], run_id=None)
        for place, how, labelled in said:
            number = next(NUMBERS)
            if labelled:
                store.labels.add([label(pairs[place], how / 9, f"label-{number}")], run_id="labels-1")
                continue
            before = store.reviews.select("comparison_id = ?", (pairs[place].id,), limit=1, order="seq DESC")
            made = review(pairs[place], number, before[0].id if before and how > 4 else None)
            decision = ("a", "b", "tie", "flag", "withdrawn")[how % 5]
            store.decisions.add([dataclasses.replace(made, decision=decision)])  # type: ignore[arg-type]
    assert is_up_to_date(store)


def fill(store: Store, count: int = 50) -> None:
    """Labels on many comparisons, of which several share every key."""
    pairs = [comparison(number) for number in range(10, 10 + count)]
    with store.write():
        store.comparisons.add(pairs, run_id="comparisons-1")
        store.labels.add(
            [label(one, (place % 7) / 6) for place, one in enumerate(pairs) if place % 5], run_id="labels-1"
        )
    store.decide([review(one) for one in pairs[::3]])


def test_every_order_is_whole_and_sorted(store: Store) -> None:
    fill(store)
    states = store.comparison_states
    for sort, descending, state in itertools.product(
        SORTS, (False, True), ("all", "labelled", "reviewed", "overruled")
    ):
        keys = states.keys(Wanted(state, sort=sort, descending=descending))
        shown = dict(
            store.db.execute(f"SELECT seq, {SORTS[sort]} FROM comparison_states WHERE {STATES[state]}").fetchall()
        )
        assert sorted(keys) == sorted(shown)
        places = [(shown[key], key) for key in keys]
        assert places == sorted(places, reverse=descending)
        assert [row.seq for row in states.rows(keys[:9])] == list(keys[:9])
        assert sorted(states.ids_of(keys)) == sorted(states.ids(Wanted(state)))


def test_no_order_is_sorted_and_rows_are_sought(store: Store) -> None:
    fill(store)
    for sort, descending in itertools.product(SORTS, (False, True)):
        way = plan(store, *keys_sql("seq", Wanted(sort=sort, descending=descending)))
        assert "TEMP B-TREE" not in way
        assert sort == "made" or f"INDEX comparison_states_by_{SORTS[sort]}" in way
    sought = plan(store, *rows_sql([1, 2, 3]))
    assert "SEARCH comparison_states USING INTEGER PRIMARY KEY" in sought
    assert "SCAN" not in sought


def test_what_is_rare_is_found_by_an_index_of_its_own(store: Store) -> None:
    for state in ("flips", "disputed", "overruled", "excluded"):
        way = plan(store, *keys_sql("seq", Wanted(state, sort="doubt")))
        assert f"comparison_states_{STATES[state].split()[0]}" in way
        assert "TEMP B-TREE" not in way


def plan(store: Store, sql: str, arguments: Sequence[object]) -> str:
    return "\n".join(str(row[3]) for row in store.db.execute(f"EXPLAIN QUERY PLAN {sql}", arguments))


def test_words_and_principles_narrow_what_is_shown(store: Store) -> None:
    fill(store, 3)
    states = store.comparison_states
    assert states.principles() == ["kindness"]
    assert len(states.ids(Wanted(principle="kindness"))) == 2
    assert states.ids(Wanted(words="b 11")) == ["comparison-11"]
    some = ("comparison-11", "comparison-2", "comparison-99")
    assert states.ids(Wanted(among=some, descending=True)) == ["comparison-11", "comparison-2"]
    assert states.ids(Wanted(among=some, words="b 11")) == ["comparison-11"]
    assert states.ids(Wanted(among=())) == []
    assert len(states.ids(Wanted(words="what about"))) == 9
    assert states.ids(Wanted(words='" OR ')) == []
    assert states.rows(states.keys(Wanted(words="b 11")))[0].prompt == "What about 0?"
    assert (states.counts()["all"], states.counts()["unlabelled"]) == (9, 7)


def test_the_first_that_hold_words_are_found_on_the_way_where_many_do(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    states = store.comparison_states
    for words, sort, descending in itertools.product(("what about", "b 11", "odd"), SORTS, (False, True)):
        every = states.keys(Wanted(words=words, sort=sort, descending=descending))
        with monkeypatch.context() as patched:
            patched.setattr("workbench.store.comparison_states._MANY_TEXTS", 0)
            first = states.keys(Wanted(words=words, sort=sort, descending=descending, limit=7))
        assert list(first) == list(every[:7])
    wanted = Wanted(words="what about", sort="doubt", limit=7)
    asked: list[str] = []
    with monkeypatch.context() as patched, store.db.tracer(lambda sql, _: asked.append(sql)):
        patched.setattr("workbench.store.comparison_states._MANY_TEXTS", 0)
        states.keys(wanted)
    assert "LIMIT 7" in asked[-1]
    assert "UNION" not in asked[-1]  # which would look for all that hold the words first
    assert "TEMP B-TREE" not in plan(store, *keys_sql("seq", wanted, walks=True))


def test_an_order_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(BadInputError, match="no state 'odd' of comparisons"):
        Wanted("odd")
    with pytest.raises(BadInputError, match="no order 'odd' of comparisons"):
        Wanted(sort="odd")
