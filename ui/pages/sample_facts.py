"""The origin of a sample of a training, for the inspector: which step of which run wrote it, to what, and how it was rewarded."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.pages.run_lines import run_lines
from ui.static_words import in_language
from ui.widgets.inspector import Facts

if TYPE_CHECKING:
    from workbench.project.samples import PinnedPrompt
    from workbench.records.policy_sample import PolicySample
    from workbench.records.run import Run


def sample_facts(run: "Run", pinned: "PinnedPrompt", sample: "PolicySample", covered: bool) -> Facts:
    """Tell where a sample comes from; texts only where they are not covered."""
    lines = [
        (_tr("Sample"), sample.id),
        (_tr("Prompt"), f"{pinned.text}\n({pinned.id}, {in_language(pinned.kind)})"),
        (_tr("Step"), _tr("{step} of {run}").format(step=sample.step, run=run.id)),
        (_tr("Text"), sample.text),
        (_tr("Where it began"), pinned.began(sample)),
    ]
    if sample.score is not None:
        lines.append((_tr("Reward"), f"{sample.score:.3f}"))
    if sample.reference_score is not None:
        lines.append((_tr("Reward of the reference"), f"{sample.reference_score:.3f}"))
    if sample.kl is not None:
        lines.append((_tr("KL to the reference"), _tr("{kl:.2f} nats").format(kl=sample.kl)))
    lines += run_lines(run, _tr("Written by the model in training"))
    hidden = frozenset({_tr("Text"), _tr("Where it began")} if covered else ())
    return Facts(_tr("A sample of a training"), lines, hidden)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_facts", text)
