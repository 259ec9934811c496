"""Pairwise labels as Argilla and Label Studio export them: two responses and what each person chose."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading, comparison_of, review_of
from workbench.interchange.incoming.verdicts import decision_of
from workbench.interchange.row_fields import BadFieldError, prompt_from, response_of
from workbench.records.comparison import Comparison, Review

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


def flat_argilla(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a nested record as the flat one the same export gives with flatten=True."""
    if not isinstance(fields.get("fields"), Mapping):
        return dict(fields)
    flat = {name: value for name, value in fields.items() if name not in ("fields", "responses", "suggestions")}
    flat.update(fields["fields"])
    for question, answers in (fields.get("responses") or {}).items():
        given = answers if isinstance(answers, list) else [answers]
        for key, end in (("value", ""), ("user_id", ".users"), ("status", ".status")):
            flat[f"{question}.responses{end}"] = [one.get(key) if isinstance(one, Mapping) else None for one in given]
    return flat


def flat_label_studio(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task with its data among its fields."""
    data = fields.get("data")
    return {**fields, **data} if isinstance(data, Mapping) else dict(fields)


def read_argilla(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read a flat record: the answers that were submitted become reviews by the users who gave them."""
    brought, comparison, names = _pair(fields, reading)
    question = str(fields.get("choice") or next((n for n in fields if n.endswith(".responses")), "")).removesuffix(
        ".responses"
    )
    values = fields.get(f"{question}.responses") or []
    users = fields.get(f"{question}.responses.users") or []
    states = fields.get(f"{question}.responses.status") or []
    if not isinstance(values, list) or len({len(values), len(users) or len(values), len(states) or len(values)}) > 1:
        raise BadFieldError(f"{question}.responses, its users and its status must be lists of one length")
    reviews = []
    for place, value in enumerate(values):
        if states and states[place] != "submitted":
            continue
        decision = _decision(value, names, f"{question}.responses")
        user = str(users[place]) if users and users[place] else "argilla"
        reviews.append(review_of(comparison, user, decision))
    return Brought(brought.prompts, (comparison,), tuple(reviews))


def read_label_studio(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read a task of JSON or JSON-MIN: each annotation that was not cancelled becomes a review by who completed it."""
    brought, comparison, names = _pair(fields, reading)
    if isinstance(fields.get("annotations"), list):
        reviews = tuple(_annotated(fields["annotations"], comparison, names))
    else:
        reviews = tuple(_minimal(fields, comparison, names))
    return Brought(brought.prompts, (comparison,), reviews)


def _annotated(annotations: list[Any], comparison: Comparison, names: tuple[str, str]) -> Iterator[Review]:
    for annotation in annotations:
        if not isinstance(annotation, Mapping) or annotation.get("was_cancelled"):
            continue
        results = [one for one in annotation.get("result") or [] if isinstance(one, Mapping)]
        chosen = next((one for one in results if one.get("type") in ("pairwise", "choices")), None)
        if chosen is None:
            raise BadFieldError("an annotation holds no result of type pairwise")
        decision = _decision(chosen.get("value"), names, "the annotation's result")
        yield _review(comparison, annotation.get("completed_by"), decision, annotation)


def _minimal(fields: Mapping[str, Any], comparison: Comparison, names: tuple[str, str]) -> Iterator[Review]:
    chosen = fields.get("choice")
    if chosen is None:
        chosen = next((one for one in fields.values() if isinstance(one, Mapping) and "selected" in one), None)
    if chosen is not None:
        decision = _decision(chosen, names, "the choice")
        yield _review(comparison, fields.get("annotator"), decision, fields)


def _review(comparison: Comparison, who: Any, decision: str, told: Mapping[str, Any]) -> Review:
    seconds = told.get("lead_time")
    took = float(seconds) if isinstance(seconds, int | float) else 0.0
    return review_of(comparison, _who(who), decision, seconds=took, created=str(told.get("created_at") or ""))


def _who(value: Any) -> str:
    """Return who annotated: an id, or the e-mail address of a user that is spelt out."""
    if isinstance(value, Mapping):
        value = value.get("email") or value.get("id")
    return str(value) if value not in (None, "") else "label-studio"


def _pair(fields: Mapping[str, Any], reading: Reading) -> tuple[Brought, Comparison, tuple[str, str]]:
    first, second = (response_of(fields, name) for name in ("response_a", "response_b"))
    if first == second:
        raise BadFieldError("both responses are the same, so there is nothing to choose")
    prompt = prompt_from({"prompt": fields.get("prompt")}, reading.source, reading.kind, reading.split)
    named = fields.get("column_of", {})
    names = (named.get("response_a", "response_a"), named.get("response_b", "response_b"))
    return Brought((prompt,)), comparison_of(prompt, first, second), names


def _decision(value: Any, names: tuple[str, str], where: str) -> str:
    decision = decision_of(value, names)
    if decision is None:
        raise BadFieldError(f"{where} holds {value!r}, which names neither response")
    return decision
