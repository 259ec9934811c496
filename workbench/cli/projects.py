"""Commands about a project: make one, import, show, export, check."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, say_aside, settings_of, steps_line, table
from workbench.records.commands import quoted

_COLUMNS = {
    "prompts": ("id", "kind", "split", "text"),
    "chains": ("id", "run_id", "initial", "final"),
    "steps": ("id", "chain_id", "round", "kind", "text"),
    "comparisons": ("id", "response_a", "response_b", "source"),
    "labels": ("comparison_id", "probability_a", "principle_ids", "method", "order_flip", "verdict"),
    "audit_samples": ("id", "size", "pool", "seed", "purpose", "person", "created"),
    "samples_aside": ("sample_id", "reason", "person", "created"),
    "guidelines": ("text", "person", "created"),
    "rule_changes": ("rule", "person", "created"),
    "reviews": ("comparison_id", "reviewer", "decision", "reason", "created"),
    "exclusions": ("target", "excluded", "reason", "person", "created"),
    "edits": ("step_id", "text", "reason", "person", "created"),
    "preferences": ("comparison_id", "probability_a", "origin"),
    "samples": ("step", "score", "reference_score", "kl", "text", "reference_text"),
    "judgements": ("judge", "model_a", "model_b", "verdict", "probability_a"),
    "evaluation_items": ("id", "set_name", "text", "corrects", "correct_options"),
    "item_answers": ("item_id", "judge", "right", "probability_correct", "order_flip", "verdict"),
    "runs": ("id", "stage", "state", "done", "total", "reason"),
    "models": ("label", "kind", "folder", "weights"),
    "preference_models": (
        "run_id",
        "labels",
        "by",
        "group",
        "n",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
        "margin",
        "ece",
        "predicted",
        "labels_say",
    ),
    "answers": ("id", "model", "kind", "prompt_id", "text"),
    "scores": ("answer_id", "judge", "name", "value"),
    "person_judgements": ("answer_a", "answer_b", "decision", "person", "created"),
    "pair_scores": ("comparison_id", "step", "score_a", "score_b", "held_out"),
    "readiness": ("run_id", "check", "passed", "value", "low", "high", "n", "limit", "sentence"),
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(new)
    app.command("import")(import_)
    app.command()(formats)
    app.command()(show)
    app.command()(check)


def new(
    folder: Folder,
    constitution: Annotated[
        str,
        typer.Option("--constitution", help="A YAML file, blank, or a bundled name; see: workbench constitution list."),
    ] = "harmlessness",
    helper: Annotated[
        str, typer.Option(help="The model that answers, revises and is trained: a folder, a hub id or endpoint:NAME.")
    ] = "",
    judge: Annotated[str, typer.Option(help="The model that labels, named likewise.")] = "",
    json_: Json = False,
) -> None:
    """Make a project with a constitution."""
    from workbench.project.beginning import begin  # noqa: PLC0415

    with begin(Path(folder), constitution, helper, judge) as project:
        hash_, loaded = project.constitution.hash, project.constitution.constitution
    if json_:
        print_json({"folder": folder, "constitution": loaded.name, "hash": hash_})
        return
    say(
        f"Made project {folder} with constitution {loaded.name} ({counted(len(loaded.principles), 'principles')}, {hash_[:12]})."
    )
    say(f"Next: workbench import {quoted(folder)} PROMPTS.txt --as prompts")


def import_(  # noqa: PLR0913, PLR0917 — each is an option a person may give
    folder: Folder,
    file: Annotated[
        str, typer.Argument(help="A file, a folder of the datasets library, or hub:OWNER/NAME[/WITHIN][@REVISION].")
    ],
    as_: Annotated[
        str,
        typer.Option(
            "--as", help="What to take: prompts, comparisons, evaluation_set, chains, answers or constitution."
        ),
    ] = "",
    format_: Annotated[
        str, typer.Option("--format", help="Its format, where looking does not tell; see: formats.")
    ] = "",
    map_: Annotated[list[str] | None, typer.Option("--map", help="field=column, for example prompt=question.")] = None,
    part: Annotated[str, typer.Option(help="Which part of a data set: train, test, …")] = "",
    kind: Annotated[str, typer.Option(help="Kind of prompts that do not say: red-team or helpful.")] = "red-team",
    split: Annotated[
        str, typer.Option(help="Split of prompts that do not say, or shares: sft=0.4,rl=0.4,test=0.2.")
    ] = "train",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Import the good rows where some are bad.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show five rows and what is bad; import nothing.")] = False,
    json_: Json = False,
) -> None:
    """Import prompts, comparisons, chains, an evaluation set or a constitution; all rows, or none. Looks what the file holds."""
    from workbench.cli.importing import import_file, preview_file, say_counted, say_preview  # noqa: PLC0415
    from workbench.project.importing import Wanted  # noqa: PLC0415

    wanted = Wanted(file, as_, format_, settings_of(map_ or []), part, kind, split)
    if preview:
        shown = preview_file(wanted, Path(folder))
        print_json(shown) if json_ else say_preview(shown)
        return
    found = import_file(Path(folder), wanted, skip_bad)
    if json_:
        print_json(found)
    else:
        say_counted(found)


def formats(json_: Json = False) -> None:
    """List the formats that can be imported, with what each brings and the fields it reads."""
    from workbench.interchange.incoming.formats import FORMATS  # noqa: PLC0415

    rows = [
        {
            "format": one.name,
            "brings": one.brings,
            "fields": ", ".join(role.name if role.needed else f"[{role.name}]" for role in one.roles),
            "title": one.title,
        }
        for one in FORMATS
    ]
    print_json(rows) if json_ else say(table(rows, ("format", "brings", "fields", "title"), widest=90))


def show(
    folder: Folder,
    what: Annotated[str, typer.Argument(metavar="TABLE", help=", ".join(_COLUMNS))],
    limit: Annotated[int, typer.Option(help="Most rows to show; 0 shows all.")] = 20,
    json_: Json = False,
) -> None:
    """Show rows of a table, newest first; what models say of the pairs of an audit once it is done."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import under_audit  # noqa: PLC0415
    from workbench.project.tables import TELLING_TABLES  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        hidden = under_audit(project.store) if what in TELLING_TABLES else ()
        rows = project.rows(what, limit, hidden)
    if hidden:
        say_aside(f"Without what models say of the {counted(len(hidden), 'pairs')} of the audit that is not done.")
    if json_:
        print_json(rows)
    elif not rows:
        say(f"No {what} yet.")
    else:
        say(table(rows, _COLUMNS[what]))


def check(folder: Folder, json_: Json = False) -> None:
    """Check a project: its database, its journal of decisions, its run folders."""
    from workbench.project import Project  # noqa: PLC0415

    with steps_line("Checking") as tell:
        tell("the project as it is opened")
        with Project.open(Path(folder)) as project:
            problems = project.check(tell)
    if json_:
        print_json({"problems": problems})
    else:
        for problem in problems:
            say_aside(problem)
        say(f"{counted(len(problems), 'problems')}." if problems else f"{folder} is in order.")
    if problems:
        raise typer.Exit(1)
