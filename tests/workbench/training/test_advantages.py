"""Advantages and rewards against a case worked by hand and an independent computation."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.training.advantages import generalised_advantages, token_rewards, whiten


def test_three_tokens_by_hand() -> None:
    # gamma 1, lambda 1/2, values 1 2 3, KL 0.1 0.2 0.3 at a weight of 2, score 5.
    mask = torch.tensor([[True, True, True, False]])
    kl = torch.tensor([[0.1, 0.2, 0.3, 9.0]])
    values = torch.tensor([[1.0, 2.0, 3.0, 9.0]])
    rewards = token_rewards(kl, torch.tensor([5.0]), mask, kl_coef=2.0)
    # rewards: -0.2, -0.4, 5 - 0.6 = 4.4
    assert torch.allclose(rewards, torch.tensor([[-0.2, -0.4, 4.4, 0.0]]))
    advantages, returns = generalised_advantages(rewards, values, mask, gamma=1.0, gae_lambda=0.5)
    # surprises: -0.2 + 2 - 1 = 0.8;  -0.4 + 3 - 2 = 0.6;  4.4 + 0 - 3 = 1.4
    # advantages, from the end: 1.4;  0.6 + 0.5 * 1.4 = 1.3;  0.8 + 0.5 * 1.3 = 1.45
    assert torch.allclose(advantages, torch.tensor([[1.45, 1.3, 1.4, 0.0]]))
    assert torch.allclose(returns, torch.tensor([[2.45, 3.3, 4.4, 0.0]]))


def by_definition(
    rewards: np.ndarray, values: np.ndarray, length: int, gamma: float, lam: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sum (gamma lambda)^k times the surprise k tokens on, as the definition has it, without recursion."""
    advantages = np.zeros_like(rewards)
    surprises = [rewards[t] + gamma * (values[t + 1] if t + 1 < length else 0.0) - values[t] for t in range(length)]
    for t in range(length):
        advantages[t] = sum((gamma * lam) ** k * surprises[t + k] for k in range(length - t))
    returns = np.where(np.arange(len(rewards)) < length, advantages + values, 0.0)
    return advantages, returns


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    gamma=st.floats(0.5, 1.0),
    lam=st.floats(0.0, 1.0),
)
def test_agrees_with_the_definition(seed: int, lengths: list[int], gamma: float, lam: float) -> None:
    random = np.random.default_rng(seed)
    shape = (len(lengths), max(lengths))
    mask = np.arange(shape[1]) < np.array(lengths)[:, None]
    rewards, values = random.normal(size=shape) * mask, random.normal(size=shape)
    found = generalised_advantages(torch.tensor(rewards), torch.tensor(values), torch.tensor(mask), gamma, lam)
    for row, length in enumerate(lengths):
        expected = by_definition(rewards[row], values[row], length, gamma, lam)
        for tensor, array in zip(found, expected, strict=True):
            assert np.abs(tensor[row].numpy() - array).max() < 1e-5


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(2, 9), min_size=2, max_size=5))
def test_whitening_counts_response_tokens_only(seed: int, lengths: list[int]) -> None:
    random = np.random.default_rng(seed)
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    values = random.normal(2.0, 3.0, size=mask.shape)
    found = whiten(torch.tensor(values), torch.tensor(mask)).numpy()
    real = values[mask]
    expected = np.zeros_like(values)
    expected[mask] = (real - real.mean()) / np.sqrt(real.var(ddof=1) + 1e-8)
    assert np.abs(found - expected).max() < 1e-5


def test_a_score_lands_on_the_last_token_of_each_response() -> None:
    mask = torch.tensor([[True, False, False], [True, True, True]])
    rewards = token_rewards(torch.zeros(2, 3), torch.tensor([1.0, -2.0]), mask, kl_coef=0.1)
    assert torch.equal(rewards, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -2.0]]))
