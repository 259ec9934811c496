"""What annotation tools write down for a choice between two texts, as one of our decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

_A = {"a", "1", "left", "first", "response_a", "response a", "text_a", "model_a", "option a", "choice_a", "model a",
      "assistant a", "response 1", "answer 1", "option 1", "text 1"}  # fmt: skip
_B = {"b", "2", "right", "second", "response_b", "response b", "text_b", "model_b", "option b", "choice_b", "model b",
      "assistant b", "response 2", "answer 2", "option 2", "text 2"}  # fmt: skip
_TIE = {"tie", "both", "equal", "same", "neither", "draw", "no preference", "both equal"}


def decision_of(value: Any, names: Sequence[str] = ()) -> str | None:
    """Return a, b or tie for what was chosen, given as a word, a side, a ranking or one of the two fields' names.

    None where it is none of these.
    """
    if isinstance(value, Mapping):
        return _of_mapping(value, names)
    if isinstance(value, list):
        return _of_list(value, names)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    word = str(value).strip()
    if word in names:
        return "ab"[list(names).index(word)]
    word = word.casefold()
    return "a" if word in _A else "b" if word in _B else "tie" if word in _TIE else None


def _of_mapping(value: Mapping[str, Any], names: Sequence[str]) -> str | None:
    for key in ("selected", "choices", "choice", "value"):
        if key in value:
            return decision_of(value[key], names)
    return None


def _is_word(value: Any) -> bool:
    return isinstance(value, str | int)


def _of_list(value: list[Any], names: Sequence[str]) -> str | None:
    """Read one choice in a list, or a ranking of the two fields: their names in order, or a rank for each."""
    if len(value) == 1:
        return decision_of(value[0], names)
    if len(names) == 2 and value in ([*names], [*reversed(names)]):
        return "a" if value[0] == names[0] else "b"
    ranks = {
        one.get("value"): one.get("rank") for one in value if isinstance(one, Mapping) and _is_word(one.get("value"))
    }
    first, second = (ranks.get(name) for name in names) if len(names) == 2 else (None, None)
    if not isinstance(first, int) or not isinstance(second, int):
        return None
    return "tie" if first == second else "a" if first < second else "b"
