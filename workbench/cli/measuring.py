"""Commands that measure an evaluation and write a report: each number with its interval."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, table


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(measure)
    app.command()(report)
    app.command()(methods)
    app.command()(regressions)


def measure(
    folder: Folder,
    run: Annotated[
        str, typer.Option(help="The run of evaluation or evaluation_set to measure; none: the newest evaluation.")
    ] = "",
    ties: Annotated[
        str, typer.Option(help="left_out (counted, and left out of the fit) or half_win (half a win for each side).")
    ] = "left_out",
    anchor: Annotated[str, typer.Option(help="The model whose Elo score is nought; none: the first.")] = "",
    find: Annotated[
        float,
        typer.Option(help="A win rate among the decided you want to tell from one half; says how many pairs it needs."),
    ] = 0.55,
    seed: Annotated[int, typer.Option(help="Seeds the resampling.")] = 0,
    json_: Json = False,
) -> None:
    """Measure an evaluation: Elo scores, win rates, length, diversity, evasiveness, with 95 % intervals."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.figures import MeasureRequest  # noqa: PLC0415

    request: Any = {"ties": ties, "anchor": anchor, "share": find, "seed": seed}
    with Project.read(Path(folder)) as project:
        found = project.measure(run, MeasureRequest(**request))
    if json_:
        print_json(found)
        return
    for line in measured_lines(found, find):
        say(line)


def report(
    folder: Folder,
    output: Annotated[
        str, typer.Option("-o", "--output", help="The file to write, .html or .md; none: report.html in the project.")
    ] = "",
) -> None:
    """Write a report as one HTML file to look at and to print, or the evaluation's figures as Markdown (-o FILE.md)."""
    from workbench.demo.again import demo_page_again  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415

    place = Path(output) if output else Path(folder) / "report.html"
    with Project.read(Path(folder)) as project:
        markdown = place.suffix == ".md"
        text = project.report_markdown() if markdown else demo_page_again(Path(folder)) or project.report_page()
    place.write_text(text, encoding="utf-8")
    say(f"Wrote {place}.")


def methods(
    folder: Folder,
    run: Annotated[str, typer.Option(help="The evaluation whose making is told; none: the newest.")] = "",
) -> None:
    """Write a paper's section on methods: what each step did, by which models and settings, and what was found."""
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.methods import methods_section  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        say(methods_section(project.store, run).rstrip())


def regressions(
    folder: Folder,
    newer: Annotated[str, typer.Argument(help="The model that should be better, for example rl_cai.")],
    older: Annotated[str, typer.Argument(help="The model it is held against, for example sl_cai.")],
    judge: Annotated[
        str, typer.Option(help="preference_model, feedback, oracle or person; every: all prompts.")
    ] = "preference_model",
    run: Annotated[str, typer.Option(help="The evaluation; none: the newest.")] = "",
    limit: Annotated[int, typer.Option(help="Most prompts to show; 0 shows all.")] = 20,
    json_: Json = False,
) -> None:
    """Show the prompts on which a newer model's answer was judged worse than an older one's, the clearest losses first.

    With --judge every all prompts that both answered are shown.
    """
    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.evaluations import regressions as found_by  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found = found_by(project, run, newer, older, judge)[: limit or None]
    if json_:
        print_json([to_data(one) for one in found])
        return
    for one in found:
        say(f"\n{one.kind}, {one.prompt_id}: {one.prompt}\n  {older}: {one.older.text}\n  {newer}: {one.newer.text}")
    say(
        f"\n{counted(len(found), 'prompts')}."
        if found
        else f"No answer of {newer} was judged worse than that of {older}."
    )


def measured_lines(found: Mapping[str, Any], find: float = 0.55) -> Iterator[str]:
    """Yield what was measured as lines for a person."""
    if "verdicts" in found:
        yield from (verdict["sentence"] for verdict in found["verdicts"].values())
        return
    yield from found["test_set"]["lines"]
    yield f"Evaluation {found['run']}, 95 % intervals over prompts, ties {found['ties'].replace('_', ' ')}."
    for kind in dict.fromkeys(kind for kinds in found["policies"].values() for kind in kinds):
        rows = [
            {"model": model, **{name: _shown(value) for name, value in kinds[kind].items()}}
            for model, kinds in found["policies"].items()
            if kind in kinds
        ]
        yield f"\n{kind} prompts"
        yield table(rows, list(dict.fromkeys(name for row in rows for name in row)))
    for judge, kinds in found["judges"].items():
        for kind, part in kinds.items():
            yield from _judge_lines(judge, kind, part, find)


def _judge_lines(judge: str, kind: str, part: Mapping[str, Any], find: float) -> Iterator[str]:
    yield f"\n{judge}, {kind} prompts: {part['matches']} pairs, {part['ties']} of them ties"
    if part["elo"]:
        scores = "  ".join(f"{name} {_points(score)}" for name, score in part["elo"]["scores"].items())
        bounded = " (a model won or lost all: half a draw was added to each pair)" if part["elo"]["bounded"] else ""
        yield f"  Elo, {part['elo']['anchor']} at 0:  {scores}{bounded}"
    rows = [_win_row(rate) for rate in part["win_rates"]]
    if rows:
        yield table(rows, list(rows[0]))
    needed = [rate["pairs_needed"] for rate in part["win_rates"] if rate["pairs_needed"]]
    if needed:
        yield f"  To tell a win rate of {find:.0%} from one half with 80 % power, judge {max(needed)} pairs of two models."


def _win_row(rate: Mapping[str, Any]) -> dict[str, str]:
    corrected = rate["length_corrected"]
    return {
        "pair": f"{rate['model']} over {rate['against']}",
        "wins among decided": _shown(rate["decided"]),
        "n": str(rate["decided"]["n"]) if rate["decided"] else "0",
        "ties": _shown(rate["ties"]),
        "at equal length": _shown(corrected["rate"]) if corrected else "–",
        "words longer": f"{corrected['mean_difference']:+.1f}" if corrected else "–",
    }


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['value']:.3g} ({value['low']:.3g} to {value['high']:.3g})"
    return "–" if value is None else f"{value:.3g}"


def _points(score: Mapping[str, Any]) -> str:
    if score["low"] == score["high"]:
        return f"{score['value']:.0f}"
    return f"{score['value']:+.0f} ({score['low']:+.0f} to {score['high']:+.0f})"
