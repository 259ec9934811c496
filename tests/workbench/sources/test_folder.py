"""Folders of models, good and hostile, looked at without loading anything."""

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.project.model_choice import DEMO_MODEL, unbound
from workbench.sources.folder import look_at
from workbench.sources.weights import read_head


def weights(folder: Path, head: Any, body: bytes = b"") -> Path:
    content = head if isinstance(head, bytes) else json.dumps(head).encode()
    file = folder / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(content)) + content + body)
    return file


def tensor(begins: int, ends: int, shape: list[int], kind: str = "F32") -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [begins, ends]}


def model(folder: Path, **config: Any) -> Path:
    (folder / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"], **config}))
    weights(folder, {"a": tensor(0, 8, [2]), "b": tensor(8, 12, [2], "F16")}, bytes(12))
    return folder


def test_the_demo_model_is_what_it_is() -> None:
    found = look_at(DEMO_MODEL)
    assert found.problems == ()
    assert found.untrainable == ""
    assert found.template
    assert found.parameters == 3_148_224
    assert found.architecture == "LlamaForCausalLM"


def test_a_good_folder_is_counted(tmp_path: Path) -> None:
    found = look_at(model(tmp_path))
    assert (found.parameters, found.problems, found.kind) == (4, (), "language model")


@pytest.mark.parametrize(
    ("head", "body", "says"),
    [
        (b"\xff" * 10, b"", "cannot be read"),
        (b"[1]", b"", "cannot be read"),
        ({"a": tensor(0, 8, [3])}, bytes(8), "cannot be read"),
        ({"a": tensor(0, 8, [-2])}, bytes(8), "cannot be read"),
        ({"a": tensor(0, 8, [2], "F99")}, bytes(8), "cannot be read"),
        ({"a": tensor(0, 8, [2]), "b": tensor(4, 12, [2])}, bytes(12), "gap or overlap"),
        ({"a": tensor(4, 12, [2])}, bytes(12), "gap or overlap"),
        ({"a": tensor(0, 8, [2])}, bytes(4), "holds 4 bytes of numbers"),
        ({"a": tensor(0, 8, [2])}, bytes(80), "holds 80 bytes of numbers"),
        ({"a": tensor(0, 4 << 60, [1 << 60])}, bytes(8), "holds 8 bytes of numbers"),
    ],
)
def test_heads_that_lie_are_refused(tmp_path: Path, head: Any, body: bytes, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        read_head(weights(tmp_path, head, body))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("w") / "model.safetensors"
    file.write_bytes(content)
    with contextlib.suppress(BadInputError):
        read_head(file)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"auto_map": {"AutoModel": "evil.Model"}}, "needs code of its own"),
        ({"hidden_size": 1 << 20, "vocab_size": 1 << 30}, "do not belong together"),
        ({"hidden_size": 4096, "num_hidden_layers": 10**6}, "do not belong together"),
    ],
)
def test_configurations_that_mean_harm_are_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    assert says in look_at(model(tmp_path, **change)).problems[0]


def test_shards_must_be_there_and_lie_in_the_folder(tmp_path: Path) -> None:
    model(tmp_path)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../../secret.safetensors"}}))
    assert "not a file in the folder" in look_at(tmp_path).problems[0]
    index.write_text(json.dumps({"weight_map": {"a": "model-2.safetensors"}}))
    assert "lacks model-2.safetensors" in look_at(tmp_path).problems[0]


def test_formats_that_are_not_loaded_say_what_helps(tmp_path: Path) -> None:
    model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    assert "no weights in safetensors" in look_at(tmp_path).problems[0]
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    assert "convert them to safetensors" in look_at(tmp_path).problems[0]
    (tmp_path / "m.gguf").write_bytes(b"")
    assert "is GGUF, which cannot be loaded or trained here" in look_at(tmp_path).problems[0]
    (tmp_path / "config.json").unlink()
    (problem,) = look_at(tmp_path).problems
    assert "is GGUF" in problem
    for place in (tmp_path, tmp_path / "m.gguf"):
        with pytest.raises(BadInputError, match="llama-server, and add that with: workbench models add"):
            unbound(str(place))


def test_a_single_file_named_as_a_model_is_told_what_to_name_instead(tmp_path: Path) -> None:
    model(tmp_path)
    said = {"model.safetensors": "name the folder they lie in", "pytorch_model.bin": "can run code and is not loaded",
            "notes.txt": "a model is a folder with a config.json"}  # fmt: skip
    for name, words in said.items():
        (tmp_path / name).touch()
        with pytest.raises(BadInputError, match=words):
            unbound(str(tmp_path / name))
        assert words in look_at(tmp_path / name).problems[0]


def test_what_cannot_be_trained_says_why(tmp_path: Path) -> None:
    model(tmp_path, quantization_config={"quant_method": "gptq"})
    assert "quantised (gptq)" in look_at(tmp_path).untrainable
    model(tmp_path, architectures=["BertForMaskedLM"])
    assert "BertForMaskedLM" in look_at(tmp_path).untrainable
