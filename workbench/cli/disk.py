"""The command that shows what a project's runs use of the disk."""

import shutil
from pathlib import Path

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(disk)


def disk(folder: Folder, json_: Json = False) -> None:
    """Show the disk that runs use: models, checkpoints and the rest, and what is free."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk import MB, project_use  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found = project_use(project.folder, [(run.id, Path(run.folder)) for run in project.runs()])
    found["free_mb"] = round(shutil.disk_usage(folder).free / MB)
    if json_:
        print_json(found)
        return
    if found["runs"]:
        say(table(found["runs"], ("run", "model_mb", "checkpoints_mb", "snapshots_mb", "rest_mb", "total_mb")))
    say(
        f"{found['total_mb']:.1f} MB in all, {found['rest_of_project_mb']:.1f} MB of them outside the runs; "
        f"{found['free_mb']} MB are free."
    )
