"""Models that cannot fit are told before a run is started, and refused before they are loaded."""

import json
import os
import struct
from pathlib import Path

import pytest

from workbench.errors import BadInputError
from workbench.project.model_memory import memory_words
from workbench.records.model import ModelRef
from workbench.records.run import Plan
from workbench.worker.opening import open_models

#: More numbers than any machine holds that runs this.
_NUMBERS = 500_000_000_000


def test_a_model_too_large_for_the_memory_is_not_loaded(tmp_path: Path) -> None:
    head = json.dumps({"w": {"dtype": "F32", "shape": [_NUMBERS], "data_offsets": [0, 4 * _NUMBERS]}}).encode()
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(struct.pack("<Q", len(head)) + head)
    os.truncate(weights, 8 + len(head) + 4 * _NUMBERS)  # takes no room on the disk
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    ref = ModelRef("folder", str(tmp_path), "huge", str(tmp_path))
    assert "memory: about 2101.1 GB, MORE than the" in memory_words([ref, ref], {})
    assert memory_words([ModelRef("scripted", "scripted")], {}) == ""
    plan = Plan("chains-1", "chains", {"response": ref}, machine={"device": "cpu", "dtype": "float32"})
    with pytest.raises(
        BadInputError, match=r"need at least 2000.0 GB of memory on cpu, and .* have a server hold them"
    ):
        open_models(plan, ["response", "critic"])
