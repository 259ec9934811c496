"""The command that audits labels: lock a random sample, follow its reviewers, report what their blind answers say."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.decisions import Person, me
from workbench.cli.printing import Folder, Json, print_json, say, say_aside, settings_of

if TYPE_CHECKING:
    from workbench.measurement.audit import AuditFigures
    from workbench.measurement.intervals import Estimate
    from workbench.project.auditing import AuditProgress, AuditReport


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(audit)


def audit(
    folder: Folder,
    what: Annotated[str, typer.Argument(metavar="[status|draw|report|aside]", help="What to do.")] = "status",
    sample: Annotated[str, typer.Option(help="The sample: the beginning of its id; none: the newest.")] = "",
    how: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="draw: size; or within and expect (agreement within so much of a share you expect), or most_errors and misses "
            "(rule out a larger share of errors with at most so many); and seed, as name=value.",
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="aside: why the sample is set aside.")] = "",
    history: Annotated[str, typer.Option(help="report: write every review to this CSV file.")] = "",
    by: Person = "",
    json_: Json = False,
) -> None:
    """Audit labels: lock a random sample, see how far its reviewers are, report what blind answers say, or set it aside.

    A sample that is set aside hides its labels no longer; who had not answered all of it counts in no estimate.
    """
    from workbench.errors import BadInputError  # noqa: PLC0415

    if what == "draw":
        _draw(Path(folder), _numbers(settings_of(how or [])), by or me(), json_)
    elif what == "status":
        _status(Path(folder), sample, json_)
    elif what == "report":
        _report(Path(folder), sample, history, by or me(), json_)
    elif what == "aside":
        _aside(Path(folder), sample, reason, by or me(), json_)
    else:
        raise BadInputError(
            f"An audit can be drawn, looked at, reported or set aside (draw, status, report, aside), not '{what}'."
        )


def _draw(folder: Path, how: dict[str, float], person: str, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import Aim, draw_sample, pool_to_draw  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    size, seed = int(how.pop("size", 0)), int(how.pop("seed", 0))
    aim = Aim(misses=int(how.pop("misses", 2)), **how)
    with Project.open(folder) as project:
        pool = len(pool_to_draw(project.store))
        made = draw_sample(project.store, size or aim.size(pool), seed, "" if size else aim.words, person)
    if json_:
        print_json(to_data(made))
    else:
        words = f" ({made.purpose})" if made.purpose else ""
        say(f"Locked {made.id}: {made.size} of {made.pool} labelled pairs{words}. Review them blind in the window.")


def _aside(folder: Path, name: str, reason: str, person: str, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import sample_named, set_aside  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.open(folder) as project:
        made = set_aside(project.store, sample_named(project.store, name), reason, person)
    if json_:
        print_json(to_data(made))
    else:
        say(f"{made.sample_id} is set aside: its labels can be seen again. A new sample is drawn from the other pairs.")


def _status(folder: Path, name: str, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import audit_progress, sample_named  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(folder) as project:
        found = audit_progress(project.store, sample_named(project.store, name))
    if json_:
        print_json(to_data(found))
        return
    for line in _progress_lines(found):
        say(line)


def _report(folder: Path, name: str, history: str, reviewer: str, json_: bool) -> None:
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.auditing import audit_report, sample_named, write_history  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(folder) as project:
        if history:
            count = write_history(project.store, Path(history))
            say_aside(f"Wrote {count:,} review{'' if count == 1 else 's'} to {history}.")
            if not name and project.store.audit_samples.newest() is None:
                return
        report = audit_report(project.store, sample_named(project.store, name), reviewer)
    if json_:
        print_json(to_data(report))
        return
    for line in report_lines(report):
        say(line)


def report_lines(report: "AuditReport") -> Iterator[str]:
    """Yield what an audit found as lines for a person."""
    yield from _progress_lines(report.progress)
    if report.figures is None and report.progress.aside is not None:
        yield "No estimate comes from it: nobody had answered the whole sample."
    elif report.figures is None:
        yield "What the answers say of the labels is told once the whole sample is answered: before, it would give labels away."
    else:
        if not report.progress.complete:
            yield "No conclusion: nobody has answered the whole sample."
        yield from _figure_lines(report.figures)
    yield f"Order flips, counted over all {report.labels} labels: {_shown(report.order_flips)}"


def _figure_lines(found: "AuditFigures") -> Iterator[str]:
    yield f"Blind answers on the sample: {found.answers}, {found.ties} ties, {found.both_bad} both bad, {found.decided} decided."
    for name, value in (
        ("Agreement of the labels", found.agreement), ("Kappa (p_e = 0.5)", found.kappa),
        ("People among themselves (the ceiling)", found.human), ("Left side chosen", found.left_side),
        ("Calibration error", found.calibration_error),
    ):  # fmt: skip
        yield f"{name}: {_shown(value)}"
    if found.error_bound is not None:
        yield f"{found.misses} misses rule out an error share above {found.error_bound:.1%} (95 %, one-sided)."
    for name, value in found.by_principle.items():
        yield f"  {name}: {_shown(value)}"


def _progress_lines(found: "AuditProgress") -> Iterator[str]:
    sample = found.sample
    purpose = f", {sample.purpose}" if sample.purpose else ""
    yield f"{sample.id}: {sample.size} of {sample.pool} labelled pairs, locked {sample.created}, seed {sample.seed}{purpose}"
    for reviewer, done in found.done.items():
        yield f"  {reviewer}: {done} answered, {max(0, sample.size - done)} left"
    if not found.done:
        yield "  nobody has begun"
    if (aside := found.aside) is not None:
        yield f"  set aside by {aside.person or 'somebody'}, {aside.created}: {aside.reason}"


def _shown(value: "Estimate | None") -> str:
    return f"{value.value:.3g} ({value.low:.3g} to {value.high:.3g}), n = {value.n}" if value else "nothing to say yet"


def _numbers(texts: dict[str, str]) -> dict[str, float]:
    from workbench.errors import BadInputError  # noqa: PLC0415

    known = ("size", "within", "expect", "most_errors", "misses", "seed")
    for name, text in texts.items():
        if name not in known:
            raise BadInputError(f"A sample has no {name}; it has {', '.join(known)}.")
        if not text.replace(".", "", 1).isdigit():
            raise BadInputError(f"{name} must be a number, not '{text}'.")
    return {name: float(text) for name, text in texts.items()}
