import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.stages.written import written
from workbench.errors import BadInputError
from workbench.models.language_model import ChoiceRequest, SampleRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.comparison import Comparison, Label, Review
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.preference import preference_of
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.settings import ComparisonSettings, LabelSettings
from workbench.records.task import DIALOGUE
from workbench.stages.comparisons import ComparisonWork, write_comparisons
from workbench.stages.preferences import LabelWork, label_comparisons

SHOT = FewShot(
    "comparison", "Hi?", response_a="Hello.", response_b="Go away.", comparison_question="Which is kinder?", answer="A"
)
CONSTITUTION = Constitution(
    "test",
    principles=(
        Principle("kind", comparison_question="Which response is kinder?"),
        Principle("brief", comparison_question="Which response is briefer?"),
    ),
    few_shots=(SHOT,),
)
PROMPT = prompt_of("What do I say?")


def comparison(number: int = 0, a: str = "Be kind.", b: str = "Be rude.") -> Comparison:
    return Comparison(f"comparison-{number}", PROMPT.id, a, b)


def kind_is_better(request: ChoiceRequest) -> list[float]:
    """Judge by the word 'kind', with a lean towards whatever stands first."""
    options = request.prompt.rsplit("(A)", 1)[1]
    first, second = options.split("(B)")
    return [2.0 * ("kind" in first) + 0.5, 2.0 * ("kind" in second)]


def work_of(model: ScriptedModel, constitution: Constitution = CONSTITUTION, **knobs: object) -> LabelWork:
    return LabelWork(model, constitution, replace(LabelSettings(), **knobs), DIALOGUE, 3, "run-1")  # type: ignore[arg-type]


def labels_of(work: LabelWork, comparisons: list[Comparison], prompt: Prompt = PROMPT) -> list[Label]:
    return list(label_comparisons(work, [(prompt, item) for item in comparisons]))


def test_both_orders_average_in_log_odds_so_a_lean_cancels() -> None:
    (label,) = labels_of(work_of(ScriptedModel(choose=kind_is_better)), [comparison()])
    assert label.probability_a == pytest.approx(1 / (1 + math.exp(-2.0)))
    assert [answer.order for answer in label.answers] == ["ab", "ba"]
    assert not label.order_flip
    assert label.method == "logprobs"


def test_an_order_flip_is_reported() -> None:
    first_wins = ScriptedModel(choose=lambda _: [1.0, 0.0])
    (label,) = labels_of(work_of(first_wins), [comparison()])
    assert label.order_flip
    assert label.probability_a == pytest.approx(0.5)


def test_the_judge_reads_the_papers_text() -> None:
    (label,) = labels_of(work_of(ScriptedModel(choose=kind_is_better)), [comparison()])
    question = "Which response is kinder?" if label.principle_ids == ("kind",) else "Which response is briefer?"
    example = (
        "\n\nConsider the following conversation between a human and an assistant:\n\nHuman: Hi?\n\nWhich is kinder? Options:"
        "\n (A) Hello.\n (B) Go away.\n\nThe answer is: (A)"
    )
    expected = (
        "\n\nConsider the following conversation between a human and an assistant:\n\nHuman: What do I say?\n\n"
        f"{question} Options:\n (A) Be kind.\n (B) Be rude.\n\nThe answer is:"
    )
    assert label.answers[0].sent == example + expected


def test_options_may_stand_before_the_question() -> None:
    (label,) = labels_of(work_of(ScriptedModel(), options_first=True, few_shots=False), [comparison()])
    assert "Options:\n (A) Be kind.\n (B) Be rude.\n\nWhich response" in label.answers[0].sent


def test_several_principles_are_drawn_without_repeats() -> None:
    (label,) = labels_of(work_of(ScriptedModel(choose=kind_is_better), principles=2), [comparison()])
    assert set(label.principle_ids) == {"kind", "brief"}
    assert len(label.answers) == 4


def test_one_principle_is_drawn_per_comparison() -> None:
    labels = labels_of(work_of(ScriptedModel()), [comparison(number) for number in range(100)])
    drawn = Counter(label.principle_ids for label in labels)
    assert set(drawn) == {("kind",), ("brief",)}
    assert min(drawn.values()) > 30


def test_principles_keep_to_their_kind_of_prompt() -> None:
    red_only = replace(CONSTITUTION, principles=(replace(CONSTITUTION.principles[0], applies_to=("red-team",)),))
    with pytest.raises(BadInputError, match="for helpful prompts"):
        labels_of(work_of(ScriptedModel(), red_only), [comparison()], prompt_of("Hi", "helpful"))


@pytest.mark.parametrize("broken", [float("nan"), float("-inf")])
def test_a_degenerate_answer_is_excluded_not_guessed(broken: float) -> None:
    model = ScriptedModel(choose=lambda _: [broken, broken])
    (label,) = labels_of(work_of(model), [comparison()])
    assert label.verdict == "degenerate"
    assert preference_of(comparison(), [label], []) is None


@pytest.mark.parametrize("rationale", [False, True])
def test_a_question_that_does_not_fit_is_excluded_and_the_others_are_asked(rationale: bool) -> None:
    model = ScriptedModel(lambda _: "It is kinder.", choose=kind_is_better, room=200)
    long = comparison(1, a="kind " * 300)
    asked = [comparison(0), long, comparison(2)]
    labels = labels_of(work_of(model, few_shots=False, rationale=rationale), asked)
    assert [label.verdict for label in labels] == ["ok", "too_long", "ok"]
    assert [label.comparison_id for label in labels] == [one.id for one in asked]
    assert labels[0].probability_a > 0.5
    assert labels[1].answers[0].sent.count("kind ") >= 300
    assert preference_of(long, [labels[1]], []) is None


def test_equal_responses_are_degenerate() -> None:
    (label,) = labels_of(work_of(ScriptedModel()), [comparison(a="Same.", b="Same.")])
    assert label.verdict == "degenerate"


def test_chain_of_thought_labels_are_clamped_and_keep_their_rationale() -> None:
    def answer(request: SampleRequest) -> str:
        assert request.prompt.endswith("Let's think step by step:")
        return " The kind one is better. So the answer is: (A)"

    model = ScriptedModel(answer, choose=lambda request: [9.0, 0.0] if "kind.\n (B)" in request.prompt else [0.0, 9.0])
    (label,) = labels_of(work_of(model, rationale=True), [comparison()])
    assert label.probability_a == 0.6
    assert label.clamp == (0.4, 0.6)
    assert label.method == "rationale"
    assert label.answers[0].rationale == "The kind one is better."


def test_a_review_stands_above_labels_and_superseding_keeps_both() -> None:
    (label,) = labels_of(work_of(ScriptedModel(choose=kind_is_better)), [comparison()])
    by_label = preference_of(comparison(), [replace(label, constitution_hash="c0")], [])
    assert by_label is not None
    assert by_label.constitution_hash == "c0"
    first = Review("review-1", "comparison-0", "ada", "b_much")
    preference = preference_of(comparison(), [label], [first])
    assert preference is not None
    assert preference.probability_a == pytest.approx(0.05)
    assert (preference.origin, preference.constitution_hash) == ("review:review-1", "")
    withdrawn = Review("review-2", "comparison-0", "ada", "withdrawn", supersedes="review-1")
    preference = preference_of(comparison(), [label], [first, withdrawn])
    assert preference is not None
    assert preference.origin == f"label:{label.id}"


@given(first=st.floats(-30, 30), second=st.floats(-30, 30))
def test_swapping_the_responses_mirrors_the_label(first: float, second: float) -> None:
    def choose(request: ChoiceRequest) -> list[float]:
        shown = request.prompt.rsplit("(A)", 1)[1].split("(B)")
        return [first if "kind" in text else second for text in shown]

    model = ScriptedModel(choose=choose)
    (label,) = labels_of(work_of(model), [comparison()])
    (mirrored,) = labels_of(work_of(model), [comparison(a="Be rude.", b="Be kind.")])
    assert label.probability_a + mirrored.probability_a == pytest.approx(1.0)


def test_every_two_responses_are_compared_and_resume_skips_what_is_there() -> None:
    work = ComparisonWork(ScriptedModel(), replace(ComparisonSettings(), responses=3), DIALOGUE, 5, "run-1")
    prompts = [prompt_of(f"Question {number}?") for number in range(4)]
    whole = written(write_comparisons(work, prompts))
    assert len(whole) == 12
    assert all(item.response_a != item.response_b for item in whole)
    seeds: dict[str, set[int]] = {item.prompt_id: set() for item in whole}
    for item in whole:
        seeds[item.prompt_id] |= {item.seed_a, item.seed_b}
    assert [len(found) for found in seeds.values()] == [3] * 4
    rest = written(write_comparisons(work, prompts, {item.id for item in whole[:5]}))
    assert {item.id: item for item in whole[:5] + rest} == {item.id: item for item in whole}
    with pytest.raises(BadInputError, match="responses must be at least 2"):
        written(write_comparisons(replace(work, settings=ComparisonSettings(responses=1)), prompts))
