"""Writing a project's data for other tools: a file, or a folder with a train and a test split by prompt and a card."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.exports import EXPORTS, ExportFormat, Form, form_for
from workbench.interchange.outgoing.annotated_pairs import Annotated, annotators, document, has_place_for
from workbench.interchange.outgoing.cards import DataCard, data_card
from workbench.interchange.outgoing.row_files import LAYOUTS, row_file
from workbench.interchange.unwritable import writing
from workbench.project.auditing import under_audit
from workbench.project.project import Project
from workbench.project.provenance import provenance_of
from workbench.project.settling import rule_of
from workbench.project.training_rows import each_preference_row, is_held_out
from workbench.records.preference import standing_reviews
from workbench.records.settings import SftSettings
from workbench.sentences import counted, said

PAIRS = "annotated-pairs"
FORMATS = (*EXPORTS, PAIRS)
_BATCH = 400


@dataclass(frozen=True)
class Export:
    """What is to be written where; a folder gets two splits, whose rows are in layout, and a card."""

    as_: str
    output: Path
    layout: str = "jsonl"
    test_share: float = 0.1


@dataclass(frozen=True)
class Exported:
    """How many rows were written by split, how many were left out, and the files.

    left_out rows say nothing; those without_place hold what the format cannot carry, such as a system turn; those in_audit would
    tell their labels to people who are to judge them blind.
    """

    rows: dict[str, int]
    left_out: int
    files: tuple[str, ...]
    without_place: int = 0
    in_audit: int = 0

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def export_data(project: Project, wanted: Export) -> Exported:
    """Write a file beside its place and rename it there, or a folder; nothing is left of an export that fails."""
    if wanted.as_ not in FORMATS:
        raise BadInputError(
            "Data can be exported as {formats}, not as '{format}'.", formats=", ".join(FORMATS), format=wanted.as_
        )
    if next(iter(_rows(project, wanted.as_)), None) is None:
        raise MissingError("{folder} has nothing to export as {format} yet.", folder=project.folder, format=wanted.as_)
    with writing(wanted.output):
        if wanted.as_ == PAIRS:
            return _pairs(project, wanted.output)
        return _folder(project, wanted) if not wanted.output.suffix else _file(project, wanted)


def _file(project: Project, wanted: Export) -> Exported:
    layout = wanted.output.suffix.removeprefix(".")
    if layout not in LAYOUTS:
        raise BadInputError(
            "Rows are written to a file that ends in .jsonl or .parquet, or to a folder, not to {output}.",
            output=wanted.output,
        )
    beside = wanted.output.with_name(f".{wanted.output.name}.new")
    try:
        written = _write(project, wanted.as_, {"": beside}, layout, 0.0)
        beside.replace(wanted.output)
    finally:
        beside.unlink(missing_ok=True)
    return replace(written, files=(str(wanted.output),))


def _folder(project: Project, wanted: Export) -> Exported:
    if wanted.output.exists():
        raise BadInputError("{output} is there already; name another folder.", output=wanted.output)
    if not 0 <= wanted.test_share < 1:
        raise BadInputError(
            "The share of test rows must be at least 0 and below 1, not {test_share}.",
            test_share=wanted.test_share,
        )
    beside = wanted.output.with_name(f".{wanted.output.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        splits = ("train", "test") if wanted.test_share else ("train",)
        files = {split: f"{split}.{wanted.layout}" for split in splits}
        written = _write(
            project,
            wanted.as_,
            {split: beside / name for split, name in files.items()},
            wanted.layout,
            wanted.test_share,
        )
        # An empty file has no columns to be read by.
        for split in [split for split, count in written.rows.items() if not count]:
            (beside / files.pop(split)).unlink(missing_ok=True)
        card = _card(project, wanted, written, files)
        (beside / "README.md").write_text(card, encoding="utf-8")
        beside.rename(wanted.output)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return replace(written, files=tuple(str(wanted.output / name) for name in (*files.values(), "README.md")))


def left_out_words(written: Exported, as_: str) -> tuple[str, ...]:
    """Return a sentence for each reason for which rows were left out."""
    told = []
    if count := written.left_out:
        told.append(
            counted(
                count,
                "1 tie was left out: it has no chosen response.",
                "{count} ties were left out: they have no chosen response.",
            )
        )
    if count := written.without_place:
        told.append(
            counted(
                count,
                "1 row was left out: {format} has {no_place}; export as preferences to have all.",
                "{count} rows were left out: {format} has {no_place}; export as preferences to have all.",
                format=as_,
                no_place=_NO_PLACE,
            )
        )
    if count := written.in_audit:
        told.append(
            counted(
                count,
                "1 pair was left out: it is {in_audit}.",
                "{count} pairs were left out: they are {in_audit}.",
                in_audit=_BLIND,
            )
        )
    return tuple(told)


#: Why a pair of an open sample is not told to whoever reads the file.
_BLIND = said("of the audit that is not done, whose labels nobody is to see; finish it or set it aside to have all")
#: What some formats have no place for.
_NO_PLACE = said(
    "no place for system turns, for prompts that the assistant begins, nor for marks of turns within a text"
)


def _card(project: Project, wanted: Export, written: Exported, files: dict[str, str]) -> str:
    found = EXPORTS[wanted.as_]
    notes = left_out_words(written, wanted.as_)
    if "chosen_prob" in found.meanings:
        notes += (
            f"`chosen_prob` follows from labels and reviews by the project's rule: {rule_of(project.store).words}.",
        )
    return data_card(
        DataCard(
            wanted.output.name, found.title, found.meanings, written.rows, files,
            provenance_of(project, wanted.as_), notes,
        )
    )  # fmt: skip


def _write(project: Project, as_: str, files: dict[str, Path], layout: str, share: float) -> Exported:
    found: ExportFormat = EXPORTS[as_]
    form: Form = form_for(row.messages for row in _rows(project, as_))
    hidden = under_audit(project.store)
    left_out = without_place = in_audit = 0
    with ExitStack() as stack:
        open_ = {split: stack.enter_context(row_file(path, layout)) for split, path in files.items()}
        for row in _rows(project, as_):
            if getattr(row, "comparison_id", "") in hidden:
                in_audit += 1
                continue
            if not found.has_place_for(row):
                without_place += 1
                continue
            columns = found.columns(row, form)
            if columns is None:
                left_out += 1
                continue
            open_["test" if share and is_held_out(_prompt_id(row), share) else next(iter(open_))].write(columns)
    written = Exported({split: file.rows for split, file in open_.items()}, left_out, (), without_place, in_audit)
    _must_hold_something(written, as_)
    return written


def _must_hold_something(written: Exported, as_: str) -> None:
    """Refuse to write a file of which all rows had to be left out."""
    if not written.total and written.without_place:
        raise BadInputError(
            "No row can be exported as {format}, which has {no_place}; export as preferences.",
            format=as_,
            no_place=_NO_PLACE,
        )
    if not written.total and written.in_audit:
        raise BadInputError("No row can be exported as {format} now: all are {in_audit}.", format=as_, in_audit=_BLIND)


def _rows(project: Project, as_: str) -> Iterable[Any]:
    """Return the rows of an export, anew each time; those of preferences and prompts are never all in memory."""
    if as_ == "sft":
        return project.sft_rows(SftSettings())
    if as_ == "prompts":
        return project.store.prompts.each()
    if as_ == PAIRS:
        return _annotated(project)
    return each_preference_row(project.store, project.constitution.hash, rule=rule_of(project.store))


def _prompt_id(row: Any) -> str:
    return str(getattr(row, "prompt_id", "") or row.id)


def _pairs(project: Project, output: Path) -> Exported:
    if output.suffix != ".json":
        raise BadInputError(
            "Annotated pairs are one JSON file, so its name must end in .json, not be {output}.",
            output=output,
        )
    reviewers = project.store.reviews.reviewers()
    asked = {principle.id: principle.comparison_question for principle in project.constitution.constitution.principles}
    known = annotators(reviewers, {name: asked.get(name, "") for name in project.store.labels.principles()})
    beside = output.with_name(f".{output.name}.new")
    tally = Counter[str]()
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(document(project.folder.name, known, _with_place(project, tally), _now()))
        rows = {"": tally["written"]}
        written = Exported(rows, 0, (str(output),), tally["without_place"], tally["in_audit"])
        _must_hold_something(written, PAIRS)
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    return written


def _with_place(project: Project, tally: Counter[str]) -> Iterator[Annotated]:
    """Yield the rows that annotated pairs have a place for and nobody is to judge blind, counting them and the others."""
    hidden = under_audit(project.store)
    for row in _annotated(project):
        why = "in_audit" if row.comparison.id in hidden else "written" if has_place_for(row) else "without_place"
        tally[why] += 1
        if why == "written":
            yield row


def _annotated(project: Project) -> Iterator[Annotated]:
    store, excluded = project.store, project.store.exclusions.standing()
    after = 0
    while page := store.comparisons.page(after, _BATCH):
        ids = [comparison.id for _, comparison in page]
        labels, reviews = store.labels.of(ids), store.reviews.of(ids)
        prompts = store.prompts.get_many([comparison.prompt_id for _, comparison in page])
        for _, comparison in page:
            mine, words = labels.get(comparison.id, []), standing_reviews(reviews.get(comparison.id, []))
            if comparison.id not in excluded and (mine or words):
                yield Annotated(prompts[comparison.prompt_id], comparison, tuple(words), tuple(mine))
        after = page[-1][0]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
