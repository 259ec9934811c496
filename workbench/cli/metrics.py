"""Commands that show what a run told while it worked: its numbers, and its sentences."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table

RunId = Annotated[str, typer.Argument(help="The run's id.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (metrics, health, log):
        app.command()(command)


def metrics(
    folder: Folder,
    run_id: RunId,
    name: Annotated[list[str] | None, typer.Option("--name", help="Only this number; may be repeated.")] = None,
    output: Annotated[str, typer.Option("-o", "--output", help="Write every value to this file as CSV.")] = "",
    json_: Json = False,
) -> None:
    """Show a training's numbers: of each the first, last, lowest and highest value; or every value as CSV."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.curves import all_numbers, write_csv  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        if output:
            say(f"{write_csv(project, Path(output), [run_id], tuple(name or ()))} values in {output}.")
            return
        found = [(one.name, one.step, one.value) for one in all_numbers(project, run_id, tuple(name or ()))]
    if json_:
        print_json([{"name": name, "step": step, "value": value} for name, step, value in found])
    else:
        rows = _rows(found)
        columns = ("name", "values", "first", "last", "lowest", "highest", "meaning")
        say(table(rows, columns) if rows else f"Run {run_id} has told no numbers (yet).")


def health(folder: Folder, run_id: RunId, json_: Json = False) -> None:
    """Say how a reinforcement learning fares, sign by sign: reward, KL, entropy, length, endings, clipped steps, value loss."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.health import signs_of  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found = [
            {"sign": one.name, "is": one.level, "value": one.value, "because": one.sentence}
            for one in signs_of(project, run_id)
        ]
    print_json(found) if json_ else say(table(found, ("sign", "is", "because"), widest=100))


def log(folder: Folder, run_id: RunId, json_: Json = False) -> None:
    """Show what a run said while it worked, newest last."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.runs.journal import said_by  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        lines = said_by(project.run_folder(run_id))
    if json_:
        print_json([{"time": line.time, "text": line.text} for line in lines])
        return
    for line in lines:
        say(f"{line.clock}  {line.text}")


def _rows(found: list[tuple[str, int, float]]) -> list[dict[str, Any]]:
    from workbench.records.metric_words import in_order, words_of  # noqa: PLC0415

    by_name: dict[str, list[float]] = {}
    for name, _, value in found:
        by_name.setdefault(name, []).append(value)
    return [
        {
            "name": name, "values": len(by_name[name]), "first": by_name[name][0], "last": by_name[name][-1],
            "lowest": min(by_name[name]), "highest": max(by_name[name]), "meaning": words_of(name).meaning,
        }
        for name in in_order(list(by_name))
    ]  # fmt: skip
