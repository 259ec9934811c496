"""All models a project can name: the embedded one, what its runs made, the hub's cache, endpoints; and who plays which role."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from workbench.errors import BadInputError
from workbench.project.model_choice import DEMO_MODEL, WANTED_ROLES, ModelChoice, has_weights
from workbench.records.endpoint import Endpoint
from workbench.sources.badges import Badge, badges, facts, labels_sentence
from workbench.sources.endpoints import Endpoints
from workbench.sources.folder import FoundModel, look_at
from workbench.sources.hub import cached
from workbench.store.database import Store


@dataclass(frozen=True)
class KnownModel:
    """A model by the name runs call it, with what it is and the roles a person chose it for."""

    name: str
    title: str
    #: demo, run, hub or endpoint.
    source: str
    facts: tuple[str, ...] = ()
    badges: tuple[Badge, ...] = ()
    #: Why it cannot be used, or not trained; empty where it can.
    problem: str = ""
    untrainable: str = ""
    roles: tuple[str, ...] = ()
    endpoint: Endpoint | None = None


def known_models(store: Store) -> list[KnownModel]:
    """Return the models by source, those of runs newest first."""
    wanted = store.role_models.all()
    found = [_demo(), *_of_runs(store), *map(_of_hub, cached()), *map(_of_endpoint, Endpoints().all())]
    return [
        dataclasses.replace(model, roles=tuple(role for role in WANTED_ROLES if wanted.get(role) == model.name))
        for model in found
    ]


def want(store: Store, role: str, name: str) -> None:
    """Take a model for a role wherever a run names none; an empty name goes back to what is usual."""
    if role not in WANTED_ROLES:
        raise BadInputError(f"There is no role {role} to choose a model for; there are {', '.join(WANTED_ROLES)}.")
    if name:
        ref = ModelChoice(store, {}).named(name)
        if role == "policy" and ref.endpoint is not None:
            raise BadInputError(f"{ref.label} is an endpoint; SFT starts from weights on this machine.")
    with store.write():
        store.role_models.put(role, name)


def _demo() -> KnownModel:
    found = look_at(DEMO_MODEL)
    return KnownModel("demo", "Demo model", "demo", facts(found), (), _first(found), found.untrainable)


def _of_runs(store: Store) -> Iterator[KnownModel]:
    for made in store.models.all():
        run = store.runs.find(made.run_id)
        if run is None or made.path != "output":
            continue
        folder = Path(run.folder) / made.path
        title = made.run_id
        if not has_weights(folder):
            yield KnownModel(made.run_id, title, "run", (), (), "its weights are not in this project")
            continue
        found = look_at(folder)
        yield KnownModel(made.run_id, title, "run", facts(found), (), _first(found), found.untrainable)


def _of_hub(found: FoundModel) -> KnownModel:
    name = f"{found.location}@{found.commit[:12]}"
    return KnownModel(name, found.location, "hub", facts(found), (), _first(found), found.untrainable)


def _of_endpoint(endpoint: Endpoint) -> KnownModel:
    more = f" +{len(endpoint.urls) - 2}" if len(endpoint.urls) > 2 else ""
    return KnownModel(
        f"endpoint:{endpoint.name}",
        f"{endpoint.model} at {', '.join(urlsplit(url).netloc for url in endpoint.urls[:2])}{more}",
        "endpoint",
        (labels_sentence(endpoint),),
        badges(endpoint),
        untrainable="it is an endpoint, and its weights are elsewhere",
        endpoint=endpoint,
    )


def _first(found: FoundModel) -> str:
    return found.problems[0] if found.problems else ""
