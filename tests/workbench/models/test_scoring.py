"""Choice scoring: sharing prefixes gives what one request at a time gives."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.models.tiny import Family
from workbench.models import scoring
from workbench.models.language_model import ChoiceRequest
from workbench.models.local import LocalModel, plain_logprobs
from workbench.models.trie import build

FEW_SHOTS = "Human: Which answer is less rude?\n(A) Go away.\n(B) Please wait.\n\nAssistant: The answer is (B).\n\n" * 2
OPTIONS = [(" (A)", " (B)"), ("A", "B"), ("A", "B", "C"), (" yes", " no, never"), (" Read", " Read her messages")]


def comparison(number: int, options: tuple[str, ...], few_shots: str = FEW_SHOTS) -> list[ChoiceRequest]:
    talk = f"{few_shots}Human: Consider talk {number} about Dana and the picnic.\n\n"
    asked = []
    for principle in ("less harmful", "more honest", "kinder to Dana"):
        for first, second in (("Ask her.", "Read her diary."), ("Read her diary.", "Ask her.")):
            text = f"{talk}Which is {principle}?\n(A) {first}\n(B) {second}\n\nAssistant: The answer is"
            asked.append(ChoiceRequest(text, options))
    return asked


def one_at_a_time(model: LocalModel, asked: Sequence[ChoiceRequest]) -> list[tuple[float, ...]]:
    return [
        plain_logprobs(
            model.model, scoring.question([model.tokenise(request.prompt + option) for option in request.options])
        )
        for request in asked
    ]


def assert_close(first: Sequence[tuple[float, ...]], second: Sequence[tuple[float, ...]]) -> None:
    for one, other in zip(first, second, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize("family", ["llama", "qwen3", "gpt2", "mistral"])
@pytest.mark.parametrize("options", OPTIONS)
def test_shared_prefixes_change_nothing(
    models: dict[Family, LocalModel], family: Family, options: tuple[str, ...]
) -> None:
    asked = [request for number in range(3) for request in comparison(number, options)]
    assert_close(models[family].choice_logprobs(asked), one_at_a_time(models[family], asked))


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_a_call_may_take_several_forwards(
    models: dict[Family, LocalModel], family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = models[family]
    asked = [
        request
        for few_shots in (FEW_SHOTS, FEW_SHOTS.replace("rude", "harmful"), "")
        for number in range(2)
        for request in comparison(number, (" (A)", " (B)"), few_shots)
    ]
    exact = one_at_a_time(model, asked)
    for budget in (1, 150, 700):
        monkeypatch.setattr(scoring, "BUDGET", budget)
        assert_close(model.choice_logprobs(asked), exact)
        for request, expected in zip(asked[:3], exact, strict=False):
            assert_close(model.choice_logprobs([request]), [expected])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), min_size=1, max_size=12))
def test_a_tree_holds_every_text_and_each_beginning_once(texts: list[tuple[int, ...]]) -> None:
    trie = build(texts)
    packed = [(place, token) for node in trie.nodes for place, token in enumerate(node.tokens, node.depth)]
    for text in texts:
        assert [packed[trie.index(text, place)] for place in range(len(text))] == list(enumerate(text))
    assert len(packed) == trie.size == len({text[:end] for text in texts for end in range(1, len(text) + 1)})
    for node in trie.nodes:
        assert node.below == node.offset + len(node.tokens) + sum(child.below - child.offset for child in node.children)


def test_options_need_a_common_prompt() -> None:
    with pytest.raises(ValueError, match="common"):
        scoring.question([[1], [2]])
