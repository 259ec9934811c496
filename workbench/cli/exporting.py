"""Exporting data from a project."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, steps_line


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(export)


def export(
    folder: Folder,
    as_: Annotated[
        str, typer.Option("--as", help="sft, preferences or prompts (TRL's columns), hh-rlhf or annotated-pairs.")
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="A file (.jsonl, .parquet), or a folder for two splits and a card.")
    ],
    layout: Annotated[str, typer.Option(help="How rows lie in a folder: jsonl or parquet.")] = "jsonl",
    test_share: Annotated[float, typer.Option(help="Share of prompts whose rows go into a folder's test split.")] = 0.1,
    json_: Json = False,
) -> None:
    """Export data for TRL and the datasets library, or for other tools."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.exporting import Export, export_data, left_out_words  # noqa: PLC0415

    with Project.read(Path(folder)) as project, steps_line("Writing") as tell:
        tell(output)
        written = export_data(project, Export(as_, Path(output), layout, test_share))
    if json_:
        print_json(
            {
                "rows": written.total,
                "splits": written.rows,
                "left_out": written.left_out,
                "without_place": written.without_place,
                "in_audit": written.in_audit,
                "file": output,
                "files": written.files,
            }
        )
    else:
        say(" ".join((f"Wrote {counted(written.total, 'rows')} to {output}.", *left_out_words(written, as_))))
