"""ScriptedModel: answers by function, table or seed."""

import math

import pytest

from workbench.models.language_model import ChoiceRequest, LanguageModel, SampleRequest
from workbench.models.scripted import ScriptedModel


def test_a_table_answers_by_pattern_and_the_rest_by_seed() -> None:
    model = ScriptedModel(answer={"Critique:$": "It is rude."})
    assert model.complete(SampleRequest("\n\nCritique:", seed=1)).text == "It is rude."
    first, again, other = (model.complete(SampleRequest("\n\nAssistant:", seed=seed)).text for seed in (1, 1, 2))
    assert first == again != other


def test_at_temperature_zero_the_seed_says_nothing() -> None:
    model = ScriptedModel()
    assert model.complete(SampleRequest("a", 1, temperature=0)) == model.complete(SampleRequest("a", 2, temperature=0))


def test_a_chooser_gives_log_weights() -> None:
    model: LanguageModel = ScriptedModel(choose=lambda request: [math.log(3), 0.0])
    first, second = model.choice_logprobs([ChoiceRequest("a", (" (A)", " (B)"))])[0]
    assert (math.exp(first), math.exp(second)) == pytest.approx((0.75, 0.25))


def test_lengths_and_stops() -> None:
    model = ScriptedModel(answer=lambda request: "one two three\n\nHuman: four")
    assert model.complete(SampleRequest("a", 0, stop=model.stops())).text == "one two three"
    short = model.complete(SampleRequest("a", 0, max_tokens=2))
    assert (short.text, short.finish, short.tokens) == ("one two", "length", 2)
