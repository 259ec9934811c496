"""Small files, small functions, names that say something, and no path of the machine they were written on."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT, python_files, text_files

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc"}
#: Absolute paths into somebody's home or workplace; a folder a program makes for itself is asked of the system.
MACHINE_PATH = re.compile(r"(?<![\w.~/:>-])/(?:home|Users|root|work|mnt|media|opt|srv)(?:/[\w.-]|\b(?![\w/-]))")


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_are_small() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {str(path): lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_small() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert too_long == []


def test_no_file_or_folder_is_named_after_nothing() -> None:
    named = {part for path in python_files() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert named & EMPTY_NAMES == set()


def test_nothing_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in text_files()
        if path != Path(__file__)
        for match in MACHINE_PATH.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("see /home/ann/x", True),
        ("open('/work/data')", True),
        ("python -m workbench.worker", False),
        ("docs/work/page", False),
        ("https://host/home/x", False),
        ("/workbench/demo", False),
    ],
)
def test_what_counts_as_a_path_of_a_machine(text: str, is_one: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) == is_one
