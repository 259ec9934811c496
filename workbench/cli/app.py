"""The command line put together."""

import typer

from workbench.cli import (
    asking,
    auditing,
    backups,
    bundling,
    chains,
    constitutions,
    data,
    decisions,
    demo,
    disk,
    exporting,
    machine,
    measuring,
    metrics,
    model_code,
    models,
    overview,
    projects,
    publishing,
    reviewing,
    runs,
    scoring,
    searching,
    splits,
    training,
)

app = typer.Typer(
    name="workbench",
    help="Turn a written constitution into a trained model, by Constitutional AI, on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (
    projects,
    overview,
    exporting,
    publishing,
    bundling,
    searching,
    splits,
    runs,
    chains,
    training,
    metrics,
    decisions,
    reviewing,
    auditing,
    asking,
    scoring,
    measuring,
    backups,
    disk,
    demo,
    machine,
):
    part.add_to(app)
app.add_typer(constitutions.app, name="constitution")
app.add_typer(models.app, name="models")
app.add_typer(data.app, name="data")
models.app.command("code")(model_code.code)
models.app.command("trust")(model_code.trust)
app.command()(models.serve)
app.command()(models.merge)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    """Turn a written constitution into a trained model, by Constitutional AI, on your own machine."""
    if version:
        from workbench import __version__  # noqa: PLC0415

        typer.echo(__version__)
        raise typer.Exit
