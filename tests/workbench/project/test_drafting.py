"""A draft that was saved is not lost, whoever is killed between the store and the file, or edits the file by hand."""

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError, MissingError
from workbench.project import Project
from workbench.project.drafting import DRAFT
from workbench.records.constitution import MAX_BYTES, Constitution, Draft

WRITER = """
import sys
from pathlib import Path
from workbench.project import Project
project = Project.open(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 1_000_000):
    project.save_draft(f"# draft {number}\\nname: [not yet")
    print(number, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Project.create(tmp_path / "p", Constitution("first"), "name: first\n").close()
    return tmp_path / "p"


def crash_before_the_file(folder: Path, text: str) -> None:
    """Leave store and file as a process does that is killed after it saved a draft in the store."""
    with Project.open(folder) as project, project.store.write():
        was = hashlib.sha256((folder / DRAFT).read_bytes()).hexdigest()
        project.store.drafts.save(Draft(DRAFT, text, was))


def test_a_new_project_has_a_draft_in_both_places(folder: Path) -> None:
    with Project.read(folder) as project:
        assert project.draft == "name: first\n"
        saved = project.store.drafts.get(DRAFT)
    assert saved is not None
    assert saved.text == (folder / DRAFT).read_text() == "name: first\n"


def test_a_draft_that_had_not_reached_the_file_is_read_and_written_there(folder: Path) -> None:
    crash_before_the_file(folder, "name: second\n")
    assert (folder / DRAFT).read_text() == "name: first\n"
    with Project.read(folder) as reader:
        assert reader.draft == "name: second\n"
    with Project.open(folder) as project:
        assert "had not reached" in project.store.notes[0]
    assert (folder / DRAFT).read_text() == "name: second\n"
    with Project.open(folder) as project:
        assert project.store.notes == []


def test_a_file_edited_by_hand_is_the_draft(folder: Path) -> None:
    (folder / DRAFT).write_bytes(b"name: by hand\r\n")
    with Project.read(folder) as reader:
        assert reader.draft == "name: by hand\r\n"
    Project.open(folder).close()
    (folder / DRAFT).unlink()  # the store has had it since
    with Project.open(folder) as project:
        assert project.draft == "name: by hand\r\n"
    assert (folder / DRAFT).read_bytes() == b"name: by hand\r\n"


def test_where_both_changed_neither_is_thrown_away(folder: Path) -> None:
    crash_before_the_file(folder, "name: in the store\n")
    (folder / DRAFT).write_text("name: by hand\n")
    with Project.open(folder) as project:
        assert project.draft == "name: by hand\n"
        assert "is kept in" in project.store.notes[0]
    (kept,) = folder.glob("constitution.draft-*.yaml")
    assert kept.read_text() == "name: in the store\n"


def test_a_byte_order_mark_is_no_part_of_the_draft(folder: Path) -> None:
    (folder / DRAFT).write_bytes(b"\xef\xbb\xbfname: marked\n")
    for _ in range(2):
        with Project.open(folder) as project:
            assert project.draft == "name: marked\n"


def test_a_file_too_large_to_be_a_constitution_is_told_and_left_alone(folder: Path) -> None:
    (folder / DRAFT).write_bytes(b"#" * (MAX_BYTES + 5))
    with Project.open(folder) as project, pytest.raises(BadInputError, match="too large"):
        _ = project.draft
    assert (folder / DRAFT).stat().st_size == MAX_BYTES + 5


def test_a_file_that_is_no_text_is_told_and_left_alone(folder: Path) -> None:
    (folder / DRAFT).write_bytes(b"name: \xff\n")
    with Project.open(folder) as project, pytest.raises(BadInputError, match="line 1: this is not UTF-8"):
        _ = project.draft
    assert (folder / DRAFT).read_bytes() == b"name: \xff\n"


def test_a_project_without_a_draft_says_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", Constitution("first")) as project:
        with pytest.raises(MissingError, match="no draft"):
            _ = project.draft
        project.save_draft("half \ud83d a text")
        assert project.draft == "half \ufffd a text"


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.floats(0, 0.1), min_size=1, max_size=3))
def test_a_killed_writer_loses_no_draft_it_said_was_saved(delays: list[float]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "p"
        Project.create(folder, Constitution("first"), "name: first\n").close()
        start = 0
        for delay in delays:
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(folder), str(start)], stdout=subprocess.PIPE, text=True
            )
            assert writer.stdout is not None
            said = [writer.stdout.readline()]
            time.sleep(delay)
            writer.kill()
            said += writer.communicate()[0].split("\n")
            last = max(int(line) for line in said if line.strip())
            with Project.read(folder) as reader:
                before = reader.draft
            with Project.open(folder) as project:
                assert project.draft == before == (folder / DRAFT).read_text()
            assert before in {f"# draft {number}\nname: [not yet" for number in (last, last + 1)}
            start = last + 2
