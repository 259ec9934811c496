"""The demo command: the whole method on the embedded model, measured against a known truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.printing import Json, print_json, say
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from workbench.records.run import Run
    from workbench.runs.folder import RunFolder


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(demo)


def demo(
    folder: Annotated[str, typer.Argument(help="Where the demo project goes.")],
    seeds: Annotated[str, typer.Option(help="Seeds separated by commas; each is a whole run of the method.")] = "0",
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Also what the short demo leaves out: hard labels, chain of thought, policies on the way of RL. Goes on from a "
            "short demo.",
        ),
    ] = False,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Unpack a run recorded before, without trained weights, in seconds.")
    ] = False,
    json_: Json = False,
) -> None:
    """Run Constitutional AI from beginning to end on the embedded demo model; run again to resume."""
    if recorded:
        _unpack(Path(folder), json_)
        return
    from workbench.cli.following import follow_run, start_again  # noqa: PLC0415
    from workbench.demo.closing import closing  # noqa: PLC0415
    from workbench.demo.full import FULL_PARTS  # noqa: PLC0415
    from workbench.demo.recipe import PARTS, run_demo  # noqa: PLC0415
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    try:
        numbers = tuple(int(seed) for seed in seeds.split(","))
    except ValueError as error:
        raise BadInputError(f"Seeds are whole numbers separated by commas, not '{seeds}'.") from error

    def follow(project: Path, run: "RunFolder") -> "Run":
        offset = start_again(run)
        return follow_run(project, run, quiet=json_, say_end=False, offset=offset)

    parts = FULL_PARTS if full else PARTS
    reports = run_demo(Path(folder), numbers, this_machine(), follow, (lambda _: None) if json_ else say, parts)
    if json_:
        print_json(reports[0] if len(reports) == 1 else reports)
        return
    place = Path(folder) if len(numbers) == 1 else Path(folder) / f"seed-{numbers[0]}"
    for line in closing(place, reports[0]["runs"], reports[0]["targets"]):
        say(line)


def _unpack(folder: Path, json_: bool) -> None:
    from workbench.demo.recorded import unpack  # noqa: PLC0415
    from workbench.project.overview import overview_of  # noqa: PLC0415

    with unpack(folder) as project:
        rows = overview_of(project).rows
    counted = {table: rows[table] for table in ("chains", "comparisons", "labels", "answers")}
    if json_:
        print_json({"folder": str(folder), **counted})
        return
    what = ", ".join(f"{count} {table}" for table, count in counted.items())
    say(
        f"Unpacked the recorded demo to {folder}: {what}. "
        f"It has no trained weights; workbench run {quoted(folder)} sft makes some."
    )
