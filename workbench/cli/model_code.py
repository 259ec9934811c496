"""Commands about code that a model brings: read it, agree that it runs, take that back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.printing import Json, print_json, say
from workbench.errors import BadInputError
from workbench.records.encoding import to_data

if TYPE_CHECKING:
    from workbench.sources.folder import FoundModel

Model = Annotated[
    str, typer.Argument(help="A model's folder, or a hub id in the cache: OWNER/NAME or OWNER/NAME@COMMIT.")
]


def code(model: Model, json_: Json = False) -> None:
    """Show the code a model brings; what was not fetched with it is fetched from the hub, and is not run."""
    found = _found(model)
    if found.code is not None and found.code.missing and found.commit:
        from workbench.sources.hub import fetch_code  # noqa: PLC0415

        fetch_code(found.location, found.commit)
        found = _found(model)
    if json_:
        print_json({"folder": found.folder, "code": to_data(found.code), "trusted": found.trusted})
        return
    if found.code is None:
        say(f"{model} brings no code: the library's own runs it.")
        return
    say(f"In {found.folder}:")
    for name in found.code.files:
        say(f"  {name}  {(Path(found.folder) / name).stat().st_size:,} bytes")
    say(found.problems[0] if found.problems else "You agreed that it runs.")


def trust(
    model: Annotated[
        str, typer.Argument(help="As for `models code`; left out, everything that was agreed to is listed.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: you have read the code.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it back: it runs no more.")] = False,
    json_: Json = False,
) -> None:
    """Agree that the code a model brings runs on this machine: these very files, and no others."""
    from workbench.sources.own_code import Consents  # noqa: PLC0415

    if not model:
        _list(json_)
        return
    found = _found(model)
    if found.code is None:
        raise BadInputError(f"{model} brings no code: the library's own runs it, and there is nothing to agree to.")
    if withdraw:
        Consents().withdraw(found.code)
        say(f"The code of {model} runs no more.")
        return
    if not (yes or found.code.missing or found.code.elsewhere):
        _ask(found)
    consent = Consents().give(found.location, found.commit, found.code)
    print_json(to_data(consent)) if json_ else say(
        f"The code of {model} may run: {', '.join(consent.files)} as they are now."
    )


def _ask(found: "FoundModel") -> None:
    if not sys.stdin.isatty():
        raise BadInputError(f"Read the code in {found.folder} first; if you agree that it runs, say --yes.")
    code(found.folder)
    typer.confirm("This code can do whatever you can do. Have you read it, and is it to run?", abort=True)


def _list(json_: bool) -> None:
    from workbench.sources.own_code import Consents  # noqa: PLC0415

    consents = Consents().all()
    if json_:
        print_json(to_data(consents))
        return
    for one in consents:
        say(f"{one.model}{f'@{one.commit[:12]}' if one.commit else ''}  {', '.join(one.files)}  agreed {one.given}")
    if not consents:
        say("No model's own code runs on this machine.")


def _found(model: str) -> "FoundModel":
    from workbench.project.model_choice import unbound  # noqa: PLC0415
    from workbench.sources.folder import look_at  # noqa: PLC0415

    ref = unbound(model)
    if ref.folder is None:
        raise BadInputError(f"{model} is not a model on this machine; name a folder, or a hub id that is in the cache.")
    return look_at(Path(ref.folder), ref.kind, ref.location, ref.commit or "")
