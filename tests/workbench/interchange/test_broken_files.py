"""Whatever is wrong with a file on disk, a person reads a sentence for it; and no refusal is left that nothing here provokes."""

import ast
import errno
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import workbench.interchange
from tests.workbench.interchange.broken_files import CONSTITUTIONS, LISTED, MOST_BYTES, REFUSED, Listed
from tests.workbench.interchange.broken_places import CHANGES, NEXT, PLACES, ROW, TABLES
from tests.workbench.interchange.broken_rows import FINE, GONE, GOOD, ROWS
from workbench.cli.importing import import_file, preview_file
from workbench.errors import WorkbenchError
from workbench.interchange import json_values, lines, mistaken, unreadable
from workbench.interchange.incoming.detection import NotToldError
from workbench.interchange.json_values import NotJsonError, SpellingError
from workbench.interchange.lines import BadRow, JsonRow
from workbench.interchange.row_fields import BadFieldError
from workbench.interchange.sources import csv_lines, csv_rows, json_text
from workbench.interchange.sources.csv_lines import RowTooLongError
from workbench.interchange.sources.opening import open_source
from workbench.project import Project
from workbench.project.beginning import begin
from workbench.project.importing import Wanted

FORMATS = Path(__file__).parents[2] / "data" / "formats"
INTERCHANGE = Path(str(workbench.interchange.__file__)).parent
IMPORTING = INTERCHANGE.parent / "project" / "importing.py"
#: What refuses something, by the name under which it is called.
REFUSALS = {"BadRow", "BadInputError", "MissingError", "BadFieldError", "NotJsonError", "SpellingError", "UnfitError",
    "RowTooLongError", "NotToldError", "wrong",
}  # fmt: skip
#: Modules that write files, or work on what was read; everything else of the interchange is on the way in.
NOT_COMING_IN = {
    "unwritable.py",
    "bundled.py",
    "constitution_edit.py",
    "constitution_order.py",
    "example_edit.py",
    "exports.py",
    "yaml_scalars.py",
}
#: Reasons that depend on who runs the tests, on the version of Python, or on what no file of a test can be like.
NOT_PROVOKED = {unreadable.IN_WORDS[number] for number in (errno.EACCES, errno.EISDIR)} | {
    json_values.IN_WORDS["Illegal trailing comma"]
}

Site = tuple[str, int]


@dataclass
class Outcome:
    """What was expected and what was told for each case, the sentences told, and from where in the code they came."""

    expected: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    sites: set[Site] = field(default_factory=set)

    def note(self, case: str, expected: Any, found: Any) -> None:
        case = f"{len(self.expected)} {case}"
        self.expected[case], self.found[case] = expected, found

    def watch(self, watched: type, name: str, patch: pytest.MonkeyPatch) -> None:
        """Keep from where a method is called."""
        original = getattr(watched, name)

        def called(*given: Any, **named: Any) -> Any:
            frame = sys._getframe(1)
            self.sites.add((frame.f_code.co_filename, frame.f_lineno))
            return original(*given, **named)

        patch.setattr(watched, name, called)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Import every broken file there is, once."""
    return imported_all(tmp_path_factory.mktemp("broken") for _ in iter(int, 1))


def imported_all(folders: Iterator[Path]) -> Outcome:
    outcome = Outcome()
    with begin(next(folders) / "p", "blank", "", "") as project:
        place = project.folder
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((lines, "MAX_LINE_BYTES"), (csv_lines, "MAX_LINE_BYTES"), (json_text, "MAX_VALUE_BYTES")):
            patch.setattr(module, name, MOST_BYTES)
        for watched in (
            WorkbenchError,
            BadRow,
            BadFieldError,
            NotJsonError,
            SpellingError,
            RowTooLongError,
            NotToldError,
        ):
            outcome.watch(watched, "__init__", patch)
        outcome.watch(json_text.JsonText, "wrong", patch)
        _files(outcome, folders)
        _rows(outcome, place, folders)
        with Project.open(place) as project:
            _changes(outcome, project, folders)
    return outcome


def _files(outcome: Outcome, folders: Iterator[Path]) -> None:
    for name, data, told in REFUSED:
        place = next(folders) / name
        place.write_bytes(data)
        _refused(outcome, f"{name} {told}", preview_file, Wanted(str(place)))
    for make, told in PLACES:
        folder = next(folders)
        _refused(outcome, told.format(folder=folder), preview_file, make(folder))
    for name, content, told in CONSTITUTIONS:
        place = next(folders) / name
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        _refused(outcome, told.replace("{place}", str(place)), preview_file, Wanted(str(place), "constitution"))
        if isinstance(content, list | dict) and "is no constitution known here" not in told:
            _refused(outcome, told, preview_file, Wanted(str(place)))  # a broken one is no list of prompts


def _changes(outcome: Outcome, project: Project, folders: Iterator[Path]) -> None:
    for work, told in CHANGES:
        folder = next(folders)
        (folder / "x.jsonl").write_text(ROW)
        _refused(outcome, told.format(folder=folder), work, folder / "x.jsonl", project)


def _refused(outcome: Outcome, told: str, work: Callable[..., object], *given: object) -> None:
    with pytest.raises(WorkbenchError) as caught:
        work(*given)
    outcome.note(told[:40], told, str(caught.value))
    outcome.sentences.append(str(caught.value))


def _rows(outcome: Outcome, project: Path, folders: Iterator[Path]) -> None:
    for name, data, reasons, good in (*LISTED, *(_one_of_each(format_) for format_ in GOOD)):
        place = next(folders) / name
        place.write_bytes(data)
        _listed(outcome, project, place, reasons, good)
    for make, begun, good in TABLES:
        found = preview_file(Wanted(make(next(folders))))
        reasons = {row["line"]: row["reason"] for row in found["bad_rows"]}
        outcome.reasons += reasons.values()
        expected = (
            {found["good"] + 1 if at == NEXT else at: words for at, words in begun.items()},
            good or found["good"],
        )
        told = {at: reason[: len(expected[0].get(at, ""))] for at, reason in reasons.items()}
        outcome.note(make.__name__, expected, (told, found["good"]))


def _listed(outcome: Outcome, project: Path, place: Path, reasons: dict[int, str], good: int) -> None:
    """A file with bad rows is refused with the first, previewed with all of them, and brings its good rows on a word."""
    found = preview_file(Wanted(str(place)))
    told = {row["line"]: row["reason"] for row in found["bad_rows"]}
    outcome.note(f"{place} previewed", (reasons, good), (told, found["good"]))
    outcome.reasons += told.values()
    with pytest.raises(WorkbenchError) as caught:
        import_file(project, Wanted(str(place)), skip_bad=False)
    first, count = min(told), len(told)
    rows = "1 bad row" if count == 1 else f"{count} bad rows, the first"
    assert str(caught.value).startswith(
        f"{place} has {rows} on {found['unit']} {first}: {told[first]}. Nothing was imported;"
    )
    outcome.sentences.append(str(caught.value))


def _one_of_each(format_: str) -> Listed:
    """A file of a format in which a good row stands before and after each bad one."""
    good = [row.fields for row in open_source(str(FORMATS / GOOD[format_])).rows() if isinstance(row, JsonRow)]
    rows, reasons = [good[0]], {}
    for bad in (row for row in ROWS if row.format == format_):
        changed = {**good[0], **bad.changes}
        rows += [{name: value for name, value in changed.items() if value is not GONE}, good[-1]]
        reasons[len(rows) - 1] = bad.reason
    return Listed(
        "x.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode(), reasons, len(rows) - len(reasons)
    )


def test_every_broken_file_is_told_in_its_own_words(outcome: Outcome) -> None:
    assert outcome.found == outcome.expected


def test_no_refusal_is_left_without_a_broken_file(outcome: Outcome) -> None:
    left = [f"{path}:{line}" for path, line, end in _sites() if not _provoked(outcome, path, line, end)]
    assert left == []
    told = "\n".join(outcome.sentences + outcome.reasons)
    tables = (json_values.IN_WORDS, unreadable.IN_WORDS, csv_rows.IN_WORDS, dict(mistaken.KINDS))
    assert [
        words for table in tables for words in table.values() if words not in told and words not in NOT_PROVOKED
    ] == []


def _provoked(outcome: Outcome, path: Path, line: int, end: int) -> bool:
    return any((str(path), at) in outcome.sites for at in range(line, end + 1))


def _sites() -> Iterator[tuple[Path, int, int]]:
    """Yield file, first and last line of each place in which something that comes in is refused with words of its own."""
    coming_in = [
        path for path in INTERCHANGE.rglob("*.py") if path.name not in NOT_COMING_IN and "outgoing" not in path.parts
    ]
    for path in (*coming_in, IMPORTING):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node.func) in REFUSALS and not any(map(_is_passed_on, node.args)):
                yield path, node.lineno, node.end_lineno or node.lineno


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _is_passed_on(argument: ast.expr) -> bool:
    """Say whether a reason is that of an error which was told elsewhere."""
    told = isinstance(argument, ast.Call) and _called(argument.func) == "str"
    return told or (isinstance(argument, ast.Attribute) and argument.attr == "sentence")


def test_what_is_told_reads_as_a_sentence(outcome: Outcome) -> None:
    for sentence in outcome.sentences:
        assert sentence.endswith((".", "?"))
    for reason in outcome.reasons:
        assert not reason.endswith(".")
    for told in outcome.sentences + outcome.reasons:
        assert told.isprintable()
        assert len(told) < 2000
        for word in ("Error", "Errno", "Traceback", "NoneType", "0x", "<class", "codec"):
            assert word not in told


@pytest.mark.parametrize(("format_", "changes"), FINE)
def test_what_only_looks_odd_is_read(format_: str, changes: dict[str, Any], tmp_path: Path) -> None:
    (good, *_) = (row.fields for row in open_source(str(FORMATS / GOOD[format_])).rows() if isinstance(row, JsonRow))
    (tmp_path / "x.jsonl").write_text(json.dumps({**good, **changes}) + "\n")
    found = preview_file(Wanted(str(tmp_path / "x.jsonl"), format=format_))
    assert (found["good"], found["bad_rows"]) == (1, [])
