"""Loading: what is refused, and the machine's choice."""

import json
import subprocess
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model

from tests.workbench.models.tiny import tiny_model
from workbench.errors import BadInputError, MissingError
from workbench.models.language_model import ChoiceRequest
from workbench.models.loading import load, load_weights
from workbench.models.machine import measure_machine
from workbench.runs.launcher import environment
from workbench.runs.machine import MEASURING


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no config\.json"):
        load(tmp_path)


def test_only_safetensors_are_loaded(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    torch.save({}, folder / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(BadInputError, match="can run code"):
        load(folder)


def test_broken_weights_are_a_sentence(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(BadInputError, match="is damaged"):
        load(folder)


def test_code_in_a_folder_is_not_run(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "custom", "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(BadInputError):
        load(folder)
    assert not (tmp_path / "ran").exists()


def test_an_adapter_is_merged(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    adapted = get_peft_model(load_weights(folder).requires_grad_(True), LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.3)
    adapted.save_pretrained(tmp_path / "adapter")
    request = ChoiceRequest("Human: Hello", (" (A)", " (B)"))
    plain = load(folder).choice_logprobs([request])
    assert load(folder, adapter=tmp_path / "adapter").choice_logprobs([request]) != plain


def test_the_machine_is_measured_once(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    file = tmp_path / "state" / "machine.json"
    file.parent.mkdir()
    file.write_text("torn")
    first = measure_machine(file)
    assert torch.get_num_threads() == threads
    assert first["dtype"] in ("float32", "bfloat16")
    assert first["attention"] in ("sdpa", "matmul", "compiled")
    assert first["threads"] >= 1
    assert first["processes"] >= 1
    marked = {**first, "threads": 7}
    file.write_text(json.dumps(marked))
    assert measure_machine(file) == marked
    # Nor is it by the command that a first run starts.
    subprocess.run([*MEASURING, str(file)], env=environment(), check=True)
    assert json.loads(file.read_text()) == marked
