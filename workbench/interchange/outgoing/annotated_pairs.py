"""Annotated pairs (version 2) of Inverse Constitutional AI, going out: what people chose, and what labels by principles say."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.interchange.incoming.transcripts import can_be_transcript, is_transcript, transcript_of
from workbench.records.comparison import Comparison, Label, Review
from workbench.records.prompt import Prompt

_SIDES = {"a": "a", "a_much": "a", "b": "b", "b_much": "b"}


@dataclass(frozen=True)
class Annotated:
    """A comparison with its prompt, the reviews that stand, and its labels."""

    prompt: Prompt
    comparison: Comparison
    reviews: tuple[Review, ...] = ()
    labels: tuple[Label, ...] = ()


def annotators(reviewers: Iterable[str], questions: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the annotators of a file: people by name, principles by the question that was asked (by id: questions)."""
    people = {
        _key(f"reviewer {name}"): {"name": name, "description": f"Reviews by {name}", "type": "human"}
        for name in reviewers
    }
    rules = {
        _key(f"principle {key}"): {"name": key, "description": text or key, "type": "principle"}
        for key, text in questions.items()
    }
    return people | rules


def has_place_for(row: Annotated) -> bool:
    """Say whether a row's prompt comes back from the one text that it is here."""
    if _is_one_turn(row.prompt):
        return not is_transcript(row.prompt.text)
    return can_be_transcript(row.prompt.messages)


def document(name: str, known: Mapping[str, Any], rows: Iterable[Annotated], created: str) -> Iterator[str]:
    """Yield the text of a file in pieces, a comparison each."""
    metadata = {
        "version": "2.0",
        "description": "Comparisons with reviews of people and labels by principles",
        "created_at": created,
        "dataset_name": name,
        "default_annotator": next(iter(known), None),
        "available_metadata_keys_per_comparison": ["kind", "source"],
    }
    yield f'{{"metadata": {_json(metadata)},\n"annotators": {_json(known)},\n"comparisons": ['
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + _json(_comparison(row))
    yield "\n]}\n"


def _comparison(row: Annotated) -> dict[str, Any]:
    comparison = row.comparison
    return {
        "id": comparison.id,
        "prompt": _prompt_text(row.prompt),
        "response_a": _response(comparison.response_a, comparison.model_a),
        "response_b": _response(comparison.response_b, comparison.model_b),
        "annotations": {**_by_principles(row.labels), **_by_people(row.reviews)},
        "metadata": {"kind": row.prompt.kind, "source": row.prompt.source},
    }


def _by_people(reviews: Sequence[Review]) -> dict[str, Any]:
    return {
        _key(f"reviewer {review.reviewer}"): _preference(_SIDES.get(review.decision), review.decision)
        for review in reviews
    }


def _by_principles(labels: Sequence[Label]) -> dict[str, Any]:
    """Return the votes of principles that were asked alone; a label by several says nothing of one of them."""
    found = {}
    for label in labels:
        if len(label.principle_ids) == 1 and label.verdict == "ok":
            side = None if label.probability_a == 0.5 else "a" if label.probability_a > 0.5 else "b"
            found[_key(f"principle {label.principle_ids[0]}")] = {
                **_preference(side, "tie"),
                "probability_a": label.probability_a,
            }
    return found


def _preference(side: str | None, reason: str) -> dict[str, Any]:
    return {"pref": side} if side else {"pref": None, "no_pref_reason": reason}


def _response(text: str, model: str) -> dict[str, str]:
    return {"text": text} | ({"model": model} if model else {})


def _prompt_text(prompt: Prompt) -> str:
    return prompt.text if _is_one_turn(prompt) else transcript_of(prompt.messages)


def _is_one_turn(prompt: Prompt) -> bool:
    return len(prompt.messages) == 1 and prompt.messages[0].role == "user"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
