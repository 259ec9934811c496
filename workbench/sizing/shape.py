"""A model's shape, read from its folder without loading it: config.json, and the heads of its safetensors files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.sources.adapters import base_of, is_adapter
from workbench.sources.weights import read_weights


@dataclass(frozen=True)
class Shape:
    """What sizes follow from: counts of parameters, layers and words, and widths in numbers (inner: of the feed-forward part)."""

    parameters: int
    layers: int
    hidden: int
    inner: int
    key_value: int
    words: int

    @property
    def linear(self) -> int:
        """The parameters of the linear layers within blocks, which is what four bits hold (QLoRA, arXiv 2305.14314)."""
        attention = 2 * self.hidden * (self.hidden + self.key_value)
        return min(self.parameters, self.layers * (attention + 3 * self.hidden * self.inner))

    def adapter(self, rank: int) -> int:
        """Return the parameters of a low-rank adapter on every linear layer: rank times its inputs and outputs."""
        attention = 2 * (2 * self.hidden) + 2 * (self.hidden + self.key_value)
        return rank * self.layers * (attention + 3 * (self.hidden + self.inner))


def shape_of(folder: Path) -> Shape:
    """Read a model folder's shape, an adapter's from its base; parameters are counted where the weights are, else computed."""
    base = base_of(folder) if is_adapter(folder) else folder
    config = _json(base / "config.json")
    config = config.get("text_config", config)
    try:
        hidden, layers = int(config["hidden_size"]), int(config["num_hidden_layers"])
        heads = int(config["num_attention_heads"])
        words = int(config["vocab_size"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInputError(
            "{base} does not tell {error}; its memory cannot be estimated.", base=base / "config.json", error=error
        ) from error
    inner = int(config.get("intermediate_size") or 4 * hidden)
    width = int(config.get("head_dim") or hidden // heads)
    key_value = int(config.get("num_key_value_heads") or heads) * width
    tied = bool(config.get("tie_word_embeddings", False))
    computed = layers * (2 * hidden * heads * width + 2 * hidden * key_value + 3 * hidden * inner + 2 * hidden)
    computed += hidden + words * hidden * (1 if tied else 2)
    return Shape(_counted(base) or computed, layers, hidden, inner, key_value, words)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise MissingError(
            "There is no model in {parent}: it has no {path}.", parent=path.parent, path=path.name
        ) from error
    except ValueError as error:
        raise BadInputError("{path} cannot be read: {error}.", path=path, error=error) from error
    if not isinstance(found, dict):
        raise BadInputError("{path} holds no JSON object.", path=path)
    return found


def _counted(folder: Path) -> int:
    """Return the numbers in a folder's safetensors files by what their heads say; 0 where there are none or they are damaged."""
    try:
        return read_weights(folder).parameters
    except BadInputError:
        return 0
