"""The draft of the constitution as an editor shows it: text, what it reads as, what is doubtful, and how it differs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInputError
from workbench.interchange.constitution_yaml import read, write
from workbench.interchange.diff import Change, compare
from workbench.interchange.incoming.constitution_files import added_to, read_constitution
from workbench.interchange.lint import Finding, lint
from workbench.interchange.lint_few_shots import EXAMPLE
from workbench.interchange.unwritable import writing
from workbench.project.project import Project
from workbench.records.constitution import Constitution, ConstitutionVersion
from workbench.runs.files import replace_text

_LINE = re.compile(r"\bline (\d+)")


@dataclass(frozen=True)
class DraftState:
    """A draft that was saved; constitution is None while the text cannot be read, and problem says why."""

    text: str
    constitution: Constitution | None
    problem: str
    findings: tuple[Finding, ...]
    #: What a commit would change.
    changes: tuple[Change, ...]
    committed: str

    @property
    def problem_line(self) -> int:
        """The line of the text that the problem names, from 1; 0 where it names none."""
        found = _LINE.search(self.problem)
        return int(found[1]) if found else 0

    def finds(self, principle_id: str, field: str | None = None) -> tuple[Finding, ...]:
        """Return what is doubtful about a principle, or about one field of it."""
        return tuple(
            one for one in self.findings if one.where == principle_id and (field is None or one.field == field)
        )

    def finds_of_example(self, number: int) -> tuple[Finding, ...]:
        """Return what is doubtful about an example, counted from 1."""
        return self.finds(f"{EXAMPLE}{number}")

    @property
    def of_examples(self) -> tuple[Finding, ...]:
        """What is doubtful about examples: single ones, or which there are."""
        return tuple(one for one in self.findings if one.where.startswith(EXAMPLE) or one.field == "few_shots")


def draft_state(project: Project) -> DraftState:
    """Return the draft as it was saved last."""
    text, committed = project.draft, project.constitution
    try:
        constitution = read(text, "draft")
    except BadInputError as error:
        return DraftState(text, None, str(error), (), (), committed.hash)
    changes = tuple(compare(committed.constitution, constitution))
    return DraftState(text, constitution, "", tuple(lint(constitution)), changes, committed.hash)


def change_draft(project: Project, change: Callable[[str], str]) -> DraftState:
    """Change the draft's text, save it, and return it as it is then."""
    before = project.draft
    after = change(before)
    if after != before:
        project.save_draft(after)
    return draft_state(project)


def commit_draft(project: Project, message: str) -> ConstitutionVersion:
    """Commit the draft as the project's current version; raises BadInputError where it cannot be read."""
    text = project.draft
    return project.commit(read(text, "draft"), text, message)


def imported_draft(project: Project, place: str) -> str:
    """Return what the draft reads after a file's constitution is taken into it; a file of examples alone is added to it."""
    found = read_constitution(place)
    return write(added_to(read(project.draft, "draft"), found.constitution)) if found.adds else found.text


def export_constitution(project: Project, file: Path, committed: bool) -> None:
    """Write the draft, or the committed version, as a YAML file."""
    version = project.constitution
    with writing(file):
        replace_text(file, (version.yaml or write(version.constitution)) if committed else project.draft)
