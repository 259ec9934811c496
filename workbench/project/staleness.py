"""What a change of the constitution has made stale: by run, the principles that would be worded otherwise now."""

from collections.abc import Mapping

from workbench.records.constitution import Constitution, Principle
from workbench.records.run import Run
from workbench.sentences import said
from workbench.store.database import Store


def outdated(store: Store) -> dict[str, tuple[str, ...] | None]:
    """Return by chains run the principles whose wording has changed or that are drawn no longer; None where examples changed."""
    current = store.constitutions.current()
    if current is None:
        return {}
    found: dict[str, tuple[str, ...] | None] = {}
    for run in store.runs.select("stage = 'chains' AND discarded = 0"):
        version = store.constitutions.get(run.plan.constitution_hash) if run.plan else None
        if version is not None and version.hash != current.hash:
            changed = _changed(version.constitution, current.constitution, _settings(run))
            if changed is None or changed:
                found[run.id] = changed
    return found


def stale_words(store: Store, run: Run, principle_ids: Mapping[int, str]) -> list[str]:
    """Return in sentences what of a chain, whose principles are given by round, a change of the constitution made stale."""
    changed = outdated(store).get(run.id, ())
    if changed is None:
        return [said("The constitution's examples of revisions are others now.")]
    current = store.constitutions.current()
    titles = {one.id: one.title for one in current.constitution.principles} if current is not None else {}
    return [
        said(
            "Round {number} was written by “{principle}”, which is worded otherwise now or is no longer drawn.",
            number=number,
            principle=titles.get(name) or name,
        )
        for number, name in principle_ids.items()
        if name in changed
    ]


def _settings(run: Run) -> Mapping[str, object]:
    return run.plan.settings if run.plan else {}


def _changed(before: Constitution, now: Constitution, settings: Mapping[str, object]) -> tuple[str, ...] | None:
    if settings.get("few_shots", True) and before.few_shots_for("revision") != now.few_shots_for("revision"):
        return None
    there = {principle.id: _asked(principle, bool(settings.get("critique", True))) for principle in now.principles}
    return tuple(
        principle.id
        for principle in before.principles
        if there.get(principle.id) != _asked(principle, bool(settings.get("critique", True)))
    )


def _asked(principle: Principle, critique: bool) -> tuple[str, str, bool]:
    """What of a principle a chain depends on: its wordings, and whether it is drawn at all."""
    request = principle.critique_request if critique else ""
    return request, principle.revision_request, principle.enabled and principle.weight > 0
