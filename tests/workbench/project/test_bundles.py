"""A bundle that is damaged is refused with a sentence, and nothing is left of the project it was to become."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.workbench.project.projects import project
from workbench.errors import BadInputError
from workbench.project.bundling import open_bundle, write_bundle


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
