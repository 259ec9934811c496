"""What an import would do and has done, in words."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from ui.static_words import in_language
from ui.widgets.texts import counted
from ui.widgets.wording_edit import sign_of

if TYPE_CHECKING:
    from workbench.project.importing import Checked
    from workbench.project.importing_constitutions import Coming

#: What may become of a principle, by the word for it.
_KINDS = {"new": "added", "changed": "changed", "gone": "removed"}


def would_words(owner: QWidget, coming: "Coming") -> str:
    """Say what committing a constitution would do."""
    if coming.same:
        return owner.tr("This is the project's constitution already; there is nothing to import.")
    if coming.adds:
        words = owner.tr("Its examples are added to the project's constitution, as a new version.")
    else:
        words = owner.tr(
            "The project's constitution becomes this one, as a new version. Principles that are new: {new}, changed: {changed}, "
            "taken out: {gone}; examples: {examples}. The one before stays among its versions."
        ).format(
            examples=len(coming.constitution.few_shots),
            **{name: coming.principles(kind) for name, kind in _KINDS.items()},
        )
    if coming.draft_differs:
        words += " " + owner.tr("The draft, which is in no version, is kept in a file beside it.")
    return "\n".join(filter(None, (words, _doubts(owner, coming))))


def _doubts(owner: QWidget, coming: "Coming") -> str:
    """Say what is the worst of what is doubtful about a constitution, and how much more there is."""
    if not coming.doubts:
        return ""
    worst, rest = coming.doubts[0], len(coming.doubts) - 1
    told = f"{sign_of([worst])} {worst.where}{': ' if worst.where else ''}{in_language(worst.sentence)}"
    more = counted(rest, owner.tr("1 more thing to mend is told on the page Constitution."),
                   owner.tr("{count} more things to mend are told on the page Constitution."))  # fmt: skip
    return f"{told} {more}" if rest else told


def checked_words(owner: QWidget, checked: "Checked", whole: bool) -> str:
    """Say what reading a file found, so far or in all."""
    rows = counted(checked.rows, owner.tr("1 row"), owner.tr("{count} rows"))
    if not whole:
        return owner.tr("Reading: {rows} so far, {bad} bad.").format(rows=rows, bad=f"{checked.bad_count:,}")
    if checked.bad_count:
        return owner.tr("{rows} can be imported, {bad} cannot.").format(rows=rows, bad=f"{checked.bad_count:,}")
    return owner.tr("{rows} can be imported.").format(rows=rows)


def done_words(owner: QWidget, taken: Any) -> str:
    """Say what an import has changed."""
    if isinstance(taken, dict):
        words = counted(
            taken["principles"],
            owner.tr("The constitution has 1 principle now."),
            owner.tr("The constitution has {count} principles now."),
        )
        kept = owner.tr("The draft that was there is kept in {file}.").format(file=taken.get("draft_kept_in"))
        return f"{words} {kept}" if "draft_kept_in" in taken else words
    names = {
        "prompts": (owner.tr("1 new prompt"), owner.tr("{count} new prompts")),
        "comparisons": (owner.tr("1 new comparison"), owner.tr("{count} new comparisons")),
        "items": (owner.tr("1 new question"), owner.tr("{count} new questions")),
        "steps": (owner.tr("1 new text"), owner.tr("{count} new texts")),
        "answers": (owner.tr("1 new answer"), owner.tr("{count} new answers")),
        "reviews": (owner.tr("1 choice"), owner.tr("{count} choices")),
    }
    said = [counted(number, *names[name]) for name, number in taken.new.items() if name in names]
    if taken.already_there:
        there = counted(taken.already_there, owner.tr("1 was there already"), owner.tr("{count} were there already"))
        said.append(there)
    words = ", ".join(said or [owner.tr("Nothing new")]) + "."
    if taken.shared:
        more = owner.tr("Nearly the same as a prompt of another split: {count}. What is measured there is not new.")
        words += " " + more.format(count=f"{taken.shared:,}")
    return words
