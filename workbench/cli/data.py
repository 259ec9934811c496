"""Commands about data sets of the hub: what its cache on this machine holds, and fetching one at a commit."""

from typing import Annotated, Any

import typer

from workbench.cli.printing import Json, Progress, bytes_line, print_json, say
from workbench.records.commands import quoted
from workbench.sources.hub_data import FetchedData, cached_data, fetch_data, read_place

app = typer.Typer(help="Data sets of the hub: list, fetch.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def data(context: typer.Context, json_: Json = False) -> None:
    """List the data sets of the hub that were fetched to this machine."""
    if context.invoked_subcommand is not None:
        return
    found = list(cached_data())
    if json_:
        print_json([_row(one) for one in found])
        return
    for one in found:
        say(f"{one.at.text}  {one.size / 1e6:,.1f} MB")
    if not found:
        say("None; fetch one with: workbench data get OWNER/NAME")


@app.command()
def get(
    place: Annotated[
        str,
        typer.Argument(
            metavar="OWNER/NAME[/WITHIN][@REVISION]", help="A data set's hub id; WITHIN is a folder or a file of it."
        ),
    ],
    progress: Progress = False,
    json_: Json = False,
) -> None:
    """Fetch a data set from the hub into its cache; a fetch that was broken off goes on where it was."""
    fetched = fetch_data(read_place(place), bytes_line(progress))
    if json_:
        print_json(_row(fetched))
        return
    say(f"{fetched.at.text}, {fetched.size / 1e6:,.1f} MB.")
    say(f"Look at it: workbench import DIR {quoted(fetched.at.text)} --preview")


def _row(found: FetchedData) -> dict[str, Any]:
    return {
        "repo": found.at.repo,
        "within": found.at.within,
        "commit": found.at.revision,
        "place": found.at.place,
        "path": str(found.path),
        "bytes": found.size,
    }
