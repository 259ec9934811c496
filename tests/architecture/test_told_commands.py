"""Commands that sentences tell people to run are quoted, so that they run where a folder's name has a space."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from tests.architecture.checkout import ROOT
from workbench.cli.app import app
from workbench.records.commands import joined

COMMANDS = "|".join(sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
_TOLD = re.compile(rf"workbench (?:{COMMANDS}) ")
#: What ends a command within a sentence.
_OVER = re.compile(r"[.,;:)](?: |$)|\n")
#: Words that are names of stages and options, never anything a person wrote.
_NAMES = frozenset({"stage", "model.weightless"})
SOURCES = sorted([*(ROOT / "workbench").rglob("*.py"), *(ROOT / "ui").rglob("*.py")])


def unquoted(source: str) -> Iterator[str]:
    """Yield what stands in the told commands of a source as it is, not quoted."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        told = False
        for part in node.values:
            if isinstance(part, ast.Constant):
                text = str(part.value)
                begins = [found.end() for found in _TOLD.finditer(text)]
                told = (told and not begins and not _OVER.search(text)) or bool(
                    begins and not _OVER.search(text[begins[-1] :])
                )
            elif told and isinstance(part, ast.FormattedValue) and not _is_quoted(part.value):
                yield f"line {node.lineno}: {ast.unparse(part.value)}"


def _is_quoted(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id == "quoted"
    return ast.unparse(value) in _NAMES


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_told_commands_are_quoted(source: Path) -> None:
    assert list(unquoted(source.read_text(encoding="utf-8"))) == []


def test_what_is_not_quoted_is_found() -> None:
    assert list(unquoted('f"{a} is not there; make it with: workbench run {b.folder} {stage}, or leave {c} out"')) == [
        "line 1: b.folder"
    ]
    assert list(unquoted('f"work it with: workbench work {quoted(a)}; bring it with: workbench collect {b} RUN"')) == [
        "line 1: b"
    ]


@pytest.mark.parametrize("name", ["plain", "a b/it's $HOME", "~odd/~", "模型 🙂"])
def test_what_is_told_is_read_back_by_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home folder"))
    words = [tmp_path / "home folder" / name, tmp_path / name, f"reason={name}"]
    told = joined(["printf", r"%s\n", *words])
    assert str(tmp_path / "home folder") not in told
    done = subprocess.run(["sh", "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(word) for word in words]
