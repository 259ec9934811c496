"""Shapes beside Llama's: parallel layers, layers of two kinds, no padding token, a vocabulary larger than the tokenizer's."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, GPTNeoXConfig, GPTNeoXForCausalLM

from tests.workbench.models.tiny import tiny_tokenizer
from workbench.models.language_model import ChoiceRequest, SampleRequest
from workbench.models.loading import load
from workbench.models.local import plain_logprobs
from workbench.models.scoring import question
from workbench.records.transcript import Message

OPTIONS = (" (A)", " (B)")
#: Rows of the vocabulary that no token has: weights are padded to round sizes.
PADDED = 384


def _neox() -> Any:
    return GPTNeoXForCausalLM(
        GPTNeoXConfig(
            vocab_size=PADDED,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=512,
            initializer_range=0.2,
            rotary_pct=0.25,
            bos_token_id=0,
            eos_token_id=0,
        )
    )


def _gemma() -> Any:
    return Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=PADDED,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=512,
            sliding_window=16,
            initializer_range=0.2,
            layer_types=["sliding_attention", "full_attention"],
            bos_token_id=0,
            eos_token_id=0,
            pad_token_id=0,
        )
    )


@pytest.mark.model
@pytest.mark.parametrize(("make", "side"), [(_neox, "left"), (_gemma, "right")])
def test_other_shapes_choose_as_a_plain_forward_does_and_keep_their_draws(make: Any, side: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    make().eval().save_pretrained(tmp_path)
    tokenizer = tiny_tokenizer()
    tokenizer.pad_token, tokenizer.padding_side = None, side
    tokenizer.save_pretrained(tmp_path)
    model = load(tmp_path)
    sent = model.render([Message("comparison", "Which of these is kinder, of all that were said?")], "answer", "It is:")
    (found,) = model.choice_logprobs([ChoiceRequest(sent, OPTIONS)])
    asked = question([model.tokenise(sent + option) for option in OPTIONS])
    assert found == pytest.approx(plain_logprobs(model.model, asked), abs=1e-4)
    texts = []
    for together in (1, 3):
        sampler = model.sampler()
        for number in range(min(together, sampler.slots)):
            sampler.submit(number, SampleRequest(sent, number, 10))
        drawn: dict[object, str] = {}
        while 0 not in drawn:
            for walk, sample in sampler.advance():
                drawn[walk] = sample.text
                sampler.release(walk)
        texts.append(drawn[0])
    assert texts[0] == texts[1]
