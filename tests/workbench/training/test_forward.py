"""Logits are read where they are asked for, and are those the whole model would say there."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM, LlamaConfig, LlamaForCausalLM

from workbench.stages.training.forward import read_at, response_logits

SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
IDS = torch.arange(1, 25).reshape(2, 12)
STARTS = torch.tensor([3, 7])


def models() -> list[Any]:
    torch.manual_seed(0)
    capped = Gemma2Config(**SIZES, final_logit_softcapping=0.1)
    return [LlamaForCausalLM(LlamaConfig(**SIZES)).eval(), Gemma2ForCausalLM(capped).eval()]


@pytest.mark.parametrize("model", models(), ids=["plain", "capped"])
@pytest.mark.parametrize("hidden_head", [False, True])
def test_each_row_is_read_from_its_own_start(model: Any, hidden_head: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model(input_ids=IDS, use_cache=False).logits
    widths: list[int] = []
    head = model.get_output_embeddings()
    watch = head.register_forward_hook(lambda _, given, __: widths.append(given[0].shape[1]))
    if hidden_head:  # a model that computes its logits in a way of its own
        monkeypatch.setattr(model, "get_output_embeddings", lambda: None)
    try:
        found = response_logits(model, IDS, STARTS, 4)
    finally:
        watch.remove()
    for row, start in enumerate(STARTS.tolist()):
        torch.testing.assert_close(found[row], whole[row, start - 1 : start + 3], rtol=0, atol=1e-6)
    assert widths == [12 if hidden_head else 4]


def test_a_model_is_left_as_it_was() -> None:
    model = models()[0]
    read_at(model, lambda states: states[:, -1:], input_ids=IDS, use_cache=False)
    assert model(input_ids=IDS, use_cache=False).logits.shape == (2, 12, 50)


def test_the_last_feed_forward_part_is_computed_for_what_is_read_and_gradients_are_the_same() -> None:
    model, whole = models()[0], models()[0]
    seen: list[int] = []
    model.model.layers[-1].mlp.up_proj.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[1]))
    weights = torch.randn(2, 4, 50)
    (response_logits(model, IDS, STARTS, 4) * weights).sum().backward()  # type: ignore[no-untyped-call]
    logits = whole(input_ids=IDS, use_cache=False).logits
    expected = torch.stack([logits[row, start - 1 : start + 3] for row, start in enumerate(STARTS.tolist())])
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    assert seen == [8]
    for one, two in zip(model.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-5, atol=1e-6)


def test_what_another_thread_reads_of_the_model_meanwhile_is_left_whole() -> None:
    model = models()[0]

    def pick(states: torch.Tensor) -> torch.Tensor:
        beside = ThreadPoolExecutor(1).submit(model, input_ids=IDS, use_cache=False)
        assert beside.result().logits.shape == (2, 12, 50)
        return states[:, -1:]

    assert read_at(model, pick, input_ids=IDS, use_cache=False).logits.shape == (2, 1, 50)
