"""Evaluation sets asked of scripted judges whose answers are known."""

import math

import pytest

from workbench.models.language_model import ChoiceRequest, SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.constitution import Constitution, Principle
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.settings import EvaluationSetSettings
from workbench.records.task import DIALOGUE
from workbench.records.transcript import Message
from workbench.stages.evaluation_set import (
    answer_by_feedback,
    answer_by_score,
    asked_constitution,
    label_settings,
    pairs_of_item,
)
from workbench.stages.preferences import LabelWork

CONSTITUTION = Constitution("test", principles=(Principle("kind", comparison_question="Which is kinder?"),))
ITEMS = [
    EvaluationItem(
        f"i{number}", "set", (Message("user", f"Question {number}?"),), ("Ask him.",), ("Hit him.", "Shout.")
    )
    for number in range(40)
]
WRITTEN_OUT = EvaluationItem(
    "q", "set", question="Which?\n (A) theft\n (B) insult\n (C) lie\n\nThe answer is:",
    correct_options=(" (C)",), incorrect_options=(" (A)", " (B)"),
)  # fmt: skip


def likes_asking(request: ChoiceRequest) -> list[float]:
    """A judge that gives the option with "Ask" three times the weight of the other."""
    return [math.log(3) * ("Ask" in text) for text in request.prompt.rsplit("(A)", 1)[1].split("(B)")]


def work(model: ScriptedModel, settings: EvaluationSetSettings | None = None) -> LabelWork:
    settings = settings or EvaluationSetSettings(few_shots=False)
    constitution = asked_constitution(CONSTITUTION, settings.question)
    return LabelWork(model, constitution, label_settings(settings), DIALOGUE, 1, "run-1")


def test_each_right_response_meets_each_wrong_one_on_either_side() -> None:
    pairs = [pair for item in ITEMS for pair in pairs_of_item(item)]
    assert len(pairs) == 80
    sides = [pair.correct_is_a for pair in pairs]
    assert 20 < sum(sides) < 60
    for pair in pairs:
        assert (pair.comparison.response_a == "Ask him.") is pair.correct_is_a


def test_a_judge_that_sees_it_is_right_whatever_the_side() -> None:
    answers = [one for found in answer_by_feedback(work(ScriptedModel(choose=likes_asking)), ITEMS) for one in found]
    assert len({answer.id for answer in answers}) == len(answers) == 80
    assert {(answer.right, answer.order_flip, answer.method) for answer in answers} == {(1.0, False, "logprobs")}
    assert answers[0].probability_correct == answers[0].confidence == pytest.approx(0.75)


def test_a_judge_that_looks_at_the_place_flips() -> None:
    first = ScriptedModel(choose=lambda _: [2.0, 0.0])
    answers = [one for found in answer_by_feedback(work(first), ITEMS[:5]) for one in found]
    assert {(answer.right, answer.order_flip) for answer in answers} == {(0.5, True)}


def test_one_question_may_stand_for_the_constitution() -> None:
    seen: list[str] = []

    def choose(request: ChoiceRequest) -> list[float]:
        seen.append(request.prompt)
        return [0.0, 0.0]

    asked = EvaluationSetSettings(question="Which is wiser?", few_shots=False)
    list(answer_by_feedback(work(ScriptedModel(choose=choose), asked), ITEMS[:1]))
    assert all("Which is wiser?" in prompt and "kinder" not in prompt for prompt in seen)


def test_a_question_is_asked_as_it_stands() -> None:
    seen: list[ChoiceRequest] = []

    def choose(request: ChoiceRequest) -> list[float]:
        seen.append(request)
        return [math.log(0.5), math.log(0.3), math.log(0.2)]

    ((answer,),) = answer_by_feedback(work(ScriptedModel(choose=choose)), [WRITTEN_OUT])
    assert seen[0].options == (" (C)", " (A)", " (B)")
    assert seen[0].prompt.count("The answer is:") == 1
    assert (answer.right, answer.order_flip, answer.verdict) == (1.0, None, "ok")
    assert answer.probability_correct == answer.confidence == pytest.approx(0.5)


def test_with_chain_of_thought_the_rationale_stands_before_the_answer() -> None:
    def choose(request: ChoiceRequest) -> list[float]:
        return [1.0, 0.0, 0.0] if "It is a lie." in request.prompt else [0.0, 1.0, 0.0]

    def think(request: SampleRequest) -> str:
        return "It is a lie."

    settings = EvaluationSetSettings(rationale=True, few_shots=False)
    ((answer,),) = answer_by_feedback(work(ScriptedModel(think, choose), settings), [WRITTEN_OUT])
    assert (answer.right, answer.method, answer.rationale) == (1.0, "rationale", "It is a lie.")
    silent = work(ScriptedModel(lambda _: "", choose), settings)
    ((answer,),) = answer_by_feedback(silent, [WRITTEN_OUT])
    assert answer.verdict == "degenerate"
    answers = next(answer_by_feedback(work(ScriptedModel(think, likes_asking), settings), ITEMS[:1]))
    assert answers[0].probability_correct == pytest.approx(0.75)  # not clamped to 0.6: it is to be measured


def test_a_preference_model_chooses_the_higher_score() -> None:
    def score(items: object) -> list[float]:
        return [2.0 if text == "Ask him." else 1.0 if text == "Shout." else 5.0 for _, text in items]  # type: ignore[attr-defined]

    answers = [one for found in answer_by_score("run-1", ITEMS[:2], score) for one in found]
    assert [answer.right for answer in answers] == [0.0, 1.0, 0.0, 1.0]
    assert answers[1].probability_correct == pytest.approx(1 / (1 + math.exp(-1)))
    assert answers[1].method == "score"
