"""Texts read side by side say what they say padded, on the way there and back."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    MistralConfig,
    MistralForCausalLM,
)

from workbench.stages.training.forward import (
    reads_side_by_side,
    response_logits,
    response_logits_and_values,
    response_values,
)

VOCABULARY = 50
LLAMA = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_labels": 1,
}
GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "bos_token_id": 1, "eos_token_id": 1}


def llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**LLAMA))


def value_model() -> LlamaForSequenceClassification:
    torch.manual_seed(1)
    return LlamaForSequenceClassification(LlamaConfig(**LLAMA))


def texts(lengths: list[int], seed: int = 0) -> tuple[Tensor, Tensor, int, Tensor]:
    """Return token ids, where responses begin, the width of responses, and the lengths."""
    drawn = torch.Generator().manual_seed(seed)
    ends = torch.tensor(lengths)
    ids = torch.randint(0, VOCABULARY, (len(lengths), max(lengths)), generator=drawn)
    starts = (torch.rand(len(lengths), generator=drawn) * (ends - 2)).long() + 1
    return ids, starts, int((ends - starts).max()), ends


def real(asked: tuple[Tensor, Tensor, int, Tensor]) -> Tensor:
    _, starts, width, ends = asked
    return torch.arange(width) < (ends - starts).unsqueeze(1)


@given(lengths=st.lists(st.integers(3, 20), min_size=1, max_size=19), seed=st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_logits_and_gradients_are_those_of_padded_texts(lengths: list[int], seed: int) -> None:
    asked, model, found = texts(lengths, seed), llama(), []
    for given_lengths in (None, asked[3]):
        model.zero_grad()
        logits = response_logits(model, *asked[:3], given_lengths)[real(asked)]
        logits.log_softmax(-1).square().sum().backward()  # type: ignore[no-untyped-call]
        found.append([logits, *(weight.grad.clone() for weight in model.parameters() if weight.grad is not None)])
    for padded, beside in zip(*found, strict=True):
        torch.testing.assert_close(beside, padded, atol=1e-4, rtol=1e-4)


def test_values_are_those_of_padded_texts_also_in_bfloat16() -> None:
    asked, model = texts([5, 17, 9, 12, 12, 3, 20, 8, 11, 4]), value_model()
    for reduced, close in ((False, 1e-5), (True, 2e-2)):
        with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
            padded, beside = (response_values(model, *asked[:3], given_lengths) for given_lengths in (None, asked[3]))
        torch.testing.assert_close(beside[real(asked)], padded[real(asked)], atol=close, rtol=close)


def test_a_value_head_reads_the_trunk_at_the_same_places() -> None:
    asked, model, head = texts([7, 15, 10]), llama(), torch.nn.Linear(32, 1)
    padded, beside = (response_logits_and_values(model, head, *asked[:3], lengths) for lengths in (None, asked[3]))
    for one, other in zip(padded, beside, strict=True):
        torch.testing.assert_close(other[real(asked)], one[real(asked)], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("model", [llama(), GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, **GPT2)).eval()])
def test_plain_models_read_side_by_side_and_attend_as_before_afterwards(model: Any) -> None:
    before = model.config._attn_implementation
    assert reads_side_by_side(model, response_logits)
    assert model.config._attn_implementation == before
    assert reads_side_by_side(value_model(), response_values)


def test_models_that_attend_in_another_way_are_refused_and_left_as_they_were() -> None:
    small = {name: value for name, value in LLAMA.items() if name != "num_labels"}
    windowed = MistralForCausalLM(MistralConfig(**small, sliding_window=8))
    capped = Gemma2ForCausalLM(
        Gemma2Config(**small, head_dim=8, sliding_window=4096, layer_types=["full_attention"] * 2)
    )
    for model in (windowed, capped):
        before = model.config._attn_implementation
        assert not reads_side_by_side(model, response_logits)
        assert model.config._attn_implementation == before
