"""Commands on chains and prompts: list and read chains, reckon what a run would cost, tag prompts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.decisions import Person
from workbench.cli.printing import Folder, Json, counted, print_json, say, settings_of, table

if TYPE_CHECKING:
    from workbench.project.chain_reading import ChainRead

_COLUMNS = ("chain_id", "run_id", "state", "prompt", "changed", "verdicts", "edited", "excluded")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (chains, chain, tag):
        app.command()(command)


def chains(
    folder: Folder,
    only: Annotated[
        str,
        typer.Option(
            help="queued, running, done, flagged, unchanged, refusal, stale, edited or excluded; none lists all."
        ),
    ] = "",
    run: Annotated[str, typer.Option("--run", help="Chains of this run, or of all; none: those that count now.")] = "",
    words: Annotated[str, typer.Option(help="Chains whose prompt or texts hold these words.")] = "",
    order: Annotated[str, typer.Option(help="written, newest, most_changed or least_changed.")] = "written",
    limit: Annotated[int, typer.Option(help="Most rows to list; 0 lists all.")] = 20,
    json_: Json = False,
) -> None:
    """List chains and those still to be written, with how many each filter finds; stale ones can be redone with run --only."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.chain_sources import current_runs  # noqa: PLC0415
    from workbench.project.staleness import outdated  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.store.chain_rows import ChainQuery  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        rows = project.store.chains.rows
        runs = () if run == "all" else (run,) if run else current_runs(project.store)
        query = ChainQuery(runs, only, words, order, not run, outdated(project.store))
        found = rows.rows(rows.keys(query, limit or -1), query)
        counts = rows.counts(query)
    shown: list[dict[str, Any]] = [{**to_data(row), "state": row.state} for row in found]
    if json_:
        print_json({"counts": {name or "all": count for name, count in counts.items()}, "chains": shown})
        return
    named = {name.replace("_", " ") or "chains": count for name, count in counts.items()}
    say(", ".join(f"{count} {name}" for name, count in named.items() if count or name == "chains") + ".")
    if shown:
        say(table(shown, _COLUMNS, widest=44))


def chain(
    folder: Folder, chain_id: Annotated[str, typer.Argument(help="The chain's id.")], json_: Json = False
) -> None:
    """Read a chain: each revision with the words it took out and put in, and by which principle it was written."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.chain_reading import read_chain  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        read = read_chain(project.store, chain_id)
    print_json(to_data(read)) if json_ else say(chain_text(read))


def say_estimate(folder: str, asked: list[str], json_: bool) -> None:
    """Reckon what a run of chains would cost: calls of a model, tokens, minutes, from what earlier runs took."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.estimating import estimate_chains  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        constitution = project.constitution.constitution
        found = estimate_chains(project.store, settings_of(asked), this_machine(), constitution)
    if json_:
        print_json(to_data(found))
        return
    time = "" if found.seconds is None else f", {found.seconds / 60:.1f} minutes"
    models = " and ".join(found.models)
    takes = ", ".join((counted(found.calls, "calls"), counted(found.tokens, "tokens")))
    say(f"{counted(found.chains, 'chains')} by {models}, {takes}{time} ({found.basis}).")
    if found.crowding:
        say(f"Unless few_shots is set, examples are left out: {found.crowding}.")


def tag(
    folder: Folder,
    tag_: Annotated[str, typer.Argument(metavar="TAG", help="The tag; none lists the tags there are.")] = "",
    prompts: Annotated[list[str] | None, typer.Argument(help="Ids of prompts.")] = None,
    words: Annotated[str, typer.Option(help="Also the prompts that hold these words.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag off.")] = False,
    by: Person = "",
    json_: Json = False,
) -> None:
    """Tag prompts, so that a run can take just those (--set tag=…); tags can be taken off again."""
    from workbench.cli.decisions import me  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.store.prompt_rows import PromptQuery  # noqa: PLC0415

    if not tag_:
        with Project.read(Path(folder)) as project:
            tags = project.store.taggings.tags()
        if json_:
            print_json(tags)
        else:
            say("\n".join(f"{name}  {count}" for name, count in tags.items()) or "No tags yet.")
        return
    with Project.open(Path(folder)) as project:
        ids = list(prompts or [])
        if words:
            ids += project.store.prompts.rows.ids(PromptQuery(words=words))
        project.tag(ids, tag_, by or me(), not remove)
        count = len(project.store.taggings.bearing(" ".join(tag_.split())))
    print_json({"tag": tag_, "prompts": count}) if json_ else say(
        f"{counted(count, 'prompts')} {'bears' if count == 1 else 'bear'} the tag {tag_}."
    )


def chain_text(read: "ChainRead") -> str:
    """Return a chain as text: words taken out as [-word-], words put in as {+word+}."""
    from workbench.interchange.diff import words_changed  # noqa: PLC0415

    lines = [f"Chain {read.id} of {read.run.id}", *(f"! Stale: {word}" for word in read.stale)]
    if read.exclusion:
        lines.append(f"Excluded by {read.exclusion.person}: {read.exclusion.reason}")
    lines += ["", "PROMPT", read.prompt.text]
    before = ""
    for one in read.steps:
        step = one.step
        title = {"initial": "INITIAL RESPONSE", "critique": f"CRITIQUE {step.round}"}.get(
            step.kind, f"REVISION {step.round}"
        )
        notes = [step.principle_id or "", *step.verdicts, f"worded by {one.edit.person}" if one.edit else ""]
        lines += ["", "  ".join(filter(None, (f"{title}  ({step.id})", *notes)))]
        lines.append(words_changed(before, one.text) if step.kind == "revision" else one.text)
        before = before if step.kind == "critique" else one.text
    if read.before is not None:
        run_id, text = read.before
        lines += ["", f"HOW IT ENDED BEFORE, IN {run_id}", text]
    return "\n".join(lines)
