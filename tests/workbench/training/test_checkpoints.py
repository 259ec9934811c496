"""Checkpoints: a damaged or half-written one is never taken."""

from pathlib import Path

import pytest

from workbench.stages.training import checkpoints


def published(root: Path, step: int, content: bytes = b"weights") -> Path:
    partial = root / f"checkpoint-{step}.partial" / f"checkpoint-{step}"
    (partial / "policy").mkdir(parents=True)
    (partial / "policy" / "model.safetensors").write_bytes(content)
    (partial / "state.json").write_text("{}")
    checkpoints.publish(partial, root / f"checkpoint-{step}", step)
    partial.parent.rmdir()
    return root / f"checkpoint-{step}"


def test_the_newest_whole_one_is_taken(tmp_path: Path) -> None:
    assert checkpoints.latest(tmp_path) is None
    nine, ten = published(tmp_path, 9), published(tmp_path, 10)
    assert checkpoints.latest(tmp_path) == ten
    (ten / "policy" / "model.safetensors").write_bytes(b"weightz")
    assert checkpoints.latest(tmp_path) == nine


@pytest.mark.parametrize("damage", ["shorter", "missing file", "no manifest", "torn manifest"])
def test_damage_is_noticed(tmp_path: Path, damage: str) -> None:
    folder = published(tmp_path, 1)
    assert checkpoints.verified(folder)
    weights, manifest = folder / "policy" / "model.safetensors", folder / checkpoints.MANIFEST
    if damage == "shorter":
        weights.write_bytes(b"weight")
    elif damage == "missing file":
        weights.unlink()
    elif damage == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(manifest.read_text()[:20])
    assert not checkpoints.verified(folder)
    assert checkpoints.latest(tmp_path) is None


def test_a_half_written_one_is_not_seen(tmp_path: Path) -> None:
    whole = published(tmp_path, 5)
    half = tmp_path / "checkpoint-6.partial" / "checkpoint-6"
    half.mkdir(parents=True)
    (half / "state.json").write_text("{}")
    assert checkpoints.latest(tmp_path) == whole
    checkpoints.clear(tmp_path)
    assert not list(tmp_path.iterdir())
