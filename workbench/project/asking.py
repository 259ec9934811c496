"""What a person asks of a run, as texts, sorted into settings, models, source runs and seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, UntrainedError
from workbench.project.model_choice import roles_of
from workbench.records.baselines import parse_baselines
from workbench.records.commands import quoted
from workbench.records.model import ModelRef
from workbench.records.run import STAGES
from workbench.records.settings import parse_settings
from workbench.runs.trackers import named_trackers
from workbench.sentences import said


@dataclass(frozen=True)
class Asked:
    """Settings as the stage's record, models named by role, runs named as the source, and the seed."""

    settings: Any
    models: dict[str, str]
    source_runs: tuple[str, ...]
    seed: int
    #: By which configuration of accelerate several processes are to work it.
    launcher: str = ""

    @classmethod
    def of(cls, stage: str, texts: Mapping[str, str], seed: int = 0) -> "Asked":
        """Sort texts such as {'rounds': '2', 'response': 'sft-1'}; a wrong name or value is one clear sentence."""
        if stage not in STAGES:
            raise BadInputError("There is no stage {stage}; there are {stages}.", stage=stage, stages=", ".join(STAGES))
        rest = dict(texts)
        models = {role: rest.pop(role) for role in roles_of(stage, rest) if role in rest}
        source = rest.pop("chains", "") if stage == "sft" else ""
        seed = _seed(rest.pop("seed")) if "seed" in rest else seed
        launcher = rest.pop("launcher", "")
        settings = parse_settings(stage, rest, roles_of(stage, rest))
        named_trackers(getattr(settings, "report_to", ""))
        return cls(settings, models, tuple(filter(None, source.split(","))), seed, launcher)


def check_judges(stage: str, settings: Any, models: Mapping[str, ModelRef], folder: Path) -> None:
    """Raise MissingError where an evaluation is to be judged by a preference model that nobody has made."""
    if stage not in ("evaluation", "evaluation_set"):
        return
    asked = "preference_model" in settings.judges
    if stage == "evaluation":
        policies = tuple(name for name in models if name not in ("feedback", "reward"))
        asked = asked or any(policy.best_of > 1 for policy in parse_baselines(settings.baselines, policies))
    if asked and "reward" not in models:
        raise UntrainedError(
            said(
                "There is not a preference model yet to judge; make it with: workbench run {folder} preference_model, or "
                "leave it out with --set judges=feedback",
                folder=quoted(folder),
            ),
            "preference_model",
        )


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadInputError("The seed must be a whole number, not '{text}'.", text=text) from error
