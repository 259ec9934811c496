"""Commands about trainings before they start: what can be set, presets, and what memory and time one will take."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.chains import say_estimate
from workbench.cli.printing import Folder, Json, counted, print_json, say, settings_of, table

Stage = Annotated[str, typer.Argument(help="The stage, for example sft, preference_model or rl.")]
Preset = Annotated[str, typer.Option(help="cpu, smoke, 8gb, 24gb or 80gb: settings of a training to begin from.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="key=value, as with run.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(settings)
    app.command()(estimate)


def settings(stage: Stage, preset: Preset = "", json_: Json = False) -> None:
    """Show what a stage can be set to: every setting with its value and its meaning."""
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.records.presets import preset as preset_of  # noqa: PLC0415
    from workbench.records.settings import SETTINGS  # noqa: PLC0415

    if stage not in SETTINGS:
        raise BadInputError(f"There is no stage {stage}; there are {', '.join(SETTINGS)}.")
    changed = preset_of(stage, preset) if preset else {}
    rows: list[dict[str, Any]] = [
        {"setting": one.name, "value": changed.get(one.name, one.default), "meaning": one.metadata["help"]}
        for one in fields(SETTINGS[stage])
    ]
    print_json(rows) if json_ else say(table(rows, ("setting", "value", "meaning"), widest=120))


def estimate(folder: Folder, stage: Stage, set_: Set = None, preset: Preset = "", json_: Json = False) -> None:
    """Estimate what chains, pairs or a training would take: calls or memory, and time, from what earlier runs took."""
    if stage == "chains":
        say_estimate(folder, set_ or [], json_)
        return
    if stage in ("comparisons", "labels"):
        _say_pairs(Path(folder), stage, set_ or [], json_)
        return
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.training_estimate import estimate as estimate_of  # noqa: PLC0415
    from workbench.records.presets import FIRST  # noqa: PLC0415
    from workbench.records.presets import preset as preset_of  # noqa: PLC0415
    from workbench.runs.machine import known_machine  # noqa: PLC0415

    if stage not in FIRST:
        raise BadInputError(
            f"What chains, comparisons, labels, {', '.join(FIRST)} take can be estimated, not what {stage} would."
        )
    texts = (preset_of(stage, preset) if preset else {}) | settings_of(set_ or [])
    with Project.read(Path(folder)) as project:
        found = estimate_of(project, stage, texts, known_machine())
    if json_:
        print_json(asdict(found) | {"fits": found.fits})
        return
    say(f"{found.selection}: {counted(found.steps, 'steps')}")
    parts = ", ".join(f"{name} {amount:.0f}" for name, amount in found.parts.items())
    say(f"Memory: about {found.memory_mb:.0f} MB of {found.free_mb:.0f} MB free ({found.fits}): {parts}")
    time = (
        "cannot be told before a first run on this device" if found.seconds is None else f"about {found.seconds:.0f} s"
    )
    say(f"Time: {time}")
    if found.spread:
        say(f"Spread: {found.spread}.")
    if found.similar:
        measured = f"{found.measured_mb * 1.048576:.0f} MB"
        say(f"Corrected by what {', '.join(found.similar)} took; the newest of them held up to {measured}.")


def _say_pairs(folder: Path, stage: str, asked: list[str], json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.pair_estimate import estimate_pairs  # noqa: PLC0415

    with Project.read(folder) as project:
        found = estimate_pairs(project, stage, settings_of(asked))
    if json_:
        print_json(asdict(found))
        return
    time = "" if found.seconds is None else f", {found.seconds / 60:.1f} minutes"
    say(f"{found.selection}: {counted(found.calls, 'calls')}{time} ({found.basis}).")
