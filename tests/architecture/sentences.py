"""What the workbench says to people, found in its source: calls that make a Sentence or raise an error whose text is one."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from runpy import run_path

from tests.architecture.checkout import ROOT

#: The places of the templates among the arguments.
_SAYING = {"said": slice(0, 1), "counted": slice(1, 3)}


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
    return tuple(call for file, source in shown.items() for call in _calls(file, source, errors))


def _calls(file: Path, source: str, errors: Collection[str]) -> Iterator[Call]:
    if not any(name in source for name in ("workbench.sentences", *errors)):
        return
    tree = ast.parse(source)
    imported = {name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names}
    for node in ast.walk(tree):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        # What such an error is made of besides its text would not fill it.
        spoken = (name in _SAYING and name in imported) or (name in errors and name != "UntrainedError")
        if not isinstance(node, ast.Call) or not spoken:
            continue
        given = node.args[_SAYING.get(name, slice(0, 1))]
        told = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        others = tuple(one for one in given if not isinstance(one, ast.Constant))
        filled = {one.arg or "**" for one in node.keywords} | ({"count"} if name == "counted" else set())
        yield Call(f"{file.relative_to(ROOT)}, line {node.lineno}", tuple(told), others, frozenset(filled))
