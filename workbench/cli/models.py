"""Commands about models: what there is, endpoints, and a server of one's own."""

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.printing import Json, Progress, bytes_line, print_json, say, say_aside
from workbench.errors import BadInputError

if TYPE_CHECKING:
    from workbench.records.endpoint import Endpoint
    from workbench.sources.folder import FoundModel

app = typer.Typer(help="Models and endpoints: list, add, test, download.", no_args_is_help=False)

Name = Annotated[str, typer.Argument(help="The endpoint's name.")]


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    project: Annotated[
        str, typer.Option(help="A project's folder: its runs' models and who plays which role, too.")
    ] = "",
    json_: Json = False,
) -> None:
    """List the models there are on this machine, and the endpoints that were added."""
    if context.invoked_subcommand is None and project:
        _list_of(project, json_)
    elif context.invoked_subcommand is None:
        _list(json_)


@app.command()
def add(  # noqa: PLR0913, PLR0917 - an option each
    name: Name,
    url: Annotated[list[str], typer.Argument(help="Base URL, such as http://127.0.0.1:8000/v1; several are replicas.")],
    model: Annotated[str, typer.Option(help="Which of its models; the first it lists if not said.")] = "",
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Requests under way at once, for each URL.")] = 8,
    seconds: Annotated[float, typer.Option(min=1, help="Longest wait for one answer, all tries together.")] = 600.0,
    votes: Annotated[
        int, typer.Option(min=1, max=99, help="Answers per label where there are no log-probabilities.")
    ] = 5,
    key: Annotated[bool, typer.Option("--key", help="Ask for a key and keep it in the system's keyring.")] = False,
    key_from_stdin: Annotated[
        bool, typer.Option("--key-from-stdin", help="Read that key from the first line of input.")
    ] = False,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Agree that texts go unencrypted over the network.")
    ] = False,
    json_: Json = False,
) -> None:
    """Add an OpenAI-compatible endpoint: ask it what it can do, and remember it under a name.

    A key is kept once the endpoint took it.
    """
    from workbench.sources.endpoints import new_endpoint  # noqa: PLC0415

    wanted = replace(new_endpoint(name, url, model, plain_http), concurrency=concurrency, seconds=seconds, votes=votes)
    _probe_and_keep(wanted, json_, _asked_for_key(key_from_stdin) if key or key_from_stdin else None)


@app.command("test")
def ask_again(name: Name, json_: Json = False) -> None:
    """Ask an endpoint again what it can do."""
    from workbench.sources.endpoints import Endpoints  # noqa: PLC0415

    _probe_and_keep(Endpoints().get(name), json_)


@app.command()
def folder(
    place: Annotated[str, typer.Argument(help="A model's folder; it stays where it is.")], json_: Json = False
) -> None:
    """Put a model's folder on the list of models, where the window and other projects find it."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.sources.folder import look_at  # noqa: PLC0415
    from workbench.sources.model_folders import ModelFolders, holds_model  # noqa: PLC0415

    found = look_at(Path(place).absolute())
    if not holds_model(Path(place)):
        raise BadInputError(found.problems[0])
    ModelFolders().put(Path(place))
    print_json(model_row(found)) if json_ else _say_model(found)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="An endpoint's name, or a model's folder that is on the list.")],
    forget: Annotated[
        bool, typer.Option("--forget-key", help="Take an endpoint's key out of the keyring, too.")
    ] = False,
) -> None:
    """Forget an endpoint, or take a folder off the list; runs that used it keep their results."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.sources.endpoints import Endpoints  # noqa: PLC0415
    from workbench.sources.keys import forget_key  # noqa: PLC0415
    from workbench.sources.model_folders import ModelFolders  # noqa: PLC0415

    listed = str(Path(name).absolute())
    if listed in ModelFolders().all():
        ModelFolders().remove(listed)
        say(f"Took {listed} off the list; the folder stays.")
        return
    gone = Endpoints().remove(name)
    for url in gone.urls if forget else ():
        forget_key(url)
    say(f"Removed endpoint {gone.name}.")


@app.command()
def use(
    folder: Annotated[str, typer.Argument(help="The project's folder.")],
    model: Annotated[
        str, typer.Argument(help="A model as runs name it: demo, RUN, a folder, a hub id, endpoint:NAME.")
    ],
    as_: Annotated[str, typer.Option("--as", help="response, critic, feedback or policy (where SFT starts).")],
) -> None:
    """Take a model for a role in all coming runs that name none; `usual` goes back to what is usual."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.known_models import want  # noqa: PLC0415

    with Project.open(Path(folder)) as project:
        want(project.store, as_, "" if model == "usual" else model)
    say(f"{as_}: {model}")


@app.command()
def key(
    name: Name,
    from_stdin: Annotated[
        bool, typer.Option("--from-stdin", help="Read the key from the first line of input.")
    ] = False,
    untested: Annotated[bool, typer.Option("--untested", help="Keep it without asking the endpoint with it.")] = False,
) -> None:
    """Keep a key for an endpoint that takes it, in the system's keyring; it is sent to its origin and nowhere else."""
    from workbench.sources.endpoints import Endpoints  # noqa: PLC0415
    from workbench.sources.keys import keep_key  # noqa: PLC0415

    endpoint = Endpoints().get(name)
    secret = _asked_for_key(from_stdin)
    if not untested:
        _probe_and_keep(endpoint, secret=secret, quiet=True)
    else:
        for url in endpoint.urls:
            keep_key(url, secret)
    say(f"Kept a key for endpoint {endpoint.name}.{_overruled(endpoint)}")


@app.command()
def get(
    repo: Annotated[str, typer.Argument(help="A model's hub id, owner/name.")],
    revision: Annotated[str, typer.Option(help="A branch, a tag or a commit.")] = "main",
    progress: Progress = False,
    json_: Json = False,
) -> None:
    """Fetch a model from the hub into its cache; a fetch that was broken off goes on where it was."""
    from workbench.sources.hub import fetch  # noqa: PLC0415

    fetched = fetch(repo, revision, bytes_line(progress))
    if json_:
        print_json(
            {"repo": fetched.repo, "commit": fetched.commit, "folder": str(fetched.folder), "bytes": fetched.size}
        )
        return
    say(f"{fetched.repo} at commit {fetched.commit[:12]}, {fetched.size / 1e6:,.1f} MB.")
    say(f"Use it as a model: --set response={fetched.repo}@{fetched.commit[:12]}")


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="demo, a model's folder, a hub id in the cache, or endpoint:NAME.")],
    json_: Json = False,
) -> None:
    """Say what a model is, what it can be used for and how much memory it needs."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.project.model_choice import unbound  # noqa: PLC0415
    from workbench.sources.badges import memory_words  # noqa: PLC0415
    from workbench.sources.folder import look_at  # noqa: PLC0415

    ref = unbound(what)
    if ref.endpoint is not None:
        if json_:
            print_json(endpoint_row(ref.endpoint))
            return
        for line in endpoint_lines(ref.endpoint):
            say(line)
        return
    found = look_at(Path(ref.folder or what), ref.kind, ref.location, ref.commit or "")
    if json_:
        print_json(model_row(found))
        return
    _say_model(found)
    say(f"    Memory to ask it: {memory_words(found)}.")


def merge(
    adapter: Annotated[str, typer.Argument(help="An adapter's folder, such as the output of a run with lora_rank.")],
    output: Annotated[str, typer.Option("-o", "--output", help="The folder to write; it must not be there yet.")],
    json_: Json = False,
) -> None:
    """Merge an adapter into its base and write them as one model, in safetensors, for any tool."""
    from pathlib import Path  # noqa: PLC0415

    from workbench.runs.launcher import environment  # noqa: PLC0415
    from workbench.sources.folder import look_at  # noqa: PLC0415

    command = [sys.executable, "-m", "workbench.worker.merge", adapter, output]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadInputError((done.stderr.strip().splitlines() or [f"Merging {adapter} failed without a word."])[-1])
    found = look_at(Path(output))
    print_json(model_row(found)) if json_ else _say_model(found)


def serve(
    model: Annotated[str, typer.Argument(help="demo, scripted, a model's folder, or a hub id that is in the cache.")],
    name: Annotated[str, typer.Option(help="What clients call the model.")] = "",
    host: Annotated[str, typer.Option(help="Where to listen; anything but this machine needs a key.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    key_variable: Annotated[str, typer.Option(help="The environment variable with the key clients need.")] = "",
) -> None:
    """Serve a model to OpenAI-compatible clients: chats, completions, log-probabilities, scores."""
    import json  # noqa: PLC0415

    from workbench.cli.becoming import become  # noqa: PLC0415
    from workbench.project.model_choice import unbound  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    ref = unbound(model)
    what = ref.folder or ref.location
    command = [sys.executable, "-m", "workbench.worker.serve", what, "--name", name or ref.label, "--host", host]
    command += ["--port", str(port), "--key-variable", key_variable, "--machine", json.dumps(this_machine())]
    become(command)


def _asked_for_key(from_stdin: bool) -> str:
    secret: str = sys.stdin.readline().strip() if from_stdin else typer.prompt("Key", hide_input=True).strip()
    if not secret:
        raise BadInputError("The key is empty; give one, or take the old one away with: workbench models remove")
    return secret


def _overruled(endpoint: "Endpoint") -> str:
    """Say where the environment has a key for an endpoint, which goes before the keyring's."""
    import os  # noqa: PLC0415

    from workbench.records.endpoint import key_variable  # noqa: PLC0415

    found = sorted({key_variable(url) for url in endpoint.urls} & set(os.environ))
    return f" The environment variable {found[0]} is set and goes before it." if found else ""


def _probe_and_keep(wanted: "Endpoint", json_: bool = False, secret: str | None = None, quiet: bool = False) -> None:
    """Ask an endpoint what it can do, and keep what it says; a new key is kept only where the endpoint took it."""
    from workbench.runs.probing import probed  # noqa: PLC0415
    from workbench.sources.endpoints import Endpoints  # noqa: PLC0415
    from workbench.sources.keys import keep_key  # noqa: PLC0415

    say_aside(f"Asking {', '.join(wanted.urls)} …")
    try:
        found = probed(wanted, secret)
    except BadInputError as error:
        if secret is None:
            raise
        raise BadInputError("{why} The key was not kept.", why=error) from error
    for url in wanted.urls if secret is not None else ():
        keep_key(url, secret or "")
    Endpoints().put(found)
    if quiet:
        return
    if json_:
        print_json(endpoint_row(found))
        return
    for line in endpoint_lines(found):
        say(line)
    say(f"Use it as a model in any role that answers or judges: --set feedback=endpoint:{found.name}")


def _list_of(folder: str, json_: bool) -> None:
    from pathlib import Path  # noqa: PLC0415

    from workbench.project import Project  # noqa: PLC0415
    from workbench.project.known_models import known_models  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        found = known_models(project.store)
    if json_:
        print_json(to_data(found))
        return
    for one in found:
        words = [*one.facts, *(badge.text for badge in one.badges), *(f"as {role}" for role in one.roles)]
        say(f"{one.name}  {one.title}  {'  '.join(words)}")
        if one.problem:
            say(f"    {one.problem}")


def _list(json_: bool) -> None:
    from pathlib import Path  # noqa: PLC0415

    from workbench.sources.endpoints import Endpoints  # noqa: PLC0415
    from workbench.sources.folder import look_at  # noqa: PLC0415
    from workbench.sources.hub import cached  # noqa: PLC0415
    from workbench.sources.model_folders import ModelFolders  # noqa: PLC0415

    endpoints, found = Endpoints().all(), list(cached())
    folders = [look_at(Path(one)) for one in ModelFolders().all()]
    if json_:
        hub, listed = ([model_row(one) for one in models_] for models_ in (found, folders))
        print_json({"hub": hub, "folders": listed, "endpoints": [endpoint_row(one) for one in endpoints]})
        return
    say(f"In the hub's cache ({sum(one.size for one in found) / 1e9:.1f} GB)")
    for model in found:
        _say_model(model)
    if not found:
        say("  none; fetch one with: workbench models get OWNER/NAME")
    say("Folders")
    for model in folders:
        _say_model(model)
    if not folders:
        say("  none; put one on the list with: workbench models folder FOLDER")
    say("Endpoints")
    for one in endpoints:
        for line in endpoint_lines(one):
            say(line)
    if not endpoints:
        say("  none; add one with: workbench models add NAME URL")


def model_row(found: "FoundModel") -> dict[str, Any]:
    """Return a model as scripts see it, with the memory it takes to ask it."""
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.sources.badges import asking_bytes  # noqa: PLC0415

    row: dict[str, Any] = to_data(found)
    return row | {"usable": found.usable, "trainable": not found.untrainable, "memory_bytes": asking_bytes(found)}


def _say_model(found: "FoundModel") -> None:
    from workbench.sources.badges import facts  # noqa: PLC0415

    say(f"  {found.location}{f'  {found.commit[:12]}' if found.commit else ''}  {'  '.join(facts(found))}")
    for problem in found.problems:
        say(f"    {problem}")
    if found.untrainable and found.untrainable not in found.problems:
        say(f"    It cannot be trained: {found.untrainable}.")


def endpoint_row(endpoint: "Endpoint") -> dict[str, Any]:
    """Return an endpoint as scripts see it."""
    from workbench.records.encoding import to_data  # noqa: PLC0415

    row: dict[str, Any] = to_data(endpoint)
    return row | {"labels": endpoint.reading}


def endpoint_lines(endpoint: "Endpoint") -> list[str]:
    """Return an endpoint as people read it."""
    from workbench.sources.badges import badges, labels_sentence  # noqa: PLC0415

    marks = badges(endpoint)
    lines = [f"  {endpoint.name}  {endpoint.model}  {', '.join(endpoint.urls)}"]
    lines.append(
        f"    {'  '.join(badge.text for badge in marks)}  {labels_sentence(endpoint)}".replace("      ", "    ")
    )
    lines += [f"    {badge.word}: {badge.why}" for badge in marks if badge.why and not badge.good]
    return lines
