"""Commands on constitutions: show, lint, diff, edit, draft, commit."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Json, counted, print_json, say, table
from workbench.cli.would_change import would_change

app = typer.Typer(help="Show, check, compare, edit and commit constitutions.", no_args_is_help=True)

app.command("would-change")(would_change)

What = Annotated[
    str,
    typer.Argument(
        help="A project's folder (its draft), FOLDER@committed, FOLDER@HASH, a YAML file, or a bundled name."
    ),
]


@app.command("list")
def list_(json_: Json = False) -> None:
    """List the bundled constitutions."""
    from workbench.interchange.bundled import bundled_names, load_constitution  # noqa: PLC0415

    rows = []
    for name in bundled_names():
        constitution, _ = load_constitution(name)
        rows.append({"name": name, "title": constitution.title, "principles": len(constitution.principles)})
    print_json(rows) if json_ else say(table(rows, ("name", "title", "principles")))


@app.command()
def show(what: What, json_: Json = False) -> None:
    """Show a constitution: a project's current one, a file's, or a bundled one's."""
    from workbench.cli.constitution_sources import source_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    constitution, text = source_of(what)
    if json_:
        print_json({"hash": constitution.hash, **to_data(constitution)})
        return
    say(text.rstrip())
    say(f"# content hash {constitution.hash}")


@app.command()
def lint(what: What, json_: Json = False) -> None:
    """Check a constitution's wording; exit code 1 if something must be mended."""
    from workbench.cli.constitution_sources import source_of  # noqa: PLC0415
    from workbench.interchange.lint import lint as lint_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    constitution, _ = source_of(what)
    found = lint_of(constitution)
    if json_:
        print_json([to_data(finding) for finding in found])
    elif not found:
        say(f"{constitution.name}: {counted(len(constitution.principles), 'principles')}, nothing to mend.")
    else:
        for finding in found:
            say(str(finding))
    if any(finding.severity == "error" for finding in found):
        raise typer.Exit(1)


@app.command()
def diff(
    before: What, after: Annotated[str, typer.Argument(help="What to compare with.")] = "", json_: Json = False
) -> None:
    """Compare two constitutions principle by principle; with a project's folder alone, its committed version and its draft."""
    from workbench.cli.constitution_sources import source_of  # noqa: PLC0415
    from workbench.interchange.diff import compare, difference_text  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    if not after:
        before, after = f"{before}@committed", before
    found = compare(source_of(before)[0], source_of(after)[0])
    print_json([to_data(change) for change in found]) if json_ else say(difference_text(found).rstrip())


@app.command()
def edit(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    principle: Annotated[str, typer.Argument(help="The principle's id.")],
    set_: Annotated[
        list[str], typer.Option("--set", help="field=value, for example critique_request='Say what is rude.'")
    ],
) -> None:
    """Change fields of one principle in a project's draft or a file; comments and layout stay."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.cli.printing import settings_of  # noqa: PLC0415
    from workbench.interchange.constitution_edit import edit as edited  # noqa: PLC0415

    fields = settings_of(set_)

    def change(text: str) -> str:
        for field, value in fields.items():
            text = edited(text, principle, field, value)
        return text

    file = edit_source(what, change)
    say(f"Edited {principle} in {file}.")


@app.command()
def move(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    principle: Annotated[str, typer.Argument(help="The principle's id.")],
    place: Annotated[int, typer.Argument(help="Its place among the principles, from 1.")],
) -> None:
    """Move a principle to another place, with the comments above it."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.interchange.constitution_order import moved  # noqa: PLC0415

    file = edit_source(what, lambda text: moved(text, principle, place - 1))
    say(f"Moved {principle} in {file}.")


@app.command()
def add(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    principle: Annotated[str, typer.Argument(help="The new principle's id; give it wordings with edit.")],
    title: Annotated[str, typer.Option(help="What people read in lists.")] = "",
    place: Annotated[int, typer.Option(help="Its place among the principles, from 1.")] = 1,
) -> None:
    """Add a principle."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.interchange.constitution_order import added  # noqa: PLC0415
    from workbench.records.constitution import Principle  # noqa: PLC0415

    file = edit_source(what, lambda text: added(text, Principle(principle, title), place - 1))
    say(f"Added {principle} to {file}.")


@app.command()
def remove(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    principle: Annotated[str, typer.Argument(help="The principle's id.")],
) -> None:
    """Remove a principle; committed versions keep it."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.interchange.constitution_order import removed  # noqa: PLC0415

    file = edit_source(what, lambda text: removed(text, principle))
    say(f"Removed {principle} from {file}.")


@app.command("edit-example")
def edit_example(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    number: Annotated[int, typer.Argument(help="The example's number among all, from 1.")],
    set_: Annotated[list[str], typer.Option("--set", help="field=value, for example critique='It is rude to Dana.'")],
) -> None:
    """Change fields of one example (few-shot)."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.cli.printing import settings_of  # noqa: PLC0415
    from workbench.interchange.example_edit import edit_example as edited  # noqa: PLC0415

    fields = settings_of(set_)

    def change(text: str) -> str:
        for field, value in fields.items():
            text = edited(text, number, field, value)
        return text

    say(f"Edited example {number} in {edit_source(what, change)}.")


@app.command("add-example")
def add_example(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    use: Annotated[str, typer.Argument(help="revision, comparison or rationale.")],
    set_: Annotated[list[str], typer.Option("--set", help="field=value, for example prompt='Help me.'")],
) -> None:
    """Add an example (few-shot) after the others."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.cli.printing import settings_of  # noqa: PLC0415
    from workbench.interchange.example_edit import add_example as added  # noqa: PLC0415
    from workbench.records.constitution import FewShot  # noqa: PLC0415
    from workbench.records.encoding import from_data  # noqa: PLC0415

    shot = from_data(FewShot, {"use": use, "prompt": ""} | settings_of(set_))
    say(f"Added an example to {edit_source(what, lambda text: added(text, shot))}.")


@app.command("remove-example")
def remove_example(
    what: Annotated[str, typer.Argument(help="A project's folder or a YAML file.")],
    number: Annotated[int, typer.Argument(help="The example's number among all, from 1.")],
) -> None:
    """Remove an example (few-shot)."""
    from workbench.cli.constitution_sources import edit_source  # noqa: PLC0415
    from workbench.interchange.example_edit import remove_example as removed  # noqa: PLC0415

    say(f"Removed example {number} from {edit_source(what, lambda text: removed(text, number))}.")


@app.command()
def draft(
    folder: Annotated[str, typer.Argument(help="The project's folder.")],
    from_: Annotated[
        str | None, typer.Option("--from", help="Save this file's text (- reads standard input) as the draft.")
    ] = None,
    import_: Annotated[
        str | None,
        typer.Option("--import", help="Take this file's constitution, of any format that is known, into the draft."),
    ] = None,
) -> None:
    """Print a project's draft as it was saved last, or save one, whether it is a constitution already or not."""
    from workbench.cli.constitution_sources import draft_of  # noqa: PLC0415
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.draft_state import imported_draft  # noqa: PLC0415

    if from_ is not None and import_ is not None:
        raise BadInputError("Take either a text as it is (--from) or a constitution (--import), not both.")
    if from_ is None and import_ is None:
        typer.echo(draft_of(Path(folder)), nl=False)
        return
    text = _text_of(from_) if from_ is not None else ""
    with Project.open(Path(folder)) as project:
        text = imported_draft(project, import_) if import_ is not None else text
        project.save_draft(text)
    say(f"Saved the draft of {folder}, {counted(len(text), 'characters')}.")


@app.command()
def commit(
    folder: Annotated[str, typer.Argument(help="The project's folder.")],
    message: Annotated[str, typer.Option("--message", "-m", help="A line that says why.")] = "",
    file: Annotated[
        str | None, typer.Option("--file", help="Commit this YAML file instead of the project's draft.")
    ] = None,
    json_: Json = False,
) -> None:
    """Commit the project's draft as an immutable version; stages use the newest one."""
    from workbench.cli.constitution_sources import source_of  # noqa: PLC0415
    from workbench.interchange.constitution_yaml import read_file  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415

    constitution, text = read_file(Path(file)) if file else source_of(folder)
    with Project.open(Path(folder)) as project:
        version = project.commit(constitution, text, message)
    if json_:
        print_json({"hash": version.hash, "name": constitution.name, "parent": version.parent})
    else:
        say(f"Committed {constitution.name} as {version.hash[:12]}.")


@app.command()
def coverage(
    folder: Annotated[str, typer.Argument(help="The project's folder.")],
    version: Annotated[
        str, typer.Option(help="Count the runs made by the version whose hash begins so; none: all.")
    ] = "",
    json_: Json = False,
) -> None:
    """Show what each principle did: how often drawn, how much it changed, agreement of its labels with blind reviews."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.coverage import coverage_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found = coverage_of(project, version)
    if json_:
        derived = [{"unchanged": one.unchanged, "order_flips": one.order_flips} for one in found]
        print_json([to_data(one) | more for one, more in zip(found, derived, strict=True)])
        return
    columns = ("principle", "drawn", "changed", "unchanged", "labels", "order_flips", "agreement", "reviews")
    rows = [
        {
            "principle": one.id if one.in_constitution else f"{one.id} (earlier)",
            "drawn": one.counted.drawn,
            "changed": one.changed,
            "unchanged": one.unchanged,
            "labels": one.counted.labels,
            "order_flips": one.order_flips,
            "agreement": one.agreement
            and f"{one.agreement.value:.2f} ({one.agreement.low:.2f}–{one.agreement.high:.2f})",
            "reviews": one.counted.reviews,
        }
        for one in found
    ]
    say(table(rows, columns))


def _text_of(file: str) -> str:
    from workbench.errors import BadInputError  # noqa: PLC0415

    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file} cannot be read as UTF-8 text: {error}.") from error
