"""The command that tells how far a project has come."""

from pathlib import Path

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table
from workbench.records.commands import quoted


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(overview)


def overview(folder: Folder, json_: Json = False) -> None:
    """Tell how far each step has come, what is to be made next, and what the newest evaluation found, in few numbers."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.outcome import outcome  # noqa: PLC0415
    from workbench.project.overview import NEEDS, overview_of  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found, came = overview_of(project), outcome(project)
    lacks = {stage: list(found.lacks(stage)) for stage in NEEDS if stage not in found.finished and stage != "dpo"}
    if json_:
        print_json({**to_data(found), "finished": sorted(found.finished), "lacks": lacks, "outcome": to_data(came)})
        return
    counts = {"principle": found.principles, "version": found.versions}
    said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())
    say(f"{found.constitution}: {said}.")
    say(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.rows.items()) + ".")
    for stage, missing in lacks.items():
        say(f"{stage}: {'needs ' + ', '.join(missing) if missing else f'workbench run {quoted(folder)} {stage}'}")
    for one in came.measured if came else ():
        less = "less" if one.less_is_better else "more"
        say(f"\nMean {one.name} on {one.kind} prompts by {one.judge}, {less} is better:")
        say(table([to_data(level) for level in one.levels], ("model", "mean", "within", "answers")))
