"""What people settle before they judge: the rule of what answers mean for training, and the reviewers' guidelines."""

from datetime import UTC, datetime

from workbench.records.audit import Guidelines, RuleChange
from workbench.records.comparison import PreferenceRule
from workbench.records.identity import record_id
from workbench.store.database import Store


def rule_of(store: Store) -> PreferenceRule:
    """Return the rule by which answers become probabilities in this project."""
    change = store.rule_changes.newest()
    return change.rule if change else PreferenceRule()


def change_rule(store: Store, rule: PreferenceRule, person: str = "") -> bool:
    """Set the rule; what was trained before keeps the rule it was trained by. Return whether that changed it."""
    last = store.rule_changes.newest()
    if rule == rule_of(store):
        return False
    now = _now()
    name = record_id("rule", rule, last.id if last else "", now)
    return bool(store.decide([RuleChange(name, rule, person, last.id if last else None, now)]))


def guidelines_of(store: Store) -> Guidelines | None:
    """Return the reviewers' guidelines in force, or None."""
    return store.guidelines.newest()


def write_guidelines(store: Store, text: str, person: str = "") -> bool:
    """Keep a new text of the guidelines; return whether it is another than before."""
    last, now = store.guidelines.newest(), _now()
    if text.strip() == (last.text if last else ""):
        return False
    name = record_id("guidelines", text, last.id if last else "", now)
    return bool(store.decide([Guidelines(name, text.strip(), person, last.id if last else None, now)]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
