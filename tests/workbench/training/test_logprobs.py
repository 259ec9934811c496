"""Log-probabilities computed a few rows at a time are those of the formula, and so are their gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.training import logprobs
from workbench.stages.training.logprobs import logprobs_and_entropy, tempered, token_logprobs


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logprobs, "_NEAR", 70)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3), st.integers(1, 9), st.integers(2, 90), st.integers(0, 1000), st.booleans())
def test_values_and_gradients_are_those_of_log_softmax(
    batch: int, width: int, vocabulary: int, seed: int, cut: bool
) -> None:
    draw = torch.Generator().manual_seed(seed)
    given_logits = (6 * torch.randn(batch, width + 1, vocabulary, generator=draw)).requires_grad_()
    exact = given_logits.detach().double().requires_grad_()
    tokens = torch.randint(vocabulary, (batch, width), generator=draw)
    weights = torch.randn(batch, width, generator=draw)
    found = token_logprobs(given_logits[:, :width] if cut else given_logits[:, :width].contiguous(), tokens)
    expected = exact[:, :width].log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    (found * weights).sum().backward()  # type: ignore[no-untyped-call]
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-5)
    assert given_logits.grad is not None
    assert exact.grad is not None
    torch.testing.assert_close(given_logits.grad.double(), exact.grad, rtol=0, atol=1e-5)
    read, entropy = logprobs_and_entropy(given_logits[:, :width], tokens)
    torch.testing.assert_close(read.double(), expected.detach(), rtol=0, atol=1e-5)
    shares = exact[:, :width].detach().softmax(-1)
    spread = -(shares * shares.log()).sum(-1)
    torch.testing.assert_close(entropy.double(), spread, rtol=0, atol=1e-5)


def test_narrow_logits_get_narrow_gradients_and_wide_results() -> None:
    logits = torch.randn(2, 3, 40).bfloat16().requires_grad_()
    found = token_logprobs(logits, torch.zeros(2, 3, dtype=torch.long))
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert found.dtype == torch.float32
    assert logits.grad is not None
    assert logits.grad.dtype == torch.bfloat16


def test_a_temperature_of_one_copies_nothing() -> None:
    logits = torch.randn(1, 2, 3).bfloat16()
    assert tempered(logits, 1.0) is logits
    torch.testing.assert_close(tempered(logits, 2.0), logits.float() / 2)
