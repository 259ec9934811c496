"""The command on backups: make one, list them, go back to one."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, print_json, say, say_aside, table


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(backup)


def backup(
    folder: Folder,
    what: Annotated[str, typer.Argument(metavar="[make|list|restore]", help="What to do.")] = "make",
    name: Annotated[
        str, typer.Argument(help="Which backup to restore: the beginning of its name, or newest.")
    ] = "newest",
    json_: Json = False,
) -> None:
    """Make a backup of a project's database, list the backups, or go back to one and take over what was decided since."""
    from workbench.errors import BadInputError  # noqa: PLC0415

    if what == "make":
        _make(Path(folder), json_)
    elif what == "list":
        _list(Path(folder), json_)
    elif what == "restore":
        _restore(Path(folder), name, json_)
    else:
        raise BadInputError(f"A backup can be made, listed or restored (make, list, restore), not '{what}'.")


def _make(folder: Path, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.open(folder) as project:
        made = project.store.back_up()
    print_json(to_data(made)) if json_ else say(f"Made backup {made.name} ({made.size / 2**20:.1f} MB).")


def _list(folder: Path, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(folder) as project:
        rows = [to_data(made) for made in project.store.backups()]
    if json_:
        print_json(rows)
    else:
        say(table(rows, ("name", "made", "why", "size")) if rows else "No backups yet.")


def _restore(folder: Path, name: str, json_: bool) -> None:
    from workbench.project.restoring import restore  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    done = restore(folder, name)
    if json_:
        print_json(to_data(done))
        return
    for sentence in (*done.notes, *done.damage):
        say_aside(sentence)
    say(f"Went back to the backup; the database that was there is kept at {done.kept}.")
