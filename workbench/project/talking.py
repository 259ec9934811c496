"""The models a person can talk with, in the order in which they are of use."""

from workbench.project.known_models import KnownModel, known_models
from workbench.records.run import OUTPUT
from workbench.sentences import said
from workbench.store.database import Store

#: Stages whose models write, in the order of the method.
_WRITING = ("sft", "rl", "dpo")


def talking_models(store: Store) -> list[tuple[str, str]]:
    """Return models as (title, name): the base, of each stage the newest that can be asked, then all others, newest first."""
    made = {one.run_id: one.kind for one in store.models.all() if one.path == OUTPUT}
    writing = [one for one in known_models(store) if not one.scores and made.get(one.name) != "preference_model"]
    mine = [one for one in writing if one.name in made]
    first = [one for stage in _WRITING for one in _best([one for one in mine if made[one.name] == stage])]
    titled = [(_title(one, made[one.name]), one.name) for one in [*first, *(one for one in mine if one not in first)]]
    others = [
        (one.title, one.name) for one in writing if one.name not in made and one.name != "demo" and not one.problem
    ]
    return [("base · demo", "demo"), *titled, *others]


def _best(of_a_stage: list[KnownModel]) -> list[KnownModel]:
    """The newest that can be asked; where none can, the newest, which says what is missing."""
    return [*(one for one in of_a_stage if not one.problem), *of_a_stage][:1]


def _title(model: KnownModel, kind: str) -> str:
    title = f"{kind} · {model.name}"
    if model.weightless:
        return said("{model} (no weights)", model=title)
    return said("{model} (damaged)", model=title) if model.problem else title
