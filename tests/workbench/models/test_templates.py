"""Chat templates of several families are taken as they are; one that tampers with messages is refused."""

from typing import Any

import pytest

from tests.workbench.models.tiny import tiny_tokenizer
from workbench.errors import BadInputError
from workbench.models.rendering import encode, render
from workbench.models.templates import own_words, require_faithful
from workbench.records.transcript import Message

#: In the shape of ChatML, Llama 3, Gemma, Mistral and Zephyr.
GOOD = {
    "chatml": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "header": "{{ bos_token }}{% for m in messages %}<|head|>{{ m.role }}<|tail|>\n\n{{ m.content | trim }}<|eot|>{% endfor %}"
    "{% if add_generation_prompt %}<|head|>assistant<|tail|>\n\n{% endif %}",
    "model": "{% for m in messages %}<start>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end>\n"
    "{% endfor %}{% if add_generation_prompt %}<start>model\n{% endif %}",
    "inst": "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %}"
    " {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}",
    "zephyr": "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
}
BAD = {
    "drops the user": ("{% for m in messages if m.role != 'user' %}{{ m.content }}\n{% endfor %}", "drops or changes"),
    "keeps the last turn alone": ("{{ messages[-1].content }}", "drops or changes"),
    "writes small": ("{% for m in messages %}{{ m.content | lower }}\n{% endfor %}", "drops or changes"),
    "says it twice": ("{% for m in messages %}{{ m.content }}{{ m.content }}\n{% endfor %}", "repeats"),
    "turns it round": ("{% for m in messages | reverse %}{{ m.content }}\n{% endfor %}", "changes the order"),
    "joins lines": ("{% for m in messages %}{{ m.content.split() | join(' ') }}\n{% endfor %}", "drops or changes"),
}


def tokenizer(template: str) -> Any:
    made = tiny_tokenizer()
    made.chat_template = template
    return made


@pytest.mark.parametrize("family", GOOD)
def test_templates_of_many_families_keep_every_message(family: str) -> None:
    made = tokenizer(GOOD[family])
    require_faithful(made, family)
    assert own_words(made) == ""
    asked = [Message("user", "How?"), Message("assistant", "So."), Message("critique_request", "Say where.")]
    begun = render(made, asked, "critique", "It")
    assert (
        render(made, [*asked, Message("critique", "It is rude.")])
        .replace("] I", "]I")
        .startswith(begun.replace("] I", "]I"))
    )
    assert encode(made, begun)


@pytest.mark.parametrize("name", BAD)
def test_a_template_that_tampers_is_refused(name: str) -> None:
    template, says = BAD[name]
    with pytest.raises(BadInputError, match=says):
        require_faithful(tokenizer(template), name)


def test_words_of_a_template_s_own_are_told() -> None:
    added = tokenizer("<|system|>You are a very loyal friend.\n" + GOOD["zephyr"])
    require_faithful(added, "loyal")
    assert own_words(added) == "You are a very loyal friend"


def test_a_model_without_a_template_has_nothing_to_check() -> None:
    require_faithful(tiny_tokenizer(chat=False), "base")
