"""From a plan's model references to models that can be asked; one folder in several roles is loaded once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadInputError, MissingError
from workbench.models.language_model import LanguageModel
from workbench.models.scripted import ScriptedModel
from workbench.records.endpoint import Endpoint
from workbench.records.model import ModelRef
from workbench.records.run import Plan
from workbench.records.task import TASKS
from workbench.records.transcript import RoleNames
from workbench.sources.endpoints import Endpoints
from workbench.sources.folder import look_at
from workbench.sources.keys import key_for

if TYPE_CHECKING:
    from workbench.models.rendering import Renderer


def open_models(plan: Plan, roles: Iterable[str]) -> dict[str, LanguageModel]:
    """Open the plan's models in these roles; a critic that is not named is the response model.

    Raises BadInputError before anything is loaded where their weights alone are more than the memory that is free.
    """
    roles = tuple(roles)
    _require_memory(filter(None, map(plan.model, roles)), plan.machine)
    opened: dict[ModelRef, LanguageModel] = {}
    models: dict[str, LanguageModel] = {}
    for role in roles:
        ref = plan.model(role) or (plan.model("response") if role == "critic" else None)
        if ref is None:
            raise MissingError("The plan names no {role} model.", role=role)
        if ref not in opened:
            opened[ref] = open_model(ref, plan.task, plan.machine)
        models[role] = opened[ref]
    return models


def _require_memory(refs: Iterable[ModelRef], machine: Mapping[str, Any]) -> None:
    """Refuse to load what cannot fit: a machine that runs out of memory ends whatever else runs on it."""
    found = {ref.folder: look_at(Path(ref.folder)) for ref in refs if ref.folder}
    each = 4 if machine.get("dtype", "float32") == "float32" else 2
    needed = each * sum(model.parameters + model.base_parameters for model in found.values())
    if not needed:
        return
    from workbench.models.memory import free_bytes  # noqa: PLC0415 - a scripted run needs no torch

    device = str(machine.get("device", "cpu"))
    free = free_bytes(device)
    if needed > free:
        raise BadInputError(
            "The models need at least {needed:.1f} GB of memory on {device}, and {free:.1f} GB are free: close "
            "what else runs, take smaller models, or have a server hold them and add it as an endpoint.",
            needed=needed / 1e9,
            device=device,
            free=free / 1e9,
        )


def open_model(ref: ModelRef, task: str, machine: Mapping[str, Any]) -> LanguageModel:
    """Open one model: a folder's weights, an endpoint, or the scripted model."""
    names = TASKS[task].roles
    if ref.endpoint is not None:
        return _endpoint(ref.endpoint, names)
    if ref.kind == "scripted":
        return ScriptedModel(names=names)
    if ref.folder is None:
        raise BadInputError("Model {ref} has no folder on this machine.", ref=ref.label or ref.location)
    from workbench.models.loading import load  # noqa: PLC0415 - a scripted run needs no torch

    return load(Path(ref.folder), ref.label or ref.location, machine, names=names)


def open_renderer(ref: ModelRef, task: str) -> "LanguageModel | Renderer":
    """Open what renders prompts as a model gets them; of a folder its tokenizer alone."""
    if ref.folder is None or ref.endpoint is not None or ref.kind == "scripted":
        return open_model(ref, task, {})
    from workbench.models.loading import load_tokenizer  # noqa: PLC0415 - a scripted run needs no torch
    from workbench.models.rendering import Renderer  # noqa: PLC0415
    from workbench.models.templates import require_faithful  # noqa: PLC0415

    tokenizer = load_tokenizer(Path(ref.folder))
    require_faithful(tokenizer, ref.label or ref.location)
    return Renderer(tokenizer, TASKS[task].roles)


def _endpoint(endpoint: Endpoint, names: RoleNames) -> LanguageModel:
    """Open an endpoint this person has added here; a plan may come from somebody else."""
    from workbench.models.endpoints.model import EndpointModel  # noqa: PLC0415 - few runs need it

    Endpoints().require_known(endpoint)
    return EndpointModel(endpoint, names, key_for)
