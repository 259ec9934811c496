"""The command that scores texts with a preference model."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Json, counted, print_json, say, say_aside

if TYPE_CHECKING:
    from workbench.interchange.scoring import RowToScore


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(score)


def score(
    model: Annotated[
        str, typer.Argument(help="A project (its newest preference model), or a preference model's folder.")
    ],
    what: Annotated[str, typer.Argument(metavar="FILE|TEXT", help="JSONL with prompt and response(s), or a response.")],
    prompt: Annotated[
        str | None, typer.Option("--prompt", help="The prompt that a response given as text answers.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Another preference model of the project, by its run.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="dialogue or summary; a project's constitution says it itself.")
    ] = None,
    output: Annotated[str | None, typer.Option("-o", "--output", help="Write the rows here, as JSONL.")] = None,
    json_: Json = False,
) -> None:
    """Score responses with a preference model: differences of scores are log-odds of being preferred, zero is its average."""
    from workbench.interchange.scoring import RowToScore, with_scores  # noqa: PLC0415
    from workbench.records.prompt import prompt_of  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415
    from workbench.runs.scoring import score_texts  # noqa: PLC0415

    folder, task = _model(Path(model), run, task)
    if prompt is None:
        rows = _rows(Path(what))
    else:
        rows = [RowToScore({"prompt": prompt, "response": what}, prompt_of(prompt), {"response": what})]
    asked = [(row.prompt.messages, list(row.responses.values())) for row in rows]
    scores = score_texts(folder, asked, task, this_machine())
    found = [with_scores(row, values) for row, values in zip(rows, scores, strict=True)]
    _tell(found, output, json_, one=prompt is not None)


def _model(path: Path, run: str | None, task: str | None) -> tuple[Path, str]:
    """Return the preference model's folder and the task to word prompts by."""
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415

    if (path / "project.db").is_file():
        with Project.read(path) as project:
            return project.preference_model(run), task or project.constitution.constitution.task
    if run is not None:
        raise BadInputError(f"{path} is not a project, so it has no run {run}.")
    if not (path / "config.json").is_file():
        raise BadInputError(f"{path} is neither a project nor a model folder (one with config.json).")
    return path, task or "dialogue"


def _rows(file: Path) -> "list[RowToScore]":
    from workbench.cli.importing import refuse_bad, sort_rows  # noqa: PLC0415
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.interchange.scoring import read_rows_to_score  # noqa: PLC0415

    if not file.is_file():
        raise BadInputError(f"There is no file {file}; to score a text, give its prompt with --prompt.")
    with file.open("rb") as stream:
        good, bad = sort_rows(read_rows_to_score(stream, file.name))
    refuse_bad(file, bad, "Nothing was scored; mend them.")
    if not good:
        raise BadInputError(f"{file} has no rows to score.")
    return good


def _tell(rows: list[dict[str, Any]], output: str | None, json_: bool, one: bool) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    if output is not None:
        Path(output).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        say_aside(f"Wrote {counted(len(rows), 'rows')} to {output}.")
    if json_:
        print_json(rows[0] if one else rows)
    elif one:
        say(f"{rows[0]['score']:.3f}")
    elif output is None:
        say("\n".join(lines))
