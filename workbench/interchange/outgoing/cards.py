"""Cards of data sets and models: what it is, how it came about, how well it was checked, and what it is not good for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Provenance:
    """Where something comes from: the constitution, the runs and models that made it, and what audits and reviews say."""

    constitution: str
    constitution_hash: str
    principles: int
    runs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    workbench: str = ""
    #: Whether a feedback model's labels are among what it was made from.
    labelled: bool = False


@dataclass(frozen=True)
class DataCard:
    """What a data set's card says."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Mapping[str, int]
    files: Mapping[str, str]
    provenance: Provenance
    notes: tuple[str, ...] = field(default=())


DATA_LIMITS = (
    "Texts were written by language models, or by whoever wrote the files named above; they can be wrong, harmful or offensive.",
    "Red-team prompts ask for harm on purpose; do not train a model on the prompts' side of a conversation.",
    "No licence is chosen here: those of the imported data and of the models that wrote the texts bind whoever publishes it.",
)
_LABELS_LIMIT = (
    "Labels repeat the habits of the feedback model (length, position, wording); figures above say how far they were "
    "checked."
)
MODEL_LIMITS = (
    "Trained on texts and labels written by language models; being trained on a constitution does not prove that it is followed.",
    "Measured only where figures above say so, on prompts like those of the project it comes from.",
    "Its licence is that of the model it was trained from, and of the data; neither is changed here.",
)


def data_card(card: DataCard) -> str:
    """Return a data set's README.md, with the front matter by which the datasets library finds the files."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    lines += [f"  - split: {split}\n    path: {path}" for split, path in card.files.items()]
    lines += ["task_categories:", "- text-generation", "size_categories:", f"- {_size(sum(card.rows.values()))}"]
    lines += ["tags:", "- constitutional-ai", "- trl", "---", "", f"# {_plain(card.name)}", "", f"{card.title}.", ""]
    lines += ["| split | rows |", "| --- | --- |", *(f"| {split} | {rows} |" for split, rows in card.rows.items()), ""]
    lines += ["Rows of one prompt are all in one split.", "", "## Columns", ""]
    lines += [
        "| column | what it is |",
        "| --- | --- |",
        *(f"| `{name}` | {text} |" for name, text in card.columns.items()),
        "",
    ]
    lines += _provenance(card.provenance)
    limits = (*DATA_LIMITS, *([_LABELS_LIMIT] if card.provenance.labelled else []))
    return "\n".join([*lines, *_section("Notes", card.notes), *_section("Limits", limits)])


def model_card(
    name: str, base: str, kind: str, provenance: Provenance, figures: Sequence[str] = (), hub_base: str = ""
) -> str:
    """Return a model's README.md; hub_base is the hub's own id of what it was trained from, all that the hub takes there."""
    lines = ["---", "library_name: transformers", "tags:", "- constitutional-ai"]
    if hub_base:
        lines.append(f"base_model: {json.dumps(hub_base)}")
    lines += [
        "---",
        "",
        f"# {_plain(name)}",
        "",
        f"Made by the stage {kind}." + (f" Trained from {_plain(base)}." if base else ""),
        "",
    ]
    return "\n".join(
        [*lines, *_provenance(provenance), *_section("Measured", figures), *_section("Limits", MODEL_LIMITS)]
    )


def _provenance(found: Provenance) -> list[str]:
    lines = ["## Where it comes from", ""]
    lines += [
        f"Constitution: {_plain(found.constitution)} ({found.principles} principles, `{found.constitution_hash}`).",
        "",
    ]
    lines += [f"- {_plain(run)}" for run in found.runs]
    lines += [f"- imported: {_plain(source)}" for source in found.sources]
    lines += ["", f"Written by Constitution Workbench {found.workbench}.", ""]
    return [*lines, *_section("How it was checked", [_plain(text) for text in found.checks])]


def _size(rows: int) -> str:
    """Return the hub's name for a number of rows."""
    steps = ((1_000, "1K"), (10_000, "10K"), (100_000, "100K"), (1_000_000, "1M"), (10_000_000, "10M"))
    below = ""
    for most, name in steps:
        if rows < most:
            return f"{below}<n<{name}" if below else f"n<{name}"
        below = name
    return f"{below}<n<100M"


def _section(title: str, texts: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {text}" for text in texts), ""] if texts else []


def _plain(text: str) -> str:
    """Return a name from a project so that it is no markup on a page that shows the card."""
    flat = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*[]<>|" else character for character in flat)
