"""Commands around reviewing: list pairs, override many at once, settle the rule of what answers mean and the guidelines."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.decisions import Person, me
from workbench.cli.printing import Folder, Json, counted, print_json, say, say_aside, settings_of, table
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from workbench.records.audit import AuditSample
    from workbench.store.comparison_states import ComparisonState


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (pairs, override, rule, guidelines):
        app.command()(command)


def pairs(
    folder: Folder,
    state: Annotated[
        str,
        typer.Option(help="all, labelled, unlabelled, open, reviewed, flagged, flips, disputed, overruled, excluded."),
    ] = "all",
    principle: Annotated[str, typer.Option(help="Only pairs labelled by this principle.")] = "",
    words: Annotated[str, typer.Option(help="Only pairs whose prompt or responses hold these words.")] = "",
    sort: Annotated[str, typer.Option(help="made, probability, doubt, score, principle or decision.")] = "made",
    descending: Annotated[bool, typer.Option("--descending", help="The greatest first.")] = False,
    limit: Annotated[int, typer.Option(help="At most this many; 0 shows all.")] = 20,
    json_: Json = False,
) -> None:
    """List pairs with their label, preference model's score and review: sorted, filtered, as the window's table does.

    What models say of the pairs of an audit is listed once it is done.
    """
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import open_sample, untelling  # noqa: PLC0415
    from workbench.store.comparison_states import Wanted  # noqa: PLC0415

    wanted = Wanted(state, principle, words, sort, descending, limit=limit)
    with Project.read(Path(folder)) as project:
        states, hidden = project.store.comparison_states, open_sample(project.store)
        asked = untelling(wanted, hidden)
        keys = states.keys(asked)
        parts = (keys[start : start + 500] for start in range(0, len(keys), 500))
        rows = [_pair(one, hidden) for part in parts for one in states.rows(part)]
    if asked.without:
        say_aside(f"Without the {counted(hidden.size, 'pairs')} of the audit that is not done.")  # type: ignore[union-attr]
    if json_:
        print_json(rows)
        return
    shown = (
        "comparison_id",
        "probability_a",
        "order_flip",
        "scored_a",
        "in_audit",
        "principle_id",
        "decision",
        "reviewer",
        "prompt",
    )
    say(table(rows, shown, 40) if rows else "No such pairs.")


def _pair(one: "ComparisonState", hidden: "AuditSample | None") -> dict[str, Any]:
    """Return a pair as a row; of one that is being audited what people say alone."""
    from workbench.records.encoding import to_data  # noqa: PLC0415

    if hidden is None or one.comparison_id not in hidden.comparison_ids:
        return {**to_data(one), "in_audit": False}
    unsaid = {"label_id": "", "order_flip": None, "disputed": None, "overruled": None}
    return {**to_data(one), **unsaid, "probability_a": None, "scored_a": None, "in_audit": True}


def override(
    folder: Folder,
    decision: Annotated[str, typer.Argument(help="a_much, a, tie, b, b_much, both_bad, skip or flag.")],
    comparisons: Annotated[list[str], typer.Argument(help="Ids of comparisons, as workbench pairs --json lists them.")],
    reason: Annotated[str, typer.Option("--reason", help="A line that says why.")],
    by: Person = "",
    json_: Json = False,
) -> None:
    """Say of many pairs at once which response is better, all or none; none of it counts in an audit's estimates."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.reviewing import override as override_  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        made = override_(project, comparisons, by or me(), decision, reason)  # type: ignore[arg-type]
    print_json([one.id for one in made]) if json_ else say(
        f"Saved: {counted(len(made), 'pairs')} {'is' if len(made) == 1 else 'are'} {decision}."
    )


def rule(
    folder: Folder,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="much_better, better, tie, both_bad_left_out or reviews_override, as name=value."),
    ] = None,
    by: Person = "",
    json_: Json = False,
) -> None:
    """Show or change the rule by which answers become the probabilities that training sees."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.settling import change_rule, rule_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    if change:
        with Project.open(Path(folder)) as project:
            found = replace(rule_of(project.store), **_rule_values(settings_of(change)))
            change_rule(project.store, found, by or me())
    else:
        with Project.read(Path(folder)) as project:
            found = rule_of(project.store)
    print_json(to_data(found)) if json_ else say(f"{found.words[0].upper()}{found.words[1:]}.")


def guidelines(
    folder: Folder,
    text: Annotated[str, typer.Option("--text", help="The new text.")] = "",
    file: Annotated[str, typer.Option("--file", help="A file that holds the new text, UTF-8.")] = "",
    by: Person = "",
) -> None:
    """Show or write the reviewers' guidelines; every review says which text was in force."""
    from workbench.cli.decisions import text_of  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.settling import guidelines_of, write_guidelines  # noqa: PLC0415

    if text or file:
        with Project.open(Path(folder)) as project:
            changed = write_guidelines(project.store, text_of(file) if file else text, by or me())
        say("Saved the guidelines." if changed else "The guidelines read so already.")
        return
    with Project.read(Path(folder)) as project:
        found = guidelines_of(project.store)
    say(
        found.text
        if found
        else f"There are no guidelines yet; write some with: workbench guidelines {quoted(folder)} --file FILE"
    )


def _rule_values(texts: Mapping[str, str]) -> dict[str, Any]:
    from workbench.errors import BadInputError  # noqa: PLC0415

    known = {"much_better": float, "better": float, "tie": float, "both_bad_left_out": bool, "reviews_override": bool}
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in known:
            raise BadInputError(f"The rule has no {name}; it has {', '.join(known)}.")
        try:
            values[name] = {"true": True, "false": False}[text.lower()] if known[name] is bool else float(text)
        except (KeyError, ValueError) as error:
            what = "true or false" if known[name] is bool else "a number"
            raise BadInputError(f"{name} must be {what}, not '{text}'.") from error
    return values
