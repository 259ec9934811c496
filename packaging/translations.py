"""Files for a translator (.ts), and what the window reads of them (.qm).

    python packaging/translations.py ui/translations/window_de.ts             the window's texts; what was translated stays
    python packaging/translations.py --release ui/translations/window_de.ts   writes window_de.qm beside it

lupdate finds what classes say; what modules say through a _tr of their own, and the words shown of the workbench, are added here.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from ui.static_words import CONTEXT, TEMPLATES, sources

ROOT = Path(__file__).resolve().parents[1]
#: What lupdate takes for a class where an object is named so.
_VARIABLES = ("owner", "parent", "window")
#: The class from which every object comes that says something.
_ANY = "QObject"
#: Parts of the workbench that speak on a terminal or to another program alone.
_NEVER_SHOWN = ("cli", "models/serving")
#: What makes a sentence of templates written out in its call, and which of its arguments they are.
_SAYING = {"said": slice(0, 1), "counted": slice(1, 3)}
_ERROR_CLASS = re.compile(r"^class (\w+)\((.+)\):", re.MULTILINE)
#: A context and a text in it.
Source = tuple[str, str]


def update(file: Path) -> int:
    """Bring a file up to date; return how many of its texts nobody has translated yet."""
    before = _translated(file)
    files = sorted((ROOT / "ui").rglob("*.py"))
    _run("lupdate", *map(str, files), "-silent", "-ts", str(file))
    tree = ElementTree.parse(file)
    root = tree.getroot()
    for one in root.findall("context"):
        if one.findtext("name") in _VARIABLES:
            root.remove(one)
    for context, texts in _by_context(added(files)).items():
        found = next((one for one in root.findall("context") if one.findtext("name") == context), None)
        if found is None:
            found = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(found, "name").text = context
        for message in found.findall("message"):
            # What lupdate does not find, it takes for gone.
            if message.findtext("source") in texts and message.find("translation[@type='vanished']") is not None:
                found.remove(message)
        known = {message.findtext("source") for message in found.findall("message")}
        found.extend(_message(text, before.get((context, text), "")) for text in texts if text not in known)
    beside = file.with_name(f".{file.name}.new")
    tree.write(beside, encoding="utf-8", xml_declaration=True)
    os.replace(beside, file)
    return len(root.findall("context/message/translation[@type='unfinished']"))


def release(file: Path) -> Path:
    """Write what the window reads of a file; texts that are not translated are left out, and so stay in English."""
    compiled = file.with_suffix(".qm")
    tree = ElementTree.parse(file)
    templates = [message.findtext("source", "") for message in tree.iterfind(f"context[name='{CONTEXT}']/message")]
    context = ElementTree.SubElement(tree.getroot(), "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    context.append(_message(TEMPLATES, "\n".join(one for one in templates if "{" in one and "\n" not in one)))
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder) / file.name
        tree.write(beside, encoding="utf-8", xml_declaration=True)
        _run("lrelease", "-silent", str(beside), "-qm", str(compiled))
    return compiled


def added(files: Iterable[Path]) -> Iterator[Source]:
    """Yield what lupdate does not find: the words shown of the workbench, and what is handed to a _tr."""
    yield from ((CONTEXT, text) for text in sources())
    modules = [
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "workbench").rglob("*.py")) if is_shown(file)
    ]
    errors = spoken_errors(modules)
    for source in modules:
        yield from ((CONTEXT, text) for text in sentences(source, errors))
    for file in files:
        yield from said_by(file.read_text(encoding="utf-8"))


def is_shown(file: Path) -> bool:
    """Say whether the window shows anything that a module of the workbench says."""
    return not any(file.is_relative_to(ROOT / "workbench" / part) for part in _NEVER_SHOWN)


def spoken_errors(modules: Iterable[str]) -> set[str]:
    """Return the names of the errors whose text is a template."""
    bases = {name: set(above.split(", ")) for source in modules for name, above in _ERROR_CLASS.findall(source)}
    found = {"SpokenError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def spoken(source: str, errors: Collection[str] = ()) -> Iterator[tuple[str, ast.Call, list[ast.expr]]]:
    """Yield where a module makes a sentence or raises one of the errors: the name called, the call, and its templates."""
    if not any(name in source for name in ("workbench.sentences", *errors)):
        return
    tree = ast.parse(source)
    imported = {name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        name = node.func.id
        if name in _SAYING.keys() & imported or name in errors:
            yield name, node, node.args[_SAYING.get(name, slice(0, 1))]


def sentences(source: str, errors: Collection[str] = ()) -> Iterator[str]:
    """Yield the templates of the sentences that a module of the workbench says, by itself or by raising one of the errors."""
    for name, call, templates in spoken(source, errors):
        for template in templates:
            if isinstance(template, ast.Constant) and isinstance(template.value, str):
                yield template.value
            elif name in _SAYING:
                raise TypeError(f"A sentence's template is to be written out: {ast.unparse(call)}")


def said_by(source: str) -> Iterator[Source]:
    """Yield what a module hands to its function _tr, with the context that this names, and what it has another object say.

    Whose class that is nobody can tell; Qt looks under the classes it comes from, too, the last of which is QObject.
    """
    tree = ast.parse(source)
    context = next((_context(one) for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "_tr"), "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) != "self.tr":
            under = context if name == "_tr" else _ANY if name.endswith(".tr") else ""
            told = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)] if under else []
            yield from ((under, text) for text in told if isinstance(text, str))


def _context(function: ast.FunctionDef) -> str:
    called = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return next(str(node.args[0].value) for node in called if node.args and isinstance(node.args[0], ast.Constant))


def _by_context(found: Iterable[Source]) -> dict[str, dict[str, None]]:
    """Sort sources by their contexts, each text once and in order."""
    sorted_: dict[str, dict[str, None]] = defaultdict(dict)
    for context, text in found:
        sorted_[context][text] = None
    return sorted_


def _message(source: str, said: str) -> ElementTree.Element:
    message = ElementTree.Element("message")
    ElementTree.SubElement(message, "source").text = source
    translation = ElementTree.SubElement(message, "translation")
    if said:
        translation.text = said
    else:
        translation.set("type", "unfinished")
    return message


def _translated(file: Path) -> dict[Source, str]:
    """Return what a file says already."""
    if not file.is_file():
        return {}
    found = {}
    for context in ElementTree.parse(file).iter("context"):
        for message in context.findall("message"):
            found[context.findtext("name", ""), message.findtext("source", "")] = message.findtext("translation", "")
    return {source: said for source, said in found.items() if said}


def _run(tool: str, *words: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name(f"pyside6-{tool}")), *words], check=True, cwd=ROOT)


def main(words: list[str]) -> str:
    """Do what the command line asks for, and say what came of it."""
    file = Path(words[-1]).resolve() if words else Path()
    if file.suffix != ".ts" or words[:-1] not in ([], ["--release"]):
        sys.exit(__doc__)
    if words[:-1]:
        if not file.is_file():
            sys.exit(f"{file} is not there: write it first, without --release.")
        return f"Written to {release(file)}."
    return f"{update(file)} texts are to be translated."


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1:])}\n")
