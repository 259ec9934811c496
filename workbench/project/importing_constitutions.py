"""A file's constitution on its way into a project: shown, compared with the one that is there, and committed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.interchange.constitution_yaml import write
from workbench.interchange.diff import Change, compare
from workbench.interchange.incoming.constitution_files import ConstitutionFile, added_to, read_constitution
from workbench.interchange.incoming.reading import Shown
from workbench.interchange.lint import Finding, lint
from workbench.project.drafting import keep_beside
from workbench.project.project import Project
from workbench.records.constitution import Constitution

#: How the place of a principle's change begins.
_PRINCIPLE = "principle "


@dataclass(frozen=True)
class Coming:
    """What committing a file's constitution would do: what there would be, how it differs, and what becomes of the draft."""

    constitution: Constitution
    text: str
    name: str
    #: Whether it is the project's constitution already.
    same: bool
    #: Whether what is there stays, and the file's examples are put behind it.
    adds: bool
    changes: tuple[Change, ...]
    #: Whether the draft holds what is in no version.
    draft_differs: bool
    #: What a stage would fail by, or a training be worse for, in the constitution that there would be.
    doubts: tuple[Finding, ...] = ()

    def principles(self, kind: str) -> int:
        """Return how many principles are added, removed or changed."""
        return len(self.named(kind))

    def named(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the principles that are added, removed or changed."""
        found = (one.where for one in self.changes if one.kind == kind and one.where.startswith(_PRINCIPLE))
        return tuple(name.removeprefix(_PRINCIPLE) for name in dict.fromkeys(found))


def look_at_constitution(project: Project, read: ConstitutionFile, place: str) -> Coming:
    """Return what a constitution that was read would do to a project; changes nothing."""
    before = project.constitution
    constitution, text = read.constitution, read.text
    if read.adds:
        constitution = added_to(before.constitution, read.constitution)
        text = write(constitution)
    name = Path(place).name  # where it lay is in no bundle
    same, changes = before.hash == constitution.hash, tuple(compare(before.constitution, constitution))
    written = before.yaml or write(before.constitution)
    doubts = tuple(one for one in lint(constitution) if one.severity != "note")
    return Coming(constitution, text, name, same, read.adds, changes, project.draft not in (written, text), doubts)


def import_constitution(project: Project, place: str) -> dict[str, Any]:
    """Commit a file's constitution as the project's; examples alone are added to the one it has.

    A draft that is in no version is kept in a file beside it.
    """
    before = project.constitution
    coming = look_at_constitution(project, read_constitution(place), place)
    version = project.commit(coming.constitution, coming.text, f"Imported from {coming.name}")
    kept = {"draft_kept_in": keep_beside(project.store)} if coming.draft_differs else {}
    project.save_draft(coming.text)
    return {"new_versions": int(version.hash != before.hash), "principles": len(coming.constitution.principles),
            "few_shots": len(coming.constitution.few_shots), **kept}  # fmt: skip


#: What an example of any use may hold, in the order in which a model reads it.
_SHOT_TEXTS = ("prompt", "response", "critique_request", "critique", "revision_request", "revision", "comparison_question",
    "response_a", "response_b", "rationale", "answer",
)  # fmt: skip


def constitution_shown(read: ConstitutionFile) -> list[Shown]:
    """Return the first principles and examples of a constitution that is to come in."""
    shown = []
    texts: tuple[tuple[str, str], ...]
    for number, principle in enumerate(read.constitution.principles[:5], start=1):
        texts = (("critique", principle.critique_request), ("revision", principle.revision_request),
                 ("comparison", principle.comparison_question))  # fmt: skip
        shown.append(Shown(number, (("principle", principle.id), *((name, text) for name, text in texts if text))))
    for number, shot in enumerate(read.constitution.few_shots[: 5 - len(shown)], start=1):
        texts = tuple((name.replace("_", " "), getattr(shot, name)) for name in _SHOT_TEXTS)
        shown.append(Shown(number, (("example of", shot.use), *((name, text) for name, text in texts if text))))
    return shown
