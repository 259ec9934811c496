"""Trainings killed (SIGKILL) at random moments and started again: they must end with the parameters of an uninterrupted one."""

import random
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.workbench.training.small import small_model
from tests.workbench.worker.test_training import kill_after_some_steps, output, training_folder
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, environment

#: All that could go wrong at once: units dropped, two micro-batches to a step, a schedule, a steered KL penalty.
_SHARED = {"dropout": 0.2, "schedule": "cosine"}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SFT": ("sft", _SHARED),
    "preference model": ("preference_model", _SHARED),
    "PPO": ("rl", {**_SHARED, "kl_target": 0.5}),
    "RLOO": ("rl", {**_SHARED, "algorithm": "rloo", "num_generations": 4}),
}
KILLS = 3


def kill_targets(seed: int = 0) -> list[dict[str, Any]]:
    """Kill each training a few times, let it end, and return whether it ended as one that nobody killed."""
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        base = small_model(root / "base")
        reward = _ended(training_folder(root / "reward", "preference_model", base, base)).path / "output"
        for name, (stage, changes) in CASES.items():
            whole = _ended(training_folder(root / name / "whole", stage, base, reward, **changes))
            killed = training_folder(root / name / "killed", stage, base, reward, **changes)
            draw = random.Random(f"{seed} {name}")
            for _ in range(KILLS):
                kill_after_some_steps(killed, draw.randrange(1, 40))
            same = output(_ended(killed)) == output(whole)
            rows.append(
                {"name": f"{name} killed {KILLS} times ends the same", "target": "yes", "value": same, "met": same}
            )
    return rows


def _ended(folder: RunFolder) -> RunFolder:
    """Work a run folder to its end in a process of its own."""
    subprocess.run([*WORKER, str(folder.path)], env=environment(), check=True, stderr=subprocess.DEVNULL)
    return folder
