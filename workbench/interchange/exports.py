"""Rows for other tools, as JSONL under the column names of TRL: sft, preferences, prompts."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from workbench.errors import BadInputError
from workbench.records.prompt import Prompt
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.transcript import Message

#: text: columns are texts, for rows whose prompt is one user turn. turns: columns are lists of role and content, which
#: TRL puts through the model's chat template.
Form = Literal["text", "turns"]

FORMATS: tuple[str, ...] = ("sft", "preferences", "prompts")


@dataclass(frozen=True)
class Written:
    """How many rows were written, and how many were left out because they say nothing (a tie has no chosen response)."""

    rows: int
    left_out: int = 0


def form_for(conversations: Iterable[Sequence[Message]]) -> Form:
    """Return text where every prompt is one user turn, else turns: a file's columns must be of one type throughout."""
    return "text" if all(_is_one_turn(messages) for messages in conversations) else "turns"


def write_sft(rows: Iterable[SftRow], stream: TextIO, form: Form = "text") -> Written:
    """Write `prompt, completion` of each row, as TRL's SFTTrainer reads them."""
    return _write(rows, stream, lambda row: sft_columns(row, form))


def write_preferences(rows: Iterable[PreferenceRow], stream: TextIO, form: Form = "text") -> Written:
    """Write `prompt, chosen, rejected` as TRL's RewardTrainer reads them, with how sure it is and where it comes from.

    chosen_prob is the probability (0.5 to 1) that the chosen response is the better one; ties are left out and counted.
    """
    return _write(rows, stream, lambda row: preference_columns(row, form))


def write_prompts(prompts: Iterable[Prompt], stream: TextIO, form: Form = "text") -> Written:
    """Write `prompt, kind, split` of each prompt; reading them again gives the same prompts."""
    return _write(prompts, stream, lambda prompt: prompt_columns(prompt, form))


def sft_columns(row: SftRow, form: Form) -> dict[str, Any]:
    """Return a row for supervised fine-tuning under TRL's names."""
    return {"prompt": _prompt(row.messages, form), "completion": _response(row.completion, form)}


def preference_columns(row: PreferenceRow, form: Form) -> dict[str, Any] | None:
    """Return a preference under TRL's names, or None for a tie."""
    if row.probability_a == 0.5:
        return None
    a_chosen = row.probability_a > 0.5
    chosen, rejected = (row.response_a, row.response_b) if a_chosen else (row.response_b, row.response_a)
    return {
        "prompt": _prompt(row.messages, form),
        "chosen": _response(chosen, form),
        "rejected": _response(rejected, form),
        "chosen_prob": row.probability_a if a_chosen else 1 - row.probability_a,
        "source": row.origin,
        "principle": ",".join(row.principle_ids),
        "constitution_hash": row.constitution_hash,
    }


def prompt_columns(prompt: Prompt, form: Form) -> dict[str, Any]:
    """Return a prompt as TRL's trainers for prompts read it, and as the workbench reads it again."""
    return {"prompt": _prompt(prompt.messages, form), "kind": prompt.kind, "split": prompt.split}


def _write(rows: Iterable[Any], stream: TextIO, columns: Callable[[Any], dict[str, Any] | None]) -> Written:
    written = left_out = 0
    for row in rows:
        fields = columns(row)
        if fields is None:
            left_out += 1
            continue
        stream.write(_json_line(fields))
        written += 1
    return Written(written, left_out)


def _json_line(fields: dict[str, Any]) -> str:
    line = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    # Readers that split a text into lines by Unicode's rules would break a row at these.
    for code in (0x85, 0x2028, 0x2029):
        line = line.replace(chr(code), f"\\u{code:04x}")
    return line + "\n"


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
