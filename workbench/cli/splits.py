"""The command that shows how prompts are split and what splits have in common."""

from pathlib import Path
from typing import Any

import typer

from workbench.cli.printing import Folder, Json, print_json, say, say_aside, table

_SERVES = {
    "train": "all stages but evaluation",
    "sft": "chains and SFT",
    "preferences": "comparisons, labels and the preference model",
    "rl": "RL",
    "test": "evaluation",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(splits)


def splits(folder: Folder, json_: Json = False) -> None:
    """Show how many prompts each split holds, and warn of near duplicates that stand in two of them."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.splits import counts, overlaps  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        prompts = list(project.store.prompts.each())
    found, shared = counts(prompts), overlaps(prompts)
    if json_:
        print_json({"splits": found, "near_duplicates": shared})
        return
    say(table([{**row, "serves": _SERVES[row["split"]]} for row in found], ("split", "kind", "prompts", "serves")))
    for row in shared:
        say_aside(warning(row))


def warning(row: dict[str, Any]) -> str:
    """Return what two splits have in common as a sentence."""
    return (
        f"{row['prompts']} prompts of {row['split']} and {row['prompts_of_other']} of {row['other']} are near duplicates of "
        "each other, so what is measured on the one was partly seen in the other."
    )
