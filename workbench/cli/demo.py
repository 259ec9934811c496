"""The demo command: the whole method on the embedded model, measured against a known truth."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Json, print_json


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(demo)


def demo(
    folder: Annotated[str, typer.Argument(help="Where the demo project goes.")],
    seeds: Annotated[str, typer.Option(help="Seeds separated by commas; each is a whole run of the method.")] = "0",
    json_: Json = False,
) -> None:
    """Run Constitutional AI from beginning to end on the embedded demo model; run again to resume."""
    from workbench.demo.recipe import run_demo  # noqa: PLC0415
    from workbench.errors import BadInputError  # noqa: PLC0415

    try:
        numbers = tuple(int(seed) for seed in seeds.split(","))
    except ValueError as error:
        raise BadInputError(f"Seeds are whole numbers separated by commas, not '{seeds}'.") from error
    reports = run_demo(Path(folder), numbers, quiet=json_)
    if json_:
        print_json(reports[0] if len(reports) == 1 else reports)
