"""Starting a worker: a detached process that writes to files and outlives whoever started it."""

import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import BusyError
from workbench.records.run import RunState
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of
from workbench.runs.launchers import program_of
from workbench.runs.states import at_work, state_of
from workbench.sentences import said
from workbench.sources.keys import passed_on

#: The process that works a run folder; its path is the last argument.
WORKER: tuple[str, ...] = (sys.executable, "-m", "workbench.worker")

#: How many lengths of text oneDNN and its wrapper keep what they made for.
_ONEDNN = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")

#: What a worker may know of its starter's surroundings: no tokens, no keys, no proxies.
_PASSED_ON = frozenset({
    "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "PYTHONPATH", "PYTHONHOME",
    "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME",
    "HIP_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "XDG_STATE_HOME", "XDG_CACHE_HOME",
    "HF_HOME", "HF_HUB_CACHE", "TORCH_HOME", "SYSTEMROOT", "WINDIR", "APPDATA", "LOCALAPPDATA", "USERPROFILE",
    *_ONEDNN,
})  # fmt: skip
#: Beginnings of further names: of the language, and of how processes that train together talk.
_FAMILIES = ("LC_", "NCCL_", "GLOO_")
_SET = {
    # Waiting threads that spin take the cores from whatever else the machine does.
    "OMP_WAIT_POLICY": "PASSIVE",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRL_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


def environment(of: Mapping[str, str] | None = None, also: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment a worker gets: a few allowed variables, those named besides, and what keeps it offline and quiet."""
    mine = os.environ if of is None else of
    passed = _PASSED_ON.union(also)
    return {name: text for name, text in mine.items() if name in passed or name.startswith(_FAMILIES)} | _SET


def keys_of(folder: RunFolder) -> tuple[str, ...]:
    """Return the variables that hold, or lead to, the keys of the endpoints a run asks."""
    models = folder.plan.models.values()
    return passed_on(url for model in models if model.endpoint for url in model.endpoint.urls)


def short_memory(folder: RunFolder) -> dict[str, str]:
    """Return the variables by which oneDNN forgets sooner what it made, for a run that reads texts of ever new lengths.

    It and its wrapper keep it for the last 1024 lengths, some hundred megabytes a process. A label after a rationale is read
    at a length that seldom comes again; other runs come back to theirs, and took an eighth longer with a short memory.
    """
    plan = folder.plan
    if plan.stage == "labels" and plan.settings.get("rationale"):
        return {name: os.environ.get(name, "128") for name in _ONEDNN}
    return {}


def start_detached(
    command: Sequence[str], log: Path, also: Sequence[str] = (), more: Mapping[str, str] | None = None
) -> int:
    """Start a process in a session of its own, with nothing on its input and its output in a file; return its number.

    It gets the variables named in `also`, and those in `more`, besides those every worker gets.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment(also=also), **(more or {})},
            start_new_session=True,
            close_fds=True,
        )
    # It outlives us; but while we live, somebody must take note of its end, or it stays in the process table.
    threading.Thread(target=process.wait, name=f"end of {process.pid}", daemon=True).start()
    return process.pid


def launch(folder: RunFolder, program: Sequence[str] = WORKER) -> int:
    """Start a worker on a run folder and return its process number; raises BusyError where one is at work already."""
    worker = at_work(folder)
    if worker is not None:
        raise BusyError("Run {folder} is being worked by process {pid}.", folder=folder.id, pid=worker.pid)
    command = [*program_of(folder, tuple(program)), str(folder.path)]
    mine = identity_of(os.getpid())
    if mine is not None:  # until the worker has a number, its starter answers for it
        folder.write_worker(mine)
    folder.heartbeat_file.touch()
    starting = dataclasses.replace(
        state_of(folder), state=RunState.STARTING, reason=said("the worker process is starting")
    )
    folder.write_status(starting)
    pid = start_detached(command, folder.log_file, keys_of(folder), short_memory(folder))
    theirs = identity_of(pid)
    if theirs is not None:  # the worker writes the same of itself, so it does not matter who comes first
        folder.write_worker(theirs)
    return pid
