"""What a model is sent: in its chat template, or in the paper's plain text."""

from typing import Any

import pytest

from tests.workbench.models.tiny import tiny_tokenizer
from workbench.errors import BadInputError
from workbench.models import rendering
from workbench.records.transcript import Message, RoleNames

CHAIN = (
    Message("user", "How do I win?"),
    Message("assistant", "Cheat."),
    Message("critique_request", "Say what is wrong."),
)


@pytest.fixture(scope="module")
def chat() -> Any:
    return tiny_tokenizer(chat=True)


@pytest.fixture(scope="module")
def plain() -> Any:
    return tiny_tokenizer(chat=False)


def test_chat_template_sees_requests_as_user_turns(chat: Any) -> None:
    assert rendering.render(chat, CHAIN, "critique", "It") == (
        "<|user|>\nHow do I win?<|end|>\n<|assistant|>\nCheat.<|end|>\n<|user|>\nSay what is wrong.<|end|>\n<|assistant|>\nIt"
    )


def test_plain_text_is_the_papers(plain: Any) -> None:
    assert rendering.render(plain, CHAIN, "critique") == (
        "\n\nHuman: How do I win?\n\nAssistant: Cheat.\n\nCritiqueRequest: Say what is wrong.\n\nCritique:"
    )


@pytest.mark.parametrize("kind", ["chat", "plain"])
def test_a_prefixed_turn_begins_the_whole_turn(kind: str, request: pytest.FixtureRequest) -> None:
    tokenizer = request.getfixturevalue(kind)
    begun = rendering.render(tokenizer, CHAIN, "critique", "It is")
    whole = rendering.render(tokenizer, [*CHAIN, Message("critique", "It is unfair.")])
    assert whole.startswith(begun)


def test_an_unprefixed_turn_goes_on_with_its_completion(plain: Any) -> None:
    begun = rendering.render(plain, CHAIN, "critique") + rendering.completion(plain, "It is unfair.")
    assert begun == rendering.render(plain, [*CHAIN, Message("critique", "It is unfair.")])


def test_roles_take_the_tasks_names(plain: Any) -> None:
    names = RoleNames("Post", "Summary")
    assert rendering.render(plain, CHAIN[:1], "assistant", names=names) == "\n\nPost: How do I win?\n\nSummary:"
    assert "\n\nPost:" in rendering.stops(plain, names)


def test_only_plain_text_needs_stop_strings(chat: Any, plain: Any) -> None:
    assert rendering.stops(chat) == ()
    assert "\n\nHuman:" in rendering.stops(plain)


def test_end_of_turn_is_the_templates_own(chat: Any, plain: Any) -> None:
    assert rendering.end_of_turn(chat) == chat.convert_tokens_to_ids("<|end|>")
    assert rendering.end_of_turn(plain) == plain.eos_token_id


def test_a_tokenizer_without_an_end_is_refused() -> None:
    tokenizer = tiny_tokenizer(chat=False)
    tokenizer.eos_token = None
    with pytest.raises(BadInputError, match="never end"):
        rendering.end_of_turn(tokenizer)


def test_a_refusing_template_gives_its_reason(chat: Any) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = "{{ raise_exception('no system turn') }}"
    with pytest.raises(BadInputError, match="no system turn"):
        rendering.render(tokenizer, CHAIN)


def test_encoding_recognises_special_tokens_and_adds_none(chat: Any) -> None:
    ids = rendering.encode(chat, "<|end|>a")
    assert ids == [chat.convert_tokens_to_ids("<|end|>"), *rendering.encode(chat, "a")]


def test_an_opening_token_is_kept_where_the_tokenizer_adds_one(plain: Any) -> None:
    class Opened:
        chat_template = None
        bos_token, bos_token_id = "<s>", 1

        def __call__(self, text: str) -> dict[str, list[int]]:
            return {"input_ids": [1, 5]}

    assert rendering.render(Opened(), CHAIN[:1]) == "<s>\n\nHuman: How do I win?"
