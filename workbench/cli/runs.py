"""Commands about runs: start one, list them, pause, stop, resume, collect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, print_json, say, say_aside, settings_of, table
from workbench.records.commands import quoted

RunId = Annotated[str, typer.Argument(help="The run's id, or the beginning of it.")]

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (run, runs, stop, keep, pause, resume, retry, collect):
        app.command()(command)


def run(  # noqa: PLR0913, PLR0917 - an option each
    folder: Folder,
    stage: Annotated[
        str,
        typer.Argument(
            help="chains, comparisons, labels, sft, preference_model, rl, dpo, evaluation or evaluation_set."
        ),
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="key=value: a setting of the stage, or a model: response=, policy=, … FOLDER or RUN."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seeds every draw of the run.")] = 0,
    preset: Annotated[
        str, typer.Option(help="cpu, smoke, 8gb, 24gb or 80gb: settings of a training, which --set goes before.")
    ] = "",
    only: Annotated[
        str,
        typer.Option("--only", help="chains: new, stale, flagged, unchanged, refusal, edited or left_out ones alone."),
    ] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Start it and leave; follow later with runs.")] = False,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make the run's folder only, to be worked anywhere.")
    ] = False,
    json_: Json = False,
) -> None:
    """Run a stage in the background and follow it; Ctrl-C asks it to pause cleanly."""
    from workbench.cli.following import follow_run, start  # noqa: PLC0415
    from workbench.project.inbox import Order, make_or_leave  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    texts = _texts(stage, preset, set_ or []) | ({"only": only} if only else {})
    made = make_or_leave(Path(folder), Order(stage, texts, this_machine(), seed, prepare), start)
    if stage == "labels":
        _say_gate(folder)
    elif stage == "evaluation":
        _say_asked(made)
    if detach or prepare:
        _say_made(folder, made, prepare, json_)
        return
    ended = follow_run(Path(folder), made, quiet=json_)
    if json_:
        print_json(row_of(ended))
    elif stage == "evaluation" and str(ended.state) == "finished":
        _say_measures(folder, ended.id)
    if str(ended.state) == "failed":
        raise typer.Exit(1)


def _texts(stage: str, preset: str, set_: list[str]) -> dict[str, str]:
    from workbench.records.presets import preset as preset_of  # noqa: PLC0415
    from workbench.runs.launchers import located  # noqa: PLC0415

    texts = (preset_of(stage, preset) if preset else {}) | settings_of(set_)
    if "launcher" in texts:  # whoever has the project open makes the run, and is in another folder
        texts["launcher"] = located(texts["launcher"])
    return texts


def _say_made(folder: str, made: "RunFolder", prepare: bool, json_: bool) -> None:
    if prepare:
        say_aside(
            f"Work it anywhere with: workbench work {quoted(made.path)}; "
            f"bring it back with: workbench collect {quoted(folder)} RUNDIR"
        )
    word = f"Prepared run {made.id} in {made.path}." if prepare else f"Started run {made.id}."
    print_json({"id": made.id, "folder": str(made.path)}) if json_ else say(word)


def runs(folder: Folder, json_: Json = False) -> None:
    """List runs, newest first, with the disk each uses."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.disk import disk_use  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        rows = [row_of(found) | {"disk_mb": disk_use(Path(found.folder))["total_mb"]} for found in project.runs()]
    if json_:
        print_json(rows)
    elif not rows:
        say(f"No runs yet; start one with: workbench run {quoted(folder)} chains")
    else:
        say(table(rows, ("id", "stage", "state", "done", "total", "seconds", "disk_mb", "reason")))


def stop(
    folder: Folder,
    run_id: RunId,
    discard: Annotated[bool, typer.Option("--discard", help="Leave out what it made.")] = False,
) -> None:
    """Ask a run to stop for good and keep what it made; a second time ends it at once."""
    _ask(folder, run_id, "discard" if discard else "stop")


def keep(folder: Folder, run_id: RunId) -> None:
    """Take back that a run was discarded: what it made counts again."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.runs.control import keep as keep_folder  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        keep_folder(project.run_folder(run_id))
        project.collect(run_id)
    say_aside(f"Run {run_id} is kept.")


def pause(folder: Folder, run_id: RunId) -> None:
    """Ask a run to stop and keep its place; resume goes on from there."""
    _ask(folder, run_id, "pause")


def resume(
    folder: Folder,
    run_id: RunId,
    detach: Annotated[bool, typer.Option("--detach", help="Start it and leave.")] = False,
) -> None:
    """Go on with a paused, interrupted or failed run."""
    from workbench.cli.following import follow_run, start_again  # noqa: PLC0415

    made = _find(folder, run_id)
    offset = start_again(made)
    if detach:
        say(f"Run {made.id} goes on.")
        return
    if str(follow_run(Path(folder), made, offset=offset).state) == "failed":
        raise typer.Exit(1)


def retry(
    folder: Folder,
    run_id: RunId,
    detach: Annotated[bool, typer.Option("--detach", help="Start it and leave.")] = False,
) -> None:
    """Make a run again in less memory, with the same effective batch, or without examples where they left no room to answer."""
    from workbench.cli.following import follow_run, start  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.retrying import make_retry  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        made, retried = make_retry(project, run_id)
    start(made)
    say_aside(f"{made.id} is {run_id} again: {retried.sentence}.")
    if not detach and str(follow_run(Path(folder), made).state) == "failed":
        raise typer.Exit(1)


def collect(
    folder: Folder,
    rundir: Annotated[
        str | None, typer.Argument(help="A run folder brought back from elsewhere; none: all runs.")
    ] = None,
    json_: Json = False,
) -> None:
    """Take the results of runs into the project; doing it twice changes nothing."""
    from workbench.cli.following import collect_all  # noqa: PLC0415

    learned = collect_all(Path(folder), Path(rundir) if rundir else None)
    if json_:
        print_json([row_of(run) for run in learned])
        return
    for run in learned:
        say(f"{run.id}: {run.state}, {run.done} of {run.total}.")
    if not learned:
        say("Nothing new.")


def row_of(found: Any) -> dict[str, Any]:
    """Return a run as scripts see it."""
    names = ("id", "stage", "state", "reason", "done", "total", "pid", "folder", "created", "seconds", "peak_memory_mb")
    return {name: str(value) if name == "state" else value for name in names for value in [getattr(found, name)]}


def _say_gate(folder: str) -> None:
    from workbench.project import Project  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        verdict = project.gate_sentence()
    if verdict:
        say_aside(verdict)


def _say_asked(made: "RunFolder") -> None:
    """Say which test prompts an evaluation asks, and how to ask those that came in later."""
    words = made.plan.selection
    more = "; to ask them too, as a set of its own: --set test_set=all" if "not in the set" in words else ""
    say_aside(f"It asks {words}{more}.")


def _say_measures(folder: str, run_id: str) -> None:
    from workbench.cli.measuring import measured_lines  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.figures import MeasureRequest  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        for line in measured_lines(project.measure(run_id, MeasureRequest())):
            say(line)


def _ask(folder: str, run_id: str, request: Any) -> None:
    from workbench.runs.control import ask, wait_or_end  # noqa: PLC0415

    made = _find(folder, run_id)
    answer = ask(made, request)
    status = wait_or_end(made) if answer == "asked" else made.status()
    say_aside(
        f"Run {made.id} is {status.state}: {status.reason}." if status.reason else f"Run {made.id} is {status.state}."
    )


def _find(folder: str, run_id: str) -> Any:
    from workbench.project import Project  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        return project.run_folder(run_id)
