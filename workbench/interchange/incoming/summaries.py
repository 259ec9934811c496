"""Comparisons of the summarize-from-feedback release: a post, two summaries, and which one a worker chose."""

from collections.abc import Mapping
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading, comparison_of, review_of
from workbench.interchange.row_fields import BadFieldError, response_of, shown, text_of
from workbench.records.prompt import Prompt, prompt_of


def read_summaries(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read `info, summaries, choice, worker`: the choice is the worker's review, its confidence the reason given."""
    summaries = _objects(fields.get("summaries"))
    if not isinstance(summaries, list) or len(summaries) != 2 or not all(isinstance(one, Mapping) for one in summaries):
        raise BadFieldError("summaries must be a list of two objects")
    choice = fields.get("choice")
    if choice not in (0, 1) or isinstance(choice, bool):
        raise BadFieldError("choice must be 0 or 1, not {shown}", shown=shown(choice))
    prompt = _prompt(fields.get("info"), fields, reading)
    first, second = (response_of(one, "text") for one in summaries)
    if first == second:
        raise BadFieldError("both summaries are the same, so there is nothing to choose")
    comparison = comparison_of(prompt, first, second, *(str(one.get("policy") or "") for one in summaries))
    extra = fields.get("extra")
    confidence = extra.get("confidence") if isinstance(extra, Mapping) else None
    reason = f"confidence {confidence} of 9" if confidence is not None else ""
    review = review_of(comparison, str(fields.get("worker") or "import"), "ab"[int(choice)], reason)
    return Brought((prompt,), (comparison,), (review,))


def _objects(summaries: Any) -> Any:
    """Return summaries as a list of objects, also where the datasets library has made an object of lists of them."""
    if not isinstance(summaries, Mapping) or not all(isinstance(column, list) for column in summaries.values()):
        return summaries
    rows = zip(*summaries.values(), strict=False)
    return [dict(zip(summaries, row, strict=True)) for row in rows]


def _prompt(info: Any, fields: Mapping[str, Any], reading: Reading) -> Prompt:
    if not isinstance(info, Mapping):
        raise BadFieldError("info must be an object with a post or an article")
    if info.get("post") is not None:
        head = f"SUBREDDIT: r/{info.get('subreddit') or ''}\n\nTITLE: {info.get('title') or ''}\n\nPOST: "
        text = head + text_of(info, "post")
    else:
        text = f"TITLE: {info.get('title') or ''}\n\n" + text_of(info, "article")
    made = prompt_of(text + "\n\nTL;DR:", reading.kind, reading.split, reading.source)
    kept = {
        "id": str(info.get("id") or ""),
        "batch": str(fields.get("batch") or ""),
        "part": str(fields.get("split") or ""),
    }
    return Prompt(made.id, made.messages, made.kind, made.split, made.source, {k: v for k, v in kept.items() if v})
