"""Text as sent: conversations in a tokenizer's chat template, or in the paper's plain text where it has none.

Sampling, scoring and training all render here, so that a model is asked exactly as it was taught.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import TemplateError

from workbench.errors import BadInputError
from workbench.records.transcript import Message, RoleNames, chat_role, plain_stops, plain_text

#: Stands for a reply when a template is asked what it writes after one; no template or tokenizer treats it specially.
PROBE = "probe-reply"


@dataclass(frozen=True)
class Renderer:
    """What renders and counts as a model would, by its tokenizer alone: weights take time and memory."""

    tokenizer: Any
    names: RoleNames

    def render(self, messages: Sequence[Message], begin: str | None = None, prefix: str = "") -> str:
        """Return the text as sent."""
        return render(self.tokenizer, messages, begin, prefix, self.names)

    def tokenise(self, text: str) -> list[int]:
        """Return token ids of text as sent."""
        return encode(self.tokenizer, text)


def is_chat(tokenizer: Any) -> bool:
    """Tell whether the tokenizer brings a chat template."""
    return bool(getattr(tokenizer, "chat_template", None))


def encode(tokenizer: Any, text: str) -> list[int]:
    """Return the token ids of text as sent: special tokens in it are recognised, none are added."""
    # Not verbose: whoever needs the text to fit looks, and says so in words of ours.
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def render(
    tokenizer: Any,
    messages: Sequence[Message],
    begin: str | None = None,
    prefix: str = "",
    names: RoleNames | None = None,
) -> str:
    """Return messages as the text sent; with begin, open that role's turn and put prefix as its first words.

    A turn begun with a prefix is, character for character, the beginning of that turn rendered whole. In the plain dialect a
    turn without prefix ends at its colon, and the model's text starts with the space. Raises BadInputError where the
    template refuses the conversation (some have no system turn).
    """
    if is_chat(tokenizer):
        return _chat(tokenizer, messages, begin is not None) + prefix
    return _opening_token(tokenizer) + plain_text(messages, begin, names, prefix)


def completion(tokenizer: Any, text: str) -> str:
    """Return text as a model writes it after an opened turn: the plain dialect has a space after the colon."""
    return text if is_chat(tokenizer) else f" {text}"


def stops(tokenizer: Any, names: RoleNames | None = None) -> tuple[str, ...]:
    """Return the strings that end a turn: none in a chat template, which has a token for it; else the next turn's heading."""
    return () if is_chat(tokenizer) else plain_stops(names)


def end_of_turn(tokenizer: Any) -> int:
    """Return the token that ends a reply: the first special one a chat template writes after it, else the end of text."""
    if is_chat(tokenizer):
        text = _chat(tokenizer, (Message("user", "Hello."), Message("assistant", PROBE)), False)
        special = set(tokenizer.all_special_ids) | set(getattr(tokenizer, "added_tokens_decoder", {}))
        for token in encode(tokenizer, text[text.rindex(PROBE) + len(PROBE) :]):
            if token in special:
                return int(token)
    if tokenizer.eos_token_id is None:
        raise BadInputError("This model's tokenizer has no end-of-text token, so its replies would never end.")
    return int(tokenizer.eos_token_id)


def _chat(tokenizer: Any, messages: Sequence[Message], begin: bool) -> str:
    turns = [{"role": chat_role(message.role), "content": message.text} for message in messages]
    try:
        # Models that can think aloud are asked not to: a label is read from the first tokens of the reply.
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=begin, enable_thinking=False)
    except TemplateError as error:
        raise BadInputError(
            "The model's chat template does not take this conversation: {error}.", error=error
        ) from error
    return str(text)


def _opening_token(tokenizer: Any) -> str:
    """Return the beginning-of-text token where the tokenizer would put one by itself."""
    start = tokenizer.bos_token_id
    return str(tokenizer.bos_token) if start is not None and tokenizer("a")["input_ids"][0] == start else ""
