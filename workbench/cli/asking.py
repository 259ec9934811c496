"""Commands that ask a model something in passing, without a run: try a principle, chat, render a prompt."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Folder, Json, counted, print_json, say, say_aside

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.request import ModelRequest, Piece

Seed = Annotated[int, typer.Option(help="Seeds the draws; the same seed gives the same text.")]
Temperature = Annotated[float, typer.Option(help="Sampling temperature; 0 takes the likeliest words.")]
MaxTokens = Annotated[int, typer.Option("--max-tokens", help="Longest text in tokens; 0 takes the task's rule.")]
_MODEL = "demo, scripted, a run that made a model, or a model folder"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("try")(try_)
    app.command()(chat)
    app.command()(render)


def try_(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    folder: Folder,
    prompt: Annotated[str, typer.Argument(help="What is asked of the model.")],
    principle: Annotated[str, typer.Option("--principle", help="The id of the principle to try.")],
    wording_from: Annotated[
        str, typer.Option("--wording-from", help="committed, draft, or both side by side from one response and seed.")
    ] = "both",
    initial: Annotated[str, typer.Option(help="Criticise this response instead of letting the model write one.")] = "",
    model: Annotated[str, typer.Option("--model", help=f"Who responds: {_MODEL}.")] = "",
    critic: Annotated[str, typer.Option(help="Who criticises and revises; the same model where none is named.")] = "",
    seed: Seed = 0,
    temperature: Temperature = 1.0,
    max_tokens: MaxTokens = 0,
    sent: Annotated[bool, typer.Option("--sent", help="Show the prompts exactly as the model got them.")] = False,
    json_: Json = False,
) -> None:
    """Try a principle at once: response, critique and revision, in the committed and in the draft's wording."""
    from workbench.project.requesting import Trial, sources_of, try_request  # noqa: PLC0415

    sources = sources_of(wording_from)
    trial = Trial(prompt, principle, sources, initial, seed, temperature, max_tokens, model, critic)
    parts, lines = _answered(folder, lambda project: try_request(project, trial), json_)
    if json_:
        print_json({"prompt": prompt, "principle": principle, "seed": seed, "parts": parts, "notices": lines})
    elif sent:
        for part, done in parts.items():
            say(f"\n── sent for {part} ({done['prompt_tokens']} tokens) ──\n{done['sent']}")


def chat(
    folder: Folder,
    message: Annotated[str, typer.Argument(help="What to say; none: a conversation, a line at a time.")] = "",
    model: Annotated[list[str] | None, typer.Option("--model", help=f"Who answers, up to three: {_MODEL}.")] = None,
    system: Annotated[str, typer.Option(help="A system turn to begin with.")] = "",
    seed: Seed = 0,
    temperature: Temperature = 1.0,
    max_tokens: MaxTokens = 0,
    json_: Json = False,
) -> None:
    """Chat with one model, or with up to three side by side."""
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project.requesting import chat_request  # noqa: PLC0415
    from workbench.records.transcript import Message  # noqa: PLC0415

    names = model or [""]
    if len(names) > 3:
        raise BadInputError("At most three models chat side by side.")
    talks = [(name, [Message("system", system)] if system else []) for name in names]
    for said in [message] if message else _lines():
        answers = []
        for name, turns in talks:
            turns.append(Message("user", said))
            asked = partial(
                chat_request, turns=tuple(turns), model=name, seed=seed, temperature=temperature, max_tokens=max_tokens
            )
            parts, _ = _answered(folder, asked, json_, name)
            turns.append(Message("assistant", parts["answer"]["text"]))
            answers.append(parts["answer"])
        if json_:
            print_json(answers)


def render(
    folder: Folder,
    turns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TURN…", help="What is asked; several: the user's and the assistant's turns, one by one."
        ),
    ] = None,
    prompt: Annotated[
        str, typer.Option("--prompt", help="A prompt of the project by its id, with all its turns.")
    ] = "",
    system: Annotated[str, typer.Option(help="A system turn to begin with.")] = "",
    model: Annotated[str, typer.Option("--model", help=f"Which model: {_MODEL}.")] = "",
    json_: Json = False,
) -> None:
    """Show a prompt or a conversation exactly as a model gets it, special tokens and all, and how many tokens that is."""
    from workbench.errors import BadInputError  # noqa: PLC0415
    from workbench.project.requesting import conversation, render_prompt_request, render_request  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.records.request import Rendered  # noqa: PLC0415

    if bool(turns) == bool(prompt) or (prompt and system):
        raise BadInputError(
            "Give the turns to render, or --prompt with the id of a prompt of the project; one of the two."
        )
    if prompt:
        pieces = _asked(folder, lambda project: render_prompt_request(project, prompt, model))
    else:
        said = conversation(turns or [], system)
        pieces = _asked(folder, lambda project: render_request(project, said, model))
    rendered = next(piece for piece in pieces if isinstance(piece, Rendered))
    if json_:
        print_json(to_data(rendered))
    else:
        say(rendered.sent)
        say_aside(counted(rendered.tokens, "tokens"))


def _lines() -> Iterable[str]:
    while True:
        try:
            said = input("> ").strip()
        except EOFError:
            return
        if said:
            yield said


def _answered(
    folder: str, make: "Callable[[Project], ModelRequest]", quiet: bool, title: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Show an answer as it streams; return its parts by name, and what was noted."""
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.records.request import Notice, TextDone, TextSoFar  # noqa: PLC0415

    stream = _Stream(title)
    parts: dict[str, Any] = {}
    notices: list[str] = []
    for piece in _asked(folder, make):
        if isinstance(piece, Notice):
            notices.append(piece.text)
            if not quiet:
                say_aside(piece.text)
        elif isinstance(piece, TextSoFar | TextDone):
            if isinstance(piece, TextDone):
                parts[piece.part] = {name: value for name, value in to_data(piece).items() if name != "part"}
            if not quiet:
                stream.tell(piece.part, piece.text, isinstance(piece, TextDone))
    return parts, notices


def _asked(folder: str, make: "Callable[[Project], ModelRequest]") -> "Iterable[Piece]":
    """Ask and yield the pieces; what was refused is raised as a sentence, and Ctrl-C cancels."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.errors import BusyError  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415
    from workbench.records.request import Ended  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        asking = project.mailbox.ask(make(project))
    try:
        for piece in asking.wait():
            if isinstance(piece, Ended) and piece.state == "refused":
                raise BusyError(piece.sentence)
            yield piece
    finally:
        asking.cancel()


class _Stream:
    """Texts that grow at the same time, written one after the other: one is shown as it grows, the others wait for it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.texts: dict[str, tuple[str, bool]] = {}
        self.current = ""
        self.shown = 0

    def tell(self, part: str, text: str, done: bool) -> None:
        """Take a part as far as it is written."""
        self.texts[part] = (text, done)
        while self._show():
            pass

    def _show(self) -> bool:
        """Write what is new of the current part; return whether the next one may begin."""
        if not self.current:
            if not self.texts:
                return False
            self.current, self.shown = next(iter(self.texts)), 0
            heading = self.title if self.current == "answer" else self.current.replace("/", ": ")
            if heading:
                say(f"── {heading} ──")
        text, done = self.texts[self.current]
        # The text at the end may be shorter than the last one shown, by the spaces around it.
        typer.echo(text[self.shown :], nl=False)
        self.shown = max(self.shown, len(text))
        if not done:
            return False
        say()
        del self.texts[self.current]
        self.current = ""
        return bool(self.texts)
