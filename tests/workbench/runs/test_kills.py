"""kill -9 of a worker at any moment loses nothing it had appended; resuming neither skips nor repeats an input."""

import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.runs.echo import STEPS
from tests.workbench.runs.folders import ECHO, prompts, run_folder
from workbench.records.chain import Step
from workbench.records.prompt import Prompt
from workbench.records.run import Done, Metric, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.states import state_of

QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def kill_after(folder: RunFolder, delay: float) -> bytes:
    """Work the folder, kill the worker `delay` seconds after its first result, and return the results that were whole then."""
    before = folder.results_file.stat().st_size if folder.results_file.exists() else 0
    process = subprocess.Popen([*ECHO, str(folder.path)])
    while process.poll() is None and (not folder.results_file.exists() or folder.results_file.stat().st_size == before):
        time.sleep(0.002)
    time.sleep(delay)
    process.kill()
    process.wait()
    data = folder.results_file.read_bytes()
    return data[: data.rfind(b"\n") + 1]


@QUICK
@given(st.lists(st.floats(0, 0.08), min_size=1, max_size=4), st.binary(max_size=20))
def test_nothing_is_lost_repeated_or_skipped(delays: list[float], torn: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = run_folder(Path(place), prompts(25, sleep=0.001))
        kept = b""
        for delay in delays:
            whole = kill_after(folder, delay)
            assert whole.startswith(kept)
            kept = whole
            with folder.results_file.open("ab") as file:  # a write that the kill tore
                file.write(torn.replace(b"\n", b""))
            assert state_of(folder).state in (RunState.INTERRUPTED, RunState.FINISHED)
        subprocess.run([*ECHO, str(folder.path)], check=True)

        assert folder.results_file.read_bytes().startswith(kept)
        assert state_of(folder).state is RunState.FINISHED
        ids = [prompt.id for prompt in folder.inputs(Prompt)]
        assert [done.input for done in folder.results(Done)] == ids
        steps = [step.id for step in folder.results(Step)]
        assert Counter(steps) == Counter(f"{name}-{index}" for name in ids for index in range(STEPS))
        assert [metric.value for metric in folder.results(Metric)][-1] == 25
