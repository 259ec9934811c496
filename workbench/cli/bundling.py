"""Commands that carry a project to another machine as one file and do there what was done here."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, say_aside, steps_line
from workbench.errors import BusyError
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.project.alike import Alike
    from workbench.records.run import Plan
    from workbench.runs.folder import RunFolder


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

    with Project.read(Path(folder)) as project, steps_line("Writing") as tell:
        tell(output)
        counts = write_bundle(project, Path(output)).counts
    print_json(counts) if json_ else say(f"Wrote {output}: {_words(counts)}.")


def unbundle(
    file: Annotated[str, typer.Argument(help="A file made by bundle.")],
    folder: Annotated[str, typer.Argument(help="The project's folder to make.")],
    json_: Json = False,
) -> None:
    """Make a project from a bundle."""
    from workbench.project.bundling import open_bundle  # noqa: PLC0415

    with steps_line("Unpacking") as tell:
        tell(file)
        counts = open_bundle(Path(file), Path(folder)).counts
    if json_:
        print_json(counts)
        return
    say(f"Made project {folder}: {_words(counts)}.")
    say(f"Next: workbench replay {quoted(folder)}")


def replay(
    folder: Folder,
    alone: Annotated[
        bool, typer.Option("--alone", help="Train in one process what was trained by several; it learns the same.")
    ] = False,
    json_: Json = False,
) -> None:
    """Do the runs a project was bundled with again, one after the other; finished ones are passed by, others go on.

    Each is done in the number format it was done in before. On a machine like the one before, it makes the same rows;
    elsewhere numbers round otherwise in their last digits, and the end says how many rows are the same.
    """
    from workbench.cli.following import follow_run  # noqa: PLC0415
    from workbench.cli.runs import row_of  # noqa: PLC0415
    from workbench.project.alike import compared  # noqa: PLC0415
    from workbench.project.replaying import plans_to_replay  # noqa: PLC0415

    ended: list[dict[str, Any]] = []
    known: list[tuple[Plan, RunFolder, Alike]] = []
    for plan, texts in plans_to_replay(Path(folder)):
        if alone:
            texts.pop("launcher", None)
        begun = _begun(Path(folder), plan, texts)
        if begun is None:
            continue
        made, offset = begun
        if made.plan.total != plan.total:
            say_aside(
                f"{made.id} has {made.plan.total} inputs where {plan.id} had {plan.total}: some came in after it."
            )
        ended.append(row_of(follow_run(Path(folder), made, quiet=json_, offset=offset)))
        if (alike := compared(Path(folder), made)) is not None:
            ended[-1] |= {"same_rows": alike.same, "rows_before": alike.of}
            known.append((plan, made, alike))
        if ended[-1]["state"] != "finished":
            break
    else:
        _settle(Path(folder))
    print_json(ended) if json_ else say(f"{counted(len(ended), 'runs')} done.")
    if known and not json_:
        say(_alike_words(known))
    if ended and ended[-1]["state"] != "finished":
        raise typer.Exit(1)


def _begun(folder: Path, plan: "Plan", texts: dict[str, str]) -> "tuple[RunFolder, int] | None":
    """Start a run of a bundle, or go on with one that was begun, and say from where to follow it; None where it was finished."""
    from workbench.cli.following import start, start_again  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.inbox import Order, make_or_leave  # noqa: PLC0415
    from workbench.project.replaying import number_formats  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    with Project.read(folder) as project:
        if project.store.runs.find(plan.id) is not None:
            if str(project.run(plan.id).state) == "finished":
                return None
            there = project.run_folder(plan.id)
            return there, start_again(there)
    order = Order(plan.stage, texts, this_machine() | number_formats(plan), plan.seed, again=plan)
    return make_or_leave(folder, order, start), 0


def _settle(folder: Path) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.replaying import settle  # noqa: PLC0415

    try:
        with Project.open(folder, wait=2.0) as project:
            settle(project)
    except BusyError:
        say_aside("What was decided after the last run waits until the project is closed elsewhere and replayed again.")


def _alike_words(known: "Sequence[tuple[Plan, RunFolder, Alike]]") -> str:
    """Say how many rows are as they were and, where some are not, since which run and why."""
    from workbench.project.alike import apart  # noqa: PLC0415

    same, rows = (sum(alike[place] for _, _, alike in known) for place in (0, 1))
    said = f"{same:,} of {rows:,} rows are as they were"
    others = [one for one in known if one[2].same < one[2].of]
    if not others:
        return f"{said}."
    words = apart(others[0][0], others[0][1].plan)
    why = f"worked with {', '.join(words)}" if words else "worked in the same way"
    each = ", ".join(f"{made.id} {alike.same:,} of {alike.of:,}" for _, made, alike in others)
    return (
        f"{said} ({each}). The first that differs, {others[0][1].id}, was {why}: numbers then round otherwise in their last "
        "digits, a text parts where two tokens were all but as likely, and whatever follows from it is another."
    )


def _words(counts: dict[str, int]) -> str:
    return ", ".join(counted(count, name.replace("_", " ")) for name, count in counts.items())
