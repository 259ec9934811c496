"""What the inspector tells of something found by its words: where it comes from, and the text itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.cover import is_covered
from ui.widgets.inspector import Facts

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.store.search import Found

#: The page on which each table's rows are seen.
PAGE_OF = {
    "prompts": "chains",
    "steps": "chains",
    "edits": "chains",
    "comparisons": "preferences",
    "answers": "evaluate",
    "samples": "training",
}


def shown_rows(project: "Project", rows: "Sequence[Found]", settings: UserSettings) -> list[tuple[str, object]]:
    """Return what the palette shows of found rows: of a text that is covered, what was asked in its place."""
    prompts = project.store.prompts.get_many(list({one.prompt_id for one in rows}))
    shown: list[tuple[str, object]] = []
    for one in rows:
        prompt, what = prompts.get(one.prompt_id), _what(one)
        if prompt is not None and one.table != "prompts" and is_covered(settings, prompt.kind):
            asked = " ".join(prompt.text.split())
            shown.append((f"{what}  ·  " + _tr("(covered, to: {prompt})").format(prompt=asked), one))
        else:
            shown.append((f"{what}  ·  {one.excerpt}", one))
    return shown


def _what(found: "Found") -> str:
    """Say what was found: a prompt, an answer to it and a pair of answers can hold one text."""
    names = {
        "prompts": _tr("Prompt"),
        "steps": _tr("Chain"),
        "edits": _tr("Edit"),
        "comparisons": _tr("Pair"),
        "answers": _tr("Answer"),
        "samples": _tr("Sample"),
    }
    return f"{names[found.table]}, {in_language(found.kind)}"


def facts_of(project: "Project", found: "Found", settings: UserSettings) -> tuple[Facts, str]:
    """Return what is known of a found row, and the id under which its page shows it; to be called on the store's thread."""
    store = project.store
    prompt = store.prompts.get(found.prompt_id)
    asked = "\n\n".join(message.text for message in prompt.messages) if prompt else ""
    lines = [(_tr("Prompt"), asked), (_tr("Run"), found.run_id), (_tr("Id"), found.id)]
    shown = found.id
    if found.table == "steps":
        step = store.chains.get(found.id)
        assert step is not None
        shown = step.chain_id
        lines += [
            (_tr("Text"), step.text),
            (_tr("Step"), f"{step.kind} {step.round or ''}".strip()),
            (_tr("Principle"), step.principle_id or ""),
            (_tr("Model and seed"), f"{step.model} · {step.seed}"),
            (_tr("Asked exactly so"), step.sent),
        ]
    elif found.table == "answers":
        answer = store.answers.get(found.id)
        assert answer is not None
        lines += [
            (_tr("Text"), answer.text),
            (_tr("Model and seed"), f"{answer.model} · {answer.seed}"),
            (_tr("Weights"), answer.weights),
        ]
    elif found.table == "comparisons":
        pair = store.comparisons.get(found.id)
        assert pair is not None
        lines += [(_tr("Response a"), pair.response_a), (_tr("Response b"), pair.response_b)]
    elif found.table != "prompts":
        lines.append((_tr("Text"), found.excerpt))
    title = {
        "prompts": _tr("A prompt"),
        "steps": _tr("A step of a chain"),
        "edits": _tr("An edited step"),
        "comparisons": _tr("A pair of responses"),
        "answers": _tr("An answer of an evaluation"),
        "samples": _tr("A sample of a training"),
    }[found.table]
    covers = prompt is not None and is_covered(settings, prompt.kind)
    texts = (_tr("Text"), _tr("Response a"), _tr("Response b"), _tr("Asked exactly so"))
    return Facts(title, lines, frozenset(texts if covers else ())), shown


def _tr(text: str) -> str:
    return QCoreApplication.translate("found", text)
