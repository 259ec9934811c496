from workbench.models.language_model import ChoiceRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.constitution import Constitution, Principle
from workbench.records.evaluation import Answer
from workbench.records.prompt import prompt_of
from workbench.records.settings import EvaluationSettings, LabelSettings
from workbench.records.task import DIALOGUE
from workbench.stages.evaluation import AnswerWork, judge_by_feedback, judge_by_score, pairs_of, write_answers
from workbench.stages.preferences import LabelWork

PROMPTS = [prompt_of(f"Question {number}?") for number in range(4)]
CONSTITUTION = Constitution("test", principles=(Principle("kind", comparison_question="Which is kinder?"),))


def answers_of(name: str, text: str) -> list[Answer]:
    work = AnswerWork(ScriptedModel(lambda _: text), name, "w", EvaluationSettings(), DIALOGUE, 1, "run-1")
    return list(write_answers(work, PROMPTS))


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
        return {judgement.verdict for judgement in judge_by_feedback(work, prompts, pairs)}

    assert judge(ScriptedModel(choose=likes_asking)) == {"b"}
    assert judge(ScriptedModel(choose=lambda _: [1.0, 0.0])) == {"tie"}


def test_answers_already_there_are_not_written_again() -> None:
    work = AnswerWork(ScriptedModel(), "base", "w", EvaluationSettings(), DIALOGUE, 1, "run-1")
    whole = list(write_answers(work, PROMPTS))
    rest = list(write_answers(work, PROMPTS, {whole[0].id, whole[2].id}))
    assert {answer.id for answer in rest} == {whole[1].id, whole[3].id}
