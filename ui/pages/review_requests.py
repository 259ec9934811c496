"""What the review asks of the project, on the store's thread."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.audit import AuditSample
    from workbench.records.comparison import PreferenceRule, Review


def save_review(made: "Review", project: "Project") -> str:
    """Save a review and return its id."""
    project.review([made])
    return made.id


def terms_of(project: "Project") -> "tuple[PreferenceRule, str, list[str]]":
    """Return the rule, the guidelines and the principles that labels name."""
    from workbench.project.settling import guidelines_of, rule_of  # noqa: PLC0415

    found = guidelines_of(project.store)
    return rule_of(project.store), found.text if found else "", project.store.comparison_states.principles()


def draw_usual(project: "Project", person: str) -> "AuditSample":
    """Draw and lock a sample of the usual size."""
    from workbench.project.auditing import Aim, draw_sample, pool_to_draw  # noqa: PLC0415

    aim = Aim()
    size = aim.size(len(pool_to_draw(project.store)))
    return draw_sample(project.store, size, purpose=aim.words, person=person)
