"""Locking test prompts: the first evaluation locks those that are there, and later ones ask the same unless somebody wants more.

Figures of different prompts do not compare, so that every evaluation keeps the hash of what it asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.errors import BadInputError
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.run import Plan, Run
from workbench.records.test_set import AskedSet, TestSet, set_hash
from workbench.sentences import counted, said
from workbench.store.database import Store

#: What one may ask for besides a set by its hash: the one that is locked, or all test prompts that are there now.
LOCKED, ALL = "locked", "all"


@dataclass(frozen=True)
class Comparability:
    """What an evaluation asked, the test prompts that are not in the locked set, and evaluations that asked others.

    left_out counts prompts of the set that do not fit one of the models, and so were asked of none.
    """

    asked: AskedSet
    unlocked: int = 0
    others: tuple[str, ...] = ()
    left_out: int = 0


def locked_set(store: Store) -> TestSet | None:
    """Return the set that evaluations ask if nothing else is said; None where the next one locks what is there.

    In a project whose evaluations are older than locked sets the one that asked most prompts counts as the one that locked.
    """
    return next(iter(store.test_sets.kept()), None) or _of_old_ones(store)


def unlocked_prompts(store: Store, locked: TestSet | None) -> int:
    """Return how many test prompts are not in a set, most of which will have come in since it was locked."""
    if locked is None:
        return 0
    return max(0, store.prompts.count("split = 'test'") - locked.size)


def chosen_set(store: Store, which: str, prompts: Sequence[Prompt]) -> TestSet:
    """Return the set named by `which` (locked, all, or the beginning of a hash), not locked where that is still to be done.

    prompts are all test prompts there are. Raises BadInputError where no set is named so.
    """
    everything = _set_of([prompt.id for prompt in prompts])
    locked = locked_set(store)
    if which == LOCKED:
        return locked or everything
    if which == ALL:
        return locked if locked is not None and locked.hash == everything.hash else everything
    known = [*store.test_sets.kept(), *([locked] if locked else []), everything]
    found = next((one for one in known if which and one.hash.startswith(which)), None)
    if found is None:
        names = ", ".join(dict.fromkeys([LOCKED, ALL, *(one.short for one in known)]))
        raise BadInputError("There is no test set '{which}'; there are {names}.", which=which, names=names)
    return found


def lock(store: Store, chosen: TestSet | None, plan: Plan) -> None:
    """Keep a set that a new run is the first to ask; to be called within the transaction that records the run."""
    if chosen is not None and not chosen.run_id:
        name = record_id("test_set", chosen.hash, plan.id, plan.created)
        store.test_sets.add([replace(chosen, id=name, run_id=plan.id, created=plan.created)])


def asked_set(store: Store, run: Run) -> AskedSet:
    """Return what an evaluation asked; where its plan is older than locked sets, what its models answered."""
    if run.plan is not None and run.plan.test_set is not None:
        return run.plan.test_set
    ids = store.test_sets.answered(run.id)
    return AskedSet(set_hash(ids), len(ids))


def comparability(store: Store, run: Run) -> Comparability:
    """Return what an evaluation's figures may be held against."""
    asked, left_out = asked_set(store, run), left_out_prompts(store, run.id)

    def asks_others(other: Run) -> bool:
        return asked_set(store, other).hash != asked.hash or left_out_prompts(store, other.id) != left_out

    runs = reversed(store.runs.usable("evaluation"))
    others = tuple(one.id for one in runs if one.id != run.id and asks_others(one))
    return Comparability(asked, unlocked_prompts(store, locked_set(store)), others, len(left_out))


def left_out_prompts(store: Store, run_id: str) -> set[str]:
    """Return the prompts an evaluation left out, for they do not fit one of its models."""
    return set(store.prompts.get_many(list(store.done_inputs.left_out(run_id))))


def set_lines(found: Comparability) -> list[str]:
    """Return what is to be known of an evaluation's test prompts beside its figures, a sentence each."""
    lines: list[str] = [said("Test set {words}.", words=found.asked.words)]
    if found.left_out:
        lines.append(
            counted(
                found.left_out,
                "1 prompt of it was left out, too long for one of the models.",
                "{count:,} prompts of it were left out, too long for one of the models.",
            )
        )
    if found.unlocked:
        lines.append(
            counted(
                found.unlocked,
                "1 more test prompt is not in the locked set.",
                "{count} more test prompts are not in the locked set.",
            )
        )
    if found.others:
        lines.append(
            said(
                "{others} asked other test prompts: their figures do not compare with these.",
                others=", ".join(found.others),
            )
        )
    return lines


def _of_old_ones(store: Store) -> TestSet | None:
    """Return the most prompts that an evaluation asked before there were locked sets; of those that asked as many, the first."""
    best: TestSet | None = None
    for run in reversed(store.runs.usable("evaluation")):
        if run.plan is not None and run.plan.test_set is None and run.state == "finished":
            ids = store.test_sets.answered(run.id)
            if len(ids) > (best.size if best else 0):
                best = replace(_set_of(ids), run_id=run.id, created=run.created)
    return best


def _set_of(ids: Sequence[str]) -> TestSet:
    return TestSet("", set_hash(ids), len(ids), tuple(sorted(ids)))
