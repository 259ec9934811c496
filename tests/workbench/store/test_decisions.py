import dataclasses
import json
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.store.examples import KIND, comparison, review, step, store_with_runs, version
from workbench.errors import BadInputError
from workbench.records.comparison import Review
from workbench.records.constitution import Constitution
from workbench.records.encoding import spelt, to_data
from workbench.records.identity import canonical_json
from workbench.records.intervention import Edit, Exclusion
from workbench.store import journal as journals
from workbench.store.database import Store
from workbench.store.journal import Journal, chained


def filled(folder: Path) -> Store:
    store = store_with_runs(folder)
    with store.write():
        store.comparisons.add([comparison(1), comparison(2)], run_id="comparisons-1")
    store.decide([version()])
    return store


def journal(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "decisions.jsonl").read_text().splitlines()]


def test_a_decision_is_in_two_places_and_chained(tmp_path: Path) -> None:
    store = filled(tmp_path)
    one, two = review(comparison(1)), review(comparison(2))
    assert store.decide([one, two]) == [one.id, two.id]
    assert store.decide([one]) == []
    assert list(store.reviews.each()) == [one, two]
    lines = journal(tmp_path)
    assert [line["kind"] for line in lines] == ["ConstitutionVersion", "Review", "Review"]
    assert [line["previous_hash"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]
    assert store.decisions.verify() == []
    store.close()


@pytest.mark.parametrize("table", ["reviews", "decisions", "constitutions", "exclusions", "edits"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET seq = seq + 10", "DELETE FROM {}", "REPLACE INTO {} SELECT * FROM {}"])
def test_nothing_a_person_did_is_overwritten(tmp_path: Path, table: str, sql: str) -> None:
    store = filled(tmp_path)
    with store.write():
        store.chains.add([step(0, 0)], run_id="chains-1")
    store.decide([review(comparison(1)), Exclusion("x-1", "comparison-1"), Edit("e-1", "chain-0-0", "mine")])
    with pytest.raises(BadInputError, match="append-only"), store.write():
        store.db.conn.execute(sql.format(table, table))
    assert store.decisions.verify() == []
    store.close()


def test_exclusions_and_edits_come_back_from_the_journal(tmp_path: Path) -> None:
    store = filled(tmp_path)
    with store.write():
        store.chains.add([step(0, 0)], run_id="chains-1")
    store.close()
    before = (tmp_path / "project.db").read_bytes()
    store = Store.open(tmp_path)
    decided: list[Exclusion | Edit] = [
        Exclusion("x-1", "comparison-1", reason="odd"),
        Edit("e-1", "chain-0-0", "mine"),
        Edit("e-2", "chain-0-0", None),
    ]
    store.decide(decided)
    with pytest.raises(BadInputError, match="nothing of that id"):
        store.decide([Exclusion("x-2", "nothing")])
    store.close()
    (tmp_path / "project.db").write_bytes(before)
    store = Store.open(tmp_path)
    assert [*store.exclusions.each(), *store.edits.each()] == decided
    assert store.problems() == []
    store.close()


def test_a_decision_of_an_unknown_kind_is_told_and_kept(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.close()
    path = tmp_path / "decisions.jsonl"
    Journal(path).append([chained("d-1", "Dance", '{"id":"d-1"}', "whatever")])
    lines = path.read_text()
    store = Store.open(tmp_path)
    assert any("d-1" in sentence for sentence in store.damage)
    store.close()
    assert path.read_text() == lines


def test_undoing_adds_a_review(tmp_path: Path) -> None:
    store = filled(tmp_path)
    first = review(comparison(1))
    store.decide([first])
    store.decide([review(comparison(1), 2, supersedes=first.id)])
    assert len(store.reviews.of(["comparison-1"])["comparison-1"]) == 2
    with pytest.raises(BadInputError):
        store.decide([review(comparison(1), 3, supersedes="no such review")])
    store.close()


def test_what_cannot_be_saved_leaves_no_trace(tmp_path: Path) -> None:
    store = filled(tmp_path)
    before = journal(tmp_path)
    with pytest.raises(BadInputError):
        store.decide([review(comparison(1)), review(comparison(99))])
    assert journal(tmp_path) == before
    assert store.reviews.count() == 0
    store.decide([review(comparison(1))])
    assert store.decisions.verify() == []
    store.close()


def test_what_the_journal_has_and_the_store_lacks_is_replayed(tmp_path: Path) -> None:
    store = filled(tmp_path / "one")
    store.close()
    before = (tmp_path / "one" / "project.db").read_bytes()
    store = Store.open(tmp_path / "one")
    store.decide([review(comparison(1)), review(comparison(2))])
    store.close()
    (tmp_path / "one" / "project.db").write_bytes(before)  # a backup from before was put back

    store = Store.open(tmp_path / "one")
    assert list(store.reviews.each()) == [review(comparison(1)), review(comparison(2))]
    assert any("2 decisions" in note for note in store.notes)
    assert store.decisions.verify() == []
    assert len(journal(tmp_path / "one")) == 3
    store.close()
    store = Store.open(tmp_path / "one")
    assert store.notes == store.damage == []
    store.close()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_journal_torn_anywhere_gives_back_every_whole_decision(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    store = filled(folder)
    store.close()
    before = (folder / "project.db").read_bytes()
    store = Store.open(folder)
    reviews = [review(comparison(1), number) for number in range(3)]
    for one in reviews:
        store.decide([one])
    store.close()
    whole = (folder / "decisions.jsonl").read_bytes()
    first = whole.index(b"\n") + 1
    kept = data.draw(st.integers(first, len(whole)))
    (folder / "decisions.jsonl").write_bytes(whole[:kept])
    (folder / "project.db").write_bytes(before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals, "_PART", data.draw(st.sampled_from([3, 100, 1 << 16])))
        store = Store.open(folder)
    count = whole[:kept].count(b"\n") - 1
    assert list(store.reviews.each()) == reviews[:count]
    store.decide([review(comparison(2))])
    store.close()
    assert len(journal(folder)) == count + 2


def test_a_journal_that_was_lost_is_written_again(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.decide([review(comparison(1)), review(comparison(2))])
    store.close()
    whole = journal(tmp_path)
    (tmp_path / "decisions.jsonl").unlink()
    store = Store.open(tmp_path)
    assert store.notes == ["3 decisions were written to decisions.jsonl, which lacked them."]
    store.close()
    assert journal(tmp_path) == whole


def test_choices_that_were_committed_with_their_pairs_are_in_the_journal_after_a_kill(tmp_path: Path) -> None:
    store = filled(tmp_path)
    came = [review(comparison(3), 0), review(comparison(4), 1)]
    with store.write():
        store.comparisons.add([comparison(3), comparison(4)], run_id=None)
        decisions = store.decisions.add([*came, came[0]])
    assert [decision.id for decision in decisions] == [one.id for one in came]
    store.close()  # before they were kept in the journal
    store = Store.open(tmp_path)
    assert store.notes == ["2 decisions were written to decisions.jsonl, which lacked them."]
    assert list(store.reviews.each()) == came
    assert [line["id"] for line in journal(tmp_path)[1:]] == [one.id for one in came]
    assert store.problems() == []
    store.close()


@given(
    st.builds(
        Review, *[st.text(st.characters(), max_size=6)] * 3, st.sampled_from(["a", "tie"]),
        blind=st.booleans(), seconds=st.floats() | st.integers(), reason=st.text(st.characters()),
        supersedes=st.none() | st.text(max_size=3),
    )
)  # fmt: skip
def test_a_record_is_spelt_as_its_data_is(made: Review) -> None:
    assert spelt(made) == canonical_json(to_data(made))


def test_text_that_utf_8_cannot_hold_does_not_stop_a_review(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.decide([dataclasses.replace(review(comparison(1)), reason="half \ud83d, whole \ud83d\ude00")])
    assert next(store.reviews.each()).reason == "half \ufffd, whole \U0001f600"
    assert store.decisions.verify() == []
    store.close()


def test_a_changed_line_of_the_journal_is_not_taken_for_a_decision(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.close()
    before = (tmp_path / "project.db").read_bytes()
    store = Store.open(tmp_path)
    store.decide([review(comparison(1))])
    store.close()
    path = tmp_path / "decisions.jsonl"
    path.write_text(path.read_text().replace('"a_much"', '"b_much"'))
    (tmp_path / "project.db").write_bytes(before)
    store = Store.open(tmp_path)
    assert store.reviews.count() == 0
    assert any("damaged" in sentence for sentence in store.damage)
    store.close()


def test_a_row_changed_behind_our_back_is_found(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.decide([review(comparison(1))])
    store.close()
    other = sqlite3.connect(tmp_path / "project.db")
    other.execute("DROP TRIGGER reviews_no_update")
    other.execute("UPDATE reviews SET decision = 'b_much'")
    other.commit()
    other.close()
    store = Store.open(tmp_path)
    assert store.decisions.verify() == ["Review review-comparison-1-1 is not as it was made."]
    store.close()


def test_going_back_to_an_older_constitution_makes_it_current(tmp_path: Path) -> None:
    store = filled(tmp_path)
    other = Constitution("other")
    store.decide([version(other, KIND.hash, "2026-02")])
    current = store.constitutions.current()
    assert current is not None
    assert (current.hash, current.parent) == (other.hash, KIND.hash)
    store.decide([version(KIND, other.hash, "2026-03")])
    current = store.constitutions.current()
    assert current is not None
    assert current.constitution == KIND
    assert store.constitutions.count() == 2
    assert store.decisions.verify() == []
    store.close()


def test_a_journal_that_is_as_it_was_left_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path)
    store.decide([review(comparison(1))])
    store.close()
    with monkeypatch.context() as without:
        without.setattr(Journal, "read", lambda _: pytest.fail("it was read"))
        store = Store.open(tmp_path)
        store.decide([review(comparison(2))])
        store.close()
        Store.open(tmp_path).close()
    path = tmp_path / "decisions.jsonl"
    left = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"a_much"', b'"b_much"'))
    os.utime(path, ns=(left.st_atime_ns, left.st_mtime_ns))  # nobody saw it change
    store = Store.open(tmp_path)
    assert store.damage == []
    assert any("damaged" in sentence for sentence in store.problems())
    store.close()
    os.utime(path)
    store = Store.open(tmp_path)
    assert any("damaged" in sentence for sentence in store.damage)
    store.close()


def test_what_could_not_be_written_to_the_journal_is_looked_for_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(Journal, "append", _disk_is_full)
        with pytest.raises(OSError, match="full"), store.bring_in():
            store.decisions.add([review(comparison(1))])
    store.close()
    store = Store.open(tmp_path)
    assert any("which lacked them" in note for note in store.notes)
    assert len(journal(tmp_path)) == store.decisions.last()
    store.close()


def _disk_is_full(*_: object) -> None:
    raise OSError("the disk is full")
