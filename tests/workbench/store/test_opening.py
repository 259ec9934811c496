import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Migrations
from sqlite_utils.db import Database

from tests.workbench.store.examples import comparison, prompt, store_with_runs
from workbench.errors import BadInputError, BusyError, MissingError, TooNewError, WorkbenchError
from workbench.store import migrations as schema
from workbench.store.backups import back_up, newest, thin
from workbench.store.database import Store

DATA = Path(__file__).resolve().parents[2] / "data" / "schemas"
OWNER = """
import sys, time
from pathlib import Path
from workbench.store.database import Store
store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def test_a_project_has_one_owner_and_many_readers(tmp_path: Path) -> None:
    store_with_runs(tmp_path).close()
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"open\n"
    with pytest.raises(BusyError, match=str(owner.pid)):
        Store.open(tmp_path)
    reader = Store.read(tmp_path)
    assert reader.prompts.count() == 2
    with pytest.raises(WorkbenchError, match="readonly"), reader.write():
        reader.prompts.add([prompt(7)])
    reader.close()
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    Store.open(tmp_path).close()


def test_the_same_process_owns_it_once(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    with pytest.raises(BusyError, match=str(os.getpid())):
        Store.open(tmp_path)
    with store.write():
        store.prompts.add([prompt(5)])
    store.close()


def test_an_owner_flushes_and_checks_what_is_referred_to(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    settings = {
        name: store.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "foreign_keys", "journal_mode", "trusted_schema")
    }
    assert settings == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal", "trusted_schema": 0}
    assert store.db.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID
    store.close()


def test_what_is_not_a_project_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="workbench new"):
        Store.open(tmp_path)
    (tmp_path / "project.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(BadInputError, match="cannot be opened as a project"):
        Store.open(tmp_path)
    (tmp_path / "project.db").unlink()
    other = sqlite3.connect(tmp_path / "project.db")
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = (tmp_path / "project.db").read_bytes()
    for opened in (Store.open, Store.read):
        with pytest.raises(BadInputError, match="is not a project"):
            opened(tmp_path)
    assert (tmp_path / "project.db").read_bytes() == before
    with pytest.raises(BadInputError, match="holds a project already"):
        Store.create(tmp_path)


def test_a_newer_project_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    store.db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('workbench', 'tenth_wonder', 'x')"
    )
    store.close()
    before = (tmp_path / "project.db").read_bytes()
    for opened in (Store.open, Store.read):
        with pytest.raises(TooNewError, match="tenth_wonder"):
            opened(tmp_path)
    assert (tmp_path / "project.db").read_bytes() == before


def test_every_released_schema_opens_with_all_that_is_in_it(tmp_path: Path) -> None:
    dumps = sorted(DATA.glob("*.sql"))
    assert dumps
    for dump in dumps:
        folder = tmp_path / dump.stem
        folder.mkdir()
        old = sqlite3.connect(folder / "project.db")
        old.executescript(dump.read_text(encoding="utf-8"))
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.close()
        store = Store.open(folder)
        Store.read(folder).close()
        assert schema.migrations.pending(store.db) == []
        assert store.prompts.get(prompt(0).id) == prompt(0)
        assert store.comparisons.get("comparison-1") == comparison(1)
        assert len(list(store.chains.chains())) == 1
        assert store.reviews.count() == 1
        assert store.problems() == []
        store.close()


def test_a_migration_is_preceded_by_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_with_runs(tmp_path).close()
    longer = Migrations("workbench")
    for known in schema.migrations.pending(Database(memory=True)):
        longer(name=known.name)(known.fn)

    @longer()
    def moods(db: Database) -> None:
        db.execute("ALTER TABLE prompts ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")

    monkeypatch.setattr("workbench.store.schema_version.migrations", longer)
    with pytest.raises(BadInputError, match="older version"):
        Store.read(tmp_path)
    store = Store.open(tmp_path)
    assert store.prompts.get(prompt(0).id) == prompt(0)
    assert store.db.execute("SELECT DISTINCT mood FROM prompts").fetchall() == [("calm",)]
    assert store.db.execute("PRAGMA user_version").fetchone()[0] == len(longer.applied(store.db))
    store.close()
    backup = next((tmp_path / "backups").glob("*before-migration.db"))
    saved = sqlite3.connect(backup)
    assert "mood" not in saved.execute("SELECT sql FROM sqlite_schema WHERE name = 'prompts'").fetchone()[0]
    assert saved.execute("SELECT count(*) FROM prompts").fetchone()[0] == 2
    saved.close()


def test_a_migration_that_fails_leaves_the_project_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_with_runs(tmp_path).close()
    longer = Migrations("workbench")
    for known in schema.migrations.pending(Database(memory=True)):
        longer(name=known.name)(known.fn)

    @longer()
    def halfway(db: Database) -> None:
        db.execute("ALTER TABLE prompts ADD COLUMN mood TEXT")
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("workbench.store.schema_version.migrations", longer)
        with pytest.raises(ZeroDivisionError):
            Store.open(tmp_path)
    store = Store.open(tmp_path)
    assert store.prompts.get(prompt(0).id) == prompt(0)
    assert "mood" not in store.db.execute("SELECT sql FROM sqlite_schema WHERE name = 'prompts'").fetchone()[0]
    store.close()


def test_a_project_is_made_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed while it makes one leaves nothing that cannot be opened, and the disk is not waited for often."""
    killed = Migrations("workbench")
    for known in schema.migrations.pending(Database(memory=True)):
        killed(name=known.name)(known.fn)
    flushed: list[int] = []

    @killed()
    def last(db: Database) -> None:
        flushed.append((tmp_path / "project.db-wal").stat().st_size)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("workbench.store.schema_version.migrations", killed)
        with pytest.raises(SystemExit):
            Store.create(tmp_path)
    assert flushed == [0]
    with sqlite3.connect(tmp_path / "project.db") as left:
        assert left.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    left.close()
    Store.open(tmp_path).close()


def test_a_full_disk_is_a_sentence_and_the_project_goes_on(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path)
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(WorkbenchError, match="full"), store.write():
        store.comparisons.add([comparison(number) for number in range(2000)], run_id=None)
    assert store.comparisons.count() == 0
    store.db.execute("PRAGMA max_page_count = 1000000")
    with store.write():
        store.comparisons.add([comparison(1)], run_id=None)
    store.close()


def test_backups_are_whole_files_and_thinned_by_age(tmp_path: Path) -> None:
    store = store_with_runs(tmp_path / "project")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    folder = tmp_path / "backups"
    ages = [timedelta(hours=hours) for hours in (0, 1, 30, 49, 50, 51, 75, 24 * 20, 24 * 21, 24 * 100, 24 * 101)]
    for age in ages:
        back_up(store.db.conn, folder, "daily", now - age)
    store.close()
    (folder / "mine.db").write_text("somebody else's")
    assert newest(folder) == now
    thin(folder, now)
    left = sorted(path.name for path in folder.glob("*daily.db"))
    assert len(left) < len(ages)
    assert sum(name >= (now - timedelta(days=2)).strftime("%Y%m%dT") for name in left) >= 3
    assert (folder / "mine.db").exists()
    assert thin(folder, now) == []
    saved = sqlite3.connect(f"file:{folder / left[-1]}?mode=ro&immutable=1", uri=True)
    assert saved.execute("SELECT count(*) FROM prompts").fetchone()[0] == 2
    saved.close()


def test_a_project_in_use_is_backed_up_once_a_day(tmp_path: Path) -> None:
    store_with_runs(tmp_path).close()
    for _ in range(2):
        Store.open(tmp_path).close()
    assert len(list((tmp_path / "backups").glob("*.db"))) == 1
