"""Who may import whom: the contracts of pyproject.toml, and fresh interpreters in which a package is missing."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT

#: What answers a person at the terminal; none of it may need torch.
WITHOUT_TORCH = ("cli", "project", "store", "runs", "interchange", "records", "measurement", "sources")
TORCH = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")
QT = ("PySide6", "shiboken6", "pyqtgraph")


def module_names(*packages: str) -> list[str]:
    names = []
    for package in packages:
        for path in sorted((ROOT / "workbench" / package).rglob("*.py")):
            parts = ("workbench", *path.relative_to(ROOT / "workbench").with_suffix("").parts)
            names.append(".".join(part for part in parts if part != "__init__"))
    return [name for name in names if not name.endswith("__main__")]


def run_where_missing(missing: tuple[str, ...], program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter in which importing some packages fails."""
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({missing!r}))\n"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", blocked + program]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_import_contracts_are_kept() -> None:
    lint_imports = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [lint_imports, "--no-cache"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_what_answers_at_the_terminal_works_without_torch() -> None:
    names = [*module_names(*WITHOUT_TORCH), "workbench.__main__", "workbench.demo.oracle", "workbench.demo.recipe"]
    done = run_where_missing(TORCH, f"import importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert done.returncode == 0, done.stderr


def test_the_workbench_works_where_there_is_no_qt() -> None:
    names = module_names("")
    done = run_where_missing(QT, f"import importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert done.returncode == 0, done.stderr


def test_the_window_loads_no_torch_and_no_database_before_a_project_is_opened() -> None:
    pytest.importorskip("PySide6.QtWidgets", reason="Qt's libraries are missing", exc_type=ImportError)
    heavy = {"torch", "transformers", "sqlite3", "pydantic", "numpy", "pyqtgraph", "ruamel.yaml"}
    program = f"import sys, ui.app\nassert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)"
    done = run_where_missing((), program)
    assert done.returncode == 0, done.stderr


def test_a_project_is_opened_without_what_only_figures_and_wordings_need() -> None:
    heavy = {"torch", "numpy", "pandas", "pydantic", "ruamel.yaml"}
    imported = "import sys, workbench.project, workbench.project.overview, workbench.project.inbox"
    done = run_where_missing((), f"{imported}\nassert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)")
    assert done.returncode == 0, done.stderr


def test_what_is_loaded_ahead_is_what_pages_wait_for_and_no_torch() -> None:
    pytest.importorskip("PySide6.QtWidgets", reason="Qt's libraries are missing", exc_type=ImportError)
    wanted = {"numpy", "pydantic", "ruamel.yaml", "pyqtgraph", "ui.widgets.chart_board"}
    program = (
        "import sys, warnings\nwarnings.simplefilter('error')\nfrom PySide6.QtWidgets import QApplication\n"
        "from ui.loading_ahead import loading_ahead\napplication = QApplication([])\nsteps = sum(1 for _ in loading_ahead())\n"
        f"assert steps > 20\nassert {wanted!r} <= set(sys.modules), {wanted!r} - set(sys.modules)"
    )
    done = run_where_missing(TORCH, program)
    assert done.returncode == 0, done.stderr


def test_all_of_the_window_works_without_torch() -> None:
    pytest.importorskip("PySide6.QtWidgets", reason="Qt's libraries are missing", exc_type=ImportError)
    files = sorted((ROOT / "ui").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    done = run_where_missing(TORCH, f"import importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert done.returncode == 0, done.stderr


def test_help_comes_at_once_and_without_torch() -> None:
    program = "import runpy\nsys.argv = ['workbench', '--help']\nrunpy.run_module('workbench', run_name='__main__')"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_where_missing(TORCH + QT, program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert "constitution" in done.stdout
    # Processor time, not the clock: other work on the machine must not turn the test red.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("missing", ["torch", "PySide6"])
def test_a_missing_package_really_is_missing(missing: str) -> None:
    assert run_where_missing((missing,), f"import {missing}").returncode != 0
