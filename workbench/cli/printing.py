"""Output of commands: plain lines for people, one JSON document for scripts."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Annotated, Any

import typer

from workbench.records.telling import Tell, untold

#: Seconds between two looks at what is told.
_RHYTHM = 0.2

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Progress = Annotated[bool, typer.Option("--progress", help="Tell bytes there and in all on stderr, a line each time.")]
Folder = Annotated[str, typer.Argument(help="The project's folder.")]


def say(text: str = "") -> None:
    """Print a line for a person."""
    typer.echo(text)


def say_aside(text: str) -> None:
    """Print a line that is not part of the data, on stderr."""
    typer.echo(text, err=True)


def print_json(data: Any) -> None:
    """Print one JSON document."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def bytes_line(lines: bool = False) -> Callable[[int, int], None]:
    """Return what tells bytes so far and in all: on one line of a terminal, or in a line each time for a program."""
    last = ""

    def tell(done: int, total: int) -> None:
        nonlocal last
        line = f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB"
        if line == last:
            return
        last = line
        if lines:
            typer.echo(f"{done} {total}", err=True)
        elif sys.stderr.isatty():
            typer.echo(f"\r{line}", nl=done >= total, err=True)

    return tell


@contextmanager
def steps_line(beginning: str) -> Iterator[Tell]:
    """Have what tells the step under way, with the seconds so far, on one line of a terminal that is gone afterwards."""
    if not sys.stderr.isatty():
        yield untold
        return
    began, over, told = time.monotonic(), Event(), [""]

    def show() -> None:
        width = 0
        while told[0]:
            line = f"{beginning} {told[0]} … {time.monotonic() - began:.0f} s"
            typer.echo(f"\r{line.ljust(width)}", nl=False, err=True)
            width = len(line)
            if over.wait(_RHYTHM):
                typer.echo(f"\r{' ' * width}\r", nl=False, err=True)
                return

    def tell(step: str) -> None:
        begins, told[0] = not told[0], step
        if begins:
            thread.start()

    thread = Thread(target=show, name="steps", daemon=True)
    try:
        yield tell
    finally:
        over.set()
        if told[0]:
            thread.join()


def counted(count: int, things: str) -> str:
    """Return so many things in words; of things, which stand in the plural ("bad rows left out"), one loses its s."""
    words = things.split(" ")
    plural = next((place for place, word in enumerate(words) if word.endswith("s")), None)
    if count == 1 and plural is not None:
        words[plural] = words[plural].removesuffix("s")
    return f"{count} {' '.join(words)}"


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], widest: int = 60) -> str:
    """Return rows as aligned columns; long texts are cut with an ellipsis, line breaks shown as spaces."""
    cells = [[_cell(row.get(column), widest) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[place]) for line in cells), 0) for place, column in enumerate(columns)]
    lines = ["  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: Any, widest: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | tuple) else str(value)
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= widest else text[: widest - 1] + "…"


def settings_of(pairs: Sequence[str]) -> dict[str, str]:
    """Read key=value arguments."""
    from workbench.errors import BadInputError  # noqa: PLC0415

    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise BadInputError(f"'{pair}' is not a setting; write it as key=value.")
        found[key.strip()] = value.strip()
    return found
