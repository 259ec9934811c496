"""Commands by which a person decides: review a comparison, leave out of training, word a text anew."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table

Person = Annotated[str, typer.Option("--by", help="Who decides; you, unless said otherwise.")]
Reason = Annotated[str, typer.Option("--reason", help="A line that says why.")]
Ids = Annotated[list[str], typer.Argument(help="Ids of chains, revisions (their steps), comparisons or labels.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (review, judge, to_judge, exclude, include, edit):
        app.command(command.__name__.replace("_", "-"))(command)


def review(
    folder: Folder,
    comparison: Annotated[str, typer.Argument(help="The comparison's id.")],
    decision: Annotated[str, typer.Argument(help="a_much, a, tie, b, b_much, both_bad, skip, flag or withdrawn.")],
    reason: Reason = "",
    by: Person = "",
    blind: Annotated[bool, typer.Option("--blind", help="You have not seen the label.")] = False,
    overall: Annotated[
        bool, typer.Option("--overall", help="You were asked which is better on the whole, not by a principle.")
    ] = False,
    json_: Json = False,
) -> None:
    """Say which response is better; your word stands above the feedback model's, and a later one above an earlier."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.deciding import review_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        made = review_of(project.store, comparison, decision, by or me(), reason, blind=blind, overall=overall)
        project.review([made])
    print_json(to_data(made)) if json_ else say(f"Saved: {comparison} is {decision}, by {made.reviewer}.")


def judge(
    folder: Folder,
    answer_a: Annotated[str, typer.Argument(help="The id of one answer of an evaluation.")],
    answer_b: Annotated[str, typer.Argument(help="The id of another model's answer to the same prompt.")],
    decision: Annotated[str, typer.Argument(help="a_much, a, tie, b, b_much, both_bad, skip, flag or withdrawn.")],
    reason: Reason = "",
    by: Person = "",
    json_: Json = False,
) -> None:
    """Say which of two models' answers is better; measure counts your judgements as a judge of their own."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.judging import judgement_between  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        made = judgement_between(project, answer_a, answer_b, decision, by or me(), reason)
        project.judge([made])
    print_json(to_data(made)) if json_ else say(
        f"Saved: {answer_a} against {answer_b} is {decision}, by {made.person}."
    )


def to_judge(
    folder: Folder,
    run: Annotated[str, typer.Option("--run", help="The evaluation; none: the newest.")] = "",
    models: Annotated[list[str] | None, typer.Option("--model", help="Only between these models.")] = None,
    size: Annotated[int, typer.Option(help="Pairs in the sample; 0 lists all.")] = 20,
    by: Person = "",
    json_: Json = False,
) -> None:
    """List the pairs of answers drawn for you to judge blind, in your order, without whose they are; judge takes their ids."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.judging import judging_pairs, judging_queue  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        queue = judging_queue(project, run, models or (), by or me())
        pairs = judging_pairs(project, queue.pairs[: size or None])
    rows = [
        {
            "answer_a": pair.answer_a.id,
            "answer_b": pair.answer_b.id,
            "judged": pair.id in queue.judged,
            "prompt": pair.prompt,
            "text_a": pair.answer_a.text,
            "text_b": pair.answer_b.text,
        }
        for pair in pairs
    ]
    if json_:
        print_json(rows)
        return
    say(table(rows, ("answer_a", "answer_b", "judged", "prompt", "text_a", "text_b"), 40) if rows else "No such pairs.")


def exclude(
    folder: Folder,
    ids: Ids,
    reason: Annotated[str, typer.Option("--reason", help="A line that says why.")],
    by: Person = "",
    json_: Json = False,
) -> None:
    """Leave chains, revisions, comparisons or labels out of training and exports; include takes them back."""
    from workbench.project import Project  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        new = project.exclude(ids, by or me(), reason)
    if json_:
        print_json({"excluded": new})
    else:
        say(f"Excluded {len(new)} from training; {len(set(ids)) - len(new)} were so already.")


def include(folder: Folder, ids: Ids, reason: Reason = "", by: Person = "", json_: Json = False) -> None:
    """Take back into training what was excluded."""
    from workbench.project import Project  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        project.include(ids, by or me(), reason)
    print_json({"included": ids}) if json_ else say(f"Took back {len(set(ids))} into training.")


def edit(
    folder: Folder,
    step: Annotated[str, typer.Argument(help="The id of a revision, a critique or an initial response.")],
    text: Annotated[str | None, typer.Option("--text", help="The new text.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="A file that holds the new text, UTF-8.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what the model wrote.")] = False,
    reason: Reason = "",
    by: Person = "",
    json_: Json = False,
) -> None:
    """Word a text anew; training learns your wording, and what the model wrote is kept."""
    from workbench.project import Project  # noqa: PLC0415

    wanted = _wanted(text, file, undo)
    with Project.open(Path(folder)) as project:
        changed = project.edit(step, wanted, by or me(), reason)
    if json_:
        print_json({"step": step, "changed": changed})
    else:
        done = f"{step} reads again as it was written." if undo else f"Edited {step}."
        say(done if changed else f"{step} reads so already.")


def _wanted(text: str | None, file: str | None, undo: bool) -> str | None:
    from workbench.errors import BadInputError  # noqa: PLC0415

    if [text is not None, file is not None, undo].count(True) != 1:
        raise BadInputError("Give the new text by --text or --file, or go back to the model's by --undo.")
    return text if file is None else text_of(file)


def text_of(file: str) -> str:
    """Read a file of text; raises BadInputError where it is none."""
    from workbench.errors import BadInputError  # noqa: PLC0415

    try:
        return Path(file).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file} cannot be read as UTF-8 text: {error}.") from error


def me() -> str:
    """Return the name of the person at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "somebody"
