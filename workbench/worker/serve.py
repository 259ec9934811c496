"""A model behind an OpenAI-compatible server: python -m workbench.worker.serve MODEL."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from workbench.errors import MissingError, WorkbenchError
from workbench.models.language_model import LanguageModel
from workbench.models.scripted import ScriptedModel
from workbench.models.serving.answers import Counter
from workbench.models.serving.desk import Desk
from workbench.models.serving.server import Server
from workbench.runs.launcher import environment


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a model until asked to leave; return 0, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker.serve", description=__doc__)
    parser.add_argument("model", help="a model's folder, or scripted")
    parser.add_argument("--name", default="", help="what clients call it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--key-variable", default="", help="the environment variable that holds the key clients need")
    parser.add_argument("--machine", default="{}", help="device, type and threads, as a plan has them, in JSON")
    chosen = parser.parse_args(arguments)
    try:
        return _serve(chosen)
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)  # noqa: T201 - this is a command line
        return 1


def _serve(chosen: argparse.Namespace) -> int:
    key = _key(chosen.key_variable)
    for name, text in environment({}).items():
        os.environ.setdefault(name, text)
    machine = json.loads(chosen.machine)
    model = _model(chosen.model, chosen.name, machine)
    desk = Desk(model)
    server = Server(Counter(desk, model.name), chosen.host, chosen.port, key)
    signal.signal(signal.SIGTERM, _leave)
    print(f"Serving {model.name} at {server.url}; Ctrl-C ends it.", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
        desk.close()
    return 0


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _key(variable: str) -> str | None:
    if not variable:
        return None
    if not os.environ.get(variable):
        raise MissingError("The environment variable {variable} holds no key.", variable=variable)
    return os.environ[variable]


def _model(text: str, name: str, machine: dict[str, object]) -> LanguageModel:
    if text == "scripted":
        return ScriptedModel(name=name or "scripted")
    from workbench.models.loading import load  # noqa: PLC0415 - a scripted model needs no torch
    from workbench.models.threads import use_threads  # noqa: PLC0415

    use_threads(int(str(machine.get("threads", 1))))
    return load(Path(text), name, machine)


if __name__ == "__main__":
    sys.exit(main())
