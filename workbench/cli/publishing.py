"""Commands that bring models and data sets to others: a model folder that stands alone, and the hub."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("export-model")(export_model)
    app.command()(push)


def export_model(
    folder: Folder,
    run: Annotated[str, typer.Argument(help="The run that made the model.")],
    output: Annotated[str, typer.Option("-o", "--output", help="The folder to write.")],
    json_: Json = False,
) -> None:
    """Write a run's model as a folder that stands alone, with a card; it is loaded again and must answer the same."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.exporting_models import export_model as export_  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        told = export_(project, run, Path(output))
    if json_:
        print_json(told)
        return
    what = "scores" if told["scores"] else "first tokens"
    say(f"Wrote the model to {output}; loaded again it gives the same {what} ({told['compared']} compared).")


def push(
    folder: Annotated[str, typer.Argument(help="A folder made by export or export-model.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Where it goes on the hub.")],
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it; private otherwise.")] = False,
    send_: Annotated[
        bool, typer.Option("--send", help="Really send it; without this, only say what would be sent.")
    ] = False,
    json_: Json = False,
) -> None:
    """Put an exported folder on the hub; first only shown, and private unless you say otherwise."""
    from workbench.interchange.outgoing.hub import planned, send  # noqa: PLC0415

    plan = planned(Path(folder), repository, not public)
    if send_:
        send(plan)
    told = {"repository": plan.repository, "kind": plan.kind, "private": plan.private, "files": plan.files, "bytes": plan.total,
            "sent": send_}  # fmt: skip
    if json_:
        print_json(told)
        return
    for name, size in plan.files.items():
        say(f"{size:>14,}  {name}")
    seen = "private" if plan.private else "PUBLIC"
    where = f"{seen} {plan.kind} repository {plan.repository}"
    say(
        f"{counted(len(plan.files), 'files')}, {plan.total:,} bytes, {'sent' if send_ else 'would be sent'} to the {where}."
    )
    if not send_:
        say("Nothing was sent. Add --send to send it.")
