"""The command that shows what a project's runs use of the disk and gives some back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table
from workbench.records.commands import quoted


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(disk)


def disk(
    folder: Folder,
    delete: Annotated[str, typer.Option(help="model, checkpoints or snapshots: remove them of the run named.")] = "",
    run: Annotated[str, typer.Option(help="The run whose weights or checkpoints are to go.")] = "",
    aside: Annotated[
        bool, typer.Option("--aside", help="With --delete: put it aside, so that --undo gets it back.")
    ] = False,
    undo: Annotated[
        str, typer.Option("--undo", help="model, checkpoints or snapshots: put them back into --run.")
    ] = "",
    empty: Annotated[bool, typer.Option("--empty", help="Remove for good what was put aside.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    json_: Json = False,
) -> None:
    """Show the disk that runs use: models, checkpoints, snapshots and the rest, and what is free; or remove some of it."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk import project_disk  # noqa: PLC0415

    if delete:
        _delete(folder, run, delete, yes, aside)
        return
    if undo or empty:
        _undo(folder, run, undo) if undo else _empty(folder)
        return
    with Project.read(Path(folder)) as project:
        found = project_disk(project)
    if json_:
        print_json(found)
        return
    if found["runs"]:
        say(table(found["runs"], ("run", "model_mb", "checkpoints_mb", "snapshots_mb", "rest_mb", "total_mb")))
    say(
        f"{found['total_mb']:.1f} MB in all, {found['rest_of_project_mb']:.1f} MB of them outside the runs; "
        f"{found['free_mb']} MB are free."
    )


def _undo(folder: str, run: str, part: Any) -> None:
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk_removal import restore  # noqa: PLC0415

    if not run:
        raise BadInputError(f"Name the run whose {part} is to come back: --run RUN")
    with Project.open(Path(folder)) as project:
        restore(project, run, part)
    say(f"Put back the {part} of {run}.")


def _empty(folder: str) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk_removal import empty  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        say(f"Removed {empty(project):.1f} MB for good.")


def _delete(folder: str, run: str, part: Any, yes: bool, aside: bool) -> None:
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk_removal import empty, remove  # noqa: PLC0415

    if not run:
        raise BadInputError(f"Name the run whose {part} is to go: --run RUN")
    if not yes and not aside:
        typer.confirm(f"Remove the {part} of {run} for good?", abort=True)
    with Project.open(Path(folder)) as project:
        size = remove(project, run, part)
        if not aside:
            empty(project)
    if aside:
        say(
            f"Put aside {size:.1f} MB; workbench disk {quoted(folder)} --undo {quoted(part)} --run {quoted(run)} puts them back."
        )
        return
    say(f"Removed {size:.1f} MB; texts, numbers and decisions stay, and the run's command trains it again.")
