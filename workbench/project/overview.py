"""What a project holds, counted: how far each step of the method has come, and what it still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.project.model_choice import ModelChoice
from workbench.project.project import Project
from workbench.project.test_sets import locked_set, unlocked_prompts
from workbench.records.run import STAGES

#: What a stage takes from the stages before it, first things first; in the order of the method, where the model that learned
#: the revisions writes the answers that are compared (paper section 4.1).
NEEDS: dict[str, tuple[str, ...]] = {
    "chains": ("prompts",),
    "sft": ("chains",),
    "comparisons": ("prompts",),
    "labels": ("comparisons",),
    "preference_model": ("labels",),
    "rl": ("prompts", "preference_model"),
    "dpo": ("labels",),
    "evaluation": ("test_prompts",),
}

#: Whose trained models a stage takes where there are some.
MODELS_OF: dict[str, tuple[str, ...]] = {
    "comparisons": ("sft",),
    "preference_model": ("sft",),
    "rl": ("sft", "preference_model"),
    "dpo": ("sft",),
    "evaluation": ("sft", "preference_model", "rl"),
}


@dataclass(frozen=True)
class Overview:
    """Rows by kind, the committed constitution, and the stages whose results may be used."""

    rows: Mapping[str, int] = field(default_factory=dict)
    constitution: str = ""
    constitution_hash: str = ""
    principles: int = 0
    versions: int = 0
    finished: frozenset[str] = frozenset()
    #: Stages that made models whose weights are not there, as in the recorded demo.
    weightless: frozenset[str] = frozenset()
    #: The beginning of the hash of the test prompts that are locked; empty where the first evaluation is to lock them.
    test_set: str = ""

    def lacks(self, stage: str) -> tuple[str, ...]:
        """Return what must be there before a stage can start and is not, first things first."""
        weights = (f"{maker}_weights" for maker in MODELS_OF.get(stage, ()) if maker in self.weightless)
        return (*(need for need in NEEDS[stage] if not self._has(need)), *weights)

    def lacks_judge(self) -> str:
        """Return what must be there before a preference model can judge and is not; nothing where one can."""
        if "preference_model" not in self.finished:
            return "preference_model"
        return "preference_model_weights" if "preference_model" in self.weightless else ""

    def _has(self, need: str) -> bool:
        return need in self.finished if need in ("chains", "preference_model") else self.rows.get(need, 0) > 0


def overview_of(project: Project) -> Overview:
    """Count what a project holds."""
    store = project.store
    version, locked = project.constitution, locked_set(store)
    rows = {
        "prompts": store.prompts.count("split != 'test'"),
        "test_prompts": store.prompts.count("split = 'test'"),
        "unlocked_test_prompts": unlocked_prompts(store, locked),
        "chains": store.chains.chain_count(),
        "comparisons": store.comparisons.count(),
        "labels": store.labels.count(),
        "reviews": store.reviews.count(),
        "answers": store.answers.count(),
    }
    return Overview(
        rows,
        version.constitution.title or version.constitution.name,
        version.hash,
        len(version.constitution.principles),
        store.constitutions.count(),
        frozenset(stage for stage in STAGES if store.runs.usable(stage)),
        frozenset(stage for stage in ("sft", "preference_model", "rl") if ModelChoice(store, {}).weightless(stage)),
        locked.short if locked else "",
    )
