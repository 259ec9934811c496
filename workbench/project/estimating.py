"""What a run of chains will cost, told before it is started: calls, tokens and minutes, from what earlier runs took."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import MissingError
from workbench.project.asking import Asked
from workbench.project.chain_selection import CHAIN_SPLITS, branched, none_left, wanted_prompts
from workbench.project.example_room import crowding
from workbench.project.model_choice import ModelChoice
from workbench.project.model_memory import memory_words
from workbench.records.chain import steps_in_chain
from workbench.records.constitution import Constitution
from workbench.records.model import ModelRef
from workbench.records.run import Run
from workbench.records.settings import ChainSettings
from workbench.records.task import TASKS
from workbench.sentences import joined, said
from workbench.store.database import Store

#: What a machine is measured with: tokens of the timed piece, and the weights of the model in bytes (float32).
_MEASURED_TOKENS, _MEASURED_WEIGHTS = 8 * 32, 17_000_000

#: Where it is not said by which constitution: dialogue, and no examples.
_PLAIN = Constitution("")

#: Tokens a run has written from which on its pace tells something.
_ENOUGH = 5000


@dataclass(frozen=True)
class Estimate:
    """Chains, calls of a model, tokens, seconds (None: unknown), what tells, why examples are left out, by which models."""

    chains: int
    calls: int
    tokens: int
    seconds: float | None
    basis: str
    crowding: str = ""
    models: tuple[str, ...] = ()


def estimate_chains(
    store: Store, texts: Mapping[str, str], machine: Mapping[str, Any], constitution: Constitution = _PLAIN
) -> Estimate:
    """Reckon what a run of chains asked for by these texts will cost; raises what making it would raise."""
    asked = Asked.of("chains", texts)
    settings: ChainSettings = asked.settings
    models = ModelChoice(store, asked.models).models("chains", settings)
    steps = _steps(store, settings)
    most = settings.max_tokens or TASKS[constitution.task].max_response_tokens
    run = _like(store, models, settings.critique)
    lengths = store.chains.mean_tokens(run.id) if run else {}
    tokens = sum(count * min(lengths.get(kind, most), most) for kind, count in steps.items())
    rate, basis = _rate(store, run, models, machine)
    if not lengths:
        basis = said("at most; {basis}", basis=basis)
    basis = joined("; ", filter(None, (basis, memory_words(models.values(), machine))))
    first = steps["initial"]
    crowded = crowding(settings, models, constitution)
    names = tuple(dict.fromkeys(ref.label or ref.location for ref in models.values()))
    return Estimate(first, sum(steps.values()), round(tokens), tokens / rate if rate else None, basis, crowded, names)


def _steps(store: Store, settings: ChainSettings) -> dict[str, int]:
    """Return by kind of step how many will be written."""
    if settings.branch:
        prompt, taken = branched(store, settings)
        rest = steps_in_chain(prompt.kind, settings.rounds, settings.critique) - len(taken)
        critiques = rest // 2 if settings.critique else 0
        return {"initial": 0, "critique": critiques, "revision": rest - critiques}
    kinds = store.prompts.rows.kinds(CHAIN_SPLITS, wanted_prompts(store, settings))
    total = sum(kinds.values())
    if not total:
        raise MissingError(none_left(store, settings))
    share = settings.limit / total if 0 < settings.limit < total else 1.0
    red_team = round(kinds.get("red-team", 0) * share)
    revised = red_team * settings.rounds
    return {
        "initial": min(total, settings.limit or total),
        "critique": revised if settings.critique else 0,
        "revision": revised,
    }


def _like(store: Store, models: Mapping[str, ModelRef], critique: bool) -> Run | None:
    """Return the newest run of chains by the same models that wrote enough to go by, with critiques where they are asked for.

    A run of a few chains mostly loads its model; where there are only such runs, the one that wrote most is taken.
    """
    found: dict[str, tuple[Run, int]] = {}
    for run in store.runs.usable("chains"):
        plan = run.plan
        same = plan is not None and all(_same(plan.models.get(role), ref) for role, ref in models.items())
        written = store.chains.written_tokens(run.id) if same and run.seconds > 0 else 0
        if written:
            found[run.id] = (run, written)
    alike = [one for one in found.values() if one[0].plan and one[0].plan.settings.get("critique", True) == critique]
    usable = alike or list(found.values())
    enough = next((run for run, written in usable if written >= _ENOUGH), None)
    return enough or max(usable, key=lambda one: one[1], default=(None, 0))[0]


def _same(one: ModelRef | None, other: ModelRef) -> bool:
    return one is not None and (one.kind, one.location) == (other.kind, other.location)


def _rate(
    store: Store, run: Run | None, models: Mapping[str, ModelRef], machine: Mapping[str, Any]
) -> tuple[float | None, str]:
    """Return tokens a second, and where that is from."""
    if run is not None:
        rate = store.chains.written_tokens(run.id) / run.seconds
        return rate, said("as {run} took: {rate:,.0f} tokens a second", run=run.id, rate=rate)
    seconds = [float(value) for name, value in machine.get("seconds", {}).items() if not name.startswith("training")]
    weights = sum(_weight(ref) for ref in set(models.values()))
    if not seconds or machine.get("device") != "cpu" or not weights:
        return None, said("how long it takes is known after a first run")
    rate = _MEASURED_TOKENS / min(seconds) * min(1.0, _MEASURED_WEIGHTS / weights)
    return rate, said("roughly, as this machine was measured: {rate:,.0f} tokens a second", rate=rate)


def _weight(ref: ModelRef) -> int:
    return sum(file.stat().st_size for file in Path(ref.folder).glob("*.safetensors")) if ref.folder else 0
