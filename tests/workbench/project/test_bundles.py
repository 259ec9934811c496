"""A bundle that is damaged is refused with a sentence, and nothing is left of the project it was to become."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.workbench.project.projects import project
from workbench.errors import BadInputError
from workbench.project.bundling import open_bundle, write_bundle
from workbench.project.replaying import PLANS, TO_COME, plans_to_replay, settle
from workbench.records.comparison import Comparison, Review
from workbench.records.encoding import to_data, to_line
from workbench.records.run import Plan


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    with project(folder / "project", number=40) as made:
        write_bundle(made, folder / "bundle.zip")
    return folder / "bundle.zip"


def with_entry(bundle: Path, place: Path, name: str, content: bytes) -> None:
    """Write a bundle anew with another content of one entry."""
    with zipfile.ZipFile(bundle) as before, zipfile.ZipFile(place, "w") as after:
        for entry in before.namelist():
            after.writestr(entry, content if entry == name else before.read(entry))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("manifest.json", b"{", "or it is damaged"),
        ("manifest.json", b"[]", "its manifest does not tell"),
        ("manifest.json", b"\xff\xfe", "or it is damaged"),
        ("manifest.json", json.dumps({"format": 99, "counts": {}}).encode(), "another version"),
        ("constitutions.jsonl", b"", "holds no constitution"),
        ("prompts.jsonl", b'{"id": "prompt-1"\n', "Line 1 of prompts.jsonl in the bundle is damaged"),
    ],
)
def test_what_is_wrong_in_a_bundle_is_said(
    bundle: Path, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    with_entry(bundle, tmp_path / "spoilt.zip", name, content)
    with pytest.raises(BadInputError, match=sentence):
        open_bundle(tmp_path / "spoilt.zip", tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_a_bundle_with_a_flipped_byte_or_cut_off_leaves_no_half_project(
    bundle: Path, tmp_path: Path, share: float
) -> None:
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        packed = archive.getinfo("prompts.jsonl")
        at = packed.header_offset + len("prompts.jsonl") + 30 + int(packed.compress_size * share)
    for number, spoilt in enumerate((whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])):
        file = tmp_path / f"{number}.zip"
        file.write_bytes(spoilt)
        with pytest.raises(BadInputError, match="is damaged"):
            open_bundle(file, tmp_path / "made")
        assert not (tmp_path / "made").exists()


def test_what_was_in_the_place_before_stays(bundle: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.txt").write_text("mine")
    with_entry(bundle, tmp_path / "spoilt.zip", "prompts.jsonl", b"{")
    with pytest.raises(BadInputError):
        open_bundle(tmp_path / "spoilt.zip", there)
    assert (there / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("absent", [{0}, {3}, {1, 2, 5}, set(range(6))])
def test_what_was_decided_is_taken_over_as_far_as_its_texts_are_there(tmp_path: Path, absent: set[int]) -> None:
    with project(tmp_path / "project") as made:
        (asked, *_) = made.store.prompts.each()
        pairs = [Comparison(f"c{number}", asked.id, f"a{number}", "b") for number in range(6)]
        made.import_records([], [pair for number, pair in enumerate(pairs) if number not in absent])
        said = [Review(f"r{pair.id}", pair.id, "ann", "a", created="2026-01-01T00:00:00+00:00") for pair in pairs]
        lines = [json.dumps({"kind": "Review", "data": to_data(one)}) + "\n" for one in said]
        (tmp_path / "project" / TO_COME).write_text("".join(lines))
        assert settle(made, until="2025-12-31T00:00:00+00:00") == 0
        assert settle(made) == 6 - len(absent)
        made.import_records([], pairs)
        assert settle(made) == len(absent)
        assert settle(made) == 0
        assert made.check() == []
        (tmp_path / "project" / TO_COME).write_text(lines[0] + '{"kind": "Review", "data": {"id": 5}}\n')
        with pytest.raises(BadInputError, match=r"Line 2 of .* is damaged"):
            settle(made)


def test_a_plan_is_read_whole_whatever_a_person_wrote_into_it(tmp_path: Path) -> None:
    plan = Plan("rl-1", "rl", {}, settings={"override_reason": "one line\u2028for whoever reads it\x85later"})
    (tmp_path / PLANS).write_text(to_line(plan) + "\n", encoding="utf-8")
    assert [again for again, _ in plans_to_replay(tmp_path)] == [plan]
