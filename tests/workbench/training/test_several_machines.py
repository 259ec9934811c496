"""Machines that train together by the same command, and processors: real processes on this one, started by accelerate."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from tests.workbench.training.processes import (
    LEARNING,
    TWO,
    alike,
    make,
    numbers,
    same_weights,
    worked,
)
from tests.workbench.training.small import small_model
from workbench.cli.app import app
from workbench.errors import BadInputError
from workbench.records.run import RunState
from workbench.records.settings import SftSettings
from workbench.records.spread import Spread
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, environment
from workbench.runs.launchers import Node, program_of, read_launcher, spread_of
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

SFT, HOW, ROWS = LEARNING[0]
#: As `accelerate config` writes it for processors.
PROCESSORS = TWO.replace("MULTI_GPU", "MULTI_CPU").replace("use_cpu: true", "use_cpu: false\nmpirun_config: {}")
MACHINES = TWO.replace("num_machines: 1", "num_machines: 2").replace("main_process_port: 0", "main_process_port: 29500")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def alone(base: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return worked(make(tmp_path_factory.mktemp("one") / "sft-1", SFT, {"policy": base}, HOW, ROWS, ""))


def learnt_the_same(alone: RunFolder, several: RunFolder) -> None:
    for name in ("loss", "grad_norm"):
        alike(alone, several, name)
    assert len(numbers(several, "loss")) == len(numbers(alone, "loss")), "no process told what another had told"
    same_weights(alone, several)
    weights = load_file(several.path / "output" / "model.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())


def test_processors_train_together(tmp_path: Path) -> None:
    """By the very configuration by which two processes learn what one does (test_several_processes.py)."""
    file = tmp_path / "processors.yaml"
    file.write_text(PROCESSORS)
    text = read_launcher(str(file), SFT)
    assert text.split() == TWO.split()
    assert spread_of(make(tmp_path / "sft-2", SFT, {}, HOW, ROWS, text)) == Spread(2, 1, cpu=True)


@pytest.mark.model
def test_two_machines_train_together_by_the_same_command(alone: RunFolder, base: Path, tmp_path: Path) -> None:
    """Both on this host, each started for itself, as on a cluster's nodes that share a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = MACHINES.replace("29500", str(port))
    run = make(tmp_path / "sft-2", SFT, {"policy": base}, HOW, ROWS, text)
    command = [sys.executable, "-m", "workbench", "work", str(run.path), "--beside", "--main-address", "127.0.0.1"]
    log = tmp_path / "log.txt"
    with log.open("wb") as told:
        second = subprocess.Popen([*command, "--machine-rank", "1"], env=environment(), stdout=told, stderr=told)
        # What Slurm says of a node serves as well.
        first = subprocess.Popen(command, env=environment() | {"SLURM_NODEID": "0"}, stdout=told, stderr=told)
        try:
            assert [one.wait(270) for one in (first, second)] == [0, 0], log.read_text()[-3000:]
        finally:
            for one in (first, second):
                one.kill()
                one.wait()
    assert run.status().state is RunState.FINISHED, log.read_text()[-3000:]
    learnt_the_same(alone, run)


@pytest.mark.model
def test_a_world_of_another_size_is_told_before_anything_is_learnt(base: Path, tmp_path: Path) -> None:
    run = make(tmp_path / "sft-2", SFT, {"policy": base}, HOW, ROWS, TWO)
    assert work_folder(run, STAGES, beside=True) is RunState.FAILED
    assert "spreads it over 2 processes, and this is one of 1" in run.status().reason
    assert not numbers(run, "loss")


def test_a_machine_that_is_not_among_them_is_told(tmp_path: Path) -> None:
    one, two = (
        make(tmp_path / f"sft-{at}", SFT, {}, SftSettings(), [], text) for at, text in ((1, TWO), (2, MACHINES))
    )
    with pytest.raises(BadInputError, match="one machine, whose rank is 0"):
        program_of(one, WORKER, Node(1))
    with pytest.raises(BadInputError, match="ranks 0 to 1"):
        program_of(two, WORKER, Node(2, "node1"))
    with pytest.raises(BadInputError, match="--main-address"):
        program_of(two, WORKER, Node(1))
    command = " ".join(program_of(two, WORKER, Node(1, "node1")))
    assert "--machine_rank 1 --main_process_ip node1 -m workbench.worker" in command
    refused = CliRunner().invoke(app, ["work", str(one.path), "--machine-rank", "3"])
    assert refused.exit_code
    assert program_of(one, WORKER, Node())[-1] == "workbench.worker"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO.replace("MULTI_GPU", "NO"), "starts one process of the 2; take MULTI_GPU"),
        (MACHINES.replace("num_processes: 2", "num_processes: 3"), "multiple of num_machines"),
    ],
)
def test_configurations_that_would_train_in_fewer_processes_are_told(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=said):
        read_launcher(str(file), SFT)


def test_a_configuration_for_processors_keeps_what_else_it_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("# ours\n" + PROCESSORS)
    text = read_launcher(str(file), SFT)
    assert text.startswith("# ours\n")
    assert text.split() == ["#", "ours", *TWO.split()]
    assert "mpirun" not in text
