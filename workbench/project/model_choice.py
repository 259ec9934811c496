"""Which model plays which role: the embedded one and the newest made, unless somebody says otherwise."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError, UntrainedError
from workbench.records.commands import quoted
from workbench.records.endpoint import Endpoint
from workbench.records.model import ModelRef
from workbench.records.rewards import REWARDS, parse_rewards
from workbench.records.settings import EvaluationSetSettings, EvaluationSettings, RlSettings
from workbench.sentences import said
from workbench.sources.adapters import is_adapter
from workbench.sources.endpoints import Endpoints
from workbench.sources.folder import FoundModel, file_words, look_at
from workbench.sources.hub import ID, find_cached
from workbench.store.database import Store

#: The model that ships with the workbench.
DEMO_MODEL = Path(__file__).resolve().parent.parent / "demo" / "model"

#: The roles of each stage that may be named; those with a rule in ModelChoice have a default.
ROLES_OF: dict[str, tuple[str, ...]] = {
    "chains": ("response", "critic"),
    "comparisons": ("response",),
    "labels": ("feedback",),
    "sft": ("policy",),
    "preference_model": ("policy",),
    "rl": ("policy", "reference", *REWARDS, "gold"),
    "dpo": ("policy",),
    "evaluation": ("base", "sl_cai", "rl_cai", "dpo", "feedback", "reward"),
    "evaluation_set": ("feedback", "reward"),
}

#: A policy on its way, to be evaluated beside the others: RL-CAI after so many sampled responses, for example rl_cai@512; or
#: one trained in another way, under a name that says which.
_ON_THE_WAY = re.compile(r"rl_cai@[1-9]\d*")
_ANOTHER = re.compile(r"rl_cai_[a-z][a-z_]*")
#: A run's model on its way, as people name it.
_SNAPSHOT = re.compile(r"(.+)@(\d+)")


def roles_of(stage: str, named: Iterable[str]) -> tuple[str, ...]:
    """Return the roles of a stage; an evaluation has more for policies on their way or trained otherwise, where named."""
    roles = ROLES_OF[stage]
    if stage != "evaluation":
        return roles
    steps = sorted(
        (name for name in named if _ON_THE_WAY.fullmatch(name)), key=lambda name: int(name.partition("@")[2])
    )
    others = [name for name in named if _ANOTHER.fullmatch(name)]
    place = roles.index("rl_cai")
    return (*roles[:place], *steps, roles[place], *others, *roles[place + 1 :])


#: Roles a person may choose a model for once and for all, each with what it does.
WANTED_ROLES = {
    "response": said("answers prompts in chains"),
    "critic": said("criticises and revises"),
    "feedback": said("labels and judges"),
    "policy": said("is where SFT starts"),
}

#: Roles that are trained or whose weights are needed; an endpoint cannot play them.
WITH_WEIGHTS = frozenset({"policy", "reference", "reward", "reward_2", "reward_3", "gold"})


def endpoint_ref(endpoint: Endpoint) -> ModelRef:
    """Return an endpoint as a model."""
    return ModelRef("endpoint", endpoint.name, f"{endpoint.model} at {endpoint.name}", endpoint=endpoint)


_WHAT_MAKES = {
    "sft": said("an SL-CAI model"),
    "preference_model": said("a preference model"),
    "rl": said("an RL-CAI model"),
}


def has_weights(folder: Path) -> bool:
    """Say whether a model folder holds weights, its own or an adapter's."""
    return any(folder.glob("*.safetensors"))


def unbound(text: str) -> ModelRef:
    """Return a model that belongs to no project: demo or base, scripted, an endpoint, a folder, or a hub id in the cache."""
    if text in ("demo", "base"):
        return demo_ref()
    if text == "scripted":
        return ModelRef("scripted", "scripted", "scripted")
    if text.startswith(("endpoint:", "http://", "https://")):
        return endpoint_ref(Endpoints().get(text.removeprefix("endpoint:")))
    folder = Path(text).expanduser().resolve()
    if not (folder / "config.json").is_file() and not is_adapter(folder):
        if text.startswith("hub:") or (ID.fullmatch(text.partition("@")[0]) and not folder.exists()):
            return hub_ref(find_cached(text.removeprefix("hub:")))
        raise BadInputError(
            file_words(folder)
            or said(
                "'{text}' is not a model: name a run that made one, a folder with a config.json, a hub id, demo, or "
                "endpoint:NAME.",
                text=text,
            )
        )
    return ModelRef("folder", text, folder.name, str(folder), code=_code_of(look_at(folder)))


def hub_ref(found: FoundModel) -> ModelRef:
    """Return a model in the hub's cache, with the commit it was fetched at."""
    return ModelRef("hub", found.location, found.location, found.folder, found.commit, code=_code_of(found))


def _code_of(found: FoundModel) -> str:
    """Return the hash of the code a model is run by, where somebody agreed to that."""
    return found.code.hash if found.code is not None and found.trusted else ""


def demo_ref() -> ModelRef:
    """Return the embedded model."""
    if not (DEMO_MODEL / "config.json").is_file():
        raise MissingError(
            "The embedded demo model is not at {demo_model}; install the workbench anew, or name a model folder "
            "with --set.",
            demo_model=DEMO_MODEL,
        )
    return ModelRef("demo", "demo", "demo", str(DEMO_MODEL))


def _is_idle(role: str, settings: Any) -> bool:
    """Say whether a judge's model has nothing to do, so that its weights need not be there: nobody asks that judge."""
    judge = {"feedback": "feedback", "reward": "preference_model"}.get(role)
    if judge is None or not isinstance(settings, EvaluationSettings | EvaluationSetSettings):
        return False
    picks = isinstance(settings, EvaluationSettings) and "best_of" in settings.baselines and role == "reward"
    return not picks and judge not in (one.strip() for one in settings.judges.split(","))


class ModelChoice:
    """Resolves the models of a run from what the project holds and what the person named."""

    def __init__(self, store: Store, named: Mapping[str, str]) -> None:
        self._store = store
        self._named = named

    def models(self, stage: str, settings: Any = None) -> dict[str, ModelRef]:
        """Return a stage's models by role; raises MissingError naming the command that makes what is not there.

        Which models reinforcement learning is rewarded by stands in its settings.
        """
        roles = roles_of(stage, self._named)
        unknown = sorted(set(self._named) - set(roles))
        if unknown:
            raise BadInputError(
                "Stage {stage} has no model {unknown}; it has {roles}.",
                stage=stage,
                unknown=", ".join(unknown),
                roles=", ".join(roles),
            )
        rewards = parse_rewards(settings.rewards) if isinstance(settings, RlSettings) else {"reward": 1.0}
        self._check_rewards(stage, rewards)
        chosen: dict[str, ModelRef] = {}
        for role in roles:
            if stage == "rl" and role in REWARDS and role not in rewards and role not in self._named:
                continue
            if role not in self._named and _is_idle(role, settings):
                continue
            ref = self._of(stage, role, chosen)
            if ref is not None and ref.endpoint is not None and role in WITH_WEIGHTS:
                raise BadInputError(
                    "{ref} is an endpoint; the role {role} needs weights on this machine.", ref=ref.label, role=role
                )
            if ref is not None:
                chosen[role] = ref
        return chosen

    def _check_rewards(self, stage: str, rewards: Mapping[str, float]) -> None:
        if stage != "rl":
            return
        # A preference model named as reward without rewarding is where the value model begins.
        idle = sorted(set(self._named) & set(REWARDS) - {"reward", *rewards})
        if idle:
            raise BadInputError(
                "{idle} is named but rewards nothing; add it: --set rewards=reward,{idle}",
                idle=idle[0],
            )
        missing = sorted(set(rewards) - set(self._named) - {"reward", "feedback"})
        if missing:
            raise MissingError(
                "rewards names {missing}; say which model that is: --set {missing}=RUN", missing=missing[0]
            )

    def named(self, text: str) -> ModelRef:
        """Return the model somebody named: a run that made one (RUN@RESPONSES: on its way), or one that belongs to no project."""
        run = None if text in ("demo", "base", "scripted") else self._store.runs.find(text)
        if run is not None:
            return self._output(run.id, Path(run.folder))
        on_the_way = _SNAPSHOT.fullmatch(text)
        if on_the_way and (run := self._store.runs.find(on_the_way[1])) is not None:
            return self._snapshot(run.id, Path(run.folder), on_the_way[2])
        return unbound(text)

    def demo(self) -> ModelRef:
        """Return the embedded model."""
        return demo_ref()

    def newest(self, stage: str) -> ModelRef | None:
        """Return the model that the newest finished run of a stage made, or None."""
        made = [run for run in self._store.runs.usable(stage) if self._store.models.of_run(run.id) is not None]
        there = [run for run in made if self._weights_of(run.id, Path(run.folder))]
        # Where all have lost their weights, the newest says so.
        chosen = (there or made)[:1]
        return self._output(chosen[0].id, Path(chosen[0].folder)) if chosen else None

    def weightless(self, stage: str) -> bool:
        """Whether runs of a stage made models, and the weights of none are there: the recorded demo comes without."""
        made = [run for run in self._store.runs.usable(stage) if self._store.models.of_run(run.id) is not None]
        return bool(made) and not any(self._weights_of(run.id, Path(run.folder)) for run in made)

    def _weights_of(self, run_id: str, folder: Path) -> bool:
        made = self._store.models.of_run(run_id)
        return made is not None and has_weights(folder / made.path)

    def _of(self, stage: str, role: str, chosen: Mapping[str, ModelRef]) -> ModelRef | None:
        if role in self._named:
            return self.named(self._named[role])
        if role == "critic":
            return self._wanted("critic") or chosen["response"]
        if role == "reference":
            return chosen["policy"]
        if role == "gold":
            return None
        if stage in ("evaluation", "evaluation_set"):
            return self._evaluated(role)
        if stage == "rl" and role != "feedback":
            return self.required("sft" if role == "policy" else "preference_model")
        wanted = self._wanted(role) or self.demo()
        return (self.newest("sft") or wanted) if stage in ("comparisons", "preference_model", "dpo") else wanted

    def _wanted(self, role: str) -> ModelRef | None:
        """Return the model a person wants in a role wherever a run names none."""
        text = self._store.role_models.all().get(role)
        return self.named(text) if text else None

    def _evaluated(self, role: str) -> ModelRef | None:
        made_by = {"sl_cai": "sft", "rl_cai": "rl", "dpo": "dpo", "reward": "preference_model"}
        if role in made_by:
            return self.newest(made_by[role])
        return self._wanted("policy" if role == "base" else role) or self.demo()

    def required(self, stage: str) -> ModelRef:
        """Return the model that the newest finished run of a stage made; UntrainedError where there is none."""
        ref = self.newest(stage)
        if ref is None:
            folder = quoted(self._store.folder)
            raise UntrainedError(
                said(
                    "There is not {model} yet; make it with: workbench run {folder} {stage}",
                    model=_WHAT_MAKES[stage],
                    folder=folder,
                    stage=stage,
                ),
                stage,
            )
        return ref

    def _snapshot(self, run_id: str, folder: Path, responses: str) -> ModelRef:
        made = self._store.models.of_run(run_id, f"snapshots/{responses}")
        if made is None:
            raise MissingError(
                "Run {run_id} kept no policy after {responses} responses; those it kept: workbench show {folder} "
                "models. A new rl run keeps some with --set snapshots=4.",
                run_id=run_id,
                responses=responses,
                folder=quoted(self._store.folder),
            )
        location = f"{run_id}@{responses}"
        return ModelRef(
            "run",
            location,
            said("rl at {location}", location=location),
            str((folder / made.path).resolve()),
            None,
            made.weights,
        )

    def _output(self, run_id: str, folder: Path) -> ModelRef:
        made = self._store.models.of_run(run_id)
        if made is None:
            raise MissingError("Run {run_id} has made no model (yet).", run_id=run_id)
        if not has_weights(folder / made.path):
            stage = run_id.rpartition("-")[0]
            raise UntrainedError(
                said(
                    "The weights of {run_id} are not in this project (the recorded demo comes without them); train them "
                    "with: workbench run {folder} {stage}",
                    run_id=run_id,
                    folder=quoted(self._store.folder),
                    stage=stage,
                ),
                stage,
                run_id,
            )
        return ModelRef(
            "run", run_id, f"{made.kind} of {run_id}", str((folder / made.path).resolve()), None, made.weights
        )
