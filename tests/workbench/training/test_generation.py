"""Drawing responses: the same whatever the batch, ended by the end token, and distributed as the model says."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.workbench.training.small import small_model
from workbench.models.engine import Engine
from workbench.stages.training.generation import Draw, generate, generate_packed
from workbench.stages.training.weights import load_policy, load_tokenizer


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_policy(small_model(tmp_path_factory.mktemp("model"))).eval()


DRAWS = [Draw(list(range(10, 13 + number % 5)), 100 + number) for number in range(12)]


def test_a_draw_does_not_depend_on_its_batch(model: Any) -> None:
    together = generate(model, DRAWS, end_id=7, pad_id=0, max_tokens=20, temperature=1.0)
    alone = [generate(model, [draw], end_id=7, pad_id=0, max_tokens=20, temperature=1.0)[0] for draw in DRAWS]
    backwards = generate(model, DRAWS[::-1], end_id=7, pad_id=0, max_tokens=20, temperature=1.0)[::-1]
    assert together == alone == backwards


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_an_engine_draws_the_same(model: Any, temperature: float) -> None:
    engine = Engine(model)
    assert engine.serves()
    first = [response[0] for response in generate(model, DRAWS, -1, 0, 1, 1.0)]
    end = max(set(first), key=first.count)
    for limit in (1, 20):
        assert generate_packed(engine, DRAWS, end, limit, temperature) == generate(
            model, DRAWS, end, 0, limit, temperature
        )


def test_responses_end_at_the_end_token_or_at_the_limit(model: Any) -> None:
    # An end token that is drawn often: the most frequent first token.
    first = [response[0] for response in generate(model, DRAWS, -1, 0, 1, 1.0)]
    end = max(set(first), key=first.count)
    responses = generate(model, DRAWS, end, 0, 15, 1.0)
    assert any(response[-1] == end for response in responses)
    for response in responses:
        assert end not in response[:-1]
        assert response[-1] == end or len(response) == 15


def test_greedy_is_what_transformers_writes(model: Any) -> None:
    for draw in DRAWS[:3]:
        prompt = torch.tensor([draw.prompt])
        written = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=8,
            do_sample=False,
            eos_token_id=-1,
            pad_token_id=0,
        )
        assert generate(model, [draw], -1, 0, 8, 0.0)[0] == written[0, len(draw.prompt) :].tolist()


def test_first_tokens_follow_the_models_distribution(model: Any) -> None:
    count, temperature = 4000, 1.3
    drawn = generate(model, [Draw([11, 12, 13], seed) for seed in range(count)], -1, 0, 1, temperature)
    counts = torch.bincount(torch.tensor([tokens[0] for tokens in drawn]), minlength=model.config.vocab_size)
    with torch.no_grad():
        logits = model(torch.tensor([[11, 12, 13]])).logits[0, -1]

    def distance(temperature: float) -> float:
        expected = (logits / temperature).softmax(-1) * count
        return float(((counts - expected) ** 2 / expected).sum())

    # Chi-squared with 319 degrees of freedom: 319 on average, 25 its standard deviation.
    assert distance(temperature) < 319 + 6 * 25
    assert distance(1.0) > 319 + 6 * 25


def test_prompts_of_a_tokenizer_come_back_as_text(tmp_path: Path) -> None:
    folder = small_model(tmp_path)
    tokenizer = load_tokenizer(folder)
    response = generate(load_policy(folder).eval(), [Draw(tokenizer("Hello")["input_ids"], 1)], -1, 0, 5, 1.0)[0]
    assert isinstance(tokenizer.decode(response), str)
