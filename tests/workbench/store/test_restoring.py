"""A backup can be put back, whole or not at all, and what it replaces is kept."""

import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.workbench.store.examples import comparison, prompt, review, store_with_runs
from workbench.errors import BadInputError, BusyError, MissingError
from workbench.store.backups import back_up, thin
from workbench.store.database import Store

RESTORER = """
import sys
from pathlib import Path
from workbench.store.database import Store
while True:
    Store.restore(Path(sys.argv[1]), sys.argv[2])
    print("restored", flush=True)
"""


def project_with_backup(folder: Path) -> str:
    """Return the name of a backup that holds one comparison; the project holds two."""
    store = store_with_runs(folder)
    with store.write():
        store.comparisons.add([comparison(1)], run_id=None)
    name = store.back_up().name
    with store.write():
        store.comparisons.add([comparison(2)], run_id=None)
    store.close()
    return name


def count(folder: Path) -> int:
    store = Store.read(folder)
    try:
        return store.comparisons.count()
    finally:
        store.close()


def test_a_backup_is_restored_and_what_it_replaces_is_kept(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    kept = Store.restore(tmp_path, name)
    assert count(tmp_path) == 1
    assert Store.restore(tmp_path, kept.name) != kept
    assert count(tmp_path) == 2
    store = Store.open(tmp_path)
    assert store.problems() == []
    assert [backup.why for backup in store.backups()].count("before-restore") == 2
    store.close()


def test_what_was_decided_after_the_backup_is_taken_over(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    store = Store.open(tmp_path)
    store.decide([review(comparison(1))])
    store.close()
    Store.restore(tmp_path, name)
    store = Store.open(tmp_path)
    assert list(store.reviews.each()) == [review(comparison(1))]
    store.close()


def test_a_database_that_cannot_be_read_is_replaced_and_put_aside(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    damaged = b"not a database any more" * 500
    (tmp_path / "project.db").write_bytes(damaged)
    (tmp_path / "project.db-wal").write_bytes(b"a log of something else")
    kept = Store.restore(tmp_path, name)
    assert (kept / "project.db").read_bytes() == damaged
    assert (kept / "project.db-wal").exists()
    assert count(tmp_path) == 1


def test_a_damaged_or_unknown_backup_changes_nothing(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    path = tmp_path / "backups" / name
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BadInputError, match="restore another one"):
        Store.restore(tmp_path, name)
    with pytest.raises(MissingError, match=name):
        Store.restore(tmp_path, "1999")
    assert count(tmp_path) == 2


def test_a_project_in_use_is_not_restored(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    store = Store.open(tmp_path)
    with pytest.raises(BusyError):
        Store.restore(tmp_path, name)
    store.close()


def test_a_restore_that_is_killed_leaves_the_one_or_the_other(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    for delay in (0.0, 0.003, 0.01):
        store = Store.open(tmp_path)
        with store.write():
            store.comparisons.add([comparison(2)], run_id=None)
        store.close()
        restorer = subprocess.Popen([sys.executable, "-c", RESTORER, str(tmp_path), name], stdout=subprocess.PIPE)
        assert restorer.stdout is not None
        assert restorer.stdout.readline() == b"restored\n"
        time.sleep(delay)
        restorer.kill()
        restorer.communicate()
        assert count(tmp_path) == 1
        store = Store.open(tmp_path)
        assert store.problems() == []
        assert store.prompts.get(prompt(0).id) == prompt(0)
        store.close()


def test_backups_made_by_hand_are_not_thinned_out(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path / "project")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for why in ("by-hand", "daily"):
        for hours in (200, 201, 202):
            back_up(store.db.conn, tmp_path / "backups", why, now - timedelta(hours=hours))
    store.close()
    thin(tmp_path / "backups", now)
    left = [path.stem.partition("-")[2] for path in (tmp_path / "backups").glob("*.db")]
    assert sorted(left) == ["by-hand", "by-hand", "by-hand", "daily"]


def test_a_backup_is_one_plain_file(tmp_path: Path) -> None:
    name = project_with_backup(tmp_path)
    saved = sqlite3.connect(f"file:{tmp_path / 'backups' / name}?mode=ro&immutable=1", uri=True)
    assert saved.execute("SELECT count(*) FROM comparisons").fetchone()[0] == 1
    saved.close()
