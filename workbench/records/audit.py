"""What people settle before they judge: the sample that estimates come from, the guidelines, the rule of what answers mean."""

from dataclasses import dataclass

from workbench.records.comparison import PreferenceRule


@dataclass(frozen=True)
class AuditSample:
    """A locked random sample of labelled comparisons to estimate from: once drawn, its comparisons stay as they are.

    pool is how many comparisons it was drawn from; purpose says in words what its size was chosen for.
    """

    id: str
    seed: int
    size: int
    pool: int
    comparison_ids: tuple[str, ...]
    purpose: str = ""
    person: str = ""
    created: str = ""


@dataclass(frozen=True)
class SampleAside:
    """A person's word that a sample is set aside: nobody goes on with it, and its labels may be seen.

    Estimates rest on those alone who had answered all of it before.
    """

    id: str
    sample_id: str
    reason: str
    person: str = ""
    created: str = ""


@dataclass(frozen=True)
class Guidelines:
    """What reviewers of a project agreed to go by; a later text supersedes, none is erased."""

    id: str
    text: str
    person: str = ""
    supersedes: str | None = None
    created: str = ""


@dataclass(frozen=True)
class RuleChange:
    """The rule by which answers become probabilities, as a person set it; a later one supersedes, none is erased."""

    id: str
    rule: PreferenceRule
    person: str = ""
    supersedes: str | None = None
    created: str = ""
