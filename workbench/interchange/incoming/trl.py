"""TRL's data set types (prompt-only, prompt-completion, preference, messages) and our own pairs without a choice."""

from collections.abc import Mapping
from typing import Any

from workbench.interchange.incoming.brought import (
    IMPORTED,
    Brought,
    Reading,
    choice_between,
    comparison_of,
    demonstration,
    review_of,
)
from workbench.interchange.incoming.shared_beginnings import shared_turns, split_texts
from workbench.interchange.incoming.transcripts import response_text
from workbench.interchange.incoming.verdicts import decision_of
from workbench.interchange.row_fields import (
    KINDS,
    BadFieldError,
    choice_of,
    prompt_from,
    reject_misspelt,
    response_of,
    shown,
    text_of,
    turns_of,
)
from workbench.records.prompt import SPLITS, Prompt, prompt_of_messages
from workbench.records.transcript import Message
from workbench.sentences import said

Fields = Mapping[str, Any]


def read_prompt(fields: Fields, reading: Reading) -> Brought:
    """Read `prompt` (text or turns), with optional kind and split."""
    reject_misspelt(fields, ("prompt", "kind", "split"))
    return Brought((prompt_from(fields, reading.source, reading.kind, reading.split),))


def read_completion(fields: Fields, reading: Reading) -> Brought:
    """Read `prompt, completion`: a response to learn as it stands."""
    reject_misspelt(fields, ("prompt", "completion", "kind", "split"))
    if str(fields.get("label")).casefold() == "false":
        raise BadFieldError("its label is false: a response to avoid, from which alone nothing can be learned")
    completion = response_of(fields, "completion")
    _must_teach(completion, "completion")
    return demonstration(_prompt(fields, reading), completion)


def read_messages(fields: Fields, reading: Reading) -> Brought:
    """Read `messages`: what comes before the assistant's last turn is the prompt, that turn a response to learn."""
    messages = turns_of(fields.get("messages"), "messages")
    if not any(message.role == "user" for message in messages):
        raise BadFieldError("messages hold no turn of the user")
    if messages[-1].role == "user":
        return Brought((_prompt_of(messages, fields, reading),))
    if len(messages) < 2 or messages[-2].role != "user":
        raise BadFieldError("the assistant's last turn does not follow a turn of the user")
    _must_teach(messages[-1].text, said("the assistant's last turn"))
    return demonstration(_prompt_of(messages[:-1], fields, reading), messages[-1].text)


def read_pair(fields: Fields, reading: Reading) -> Brought:
    """Read `prompt, response_a, response_b`, with optional `preferred` (a, b or tie) and `reviewer`."""
    if "chosen" in fields or "rejected" in fields:
        raise BadFieldError("a row has either response_a and response_b or chosen and rejected, not both")
    reject_misspelt(fields, ("prompt", "response_a", "response_b", "kind", "split", "preferred"))
    first, second = response_of(fields, "response_a"), response_of(fields, "response_b")
    _must_differ(first, second)
    prompt = _prompt(fields, reading)
    comparison = comparison_of(prompt, first, second)
    preferred = _preferred(fields.get("preferred"))
    reviewer = str(fields.get("reviewer") or IMPORTED)
    return Brought((prompt,), (comparison,), (review_of(comparison, reviewer, preferred),) if preferred else ())


def read_preference(fields: Fields, reading: Reading) -> Brought:
    """Read `prompt, chosen, rejected`, or chosen and rejected as whole conversations or texts with one beginning.

    The choice is a review by "import" (by its reviewer, where the row names one), unless `source` says a machine chose.
    """
    if "response_a" in fields or "response_b" in fields:
        raise BadFieldError("a row has either response_a and response_b or chosen and rejected, not both")
    reject_misspelt(fields, ("prompt", "chosen", "rejected", "kind", "split", "source"))
    if _is_conversation(fields.get("chosen")):
        return _from_conversations(fields, reading)
    chosen, rejected = response_of(fields, "chosen"), response_of(fields, "rejected")
    _must_differ(chosen, rejected)
    return choice_between(_prompt(fields, reading), chosen, rejected, _reviewer(fields))


def read_texts(fields: Fields, reading: Reading) -> Brought:
    """Read `chosen, rejected` as two whole texts: the prompt is what both begin with."""
    reject_misspelt(fields, ("chosen", "rejected", "kind", "split", "source"))
    chosen, rejected = text_of(fields, "chosen"), text_of(fields, "rejected")
    _must_differ(chosen, rejected)
    asked, good, bad = split_texts(chosen, rejected)
    prompt = _prompt_of((Message("user", asked),), fields, reading)
    return choice_between(prompt, good, bad, _reviewer(fields))


def _from_conversations(fields: Fields, reading: Reading) -> Brought:
    chosen, rejected = (turns_of(fields.get(name), name) for name in ("chosen", "rejected"))
    if not all(turns and turns[-1].role == "assistant" for turns in (chosen, rejected)):
        raise BadFieldError("chosen and rejected must end on the assistant's turn")
    if chosen == rejected:
        raise BadFieldError("both conversations are the same, so there is nothing to choose")
    shared = shared_turns(chosen, rejected)
    if any(turn.role == "system" for turn in (*chosen[shared:], *rejected[shared:])):
        raise BadFieldError("a system turn stands after what chosen and rejected share; it must be the first")
    _must_agree(fields.get("prompt"), chosen[:shared])
    prompt = _prompt_of(chosen[:shared], fields, reading)
    # Where they part earlier than at their last turn, a response holds the later turns as well, as text.
    good, bad = (response_text(turns[shared:]) for turns in (chosen, rejected))
    return choice_between(prompt, good, bad, _reviewer(fields))


def _is_conversation(value: Any) -> bool:
    """Say whether a response begins before the assistant's turn, as in sets that repeat the prompt in both conversations."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, Mapping) and first.get("role", first.get("from")) not in ("assistant", "gpt")


def _must_agree(prompt: Any, shared: tuple[Message, ...]) -> None:
    """Refuse a prompt that is not what both conversations begin with."""
    if prompt is None or (isinstance(prompt, str) and any(turn.text.strip() == prompt.strip() for turn in shared)):
        return
    if isinstance(prompt, str) or turns_of(prompt, "prompt") != shared[-len(prompt) :]:
        raise BadFieldError("prompt is not what chosen and rejected begin with")


def _preferred(value: Any) -> str:
    """Return which response is preferred, in any of the words that tools write for it; nothing where it is not told."""
    if value is None or value == "":
        return ""
    decision = decision_of(value)
    if decision is None:
        raise BadFieldError("preferred must be a, b or tie, not {shown}", shown=shown(value))
    return decision


def _reviewer(fields: Fields) -> str | None:
    if str(fields.get("source") or "").startswith("label"):
        return None
    named = fields.get("reviewers")
    return named if isinstance(named, str) and named and "," not in named else IMPORTED


def _must_teach(text: str, name: str) -> None:
    if not text.strip():
        raise BadFieldError("{name} is blank, so there is nothing to learn", name=name)


def _must_differ(first: str, second: str) -> None:
    if first == second:
        raise BadFieldError("both responses are the same, so there is nothing to choose")


def _prompt(fields: Fields, reading: Reading) -> Prompt:
    if fields.get("prompt") is None:
        text_of(fields, "prompt")  # says that it is missing, and which field may be meant
    return prompt_from(fields, reading.source, reading.kind, reading.split)


def _prompt_of(messages: tuple[Message, ...], fields: Fields, reading: Reading) -> Prompt:
    if not any(message.role == "user" and message.text.strip() for message in messages):
        raise BadFieldError("what the user says is blank, so nothing is asked")
    kind = choice_of(fields, "kind", KINDS, reading.kind)
    split = choice_of(fields, "split", SPLITS, reading.split)
    return prompt_of_messages(messages, kind, split, reading.source)
