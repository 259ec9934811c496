"""An import that is ended at its worst moments: nothing of it is there, or all of it; then it is done again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.project import Project
from workbench.project.importing import FileImport, Wanted
from workbench.records.constitution import Constitution

RUN_IMPORT = """
import os, sys
from pathlib import Path
from workbench.project import Project, importing, imported_runs

if sys.argv[3] == "begun":
    imported_runs._Written.add = lambda *_: os._exit(9)
else:
    imported_runs.ImportedRun._settle = lambda *_: os._exit(9)
with Project.open(Path(sys.argv[1])) as project:
    importing.FileImport(importing.Wanted(sys.argv[2])).take_whole(project, skip_bad=False)
"""
IMPORT = """
import os, sys
from pathlib import Path
from workbench.project import Project, importing
from workbench.store.database import Store
from workbench.store.journal import Journal

importing.BATCH = 10
if sys.argv[3] == "half-way":
    caught_up = Store.catch_up
    seen = []
    Store.catch_up = lambda store: os._exit(9) if len(seen) == 2 else (seen.append(1), caught_up(store))
else:
    Journal.append = lambda journal, decisions: os._exit(9)
with Project.open(Path(sys.argv[1])) as project:
    importing.FileImport(importing.Wanted(sys.argv[2])).take_whole(project, skip_bad=False)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [{"prompt": f"What is {n}?", "chosen": f"It is {n}.", "rejected": "I do not know."} for n in range(40)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("moment", ["half-way", "committed"])
def test_an_import_that_is_killed_leaves_all_or_nothing(tmp_path: Path, file: Path, moment: str) -> None:
    folder = tmp_path / "project"
    Project.create(folder, Constitution("first")).close()
    assert subprocess.run([sys.executable, "-c", IMPORT, folder, file, moment], check=False).returncode == 9
    with Project.open(folder) as project:
        there = [table.count() for table in (project.store.prompts, project.store.comparisons, project.store.reviews)]
        assert there == ([0] * 3 if moment == "half-way" else [40] * 3)
        assert project.check() == []
        FileImport(Wanted(str(file))).take_whole(project, skip_bad=False)
        assert (project.store.reviews.count(), project.check()) == (40, [])
        journal = [json.loads(line)["id"] for line in (folder / "decisions.jsonl").read_text().splitlines()]
        assert {review.id for review in project.store.reviews.each()} == set(journal[1:])
        assert len(project.store.search.find("What", limit=0)) == 40


def test_what_a_killed_import_of_a_run_left_is_gone_when_the_project_is_opened(tmp_path: Path) -> None:
    folder, file = tmp_path / "project", tmp_path / "texts.jsonl"
    runs = folder / "runs"
    file.write_text('{"prompt": "What is a tree?", "completion": "A plant."}\n')
    Project.create(folder, Constitution("first")).close()
    assert subprocess.run([sys.executable, "-c", RUN_IMPORT, folder, file, "begun"], check=False).returncode == 9
    left = [".chains-1.import.inputs", ".chains-1.import.results"]
    assert sorted(path.name for path in runs.iterdir()) == left
    for later in ("..chains-1.import.new", ".chains-1.import", ".chains-1.new"):  # as when it is killed a moment later
        (runs / later).mkdir()
    Project.read(folder).close()
    assert len(list(runs.iterdir())) == 5  # who only looks may look while an owner imports
    with Project.open(folder) as project:
        assert list(runs.iterdir()) == []
    assert subprocess.run([sys.executable, "-c", RUN_IMPORT, folder, file, "all but done"], check=False).returncode == 9
    with Project.open(folder) as project:
        assert [path.name for path in runs.iterdir()] == ["chains-1"]
        assert [(run.state, run.done) for run in project.runs()] == [("finished", 1)], "its folder was whole"
        assert [step.text for step in project.store.chains.each()] == ["A plant."]
        assert FileImport(Wanted(str(file))).take_whole(project, skip_bad=False).already_there == 1
        assert [path.name for path in runs.iterdir()] == ["chains-1"]


def test_a_bad_row_in_the_last_batch_takes_the_others_back(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.project.importing.BATCH", 10)
    with file.open("a") as rows:
        rows.write('{"prompt": "p", "chosen": "same", "rejected": "same"}\n{"prompt": 3\n')
    with Project.create(tmp_path / "project", Constitution("first")) as project:
        coming = FileImport(Wanted(str(file)))
        refused = coming.take_whole(project, skip_bad=False)
        assert [row.line for row in refused.bad_rows] == [41, 42]
        assert (refused.new, project.store.prompts.count(), project.store.reviews.count()) == ({}, 0, 0)
        taken = coming.take_whole(project, skip_bad=True)
        assert (taken.bad, taken.new["comparisons"], project.store.reviews.count()) == (2, 40, 40)
        assert [steps.new for steps in coming.take(project)][-1] == {"prompts": 0, "comparisons": 0, "reviews": 0}
        assert project.check() == []
