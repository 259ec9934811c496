"""All models a project can name: the embedded one, what its runs made, the hub's cache, endpoints; and who plays which role."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from workbench.errors import BadInputError, WorkbenchError
from workbench.project.model_choice import DEMO_MODEL, WANTED_ROLES, WITH_WEIGHTS, ModelChoice, has_weights
from workbench.records.endpoint import Endpoint
from workbench.records.rewards import PREFERENCE_MODELS
from workbench.records.settings import parse_settings
from workbench.sentences import said
from workbench.sources.badges import Badge, badges, facts, labels_sentence, memory_words
from workbench.sources.endpoints import Endpoints
from workbench.sources.folder import FoundModel, look_at
from workbench.sources.hub import cached
from workbench.sources.model_folders import ModelFolders
from workbench.sources.own_code import OwnCode
from workbench.store.database import Store

#: Roles of preference models.
_SCORING = frozenset({*PREFERENCE_MODELS, "gold"})


@dataclass(frozen=True)
class KnownModel:
    """A model by the name runs call it, with what it is and the roles a person chose it for."""

    name: str
    title: str
    #: demo, run, hub, folder or endpoint.
    source: str
    facts: tuple[str, ...] = ()
    badges: tuple[Badge, ...] = ()
    #: Why it cannot be used, or not trained; empty where it can.
    problem: str = ""
    #: The stage that makes it anew, where its weights have gone.
    weightless: str = ""
    untrainable: str = ""
    roles: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    #: Whether it scores texts and writes none.
    scores: bool = False
    #: The code of its own that it needs, where it lies, and whether that may run.
    code: OwnCode | None = None
    folder: str = ""
    trusted: bool = False
    #: How much memory it takes to ask it, in words.
    memory: str = ""
    #: Whether it is a change to a base model, which can be merged into it.
    adapter: bool = False
    #: Whether it is on this person's list of folders, which it can be taken off.
    listed: bool = False


def known_models(store: Store, folders: Iterable[str] = ()) -> list[KnownModel]:
    """Return the models by source, those of runs newest first; folders on the list, named or with a role are among them."""
    wanted = store.role_models.all()
    demo, *others = models_of_machine()
    found = [demo, *_of_runs(store), *others]
    names = {model.name for model in found}
    more = [name for name in dict.fromkeys((*wanted.values(), *folders)) if name not in names and Path(name).exists()]
    found += map(_of_folder, more)
    return [
        dataclasses.replace(model, roles=tuple(role for role in WANTED_ROLES if wanted.get(role) == model.name))
        for model in found
    ]


def usual_models(store: Store, stage: str) -> dict[str, str]:
    """Return by role the model that a stage takes where none is named; nothing where one that it needs is not there."""
    try:
        models = ModelChoice(store, {}).models(stage, parse_settings(stage, {}))
    except WorkbenchError:
        return {}
    return {role: ref.location if ref.kind == "run" else ref.label for role, ref in models.items()}


def models_of_machine() -> list[KnownModel]:
    """Return the models that belong to no project: the embedded one first."""
    listed = (dataclasses.replace(_of_folder(name), listed=True) for name in ModelFolders().all())
    return [_demo(), *map(_of_hub, cached()), *listed, *map(_of_endpoint, Endpoints().all())]


def why_not(model: KnownModel, role: str) -> str:
    """Say why a model cannot play a role; nothing where it can."""
    if model.problem:
        return model.problem
    if role in _SCORING:
        return "" if model.scores else said("it is no preference model")
    if model.scores:
        return said("it scores texts and writes none")
    if role == "policy" or (role in WITH_WEIGHTS and model.endpoint is not None):
        return model.untrainable
    return ""


def want(store: Store, role: str, name: str) -> None:
    """Take a model for a role wherever a run names none; an empty name goes back to what is usual."""
    if role not in WANTED_ROLES:
        raise BadInputError(
            "There is no role {role} to choose a model for; there are {wanted_roles}.",
            role=role,
            wanted_roles=", ".join(WANTED_ROLES),
        )
    if name:
        ref = ModelChoice(store, {}).named(name)
        if role == "policy" and ref.endpoint is not None:
            raise BadInputError("{ref} is an endpoint; SFT starts from weights on this machine.", ref=ref.label)
    with store.write():
        store.role_models.put(role, name)


def _demo() -> KnownModel:
    found = look_at(DEMO_MODEL)
    return _found(found, "demo", said("Demo model"), "demo")


def _of_runs(store: Store) -> Iterator[KnownModel]:
    for made in store.models.all():
        run = store.runs.find(made.run_id)
        if run is None or made.path != "output":
            continue
        folder = Path(run.folder) / made.path
        title = made.run_id
        if not has_weights(folder):
            problem = said("its weights are not in this project")
            scores = made.kind == "preference_model"
            yield KnownModel(made.run_id, title, "run", problem=problem, weightless=run.stage, scores=scores)
            continue
        known = _found(look_at(folder), made.run_id, title, "run")
        yield dataclasses.replace(known, adapter=known.adapter and made.kind != "preference_model")


def _of_folder(name: str) -> KnownModel:
    if not Path(name).exists():
        gone = said("it is not there any more; bring it back, or take it off the list")
        return KnownModel(name, Path(name).name, "folder", problem=gone, untrainable=gone)
    found = look_at(Path(name))
    return _found(found, name, Path(name).name, "folder")


def _of_hub(found: FoundModel) -> KnownModel:
    name = f"{found.location}@{found.commit[:12]}"
    return _found(found, name, found.location, "hub")


def _of_endpoint(endpoint: Endpoint) -> KnownModel:
    more = f" +{len(endpoint.urls) - 2}" if len(endpoint.urls) > 2 else ""
    return KnownModel(
        f"endpoint:{endpoint.name}",
        f"{endpoint.model} at {', '.join(urlsplit(url).netloc for url in endpoint.urls[:2])}{more}",
        "endpoint",
        (labels_sentence(endpoint),),
        badges(endpoint),
        untrainable=said("it is an endpoint, and its weights are elsewhere"),
        endpoint=endpoint,
    )


def _found(found: FoundModel, name: str, title: str, source: str) -> KnownModel:
    problem = found.problems[0] if found.problems else ""
    scores = found.kind == "scorer"
    memory = "" if problem else memory_words(found)
    return KnownModel(
        name,
        title,
        source,
        facts(found),
        problem=problem,
        untrainable=found.untrainable,
        scores=scores,
        code=found.code,
        folder=found.folder,
        trusted=found.trusted,
        memory=memory,
        adapter=found.kind == "adapter",
    )
