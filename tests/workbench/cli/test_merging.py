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
from tests.workbench.sources.hub_stand_in import COMMIT
from workbench.models.language_model import ChoiceRequest
from workbench.models.loading import load, load_weights
from workbench.sources.folder import look_at


def workbench(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "workbench", *words], capture_output=True, text=True, check=False)


@pytest.mark.model
def test_an_adapter_and_its_base_become_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter as other tools write it: without configuration and tokenizer, on a base it names by its id on the hub."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    cached = tmp_path / "cache" / "models--owner--base"
    base = tiny_model(cached / "snapshots" / COMMIT)
    adapted = get_peft_model(load_weights(base).requires_grad_(True), LoraConfig(r=2, target_modules=["q_proj"]))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            weight.data.fill_(0.3)
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")
    adapter = str(tmp_path / "adapter")
    config = tmp_path / "adapter" / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"base_model_name_or_path": "owner/base"}))
    assert not (tmp_path / "adapter" / "config.json").exists()
    missing = "belongs to the model owner/base, which is not there; fetch it with: workbench models get owner/base"
    assert missing in workbench("models", "show", adapter).stdout
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(COMMIT)
    shown = json.loads(workbench("models", "show", adapter, "--json").stdout)
    assert (shown["kind"], shown["usable"], shown["template"], shown["problems"]) == ("adapter", True, True, [])
    assert shown["memory_bytes"] > look_at(base).parameters * 4
    done = workbench("merge", adapter, "-o", str(tmp_path / "merged"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trainable"]
    request = ChoiceRequest("Human: Hello", (" (A)", " (B)"))
    both = [load(tmp_path / name).choice_logprobs([request])[0] for name in ("adapter", "merged")]
    assert both[0] == pytest.approx(both[1], abs=1e-4)
    assert "is there already" in workbench("merge", adapter, "-o", str(tmp_path / "merged")).stderr
    assert "holds no adapter" in workbench("merge", str(base), "-o", str(tmp_path / "other")).stderr


def test_a_prepared_run_is_worked_by_hand_and_brought_back(run: Run, tmp_path: Path) -> None:
    folder = str(tmp_path / "project")
    project(Path(folder), 1).close()
    settings = ("--set", "response=scripted", "--set", "rounds=1", "--set", "critique=false")
    made = json.loads(run("run", folder, "chains", *settings, "--prepare", "--json"))
    (told,) = json.loads(run("runs", folder, "--json"))
    assert (told["state"], told["done"]) == ("paused", 0)
    assert "workbench work" in told["reason"]
    worked = workbench("work", made["folder"])
    assert (worked.returncode, worked.stderr.splitlines()[-1]) == (0, "chains-1: finished, 4 of 4")
    assert run("collect", folder, made["folder"]) == "chains-1: finished, 4 of 4.\n"
    assert run("collect", folder) == "Nothing new.\n"
    (told,) = json.loads(run("runs", folder, "--json"))
    assert (told["state"], told["done"]) == ("finished", told["total"])
    assert json.loads(run("show", folder, "chains", "--json"))
