"""What the workbench says to people, found in its source: calls that make a Sentence or raise an error whose text is one."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from runpy import run_path

from tests.architecture.checkout import ROOT


@dataclass(frozen=True)
class Call:
    """Where something is said, the templates that are written out there, what else stands in their place, and what fills them."""

    place: str
    templates: tuple[str, ...]
    others: tuple[ast.expr, ...]
    filled: frozenset[str]


@cache
def calls() -> tuple[Call, ...]:
    """Return all of them."""
    translations = run_path(str(ROOT / "packaging" / "translations.py"))
    files = {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "workbench").rglob("*.py"))}
    errors = translations["spoken_errors"](files.values())
    shown = {file: source for file, source in files.items() if translations["is_shown"](file)}
    return tuple(
        _call(file, *found) for file, source in shown.items() for found in translations["spoken"](source, errors)
        # What such an error is made of besides its text would not fill it.
        if found[0] != "UntrainedError"
    )  # fmt: skip


def _call(file: Path, name: str, node: ast.Call, given: list[ast.expr]) -> Call:
    told = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    others = tuple(one for one in given if not isinstance(one, ast.Constant))
    filled = {one.arg or "**" for one in node.keywords} | ({"count"} if name == "counted" else set())
    return Call(f"{file.relative_to(ROOT)}, line {node.lineno}", tuple(told), others, frozenset(filled))
