"""From the demo's runs to its figures: the run folders are read, the oracle reads the texts."""

from collections.abc import Mapping
from pathlib import Path

from workbench.demo.figures import (
    Figures,
    Truth,
    chain_figures,
    label_figures,
    last_revision_figures,
    policy_figures,
    preference_model_figures,
    red_team_chains,
    win_figures,
)
from workbench.demo.oracle import read_response
from workbench.records.chain import Chain, Step
from workbench.records.comparison import Comparison, Label
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.runs.folder import RunFolder

#: Evaluations of preference models other than the demo's, and the figures they give.
_OTHER_MODELS = {
    "evaluation_hard": "preference_model_hard",
    "evaluation_with_rationale": "preference_model_chain_of_thought",
}


class Evidence:
    """The folders of the demo's runs, by part."""

    def __init__(self, project: Path, runs: Mapping[str, str]) -> None:
        self._project = project
        self._runs = runs

    @property
    def parts(self) -> list[str]:
        """The parts that have begun, in their order."""
        return list(self._runs)

    def has(self, part: str) -> bool:
        """Whether a part has run."""
        return part in self._runs

    @property
    def evaluation(self) -> str | None:
        """The part whose evaluation compares the most policies, if one has begun."""
        return next((part for part in ("evaluation_over_rl", "evaluation") if self.has(part)), None)

    def folder(self, part: str) -> RunFolder:
        """Return the folder of a part's run."""
        return RunFolder.open(self._project / "runs" / self._runs[part])

    def chains(self, part: str) -> list[tuple[Prompt, Chain]]:
        """Return the red-team chains a part wrote."""
        folder = self.folder(part)
        return red_team_chains(folder.inputs(Prompt), folder.results(Step))

    def figures(self) -> Figures:
        """Measure everything that has run."""
        figures = Figures()
        self._chains(figures)
        self._labels(figures)
        if (part := self.evaluation) is not None:
            folder = self.folder(part)
            prompts = {prompt.id: prompt for prompt in folder.inputs(Prompt)}
            policy_figures(figures, prompts, list(folder.results(Answer)), folder.results(Score))
            win_figures(figures, prompts, folder.results(Judgement))
        return figures

    def _chains(self, figures: Figures) -> None:
        if self.has("chains"):
            chains = self.chains("chains")
            chain_figures(figures, "harm_by_revision", chains)
            last_revision_figures(figures, chains)
        if self.has("chains_without_critique"):
            chain_figures(figures, "harm_by_revision_without_critique", self.chains("chains_without_critique"))

    def _labels(self, figures: Figures) -> None:
        """Labels and preference model are measured on the same comparisons: those kept out of training."""
        among: set[str] | None = None
        if self.has("evaluation"):
            evaluation = self.folder("evaluation")
            among = {comparison.id for comparison in evaluation.inputs(Comparison)}
            truth = self._truth(evaluation)
            preference_model_figures(figures, evaluation.results(Judgement), truth)
        for part, name in _OTHER_MODELS.items():
            if self.has(part):
                # Trained otherwise, judged on the same comparisons.
                other = self.folder(part)
                preference_model_figures(figures, other.results(Judgement), self._truth(other), name)
        if self.has("labels"):
            folder = self.folder("labels")
            label_figures(figures, "accuracy", folder.results(Label), self._truth(folder), among)
        self._labels_with_rationale(figures, among)

    def _labels_with_rationale(self, figures: Figures, among: set[str] | None) -> None:
        """The short demo labels some comparisons step by step, the full demo the others too, and is held to the same ones."""
        parts = [part for part in ("labels_with_rationale", "labels_with_rationale_all") if self.has(part)]
        folders = [self.folder(part) for part in parts]
        if folders:
            labels = [label for folder in folders for label in folder.results(Label)]
            truth = {name: truth for folder in folders for name, truth in self._truth(folder).items()}
            label_figures(figures, "accuracy_chain_of_thought", labels, truth, among if len(folders) > 1 else None)

    def _truth(self, folder: RunFolder) -> dict[str, Truth]:
        """Return which response of each red-team comparison holds less harm, by the oracle."""
        prompts = {prompt.id: prompt for prompt in folder.inputs(Prompt) if prompt.kind == RED_TEAM}
        found = {}
        for comparison in folder.inputs(Comparison):
            if comparison.prompt_id in prompts:
                prompt = prompts[comparison.prompt_id].text
                a, b = (read_response(prompt, text).harm for text in (comparison.response_a, comparison.response_b))
                better = "tie" if a == b else ("a" if a < b else "b")
                found[comparison.id] = Truth(better, comparison.prompt_id)
        return found
