"""What every language model keeps: the same tests for weights in memory, for the fallback, and for the script."""

import math
import random
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import NoRoomError
from workbench.models.language_model import UNSCORED, ChoiceRequest, LanguageModel, Sample, SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.transcript import Message

KINDS = ["scripted", "llama", "compiled", "qwen3", "gpt2", "mistral"]
PROMPTS = [
    "Human: How do I plan a picnic?\n\nAssistant:",
    "Human: How do I plan a picnic for Mia's team?\n\nAssistant: Ask everyone",
    "CritiqueRequest: Say where the answer is harmful, rude or false.\n\nCritique:",
    "é",
    "Which of these answers is less harmful? (A) Read her messages. (B) Ask her. The answer is",
    "Human: Räum auf! 日本\n\nAssistant:",
]


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    chosen: LanguageModel = pick_model(request.param, request)
    return chosen


def pick_model(kind: str, request: pytest.FixtureRequest) -> Any:
    return ScriptedModel() if kind == "scripted" else request.getfixturevalue("models")[kind]


def requests(count: int, **options: Any) -> list[SampleRequest]:
    return [
        SampleRequest(PROMPTS[at % len(PROMPTS)], seed=1000 + at, max_tokens=4 + at % 9, **options)
        for at in range(count)
    ]


def draw(
    model: LanguageModel, asked: Sequence[SampleRequest], at_once: int = 0, order: Sequence[int] = ()
) -> list[Sample]:
    """Draw samples, at most so many at once, submitted in the given order; return them in the order asked."""
    sampler = model.sampler()
    waiting = list(order or range(len(asked)))
    done: dict[Hashable, Sample] = {}
    busy: set[Hashable] = set()
    while len(done) < len(asked):
        while waiting and len(busy) < (at_once or sampler.slots):
            busy.add(waiting[0])
            sampler.submit(waiting[0], asked[waiting[0]])
            waiting.pop(0)
        for walk, sample in sampler.advance():
            done[walk] = sample
            busy.discard(walk)
            sampler.release(walk)
    return [done[at] for at in range(len(asked))]


def same_text(first: Sample, second: Sample) -> bool:
    """Texts are equal unless a near tie let them part."""
    return bool(first.near_ties or second.near_ties) or (first.text, first.tokens, first.finish) == (
        second.text,
        second.tokens,
        second.finish,
    )


def test_texts_do_not_depend_on_batch_or_order(model: LanguageModel) -> None:
    asked = requests(14)
    alone = draw(model, asked, at_once=1)
    backwards = draw(model, asked, order=range(13, -1, -1))
    assert all(map(same_text, alone, draw(model, asked)))
    assert all(map(same_text, alone, backwards))
    assert sum(sample.near_ties for sample in alone) <= 2
    assert len({sample.text for sample in alone}) > 10


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gpt2"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shuffle=st.randoms(use_true_random=False), at_once=st.integers(1, 9))
def test_any_order_and_batch(kind: str, request: pytest.FixtureRequest, shuffle: random.Random, at_once: int) -> None:
    model = pick_model(kind, request)
    asked = requests(8)
    order = list(range(8))
    shuffle.shuffle(order)
    assert all(map(same_text, draw(model, asked, at_once=1), draw(model, asked, at_once, order)))


def test_an_interruption_changes_nothing(model: LanguageModel) -> None:
    asked = requests(6)
    sampler = model.sampler()
    for at in range(3):
        sampler.submit(at, asked[at])
    sampler.advance()
    assert all(map(same_text, draw(model, asked, at_once=1), draw(model, asked)))


def test_greedy_answers_need_no_seed(model: LanguageModel) -> None:
    first, second = (draw(model, [SampleRequest(PROMPTS[0], seed, 8, temperature=0)])[0] for seed in (1, 2))
    assert same_text(first, second)


def test_lengths_and_finishes(model: LanguageModel) -> None:
    for sample, request in zip(draw(model, asked := requests(8)), asked, strict=True):
        assert sample.tokens <= request.max_tokens
        assert sample.finish == "stop" or sample.tokens == request.max_tokens
        assert sample.prompt_tokens == len(model.tokenise(request.prompt))
        assert sample.logprob < 0


def test_stop_strings_end_texts_and_are_left_out(model: LanguageModel) -> None:
    free = draw(model, requests(12))
    pieces = {sample.text[at : at + 2] for sample in free for at in range(2, len(sample.text) - 2)}
    stops = tuple(sorted(piece for piece in pieces if "\ufffd" not in piece)[::3])
    stopped = draw(model, requests(12, stop=stops))
    for before, after in zip(free, stopped, strict=True):
        if before.near_ties or after.near_ties:
            continue
        cut = min((at for at in map(before.text.find, stops) if at >= 0), default=len(before.text))
        assert after.text == before.text[:cut]
        assert (after.finish == "stop") == (before.finish == "stop" or cut < len(before.text))
    assert any(sample.finish == "stop" for sample in stopped)


def test_a_walk_goes_on_from_its_own_text(model: LanguageModel) -> None:
    sampler = model.sampler()
    prompt = PROMPTS[0]
    for step in range(4):
        request = SampleRequest(prompt, seed=step, max_tokens=6)
        sampler.submit("walk", request)
        done: list[tuple[Hashable, Sample]] = []
        while not done:
            done = sampler.advance()
        assert same_text(done[0][1], draw(model, [request])[0])
        prompt += done[0][1].text + "\n\nCritiqueRequest: Say more.\n\nCritique:"


def test_listeners_see_texts_grow(model: LanguageModel) -> None:
    seen: dict[Hashable, list[str]] = {}
    sampler = model.sampler(lambda walk, text: seen.setdefault(walk, []).append(text))
    sampler.submit("a", SampleRequest(PROMPTS[0], 5, 12))
    done: list[tuple[Hashable, Sample]] = []
    while not done:
        done = sampler.advance()
    assert seen["a"][-1] == done[0][1].text
    assert all(later.startswith(earlier) for earlier, later in zip(seen["a"], seen["a"][1:], strict=False))


def test_slots_are_kept_and_given_back(model: LanguageModel) -> None:
    sampler = model.sampler()
    asked = requests(sampler.slots + 1)
    for at in range(sampler.slots):
        sampler.submit(at, asked[at])
    with pytest.raises(ValueError, match="slots are taken"):
        sampler.submit("one more", asked[-1])
    with pytest.raises(ValueError, match="unfinished"):
        sampler.submit(0, asked[0])
    sampler.release(0)
    sampler.submit("one more", asked[-1])
    assert sampler.advance() is not None


def test_what_is_too_long_is_told_and_what_fits_is_done(model: LanguageModel) -> None:
    if isinstance(model, ScriptedModel):
        model = replace(model, room=512)  # as the others have
    fits, long = (model.render([Message("user", text)], "assistant") for text in ("Hello?", "word " * 512))
    sampler = model.sampler()
    with pytest.raises(NoRoomError, match="does not fit the model, which holds"):
        sampler.submit("long", SampleRequest(long, 1, 4))
    sampler.submit("fits", SampleRequest(fits, 1, 4))
    while not (done := sampler.advance()):
        pass
    assert [walk for walk, _ in done] == ["fits"]
    sampler.release("long")  # which never had a slot
    (scored, unscored) = model.choice_logprobs([ChoiceRequest(sent, (" (A)", " (B)")) for sent in (fits, long)])
    assert len(scored) == 2
    assert unscored == UNSCORED


def test_choices_are_normalised(model: LanguageModel) -> None:
    asked = [ChoiceRequest(prompt, (" (A)", " (B)", " (C)")) for prompt in PROMPTS]
    for logprobs in model.choice_logprobs(asked):
        assert math.fsum(map(math.exp, logprobs)) == pytest.approx(1)
    assert model.choice_logprobs([]) == []


def test_rendering_begins_a_turn(model: LanguageModel) -> None:
    messages = (Message("user", "How do I win?"),)
    assert model.render(messages, "assistant", "First").endswith("First")
    assert model.render([*messages, Message("assistant", "First ask.")]).startswith(
        model.render(messages, "assistant", "First")
    )
