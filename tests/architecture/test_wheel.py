"""A wheel built from the checkout carries what the workbench needs, and works away from it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_constitutions_weights_and_licence_are_inside(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for name in ("harmlessness", "helpful-honest-harmless", "summaries", "demo"):
        assert f"workbench/constitutions/{name}.yaml" in names
    assert {"workbench/demo/model/model.safetensors", "workbench/demo/model/config.json"} <= names
    assert {
        "workbench/demo/model/tokenizer.json",
        "workbench/demo/prompts.jsonl",
        "workbench/demo/choices.jsonl",
    } <= names
    assert "workbench/projects/demo/recorded.tar.xz" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_nothing_else_is_inside(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"workbench", "ui"}
    assert not [name for name in wheel.namelist() if "__pycache__" in name]


def test_the_unpacked_wheel_finds_what_it_carries(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    program = (
        "import workbench\n"
        "from workbench.interchange.bundled import bundled_folder, load_constitution\n"
        "print(workbench.__file__, bundled_folder(), len(load_constitution('harmlessness')[0].principles))"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    package, constitutions, principles = done.stdout.split()
    assert Path(package).is_relative_to(tmp_path)
    assert Path(constitutions).is_relative_to(tmp_path)
    assert principles == "16"


def test_the_commands_are_declared(wheel: zipfile.ZipFile) -> None:
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    entries = wheel.read(entry).decode()
    assert "workbench = workbench.__main__:main" in entries
    assert "workbench-window = ui.app:main" in entries
