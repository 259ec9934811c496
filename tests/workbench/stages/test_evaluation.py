from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.workbench.stages.written import written
from workbench.errors import BadInputError
from workbench.models.language_model import ChoiceRequest, SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.baselines import Policy, parse_baselines
from workbench.records.constitution import Constitution, Principle
from workbench.records.evaluation import Answer
from workbench.records.prompt import prompt_of
from workbench.records.settings import EvaluationSettings, LabelSettings
from workbench.records.task import DIALOGUE
from workbench.records.transcript import Message
from workbench.stages.evaluation import (
    AnswerWork,
    constitution_prompt,
    judge_by_feedback,
    judge_by_score,
    pairs_of,
    write_answers,
)
from workbench.stages.preferences import LabelWork

PROMPTS = [prompt_of(f"Question {number}?") for number in range(4)]
CONSTITUTION = Constitution("test", principles=(Principle("kind", comparison_question="Which is kinder?"),))


def answers_of(name: str, text: str) -> list[Answer]:
    work = AnswerWork(ScriptedModel(lambda _: text), name, "w", EvaluationSettings(), DIALOGUE, 1, "run-1")
    return written(write_answers(work, PROMPTS))


def test_an_answer_keeps_the_prompt_as_the_model_saw_it() -> None:
    seen: list[str] = []

    def answer(request: SampleRequest) -> str:
        seen.append(request.prompt)
        return "Ask."

    work = AnswerWork(ScriptedModel(answer), "base", "w", EvaluationSettings(), DIALOGUE, 1, "run-1", "Be kind.")
    sent = [one.sent for one in written(write_answers(work, PROMPTS))]
    assert sorted(sent) == sorted(seen)
    assert all("Be kind." in text for text in sent)


def test_pairs_meet_on_the_same_prompt() -> None:
    pairs = list(
        pairs_of(answers_of("base", "Shout.") + answers_of("sl_cai", "Ask.") + answers_of("rl_cai", "Listen."))
    )
    assert len(pairs) == 3 * len(PROMPTS)
    assert all(a.prompt_id == b.prompt_id and a.model != b.model for a, b in pairs)


def test_a_higher_score_wins_and_equal_scores_tie() -> None:
    pairs = list(pairs_of(answers_of("base", "Shout.") + answers_of("sl_cai", "Ask.")))
    by_length = list(judge_by_score(pairs, "length", lambda answer: float(len(answer.text))))
    assert {judgement.verdict for judgement in by_length} == {"a"}
    assert {judgement.verdict for judgement in judge_by_score(pairs, "flat", lambda _: 1.0)} == {"tie"}
    assert list(judge_by_score(pairs, "none", lambda _: None)) == []


def test_the_feedback_model_judges_in_both_orders_and_flips_are_ties() -> None:
    pairs = list(pairs_of(answers_of("base", "Shout.") + answers_of("sl_cai", "Ask.")))
    prompts = {prompt.id: prompt for prompt in PROMPTS}

    def likes_asking(request: ChoiceRequest) -> list[float]:
        return [float("Ask" in text) for text in request.prompt.rsplit("(A)", 1)[1].split("(B)")]

    def judge(model: ScriptedModel) -> set[str]:
        work = LabelWork(model, CONSTITUTION, LabelSettings(), DIALOGUE, 1, "run-1")
        return {judgement.verdict for judgement in written(judge_by_feedback(work, prompts, pairs))}

    assert judge(ScriptedModel(choose=likes_asking)) == {"b"}
    assert judge(ScriptedModel(choose=lambda _: [1.0, 0.0])) == {"tie"}


def test_answers_already_there_are_not_written_again() -> None:
    work = AnswerWork(ScriptedModel(), "base", "w", EvaluationSettings(), DIALOGUE, 1, "run-1")
    whole = written(write_answers(work, PROMPTS))
    rest = written(write_answers(work, PROMPTS, {whole[0].id, whole[2].id}))
    assert {answer.id for answer in rest} == {whole[1].id, whole[3].id}


def test_best_of_n_keeps_the_answer_the_preference_model_likes_and_begins_with_the_models_own() -> None:
    asked: list[tuple[str, str]] = []

    def score(pairs: Sequence[tuple[Sequence[Message], str]]) -> list[float]:
        asked.extend((turns[-1].text, text) for turns, text in pairs)
        return [float(len(text)) for _, text in pairs]

    alone = AnswerWork(ScriptedModel(), "base", "w", EvaluationSettings(), DIALOGUE, 1, "run-1")
    best = replace(alone, name="base_best_of_4", best_of=4, score=score)
    ones, answers = written(write_answers(alone, PROMPTS)), written(write_answers(best, PROMPTS))
    assert len(answers) == len(PROMPTS)
    for prompt in PROMPTS:
        (one,) = (answer for answer in ones if answer.prompt_id == prompt.id)
        (answer,) = (answer for answer in answers if answer.prompt_id == prompt.id)
        drawn = [text for turn, text in asked if turn == prompt.text]
        assert drawn[0] == one.text
        assert len(set(drawn)) == 4
        assert answer.text == max(drawn, key=len)
    assert {answer.id for answer in answers}.isdisjoint({answer.id for answer in ones})


def test_the_constitution_can_stand_in_front_of_each_prompt() -> None:
    sent: list[str] = []

    def answer(request: SampleRequest) -> str:
        sent.append(request.prompt)
        return "Ask."

    rules = Constitution(
        "rules",
        principles=(
            Principle("kind", title="Be kind", revision_request="Make it kinder."),
            Principle("short", revision_request="Make it shorter."),
            Principle("off", title="Be loud", enabled=False),
        ),
    )
    system = constitution_prompt(rules)
    assert system.splitlines()[1:] == ["- Be kind", "- Make it shorter."]
    work = AnswerWork(ScriptedModel(answer), "base", "w", EvaluationSettings(), DIALOGUE, 1, "run-1", system)
    written(write_answers(work, PROMPTS))
    for prompt in sent:
        assert prompt.index("Be kind") < prompt.index("Human: Question")


def test_baselines_are_named_after_their_models() -> None:
    roles = ("base", "sl_cai")
    assert parse_baselines(" best_of_16:sl_cai, constitution:base ", roles) == (
        Policy("sl_cai_best_of_16", "sl_cai", best_of=16),
        Policy("base_constitution", "base", constitution=True),
    )
    assert parse_baselines("", roles) == ()
    for text in ("best_of_16", "best_of_1:base", "best_of_x:base", "worst:base", "constitution:rl_cai"):
        with pytest.raises(BadInputError, match="best_of_16:sl_cai,constitution:base"):
            parse_baselines(text, roles)
