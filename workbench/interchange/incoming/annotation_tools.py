"""Pairwise labels as Label Studio exports them, and what it shares with Argilla: two responses and what each person chose."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading, comparison_of, review_of
from workbench.interchange.incoming.verdicts import decision_of
from workbench.interchange.row_fields import BadFieldError, prompt_from, response_of, shown
from workbench.records.comparison import Comparison, Review
from workbench.sentences import said

#: Names under which the fields of a pairwise task usually stand.
RESPONSE_NAMES = (
    ("response_a", "response_b"),
    ("response1", "response2"),
    ("response_1", "response_2"),
    ("response-1", "response-2"),
    ("text1", "text2"),
    ("text_a", "text_b"),
    ("answer1", "answer2"),
    ("answer_a", "answer_b"),
    ("completion_a", "completion_b"),
    ("generation_1", "generation_2"),
    ("generation-1", "generation-2"),
    ("option_a", "option_b"),
)

#: Columns of Label Studio's small form that hold no choice.
_KEPT = ("id", "prompt", "response_a", "response_b", "annotator", "annotation_id", "lead_time", "created_at", "updated_at",
    "column_of",
)  # fmt: skip


def flat_label_studio(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task with its data among its fields; CSV spells a choice as JSON."""
    data = fields.get("data")
    if isinstance(data, Mapping):
        return {**fields, **data}
    return {name: _spelt_out(value) for name, value in fields.items()}


def is_label_studio(fields: Mapping[str, Any]) -> bool:
    """Say whether this is a task of Label Studio: with annotations, or the small form with what was selected in it."""
    if isinstance(fields.get("annotations"), list) or {"annotation_id", "annotator"} <= set(fields):
        return True
    return any(_selected(value) for value in fields.values())


def _spelt_out(value: Any) -> Any:
    if not (isinstance(value, str) and value.startswith(('[{"selected"', '{"selected"'))):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _selected(value: Any) -> Any:
    """Return the choice of a pairwise task, which is an object or a list of one, or None."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return one if isinstance(one, Mapping) and "selected" in one else None


def read_label_studio(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read a task of JSON or JSON-MIN: each annotation that was not cancelled becomes a review by who completed it."""
    brought, comparison, names = pair_of(fields, reading)
    if isinstance(fields.get("annotations"), list):
        reviews = tuple(_annotated(fields["annotations"], comparison, names))
    else:
        reviews = tuple(_minimal(fields, comparison, names))
    return Brought(brought.prompts, (comparison,), reviews)


def _annotated(annotations: list[Any], comparison: Comparison, names: tuple[str, str]) -> Iterator[Review]:
    for annotation in annotations:
        if not isinstance(annotation, Mapping) or annotation.get("was_cancelled"):
            continue
        if annotation.get("result") == []:
            continue  # submitted without a choice
        chosen = _choice_in(annotation.get("result"), names)
        decision = decided(chosen.get("value"), names, said("the annotation's result"))
        yield _review(comparison, annotation.get("completed_by"), decision, annotation)


def _choice_in(result: Any, names: tuple[str, str]) -> Mapping[str, Any]:
    """Return the result that chooses: one of type pairwise, else the first choices that name a response."""
    results = [one for one in result if isinstance(one, Mapping)] if isinstance(result, list) else []
    choices = [one for one in results if one.get("type") == "choices"]
    naming = [one for one in choices if decision_of(one.get("value"), names)]
    found = [one for one in results if one.get("type") == "pairwise"] + naming + choices
    if not found:
        raise BadFieldError("an annotation holds no result of type pairwise")
    return found[0]


def _minimal(fields: Mapping[str, Any], comparison: Comparison, names: tuple[str, str]) -> Iterator[Review]:
    chosen = fields.get("choice") or next(filter(None, map(_selected, fields.values())), None)
    if chosen is None:
        others = (value for name, value in fields.items() if name not in (*_KEPT, *names))
        chosen = next((value for value in others if decision_of(value, names)), None)
    if chosen is not None:
        decision = decided(chosen, names, said("the choice"))
        yield _review(comparison, fields.get("annotator"), decision, fields)


def _review(comparison: Comparison, who: Any, decision: str, told: Mapping[str, Any]) -> Review:
    created = str(told.get("created_at") or "")
    return review_of(comparison, _who(who), decision, seconds=_seconds(told.get("lead_time")), created=created)


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _who(value: Any) -> str:
    """Return who annotated: an id, or the e-mail address of a user that is spelt out."""
    if isinstance(value, Mapping):
        value = value.get("email") or value.get("id")
    return str(value) if value not in (None, "") else "label-studio"


def pair_of(fields: Mapping[str, Any], reading: Reading) -> tuple[Brought, Comparison, tuple[str, str]]:
    """Return a row's prompt, its comparison, and the names that the tool has for its two responses."""
    first, second = (response_of(fields, name) for name in ("response_a", "response_b"))
    if first == second:
        raise BadFieldError("both responses are the same, so there is nothing to choose")
    prompt = prompt_from({"prompt": fields.get("prompt")}, reading.source, reading.kind, reading.split)
    named = fields.get("column_of", {})
    names = (named.get("response_a", "response_a"), named.get("response_b", "response_b"))
    return Brought((prompt,)), comparison_of(prompt, first, second), names


def decided(value: Any, names: tuple[str, str], where: str) -> str:
    """Return the decision that was told; BadFieldError where it is none."""
    decision = decision_of(value, names)
    if decision is None:
        raise BadFieldError("{where} holds {shown}, which names neither response", where=where, shown=shown(value))
    return decision
