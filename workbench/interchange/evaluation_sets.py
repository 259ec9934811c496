"""Evaluation sets as JSONL: `prompt, corrects, incorrects`, the shape in which Constitutional AI's own sets are published.

Two forms of row are read. Either the prompt is a conversation and corrects and incorrects are responses to it; or it is a
question with its options written out, and corrects and incorrects are options such as " (A)". With `text_correct` and
`text_incorrect` the second form holds the first as well, where the conversation can be told from the question.
"""

import re
from collections.abc import Mapping
from typing import Any

from workbench.interchange.row_fields import KINDS, BadFieldError, choice_of, prompt_from, reject_misspelt, text_of
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.identity import record_id
from workbench.records.prompt import RED_TEAM
from workbench.records.transcript import Message
from workbench.sentences import said

_FIELDS = ("prompt", "corrects", "incorrects", "text_correct", "text_incorrect", "kind")
_OPTION = re.compile(r"\s*\(?[A-Z]\)?\s*")
#: An option written out in a question, on a line of its own.
_OFFERED = re.compile(r"^\s*\(?([A-Z])[).:]\s", re.MULTILINE)
#: The conversation within a question: after a line that introduces it, before the line that asks.
_CONVERSATION = re.compile(r"^\s*[^\n]*conversation[^\n]*:\s*\n\n(Human: .*?)\n\n+[^\n]*Options:\s*\n", re.DOTALL)
_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant): ")


def conversation_of(question: str) -> tuple[Message, ...]:
    """Return the conversation that a written-out question is about, up to a user's turn; none where it cannot be told."""
    found = _CONVERSATION.match(question)
    if not found:
        return ()
    parts = _TURN.split(found.group(1))[1:]
    turns = [
        Message("user" if who == "Human" else "assistant", text)
        for who, text in zip(parts[::2], parts[1::2], strict=True)
    ]
    if turns and turns[-1].role == "assistant" and not turns[-1].text.strip():
        turns.pop()
    return tuple(turns) if turns and turns[-1].role == "user" else ()


def item_from(fields: Mapping[str, Any], set_name: str, kind: str = RED_TEAM) -> EvaluationItem:
    """Return the item of one row."""
    reject_misspelt(fields, _FIELDS)
    corrects, incorrects = _texts(fields, "corrects"), _texts(fields, "incorrects")
    if set(corrects) & set(incorrects):
        raise BadFieldError("the same text is among corrects and incorrects")
    kind = choice_of(fields, "kind", KINDS, kind)
    if all(_OPTION.fullmatch(text) for text in (*corrects, *incorrects)):
        return _written_out(fields, corrects, incorrects, set_name, kind)
    prompt = prompt_from({"prompt": fields.get("prompt")}, set_name, kind, "test")
    identity = record_id("item", set_name, [[m.role, m.text] for m in prompt.messages], corrects, incorrects)
    return EvaluationItem(identity, set_name, prompt.messages, corrects, incorrects, kind=kind)


def _written_out(
    fields: Mapping[str, Any], corrects: tuple[str, ...], incorrects: tuple[str, ...], set_name: str, kind: str
) -> EvaluationItem:
    question = text_of(fields, "prompt")
    _must_be_options((*corrects, *incorrects), question)
    right, wrong = (tuple(f" {text.strip()}" for text in texts) for texts in (corrects, incorrects))
    messages = conversation_of(question) if fields.get("text_correct") and fields.get("text_incorrect") else ()
    responses = [(text_of(fields, name),) if messages else () for name in ("text_correct", "text_incorrect")]
    identity = record_id("item", set_name, question, corrects, incorrects)
    return EvaluationItem(identity, set_name, messages, responses[0], responses[1], question, right, wrong, kind=kind)


def _must_be_options(answers: tuple[str, ...], question: str) -> None:
    """Refuse an answer that a question does not offer: it could never be given."""
    offered = _OFFERED.findall(question)
    for answer in answers:
        if answer.strip().strip("()") not in offered:
            among = (
                said("its options are {offered}", offered=", ".join(f"({one})" for one in offered))
                if offered
                else said("it writes out no options")
            )
            raise BadFieldError(
                "the answer {answer} is not offered by its prompt; {among}", answer=answer.strip(), among=among
            )


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values:
        raise BadFieldError("{name} must be a list with at least one text", name=name)
    return tuple(text_of({name: item}, name) for item in values)
