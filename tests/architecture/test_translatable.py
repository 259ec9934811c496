"""What the window shows goes through tr: no literal text is handed to a widget, and a translator gets the workbench's words."""

import ast
import copy
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from tests.architecture.checkout import ROOT
from tests.architecture.sentences import calls
from ui.static_words import CONTEXT, in_language, sources
from workbench.errors import BadInputError
from workbench.sentences import counted, joined, said

#: What shows the first text it is given, or names a widget by it.
SHOWS = {
    "setText", "QLabel", "label", "button", "QPushButton", "QCheckBox", "QRadioButton", "QAction", "addItem", "setToolTip",
    "setWindowTitle", "setAccessibleName", "setAccessibleDescription", "setPlaceholderText", "setTitle", "addTab", "addAction",
    "setStatusTip", "setTabText", "setSpecialValueText", "setSuffix", "setPrefix", "setHorizontalHeaderLabels",
    "EmptyCard", "TextView", "addMenu",
}  # fmt: skip
#: A word: what is no more than a sign, a unit or a name of a key is the same in every language.
_WORD = re.compile(r"[A-Za-z]{3,}")
#: Values as a person would type them, and a format's name.
_SAME = frozenset({"CSV", "main", "http://127.0.0.1:8000/v1", "best_of_16:sl_cai,constitution:base"})
SOURCES = sorted((ROOT / "ui").rglob("*.py"))


def untranslated(source: str) -> Iterator[str]:
    """Yield the literal texts that a source hands to what shows them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in SHOWS:
            at = 1 if _name(node.func) == "addTab" else 0
            for argument in node.args[at : at + 1]:
                yield from (
                    f"line {argument.lineno}: {text}"
                    for text in _literal(argument)
                    if _WORD.search(text) and text not in _SAME
                )


def _literal(node: ast.expr) -> Iterator[str]:
    """Yield the literal parts of a text, of either branch and of lists; what a call returns is not literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.IfExp):
        yield from (*_literal(node.body), *_literal(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (*_literal(node.left), *_literal(node.right))
    elif isinstance(node, ast.List | ast.Tuple):
        for one in node.elts:
            yield from _literal(one)


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_shown_goes_through_tr(source: Path) -> None:
    assert list(untranslated(source.read_text(encoding="utf-8"))) == []


def test_a_literal_text_is_found() -> None:
    assert list(untranslated('a.setText("Go there" if b else self.tr("Stay"))\nlabel(f"{n} runs")')) == [
        "line 1: Go there",
        "line 2:  runs",
    ]


def test_a_translator_gets_the_words_of_the_workbench_and_keeps_what_was_said(tmp_path: Path) -> None:
    file = tmp_path / "window_de.ts"
    update = [sys.executable, str(ROOT / "packaging" / "translations.py"), str(file)]
    subprocess.run(update, check=True, cwd=ROOT, env=_environment(), capture_output=True)
    tree = ElementTree.parse(file)
    messages = {one.findtext("source"): one for one in tree.iterfind(f"context[name='{CONTEXT}']/message")}
    assert set(messages) > set(sources())
    assert {template for call in calls() for template in call.templates} <= set(messages)
    contexts = {one.findtext("name", ""): one for one in tree.iter("context")}
    # Said by a module, by a function for some object, and by the workbench.
    said_by = (("places", "Constitution"), ("QObject", "drawn {count}"), (CONTEXT, "finished"))
    assert "MainWindow" in contexts
    assert not {"owner", "parent", "window"} & set(contexts)  # names of variables, under which nothing is looked for
    for name, source in said_by:
        (said,) = [one for one in contexts[name].iterfind("message") if one.findtext("source") == source]
        translation = said.find("translation")
        assert translation is not None
        translation.text = f"{source}!"
        translation.attrib.clear()
    tree.write(file)
    subprocess.run(update, check=True, cwd=ROOT, env=_environment(), capture_output=True)
    for name, source in said_by:
        (again,) = ElementTree.parse(file).iterfind(f"context[name='{name}']/message[source='{source}']/translation")
        assert (again.text, again.attrib) == (f"{source}!", {})


class _German(QTranslator):
    said: ClassVar[dict[str, str]] = {
        "finished": "fertig",
        "comparison": "Vergleich",
        "no {use} by {most:.1f}": "bis {most:.0f} kein {use}",
        "{count} words": "{Zahl} Wörter",
    }

    def translate(self, context: str, source: str, disambiguation: str = "", n: int = -1) -> str:  # type: ignore[override]
        return self.said.get(source) if context == CONTEXT else None  # type: ignore[return-value]


def test_words_of_the_workbench_are_shown_in_the_language_of_the_window(qapp: QCoreApplication) -> None:
    german = _German()
    qapp.installTranslator(german)
    try:
        assert in_language("finished") == "fertig"
        assert in_language("not translated") == "not translated"
        sentence = said("no {use} by {most:.1f}", use=said("comparison"), most=2)
        assert sentence == "no comparison by 2.0"
        assert in_language(sentence) == "bis 2 kein Vergleich"
        assert in_language(said("{count} words", count=3)) == "3 words"  # its translator changed a name
        assert in_language(said("{never} filled")) == "{never} filled"
        assert in_language(counted(1, "no {use} by {most:.1f}", "never", use="Urteil", most=3)) == "bis 3 kein Urteil"
        assert in_language(joined(" / ", (said("comparison"), "one"))) == "Vergleich / one"
        wrapped = BadInputError("no {use} by {most:.1f}", use=BadInputError("comparison"), most=1)
        assert (str(wrapped), in_language(wrapped.sentence)) == ("no comparison by 1.0", "bis 1 kein Vergleich")
        assert in_language(pickle.loads(pickle.dumps(wrapped)).sentence) == "bis 1 kein Vergleich"
        assert in_language(pickle.loads(pickle.dumps(copy.deepcopy(sentence)))) == "bis 2 kein Vergleich"
    finally:
        qapp.removeTranslator(german)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
