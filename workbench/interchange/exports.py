"""Rows for other tools, under the column names of TRL (sft, preferences, prompts) and as transcripts of hh-rlhf."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.errors import BadInputError
from workbench.interchange.incoming.transcripts import can_be_transcript, transcript_of
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.transcript import Message

#: text: columns are texts, for rows whose prompt is one user turn. turns: columns are lists of role and content, which
#: TRL puts through the model's chat template.
Form = Literal["text", "turns"]
Columns = Mapping[str, Any]


@dataclass(frozen=True)
class ExportFormat:
    """A set of columns: what it is for, which rows have a place in it, and how a row becomes one.

    None leaves a row out because it says nothing.
    """

    name: str
    title: str
    columns: Callable[[Any, Form], Columns | None]
    #: What each column is, in words for a card.
    meanings: Mapping[str, str]
    has_place_for: Callable[[Any], bool] = lambda row: True


def form_for(conversations: Iterable[Sequence[Message]]) -> Form:
    """Return text where every prompt is one user turn, else turns: a file's columns must be of one type throughout."""
    return "text" if all(_is_one_turn(messages) for messages in conversations) else "turns"


def sft_columns(row: SftRow, form: Form) -> Columns:
    """Return a row for supervised fine-tuning under TRL's names, with where it comes from."""
    return {
        "prompt": _prompt(row.messages, form),
        "completion": _response(row.completion, form),
        "source": row.origin,
        "kind": row.kind,
        "round": row.round,
        "principle": row.principle,
        "constitution_hash": row.constitution_hash,
        "reviewers": ",".join(row.reviewers),
    }


def preference_columns(row: PreferenceRow, form: Form) -> Columns | None:
    """Return a preference under TRL's names, or None for a tie, which has no chosen response.

    chosen_prob is the probability (0.5 to 1) that the chosen response is the better one.
    """
    sides = _sides(row)
    if sides is None:
        return None
    return {
        "prompt": _prompt(row.messages, form),
        "chosen": _response(sides[0], form),
        "rejected": _response(sides[1], form),
        "chosen_prob": max(row.probability_a, 1 - row.probability_a),
        "source": row.origin,
        "principle": ",".join(row.principle_ids),
        "constitution_hash": row.constitution_hash,
        "reviewers": ",".join(row.reviewers),
    }


def prompt_columns(prompt: Prompt, form: Form) -> Columns:
    """Return a prompt as TRL's trainers for prompts read it, and as the workbench reads it again."""
    return {
        "prompt": _prompt(prompt.messages, form),
        "kind": prompt.kind,
        "split": prompt.split,
        "source": prompt.source,
    }


def transcript_columns(row: PreferenceRow, form: Form) -> Columns | None:
    """Return a preference as two transcripts of hh-rlhf, byte for byte those it came from; None for a tie."""
    sides = _sides(row)
    if sides is None:
        return None
    chosen, rejected = (transcript_of((*row.messages, Message("assistant", text))) for text in sides)
    return {"chosen": chosen, "rejected": rejected}


_SOURCE = "the step, labels or reviews the row comes from, by id"
EXPORTS: dict[str, ExportFormat] = {
    one.name: one
    for one in (
        ExportFormat("sft", "Supervised fine-tuning: prompts and completions", sft_columns,
                     {"prompt": "what was asked", "completion": "the text to learn", "source": _SOURCE,
                      "kind": "kind of prompt", "round": "which revision it is; 0 is no revision",
                      "principle": "principle it was revised by", "constitution_hash": "constitution it was written by",
                      "reviewers": "people who worded it anew"}),
        ExportFormat("preferences", "Preferences: a chosen and a rejected response", preference_columns,
                     {"prompt": "what was asked", "chosen": "the better response", "rejected": "the other",
                      "chosen_prob": "probability that chosen is the better one (0.5 to 1)", "source": _SOURCE,
                      "principle": "principles the label was given by", "constitution_hash": "constitution of the label",
                      "reviewers": "people whose reviews it comes from; `import` is a choice that came in with a file and "
                      "names nobody"}),
        ExportFormat("prompts", "Prompts", prompt_columns,
                     {"prompt": "what is asked", "kind": "red-team or helpful", "split": "which stages use it",
                      "source": "file or data set it came in with"}),
        ExportFormat("hh-rlhf", "Preferences as pairs of transcripts", transcript_columns,
                     {"chosen": "the better transcript", "rejected": "the other"},
                     lambda row: can_be_transcript(row.messages)),
    )
}  # fmt: skip


def _sides(row: PreferenceRow) -> tuple[str, str] | None:
    if row.probability_a == 0.5:
        return None
    sides = (row.response_a, row.response_b)
    return sides if row.probability_a > 0.5 else sides[::-1]


def _is_one_turn(messages: Sequence[Message]) -> bool:
    return len(messages) == 1 and messages[0].role == "user"


def _prompt(messages: Sequence[Message], form: Form) -> Any:
    if form == "turns":
        return [{"role": message.role, "content": message.text} for message in messages]
    if not _is_one_turn(messages):
        raise BadInputError("A prompt of several turns cannot be written as text; write the rows as turns.")
    return messages[0].text


def _response(text: str, form: Form) -> Any:
    return [{"role": "assistant", "content": text}] if form == "turns" else text
