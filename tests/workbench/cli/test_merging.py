"""Adapters merged, and runs prepared, by the commands themselves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from peft import LoraConfig, get_peft_model

from tests.workbench.cli.conftest import Run
from tests.workbench.models.tiny import tiny_model
from tests.workbench.project.projects import project
from workbench.models.language_model import ChoiceRequest
from workbench.models.loading import load, load_weights


def workbench(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "workbench", *words], capture_output=True, text=True, check=False)


@pytest.mark.model
def test_an_adapter_and_its_base_become_one_model(tmp_path: Path) -> None:
    base = tiny_model(tmp_path / "base")
    adapted = get_peft_model(load_weights(base).requires_grad_(True), LoraConfig(r=2, target_modules=["q_proj"]))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            weight.data.fill_(0.3)
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")
    for file in base.iterdir():
        if file.name.startswith(("tokenizer", "chat", "config", "special")):
            (tmp_path / "adapter" / file.name).write_bytes(file.read_bytes())
    done = workbench("merge", str(tmp_path / "adapter"), "-o", str(tmp_path / "merged"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trainable"]
    request = ChoiceRequest("Human: Hello", (" (A)", " (B)"))
    both = [load(tmp_path / name).choice_logprobs([request])[0] for name in ("adapter", "merged")]
    assert both[0] == pytest.approx(both[1], abs=1e-4)
    assert "is there already" in workbench("merge", str(tmp_path / "adapter"), "-o", str(tmp_path / "merged")).stderr
    assert "holds no adapter" in workbench("merge", str(base), "-o", str(tmp_path / "other")).stderr


def test_a_prepared_run_is_worked_by_hand_and_brought_back(run: Run, tmp_path: Path) -> None:
    folder = str(tmp_path / "project")
    project(Path(folder), 1).close()
    settings = ("--set", "response=scripted", "--set", "rounds=1", "--set", "critique=false")
    made = json.loads(run("run", folder, "chains", *settings, "--prepare", "--json"))
    (told,) = json.loads(run("runs", folder, "--json"))
    assert (told["state"], told["done"]) == ("paused", 0)
    assert "workbench work" in told["reason"]
    run("work", made["folder"])
    run("collect", folder, made["folder"])
    (told,) = json.loads(run("runs", folder, "--json"))
    assert (told["state"], told["done"]) == ("finished", told["total"])
    assert json.loads(run("show", folder, "chains", "--json"))
