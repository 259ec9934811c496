"""A small model that needs code of its own, which leaves a mark where it is run."""

import json
from pathlib import Path

from tests.workbench.models.tiny import tiny_model

CODE = """
from pathlib import Path

from transformers import LlamaConfig, LlamaForCausalLM

Path({mark!r}).write_text("ran")


class OwnConfig(LlamaConfig):
    model_type = "own"


class OwnForCausalLM(LlamaForCausalLM):
    config_class = OwnConfig
"""


def with_own_code(folder: Path, mark: Path) -> Path:
    """Write a model whose code writes the file mark."""
    tiny_model(folder)
    config = json.loads((folder / "config.json").read_text())
    kinds = {"AutoConfig": "OwnConfig", "AutoModelForCausalLM": "OwnForCausalLM"}
    config |= {"model_type": "own", "architectures": ["OwnForCausalLM"]}
    config["auto_map"] = {auto: f"modelling.{name}" for auto, name in kinds.items()}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modelling.py").write_text(CODE.format(mark=str(mark)))
    return folder
