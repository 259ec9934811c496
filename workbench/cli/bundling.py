"""Commands that carry a project to another machine as one file and do there what was done here."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, print_json, say


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (bundle, unbundle, replay):
        app.command()(command)


def bundle(
    folder: Folder,
    output: Annotated[str, typer.Option("-o", "--output", help="The file to write, for example walk.zip.")],
    json_: Json = False,
) -> None:
    """Write a project's data, constitutions and plans as one file, which another machine can replay."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.bundling import write_bundle  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        counts = write_bundle(project, Path(output)).counts
    print_json(counts) if json_ else say(f"Wrote {output}: {_words(counts)}.")


def unbundle(
    file: Annotated[str, typer.Argument(help="A file made by bundle.")],
    folder: Annotated[str, typer.Argument(help="The project's folder to make.")],
    json_: Json = False,
) -> None:
    """Make a project from a bundle."""
    from workbench.project.bundling import open_bundle  # noqa: PLC0415

    counts = open_bundle(Path(file), Path(folder)).counts
    if json_:
        print_json(counts)
        return
    say(f"Made project {folder}: {_words(counts)}.")
    say(f"Next: workbench replay {folder}")


def replay(folder: Folder, json_: Json = False) -> None:
    """Do the runs a project was bundled with again, one after the other; finished ones are passed by, others go on."""
    from workbench.cli.following import follow_run, start_again  # noqa: PLC0415
    from workbench.cli.runs import row_of  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.bundling import plans_to_replay  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    ended = []
    for plan, texts in plans_to_replay(Path(folder)):
        with Project.open(Path(folder)) as project:
            there = project.store.runs.get(plan.id) is not None
            if there and str(project.run(plan.id).state) == "finished":
                continue
            made = (
                project.run_folder(plan.id) if there else project.make_run(plan.stage, texts, this_machine(), plan.seed)
            )
        offset = start_again(made)
        ended.append(row_of(follow_run(Path(folder), made, quiet=json_, offset=offset)))
        if ended[-1]["state"] != "finished":
            break
    print_json(ended) if json_ else say(f"{len(ended)} runs done.")
    if ended and ended[-1]["state"] != "finished":
        raise typer.Exit(1)


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
