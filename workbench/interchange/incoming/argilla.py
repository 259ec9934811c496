"""Pairwise labels as Argilla exports them: records with fields, and the answers to each of their questions."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.interchange.incoming.annotation_tools import decided, pair_of
from workbench.interchange.incoming.brought import Brought, Reading, review_of
from workbench.interchange.incoming.verdicts import decision_of
from workbench.interchange.row_fields import BadFieldError

_ANSWERS = ".responses"
#: Columns of a record, answered or not.
TELLING = ("*.responses", "*.suggestion", "*-suggestion", "_server_id", "responses")


def flat_argilla(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a nested record, or a row of a version 1 data set, as the flat one an export with flatten=True gives."""
    if not isinstance(fields.get("fields"), Mapping):
        answered = {name: value for name, value in fields.items() if _are_answers(value)}
        return {**fields, **_columns_of(answered)} if answered else dict(fields)
    flat = {name: value for name, value in fields.items() if name not in ("fields", "responses", "suggestions")}
    flat.update(fields["fields"])
    responses = fields.get("responses")
    # A record that nobody answered is told by having responses at all.
    return flat | {"responses": None} | _columns_of(responses if isinstance(responses, Mapping) else {})


def _columns_of(responses: Mapping[str, Any]) -> dict[str, Any]:
    flat = {}
    for question, answers in responses.items():
        given = answers if isinstance(answers, list) else [answers]
        for key, end in (("value", ""), ("user_id", ".users"), ("status", ".status")):
            flat[f"{question}.responses{end}"] = [one.get(key) if isinstance(one, Mapping) else None for one in given]
    return flat


def _are_answers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(
        isinstance(one, Mapping) and {"user_id", "value"} <= set(one) for one in value
    )  # fmt: skip


def is_argilla(fields: Mapping[str, Any]) -> bool:
    """Say whether a flat record is Argilla's, also where nobody has answered it."""
    return any(
        name in ("_server_id", "responses") or name.endswith((_ANSWERS, ".suggestion", "-suggestion"))
        for name in fields
    )


def question_of(rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return which column is the choice: the one question whose answers choose between the responses; none if unclear."""
    names = (mapping.get("response_a", ""), mapping.get("response_b", ""))
    deciding = {question: values for question, values in _answers(rows).items() if _most_decide(values, names)}
    # A rating's numbers may be sides; what names the responses is no rating.
    naming = [
        question for question, values in deciding.items() if not any(isinstance(one, int | float) for one in values)
    ]
    found = list(deciding) if len(deciding) == 1 else naming
    return {"choice": found[0]} if len(found) == 1 else {}


def read_argilla(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read a flat record: the answers that were submitted become reviews by the users who gave them."""
    brought, comparison, names = pair_of(fields, reading)
    question = _question(fields).removesuffix(_ANSWERS)
    values = fields.get(f"{question}.responses") or []
    users = fields.get(f"{question}.responses.users") or []
    states = fields.get(f"{question}.responses.status") or []
    told = [one for one in (values, users, states) if one]
    if not all(isinstance(one, list) and len(one) == len(values) for one in told):
        raise BadFieldError(
            "{question}.responses, its users and its status must be lists of one length",
            question=question,
        )
    reviews = []
    for place, value in enumerate(values):
        if states and states[place] != "submitted":
            continue
        decision = decided(value, names, f"{question}.responses")
        user = str(users[place]) if users and users[place] else "argilla"
        reviews.append(review_of(comparison, user, decision))
    return Brought(brought.prompts, (comparison,), tuple(reviews))


def _question(fields: Mapping[str, Any]) -> str:
    """Return the column of the question that chooses; nothing where none was answered."""
    mapping: Mapping[str, str] = fields.get("column_of", {})
    if column := mapping.get("choice"):
        return column
    answered = [name for name, values in _answers([fields]).items() if values]
    if len(answered) < 2:
        return next(iter(answered or (name for name in fields if name.endswith(_ANSWERS))), "")
    if found := question_of([fields], mapping):
        return found["choice"]
    raise BadFieldError(
        "which of {answered} chooses between the responses is not clear; say it with --map choice=COLUMN",
        answered=", ".join(answered),
    )


def _answers(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the answers to each question."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        for name, values in row.items():
            if name.endswith(_ANSWERS):
                given = values if isinstance(values, list) else [values]
                found.setdefault(name, []).extend(value for value in given if value is not None)
    return found


def _most_decide(values: Sequence[Any], names: tuple[str, str]) -> bool:
    return bool(values) and 2 * sum(decision_of(value, names) is not None for value in values) >= len(values)
