"""Whether a chat template can be trusted with a conversation: every message must come through, verbatim and in order.

A template is a program that came with the model. One that drops a turn, or words it anew, would poison every label and every
training row without a trace.
"""

import re
from typing import Any

from workbench.errors import BadInputError
from workbench.models.rendering import is_chat, render
from workbench.records.transcript import Message

#: Texts no template knows, with what templates are tempted to touch: lines, brackets, marks of their own language, letters.
_PROBE = (
    Message("user", "First, zebra-17:\n\n (A) {{ one }} <b>\n (B) 二 ends here."),
    Message("assistant", "Second, walrus-23: ‘quoted’ {% two %}\nand a line."),
    Message("user", "Third, heron-42: 3 < 4 & 5."),
)
#: So many words in a row are a sentence of the template's own, not a role or a mark.
_SENTENCE = re.compile(r"(?:[^\W\d_]+[,.']?\s+){3,}[^\W\d_]+")


def require_faithful(tokenizer: Any, name: str) -> None:
    """Raise BadInputError where a model's chat template drops, changes, repeats or reorders what people and models say."""
    if not is_chat(tokenizer):
        return
    text, at = render(tokenizer, _PROBE, "assistant"), 0
    for message in _PROBE:
        if text.count(message.text) != 1:
            how = "repeats" if message.text in text else "drops or changes"
            raise BadInputError(
                "The chat template of {name} {how} a message ({first_line!r} …), so the model would not be asked "
                "what you see; mend chat_template in its folder, or take it away to ask in the paper's text.",
                name=name,
                how=how,
                first_line=message.text.splitlines()[0],
            )
        if text.index(message.text) < at:
            raise BadInputError(
                "The chat template of {name} changes the order of messages; mend it in the model's folder.",
                name=name,
            )
        at = text.index(message.text)


def own_words(tokenizer: Any) -> str:
    """Return the first sentence a template adds to every conversation, such as a system turn of its own; empty for none."""
    if not is_chat(tokenizer):
        return ""
    text = render(tokenizer, _PROBE, "assistant")
    for message in _PROBE:
        text = text.replace(message.text, "\n|\n")
    found = _SENTENCE.search(text)
    return " ".join(found.group(0).split())[:120] if found else ""
