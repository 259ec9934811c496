"""A large file comes in another way than a small one: read by a process of its own, indexes made last. It leaves the same."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadInputError, WorkbenchError
from workbench.project import Project
from workbench.project.importing import FileImport, Taken, Wanted
from workbench.project.splits import assign
from workbench.records.comparison import Comparison
from workbench.records.constitution import Constitution
from workbench.records.prompt import prompt_of

#: A reader that is killed after its first batch.
KILLED = """
import os
from workbench.project import row_reader
read = row_reader.FileImport.batches
row_reader.FileImport.batches = lambda *asked: (
    os.kill(os.getpid(), 9) if n else batch for n, batch in enumerate(read(*asked))
)
row_reader.main()
"""


def rows() -> list[dict[str, Any]]:
    """Pairs, some of which come again: from the same person, from another, in a later batch; and rows that are bad."""
    made = [
        {"prompt": f"Wat is {n}?\n\u00fc\U0001f600", "response_a": f'Het is "{n}".', "response_b": "\u00e9\\?", "preferred": "a",
         "reviewer": "ada"}
        for n in range(35)
    ]  # fmt: skip
    return [*made, made[3], {**made[4], "reviewer": "ben", "preferred": "b"}, {"prompt": "bad"}, *made[30:35],
            {**made[34], "reviewer": "ben", "preferred": "tie"}, {**made[0], "preferred": ""}]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows()))
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Project.create(tmp_path / "empty", Constitution("first")).close()
    return tmp_path / "empty"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every file taken for a large one."""
    monkeypatch.setattr("workbench.project.importing.LARGE", 0)
    monkeypatch.setattr("workbench.project.importing._ROW_BYTES", 1)
    monkeypatch.setattr("workbench.store.database.MANY", 1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.project.importing.BATCH", 10)
    for module in ("importing", "imported_runs"):
        monkeypatch.setattr(f"workbench.project.{module}._now", lambda: "2026-11-27T12:00:00+00:00")


def whole(coming: FileImport, project: Project) -> Taken:
    return coming.take_whole(project, skip_bad=True)


def in_steps(coming: FileImport, project: Project) -> Taken:
    *_, taken = coming.take(project)
    return taken


def held(folder: Path) -> dict[str, list[Any]]:
    """Return all that a project holds: rows of every table, also of the index of words, and names; and its journal."""
    database = sqlite3.connect(folder / "project.db")
    schema = database.execute("SELECT name, type, sql FROM sqlite_schema ORDER BY name").fetchall()
    # How words are divided between the parts of their index follows from when it was written, not from what it holds.
    tables = [name for name, kind, _ in schema if kind == "table" and not name.startswith(("search_", "sqlite_stat"))]
    database.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search, instance)")
    found = {
        name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables if name != "journal_agreed"
    }
    found["words"] = database.execute("SELECT * FROM words ORDER BY term, doc, offset").fetchall()
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    return found | {"schema": schema, "journal": (folder / "decisions.jsonl").read_text().splitlines()}


@pytest.mark.parametrize("taken_over", [whole, in_steps])
def test_a_large_file_leaves_what_a_small_one_leaves(
    empty: Path, file: Path, taken_over: Callable[[FileImport, Project], Taken], request: pytest.FixtureRequest
) -> None:
    other = shutil.copytree(empty, empty.with_name("other"))
    with Project.open(empty) as project:
        expected = taken_over(FileImport(Wanted(str(file))), project)
    request.getfixturevalue("large")
    with Project.open(other) as project:
        assert taken_over(FileImport(Wanted(str(file))), project) == expected
        assert project.check() == []
        assert project.store.db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    there = held(other)
    assert (len(there["comparisons"]), len(there["reviews"]), expected.bad) == (35, 37, 1)
    assert len(there["words"]) > 35
    assert there == held(empty)
    with Project.open(other) as project:
        again = taken_over(FileImport(Wanted(str(file))), project)
    now = held(other)
    assert [(name, now[name], there[name]) for name in now if now[name] != there[name]] == [
        ("sqlite_sequence", now["sqlite_sequence"], there["sqlite_sequence"])  # counts also what was passed by
    ]
    assert set(again.new.values()) == {0}


@pytest.mark.parametrize("taken_over", [whole, in_steps])
@pytest.mark.parametrize("others", ["", "large"])
def test_shares_of_many_prompts_are_drawn_a_batch_at_a_time_as_over_all_of_them(
    empty: Path,
    tmp_path: Path,
    taken_over: Callable[[FileImport, Project], Taken],
    others: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A prompt goes where one of its text is in the project or in the file, be it in a later batch."""
    for module in ("importing", "splits"):
        monkeypatch.setattr(f"workbench.project.{module}.MOST_COMPARED", 20)
    if others:
        request.getfixturevalue(others)
    prompts: list[dict[str, Any]] = [{"prompt": f"Wat is {n}?"} for n in range(40)]
    prompts += [{"prompt": f"Wat is {n}?", "kind": "helpful", "split": "rl"} for n in range(5)]
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in prompts))
    there = [prompt_of(f"Wat is {n}?", "helpful", "sft") for n in range(30, 40)]
    shares = {"train": 0.5, "test": 0.5}
    expected = assign([prompt_of(f"Wat is {n}?", split="") for n in range(5, 30)], shares)
    with Project.open(empty) as project:
        with project.store.write():
            project.store.prompts.add(there)
        taken = taken_over(FileImport(Wanted(str(path), split="train=0.5,test=0.5")), project)
        found = {prompt.text: prompt.split for prompt in project.store.prompts.each() if prompt.kind == "red-team"}
    assert taken.new == {"prompts": 45}
    assert found == {prompt.text: prompt.split for prompt in expected} | {
        f"Wat is {n}?": "rl" if n < 5 else "sft" for n in (*range(5), *range(30, 40))
    }
    assert {prompt.split for prompt in expected} == {"train", "test"}


def test_many_responses_to_learn_come_in_as_one_run_in_many_parts(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written and collected a few rows at a time they leave what they leave at once, and nothing lies beside the run."""
    path = tmp_path / "completions.jsonl"
    rows = [{"prompt": f"Wat is {n}?", "completion": f"{n}\u00fc"} for n in range(25)]
    rows += [{**rows[3], "completion": "another"}, {**rows[24], "completion": "I cannot help with that."}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    other = shutil.copytree(empty, empty.with_name("other"))
    with Project.open(other) as project:
        whole(FileImport(Wanted(str(path))), project)
    large = shutil.copytree(empty, empty.with_name("large"))
    with monkeypatch.context() as patched, Project.open(large) as project:
        patched.setattr("workbench.project.importing.LARGE", 0)
        heard: list[str] = []
        assert FileImport(Wanted(str(path))).take_whole(project, True, heard.append).new == {"steps": 27}
        assert heard == ["completions.jsonl", *(f"completions.jsonl, {n} rows so far" for n in (10, 20, 27)),
            "completions.jsonl, 27 rows in all, which are being saved"]  # fmt: skip
        assert project.check() == []
    for module, name in (("importing", "BATCH"), ("imported_runs", "_BLOCK"), ("collection", "_PART")):
        monkeypatch.setattr(f"workbench.project.{module}.{name}", 3)
    monkeypatch.setattr("workbench.store.chains._STEPS", 3)
    with Project.open(empty) as project:
        steps = [(taken.rows, dict(taken.new)) for taken in FileImport(Wanted(str(path))).take(project)]
        again = whole(FileImport(Wanted(str(path))), project)
    assert (steps[0], steps[-1]) == ((3, {}), (27, {"steps": 27}))
    assert (again.already_there, again.new, again.run) == (27, {}, "")
    assert [one.name for one in (empty / "runs").iterdir()] == ["chains-1"]
    kept = ("prompts", "chains", "steps", "done_inputs", "chain_rows", "words", "runs")
    at_once, in_parts, beside = ({name: held(place)[name] for name in kept} for place in (other, empty, large))
    assert at_once == in_parts == beside
    for name in ("inputs.jsonl", "results.jsonl", "plan.json"):
        assert len({(place / "runs" / "chains-1" / name).read_bytes() for place in (other, empty, large)}) == 1


@pytest.mark.parametrize("wrong", ["a bad row", "a change"])
def test_of_responses_to_learn_nothing_stays_where_their_file_is_refused(
    empty: Path, tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "completions.jsonl"
    good = "".join(json.dumps({"prompt": f"Wat is {n}?", "completion": "x"}) + "\n" for n in range(9))
    path.write_text(good + ('{"prompt": "bad"}\n' if wrong == "a bad row" else ""))
    before = held(empty)
    with Project.open(empty) as project:
        coming = FileImport(Wanted(str(path)))
        if wrong == "a bad row":
            taken = coming.take_whole(project, skip_bad=False)
            assert ([row.line for row in taken.bad_rows], taken.rows, taken.new) == ([10], 0, {})
        else:
            read = coming.rows

            def writing() -> Any:
                yield from read()
                path.write_text(good * 2)

            monkeypatch.setattr(coming, "rows", writing)
            with pytest.raises(BadInputError, match=r"has changed since it was read\. Nothing was imported"):
                coming.take_whole(project, skip_bad=True)
        assert list((empty / "runs").iterdir()) == []
    assert held(empty) == before


def test_a_large_file_that_fails_half_way_leaves_the_project_as_it_was(
    empty: Path, file: Path, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(empty)
    with Project.open(empty) as project:
        refused = FileImport(Wanted(str(file))).take_whole(project, skip_bad=False)
        assert ([row.line for row in refused.bad_rows], refused.new) == ([38], {})

        def interrupted() -> None:
            if project.store.comparisons.count() > 20:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(project.store, "catch_up", interrupted)
            with pytest.raises(KeyboardInterrupt):
                FileImport(Wanted(str(file))).take_whole(project, skip_bad=True)
        assert project.store.db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert held(empty) == before


def test_a_pair_about_a_prompt_that_is_not_there_is_refused_however_many_come(empty: Path, large: None) -> None:
    prompt = prompt_of("Why?")
    pairs = [Comparison("one", prompt.id, "a", "b"), Comparison("two", "absent", "a", "b")]
    before = held(empty)
    with Project.open(empty) as project:
        absent = pytest.raises(BadInputError, match=r"not in the project .* \(FOREIGN KEY .*comparisons\.prompt_id\)")
        with absent, project.store.bring_in(rows=2):
            project.add_records([prompt], pairs, [], [])
        assert held(empty) == before
        with project.store.bring_in(rows=2):
            project.add_records([prompt], pairs[:1], [], [])
        assert project.check() == []


@pytest.mark.parametrize(
    ("reader", "ending"),
    [(KILLED, "it was killed by SIGKILL"), ("raise MemoryError('no room.')", "MemoryError: no room")],
)
@pytest.mark.parametrize("taken_over", [whole, in_steps])
def test_a_reader_that_ends_before_its_time_is_told_in_a_sentence(
    empty: Path,
    file: Path,
    large: None,
    monkeypatch: pytest.MonkeyPatch,
    reader: str,
    ending: str,
    taken_over: Callable[[FileImport, Project], Taken],
) -> None:
    monkeypatch.setattr("workbench.project.reading_rows._READER", (sys.executable, "-c", reader))
    before = held(empty)
    with Project.open(empty) as project, pytest.raises(WorkbenchError) as told:
        taken_over(FileImport(Wanted(str(file))), project)
    assert str(told.value) == (
        f"The process that read rows.jsonl ended before it was done ({ending}). Import it again."
    )
    with Project.open(empty) as project:
        assert project.check() == []
        assert project.store.comparisons.count() == (10 if taken_over is in_steps and reader == KILLED else 0)
    if taken_over is whole:
        assert held(empty) == before
