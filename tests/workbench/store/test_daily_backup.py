"""The day's backup is made beside other work: it holds one state of the project, whole or not at all."""

import sqlite3
from pathlib import Path

import pytest

from tests.workbench.store.examples import prompt, store_with_runs
from workbench.errors import WorkbenchError
from workbench.store.database import Store


def opened(folder: Path) -> Store:
    """Return a project of some megabytes of which there is no backup yet, opened by somebody who makes it later."""
    store = store_with_runs(folder)
    with store.write():
        store.db.conn.execute(
            "INSERT INTO drafts (name, text, file_hash, saved) VALUES ('large', ?, '', '')", ["x" * 3_000_000]
        )
    store.close()
    return Store.open(folder, backed_up=False)


def names(folder: Path) -> list[str]:
    return [path.name for path in (folder / "backups").glob("*")]


def test_what_is_written_meanwhile_is_not_half_in_it(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert names(tmp_path) == []
    make = store.due_backup()
    assert make is not None
    steps = 0

    def write_once() -> bool:
        nonlocal steps
        steps += 1
        if steps == 1:
            with store.write():
                store.prompts.add([prompt(number) for number in range(10, 500)])
        return False

    assert make(write_once)
    assert steps > 2
    assert store.due_backup() is None
    (name,) = names(tmp_path)
    saved = sqlite3.connect(tmp_path / "backups" / name)
    assert saved.execute("SELECT count(*) FROM prompts").fetchone()[0] == 2
    saved.close()
    assert store.prompts.count() == 492
    store.close()


def test_one_that_is_left_off_leaves_nothing_behind_and_stays_due(tmp_path: Path) -> None:
    store = opened(tmp_path)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "20260101T000000000000-daily.new").write_bytes(b"of a process that was killed")
    make = store.due_backup()
    assert make is not None
    assert not make(lambda: True)
    assert names(tmp_path) == []
    assert store.due_backup() is not None
    store.close()


def test_one_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    store = opened(tmp_path)
    make = store.due_backup()
    assert make is not None
    (tmp_path / "backups").write_text("a file where the folder would be")
    with pytest.raises(WorkbenchError, match="backup of the project could not be made"):
        make(lambda: False)
    store.close()
