"""Writing a project's data for other tools: a file, or a folder with a train and a test split by prompt and a card."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.exports import EXPORTS, ExportFormat, Form, form_for
from workbench.interchange.outgoing.annotated_pairs import Annotated, annotators, document
from workbench.interchange.outgoing.cards import DataCard, data_card
from workbench.interchange.outgoing.row_files import LAYOUTS, row_file
from workbench.project.project import Project
from workbench.project.provenance import provenance_of
from workbench.project.settling import rule_of
from workbench.project.training_rows import each_preference_row, is_held_out
from workbench.records.preference import standing_reviews
from workbench.records.settings import SftSettings

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
    """How many rows were written by split, how many were left out because they say nothing, and the files."""

    rows: dict[str, int]
    left_out: int
    files: tuple[str, ...]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def export_data(project: Project, wanted: Export) -> Exported:
    """Write a file beside its place and rename it there, or a folder; nothing is left of an export that fails."""
    if wanted.as_ not in FORMATS:
        raise BadInputError(f"Data can be exported as {', '.join(FORMATS)}, not as '{wanted.as_}'.")
    if next(iter(_rows(project, wanted.as_)), None) is None:
        raise MissingError(f"{project.folder} has nothing to export as {wanted.as_} yet.")
    if wanted.as_ == PAIRS:
        return _pairs(project, wanted.output)
    return _folder(project, wanted) if not wanted.output.suffix else _file(project, wanted)


def _file(project: Project, wanted: Export) -> Exported:
    layout = wanted.output.suffix.removeprefix(".")
    if layout not in LAYOUTS:
        raise BadInputError(
            f"Rows are written to a file that ends in .jsonl or .parquet, or to a folder, not to {wanted.output}."
        )
    beside = wanted.output.with_name(f".{wanted.output.name}.new")
    try:
        rows, left_out = _write(project, wanted.as_, {"": beside}, layout, 0.0)
        beside.replace(wanted.output)
    finally:
        beside.unlink(missing_ok=True)
    return Exported(rows, left_out, (str(wanted.output),))


def _folder(project: Project, wanted: Export) -> Exported:
    if wanted.output.exists():
        raise BadInputError(f"{wanted.output} is there already; name another folder.")
    if not 0 <= wanted.test_share < 1:
        raise BadInputError(f"The share of test rows must be at least 0 and below 1, not {wanted.test_share}.")
    beside = wanted.output.with_name(f".{wanted.output.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        splits = ("train", "test") if wanted.test_share else ("train",)
        files = {split: f"{split}.{wanted.layout}" for split in splits}
        rows, left_out = _write(
            project,
            wanted.as_,
            {split: beside / name for split, name in files.items()},
            wanted.layout,
            wanted.test_share,
        )
        for split in [
            split for split, count in rows.items() if not count
        ]:  # an empty file has no columns to be read by
            (beside / files.pop(split)).unlink(missing_ok=True)
        card = _card(project, wanted, rows, files, left_out)
        (beside / "README.md").write_text(card, encoding="utf-8")
        beside.rename(wanted.output)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Exported(rows, left_out, tuple(str(wanted.output / name) for name in (*files.values(), "README.md")))


def _card(project: Project, wanted: Export, rows: dict[str, int], files: dict[str, str], left_out: int) -> str:
    found = EXPORTS[wanted.as_]
    notes = (f"{left_out} ties were left out: they have no chosen response.",) if left_out else ()
    return data_card(
        DataCard(
            wanted.output.name, found.title, found.meanings, rows, files, provenance_of(project, wanted.as_), notes
        )
    )


def _write(project: Project, as_: str, files: dict[str, Path], layout: str, share: float) -> tuple[dict[str, int], int]:
    found: ExportFormat = EXPORTS[as_]
    form: Form = form_for(row.messages for row in _rows(project, as_))
    left_out = 0
    with ExitStack() as stack:
        open_ = {split: stack.enter_context(row_file(path, layout)) for split, path in files.items()}
        for row in _rows(project, as_):
            columns = found.columns(row, form)
            if columns is None:
                left_out += 1
                continue
            open_["test" if share and is_held_out(_prompt_id(row), share) else next(iter(open_))].write(columns)
    return {split: file.rows for split, file in open_.items()}, left_out


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
        raise BadInputError(f"Annotated pairs are one JSON file, so its name must end in .json, not be {output}.")
    reviewers = project.store.reviews.reviewers()
    asked = {principle.id: principle.comparison_question for principle in project.constitution.constitution.principles}
    known = annotators(reviewers, {name: asked.get(name, "") for name in project.store.labels.principles()})
    beside = output.with_name(f".{output.name}.new")
    rows = 0
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            for piece in document(project.folder.name, known, _annotated(project), _now()):
                file.write(piece)
                rows += 1
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    return Exported({"": rows - 2}, 0, (str(output),))


def _annotated(project: Project) -> Iterator[Annotated]:
    store, excluded = project.store, project.store.exclusions.standing()
    after = 0
    while page := store.comparisons.page(after, _BATCH):
        ids = [comparison.id for _, comparison in page]
        labels, reviews = store.labels.of(ids), store.reviews.of(ids)
        prompts = store.prompts.get_many([comparison.prompt_id for _, comparison in page])
        for _, comparison in page:
            mine, said = labels.get(comparison.id, []), standing_reviews(reviews.get(comparison.id, []))
            if comparison.id not in excluded and (mine or said):
                yield Annotated(prompts[comparison.prompt_id], comparison, tuple(said), tuple(mine))
        after = page[-1][0]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
