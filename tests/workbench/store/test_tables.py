import dataclasses
import math
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.store.examples import comparison, label, prompt, step, store_with_runs
from workbench.errors import BadInputError
from workbench.records.comparison import Label, OrderedAnswer
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.prompt import Prompt
from workbench.records.run import Done, Metric, Output, Plan
from workbench.records.transcript import Message
from workbench.store.database import Store
from workbench.store.rows import from_row, records_of, storable, to_row

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]))


@given(
    st.builds(
        Prompt,
        ANY_TEXT,
        st.lists(st.builds(Message, st.just("user"), ANY_TEXT)).map(tuple),
        fields=st.dictionaries(ANY_TEXT, ANY_TEXT),
    )
)
def test_a_prompt_survives_its_row(record: Prompt) -> None:
    connection = sqlite3.connect(":memory:")
    row = to_row(record)
    stored = connection.execute(f"SELECT {', '.join('?' * len(row))}", list(row.values())).fetchone()
    connection.close()
    again = from_row(Prompt, dict(zip(row, stored, strict=True)))
    assert (again.messages, again.fields) == (record.messages, record.fields)
    assert again.id == storable(record.id)
    assert again.id == record.id or any("\ud800" <= letter <= "\udfff" for letter in record.id)


@given(st.floats(), st.booleans(), st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)), st.none() | st.floats(0, 1))
def test_numbers_survive_their_row(
    number: float, flip: bool, clamp: tuple[float, float] | None, given_: float | None
) -> None:
    record = Label("l", "c", ("p",), number, (OrderedAnswer("ba", number, 0.0),), flip, clamp=clamp)
    again = from_row(Label, to_row(record))
    assert again == record or (math.isnan(number) and math.isnan(again.probability_a) and again.order_flip is flip)
    judgement = Judgement("j", "p", "oracle", "a", "b", "x", "y", "tie", given_, flip)
    assert from_row(Judgement, to_row(judgement)) == judgement


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = store_with_runs(tmp_path / "project")
    yield opened
    opened.close()


def test_a_record_is_read_whatever_columns_lie_around_its_own() -> None:
    connection = sqlite3.connect(":memory:")
    found = connection.execute("SELECT 7 AS seq, 1 AS order_flip, NULL AS probability_a, 'j' AS id, 'p' AS prompt_id, "
        "'oracle' AS judge, 'm' AS model_a, 'n' AS model_b, 'x' AS answer_a, 'y' AS answer_b, 'tie' AS verdict, "
        "'' AS comparison_id")  # fmt: skip
    (judgement,) = records_of(Judgement, found)
    assert judgement == Judgement("j", "p", "oracle", "m", "n", "x", "y", "tie", None, True)
    (score,) = records_of(
        Score, connection.execute("SELECT 's' AS id, 'x' AS answer_id, NULL AS value, '' AS name, 'o' AS judge")
    )
    assert (score.id, score.judge) == ("s", "o")
    assert math.isnan(score.value)
    (label_,) = records_of(Label, connection.execute("SELECT 'l' AS id, 'c' AS comparison_id, '[\"p\"]' AS principle_ids, "
        "0.5 AS probability_a, '[{\"order\":\"ab\",\"logprob_a\":-1,\"logprob_b\":-2}]' AS answers"))  # fmt: skip
    connection.close()
    assert label_.principle_ids == ("p",)
    assert label_.answers[0].order == "ab"


def test_very_many_rows_come_in_parts_and_what_is_there_is_passed_by(store: Store) -> None:
    prompts = [prompt(number) for number in range(100, 1310)]
    with store.write():
        store.prompts.add(prompts[::2])
        assert store.prompts.add(prompts + prompts[:3]) == [one.id for one in prompts[1::2]]
    assert [one.id for one in store.prompts.each()][2:] == [one.id for one in prompts[::2] + prompts[1::2]]
    assert len(store.search.find("about", ["prompts"], limit=0)) == len(prompts) + 2


def test_adding_twice_changes_nothing(store: Store) -> None:
    with store.write():
        assert store.comparisons.add([comparison(1), comparison(2)], run_id="comparisons-1") == [
            "comparison-1",
            "comparison-2",
        ]
    with store.write():
        changed = dataclasses.replace(comparison(1), response_a="another text")
        assert store.comparisons.add([changed, comparison(3)], run_id="comparisons-1") == ["comparison-3"]
    assert store.comparisons.get("comparison-1") == comparison(1)


def test_pages_by_key_are_all_there_is(store: Store) -> None:
    everything = [comparison(number) for number in range(23)]
    with store.write():
        store.comparisons.add(everything, run_id=None)
    seen, after = [], 0
    while page := store.comparisons.page(after, 5):
        assert len(page) <= 5
        seen += [record for _, record in page]
        after = page[-1][0]
    assert seen == everything == list(store.comparisons.each())
    assert store.comparisons.get_many(["comparison-7", "none"]) == {"comparison-7": comparison(7)}


def test_chains_are_put_together_from_their_steps(store: Store) -> None:
    steps = [step(0, index) for index in (0, 1, 2, 3)] + [step(1, 0)]
    with store.write():
        new = store.chains.add(steps, run_id="chains-1")
    assert new == [one.id for one in steps]
    first, second = (chain for _, chain in store.chains.chains())
    assert (first.initial, len(first.revisions), first.rounds, first.complete) == ("text 0", 1, 2, False)
    assert (first.revisions[0].critique, first.revisions[0].text) == ("text 1", "text 2")
    assert (second.prompt_id, second.rounds, second.complete) == (prompt(1, "helpful").id, 0, True)
    assert store.chains.newest(1) == [second]
    assert [store.chains.step_count(name) for name in ("chain-0", second.id, "none")] == [4, 1, 0]
    assert store.chains.chain("chain-0") == first
    assert [[one.index for one in steps] for steps in store.chains.of_runs(["chains-1"])] == [[0, 1, 2, 3], [0]]


def test_one_block_is_saved_wholly_or_not_at_all(store: Store) -> None:
    def save_and_fail() -> None:
        with store.write():
            store.comparisons.add([comparison(1)], run_id=None)
            raise ZeroDivisionError

    def save_what_cannot_be() -> None:
        with store.write():
            store.comparisons.add([comparison(1)], run_id=None)
            store.comparisons.add([comparison(2)], run_id="no such run")

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    assert store.comparisons.count() == 0
    with pytest.raises(BadInputError, match="not in the project"):
        save_what_cannot_be()
    assert store.comparisons.count() == 0
    with store.write(), pytest.raises(RuntimeError, match="nest"), store.write():
        pass


def test_a_write_outside_a_transaction_is_a_bug_that_shows(store: Store) -> None:
    with pytest.raises(RuntimeError, match=r"store\.write"):
        store.comparisons.add([comparison(1)], run_id=None)
    with pytest.raises(RuntimeError, match=r"store\.write"):
        store.runs.set("chains-1", state="finished")


def test_comparisons_wait_for_a_usable_label_of_this_version(store: Store) -> None:
    one, two, three = (comparison(number) for number in (1, 2, 3))
    with store.write():
        store.comparisons.add([one, two, three], run_id="comparisons-1")
        store.labels.add(
            [label(one), label(two, verdict="degenerate"), label(three, constitution="h0")], run_id="labels-1"
        )
    assert store.comparisons.without_label("h1", "logprobs") == [two, three]
    assert store.comparisons.without_label("h1", "rationale") == [one, two, three]
    principles = store.db.execute("SELECT principle_id, label_id FROM label_principles ORDER BY label_id").fetchall()
    assert principles[0] == ("kindness", "label-comparison-1")


def test_metrics_and_models_take_the_last_word_of_a_resumed_run(store: Store) -> None:
    with store.write():
        store.metrics.add([Metric("loss", 1, 2.0), Metric("loss", 2, math.nan), Metric("kl", 1, math.inf)], "chains-1")
        store.metrics.add([Metric("loss", 1, 1.5)], "chains-1")
        store.models.add([Output("output", "sft", "old", 5)], "chains-1")
        store.models.add([Output("output", "sft", "new", 9)], "chains-1")
        store.done_inputs.add([Done("p1"), Done("p1"), Done("p2")], "chains-1")
    assert store.metrics.of_run("chains-1", "loss")[0] == Metric("loss", 1, 1.5)
    assert math.isnan(store.metrics.of_run("chains-1", "loss")[1].value)
    assert store.metrics.of_run("chains-1")[0] == Metric("kl", 1, math.inf)
    made = store.models.of_run("chains-1")
    assert made is not None
    assert (made.weights, made.step, made.path) == ("new", 9, "output")
    assert len(store.models.all()) == 1
    assert store.done_inputs.count("chains-1") == 2


def test_evaluations_are_kept(store: Store) -> None:
    answer = Answer("a", prompt(0).id, "base", "text")
    with store.write():
        store.answers.add([answer], run_id="chains-1")
        store.scores.add([Score("s", "a", "oracle", "harm", math.nan)], run_id="chains-1")
        store.judgements.add([Judgement("j", prompt(0).id, "oracle", "m", "n", "a", "", "a", None)], run_id="chains-1")
    assert list(store.answers.each()) == [answer]
    assert math.isnan(next(store.scores.each()).value)
    assert next(store.judgements.each()).probability_a is None


def test_runs_are_named_in_order_and_found_where_the_project_is(store: Store, tmp_path: Path) -> None:
    assert store.runs.next_id("chains") == "chains-2"
    assert store.runs.next_id("rl") == "rl-1"
    assert [run.id for run in store.runs.newest_first()] == ["comparisons-1", "labels-1", "chains-1"]
    found = store.runs.find("chains-1")
    assert found is not None
    assert found.folder == str(tmp_path / "project" / "runs" / "chains-1")
    assert found.plan == Plan("chains-1", "chains", settings={"rounds": 2})
    with store.write():
        store.runs.record(Plan("chains-7", "chains"), Path("/elsewhere/chains-7"))
        store.runs.set("chains-1", state="stopped")
    assert store.runs.next_id("chains") == "chains-8"
    assert str(store.runs.folder(store.runs.select("id = 'chains-7'")[0])) == "/elsewhere/chains-7"
    assert [run.id for run in store.runs.usable("chains")] == ["chains-1"]
    with store.write():
        store.runs.set("chains-7", state="finished")
    assert [run.id for run in store.runs.usable("chains")] == ["chains-7", "chains-1"]
    with store.write():
        store.runs.set("chains-7", discarded=1)
    assert [run.id for run in store.runs.usable("chains")] == ["chains-1"]


def test_what_a_discarded_run_made_is_left_out(store: Store) -> None:
    with store.write():
        store.comparisons.add([comparison(1)], run_id="comparisons-1")
        store.comparisons.add([comparison(2)], run_id=None)
        store.runs.set("comparisons-1", discarded=1)
    assert store.comparisons.without_label("h1", "logprobs") == [comparison(2)]
