"""The command that tells what an edited constitution would change in labels, before it is committed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, say_aside, table

if TYPE_CHECKING:
    from workbench.project.would_change import Cost, Shift, WhatChanges


def would_change(
    folder: Folder,
    principle: Annotated[
        str, typer.Option("--principle", help="Ask by this principle alone; none: the whole constitution, as in a run.")
    ] = "",
    sample: Annotated[int, typer.Option(help="Comparisons to label, 20 to 200; the same ones each time.")] = 40,
    model: Annotated[str, typer.Option("--model", help="Another feedback model: demo, a run, or a folder.")] = "",
    cost_only: Annotated[bool, typer.Option("--cost", help="Say what it would take, and ask nothing.")] = False,
    json_: Json = False,
) -> None:
    """Label a pinned sample as committed and as edited: what flips, what moves, and whether people agree more."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.would_change import (  # noqa: PLC0415
        Proposal,
        change_request,
        cost_of,
        shifts_of,
        what_changes,
    )
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        request = change_request(project, Proposal(principle, sample, feedback=model))
        cost = cost_of(project, request)
        if not json_:
            say_aside(cost_words(cost))
        if cost_only:
            print_json(to_data(cost)) if json_ else None
            return
        shifts = shifts_of(project, request, _labelled(project, request, json_))
    found = what_changes(shifts)
    if json_:
        rows = [_row(shift) | {"comparison": shift.comparison.id} for shift in shifts]
        print_json({"cost": to_data(cost), "changes": to_data(found), "comparisons": rows})
    else:
        _say(found, shifts)


def cost_words(cost: "Cost") -> str:
    """Return what it takes in a sentence."""
    time = "time unknown until labels were made once" if cost.seconds is None else f"about {cost.seconds:.0f} s"
    calls = counted(cost.calls, "calls")
    said = f"{counted(cost.comparisons, 'comparisons')}, {cost.reviewed} of them reviewed: {calls}, {time}."
    if cost.reviewed_elsewhere:
        said += " Those people reviewed belong to prompts this is not asked on, or to an audit under way."
    return said


def _labelled(project: Any, request: Any, quiet: bool) -> list[Any]:
    from workbench.errors import BusyError  # noqa: PLC0415
    from workbench.records.request import Ended, Labelled, Notice  # noqa: PLC0415

    asking = project.mailbox.ask(request)
    labels: list[Any] = []
    total = len(request.comparisons) * len(request.constitutions)
    try:
        for piece in asking.wait():
            if isinstance(piece, Labelled):
                labels.append(piece)
                if not quiet and len(labels) % 20 == 0:
                    say_aside(f"{len(labels)} of {total} labels")
            elif isinstance(piece, Notice) and not quiet:
                say_aside(piece.text)
            elif isinstance(piece, Ended) and piece.state == "refused":
                raise BusyError(piece.sentence)
    finally:
        asking.cancel()
    return labels


def _say(found: "WhatChanges", shifts: "list[Shift]") -> None:
    say(
        f"{found.flipped} of {found.n} labels flip; probabilities move by {found.mean_move:.3f} on average; "
        f"order flips {found.order_flips_before} → {found.order_flips_after}."
    )
    if found.agreement_before is not None and found.agreement_after is not None:
        before, after = found.agreement_before, found.agreement_after
        say(
            f"Agreement with {counted(before.n, 'reviews')}: {before.value:.2f} ({before.low:.2f}–{before.high:.2f}) → "
            f"{after.value:.2f} ({after.low:.2f}–{after.high:.2f})."
        )
    else:
        say("None of these comparisons was reviewed, so nothing says which wording is right.")
    say(table([_row(shift) for shift in shifts[:20]], ("flips", "before", "after", "moved", "people", "prompt")))


def _row(shift: "Shift") -> dict[str, Any]:
    return {
        "flips": "flips" if shift.flipped else "",
        "before": round(shift.before.probability_a, 4),
        "after": round(shift.after.probability_a, 4),
        "moved": round(shift.moved, 4),
        "people": None if shift.people is None else "a" if shift.people else "b",
        "prompt": shift.prompt,
    }
