"""The engine: drives a loaded model's own forward over packed tokens, with memory of our own."""

import importlib.util
import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer

from workbench.models.attention import COMPILED, Carrier, Step, UnservedError, attending, attention_configs
from workbench.models.linears import KeptRows, PackedLinear
from workbench.models.slots import Piece, SlotMemory, SlotStep

#: What a model that is not served may raise at its trial.
REFUSALS = (
    UnservedError,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


def cache_argument(model: Any) -> str:
    """Return the name by which a model's forward takes its cache: `cache` from transformers 5.24 on, `past_key_values` before."""
    bare = model.get_base_model() if hasattr(model, "get_base_model") else model  # an adapter's forward takes anything
    return "cache" if "cache" in inspect.signature(bare.forward).parameters else "past_key_values"


@dataclass(frozen=True)
class Verdict:
    """What the trial of a model found: whether it is served, and whether its head can be run apart from its body."""

    serves: bool
    split: bool


class Engine:
    """A causal model's body and head, run on tokens of many texts packed into one row."""

    def __init__(self, model: Any, kernel: str = "sdpa", reduced: bool = False) -> None:
        self.model = model
        self._close = 5e-2 if reduced or model.dtype != torch.float32 else 1e-4
        self._narrowed = [module for module in model.modules() if isinstance(module, KeptRows)]
        self._kernel = kernel if kernel != COMPILED or can_compile(model) else "sdpa"
        self._reduced = reduced
        self._configs = attention_configs(model)
        self._head = model.get_output_embeddings()
        self._cache = cache_argument(model)
        self._split = False

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return torch.device(self.model.device)

    @property
    def dtype(self) -> torch.dtype:
        """The type attention and its memory use."""
        dtype: torch.dtype = self.model.dtype
        return dtype

    def memory(self, slots: int) -> SlotMemory:
        """Return memory for texts in the making, half as wide where precision is reduced and the kernel can read it."""
        halved = self._reduced and self._kernel == COMPILED
        return SlotMemory(slots, torch.bfloat16 if halved else None)

    @property
    def room(self) -> int:
        """The longest text the model can hold, in tokens."""
        config = self.model.config.get_text_config()
        return int(getattr(config, "max_position_embeddings", 0) or 1 << 20)

    @property
    def last_layer(self) -> int:
        """The number by which the last layer calls the step; after it only the kept states matter."""
        return int(self.model.config.get_text_config().num_hidden_layers) - 1

    def states(self, step: Step, tokens: Sequence[int], places: Sequence[int], keep: Sequence[int]) -> Tensor:
        """Run packed tokens, which stand at places in their texts; return what `project` takes, for the indices kept."""
        kept = torch.tensor(keep, device=self.device)
        inputs = {
            "input_ids": torch.tensor([list(tokens)], device=self.device),
            "position_ids": torch.tensor([list(places)], device=self.device),
            self._cache: Carrier(step),
            "use_cache": True,
        }
        with self._running(kept if len(keep) < len(tokens) else None):
            if self._split:
                states: Tensor = self.model.base_model(**inputs).last_hidden_state[0, kept]
            else:
                states = self.model(**inputs, logits_to_keep=kept).logits[0]
        return states

    def project(self, states: Tensor) -> Tensor:
        """Return the logits [kept, vocabulary] of kept states."""
        if not self._split:
            return states
        with torch.inference_mode():
            logits: Tensor = self._head(states)
        return logits

    @property
    def option_rows(self) -> Tensor | None:
        """The head's weight [vocabulary, width], where logits are a plain product with it."""
        plain = self._split and isinstance(self._head, torch.nn.Linear | PackedLinear) and self._head.bias is None
        return self._head.weight if plain else None

    def run(self, memory: SlotMemory, pieces: Sequence[Piece]) -> Tensor:
        """Compute pieces of slots; return the logits after each piece, in the order of pieces."""
        step = SlotStep(memory, pieces, self.device, self.dtype, self._kernel)
        tokens: list[int] = []
        places: list[int] = []
        ends: dict[int, int] = {}
        for piece in step.pieces:
            tokens += piece.tokens
            places += range(piece.start, piece.end)
            ends[id(piece)] = len(tokens) - 1
        return self.project(self.states(step, tokens, places, [ends[id(piece)] for piece in pieces]))

    def serves(self) -> bool:
        """Try the model on a short text, in two pieces beside another text, and compare with its own plain forward."""
        return self.judge().serves

    def judge(self, known: Verdict | None = None) -> Verdict:
        """Return the verdict on the model, or take over one that is known of the same model with other weights."""
        verdict = known or Verdict(self._try(), self._split)
        self._split = verdict.split
        return verdict

    def _try(self) -> bool:
        if not keeps_plainly(self.model):
            return False
        vocabulary = self.model.get_input_embeddings().weight.shape[0]
        texts = [[(7 * step + 3 * row + 1) % vocabulary for step in range(12)] for row in range(2)]
        try:
            self._split = self._head_is_last(texts[0])
            return self._agrees(texts)
        except REFUSALS:
            return False

    def _agrees(self, texts: list[list[int]]) -> bool:
        memory = self.memory(2)
        self.run(memory, [Piece(0, 0, texts[0][:7]), Piece(1, 0, texts[1][:-1])])
        ours = self.run(memory, [Piece(0, 7, texts[0][7:]), Piece(1, len(texts[1]) - 1, texts[1][-1:])])
        with torch.inference_mode(), self._still():
            plain = self.model(torch.tensor(texts, device=self.device)).logits[:, -1]
        return bool(torch.allclose(ours.float(), plain.float(), atol=self._close * float(plain.abs().max()), rtol=0))

    def _head_is_last(self, text: list[int]) -> bool:
        """Tell whether the head alone turns the body's last states into logits (some models scale or cap them)."""
        if self._head is None or self.model.base_model is self.model:
            return False
        with torch.inference_mode(), self._still():
            ids = torch.tensor([text], device=self.device)
            states = self.model.base_model(ids).last_hidden_state
            return bool(torch.equal(self._head(states), self.model(ids).logits))

    @contextmanager
    def _running(self, kept: Tensor | None) -> Iterator[None]:
        """Let the model attend through our step, without gradients, for one forward of which some tokens' states are kept."""
        try:
            for module in self._narrowed:
                module.keep = kept
            with attending(self._configs), torch.inference_mode(), self._still():
                yield
        finally:
            for module in self._narrowed:
                module.keep = None

    @contextmanager
    def _still(self) -> Iterator[None]:
        """Switch dropout off for one forward: a policy in training is sampled too."""
        training = self.model.training
        if training:
            self.model.eval()
        try:
            yield
        finally:
            if training:
                self.model.train()


def can_compile(model: Any) -> bool:
    """Tell whether the compiled kernel can serve a model: in float32 on a CPU, where the compiler is installed."""
    here = model.device.type == "cpu" and model.dtype == torch.float32
    return bool(here and importlib.util.find_spec("numba"))


def keeps_plainly(model: Any) -> bool:
    """Tell whether transformers itself would keep every layer's keys and values whole (no window, no recurrent state)."""
    if model.config.is_encoder_decoder:
        return False
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=model.config).layers)
