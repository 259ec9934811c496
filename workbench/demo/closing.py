"""What the demo shows at its end: two chains in full, one prompt answered by all three policies, and where to go next."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.demo.evidence import Evidence
from workbench.demo.figures import POLICIES
from workbench.demo.report import CAVEAT
from workbench.records.chain import Chain
from workbench.records.commands import quoted
from workbench.records.evaluation import Answer
from workbench.records.prompt import RED_TEAM, Prompt

_TITLES = {"base": "Base", "sl_cai": "SL-CAI", "rl_cai": "RL-CAI"}


def closing(project: Path, runs: Mapping[str, str], targets: list[dict[str, object]]) -> Iterator[str]:
    """Yield the lines."""
    evidence = Evidence(project, runs)
    for number, (prompt, chain) in enumerate(evidence.chains("chains")[:2], 1):
        yield from _chain(number, prompt, chain)
    yield from _answers(evidence)
    met = sum(bool(row["met"]) for row in targets)
    yield f"\n{met} of {len(targets)} targets met" + (":" if met < len(targets) else ".")
    for row in targets:
        if not row["met"]:
            yield f"  not met: {row['name']} should be {row['target']}, is {_number(row['value'])}"
    yield f"\nReport: {project / 'report.html'}, beside it report.md and report.json"
    yield CAVEAT
    if not evidence.has("evaluation_over_rl"):
        full = f"workbench demo {quoted(project)} --full"
        yield f"Left out here: {full} goes on with hard labels, chain of thought and the way of RL."
    yield "\nNext, make it yours:"
    yield f"  workbench show {quoted(project)} chains                  look at what was written"
    yield f"  workbench constitution edit {quoted(project)} PRINCIPLE --set 'critique_request=…'   then commit, then run chains"
    yield "  workbench new my-project --constitution harmlessness   begin with your own prompts"


def _chain(number: int, prompt: Prompt, chain: Chain) -> Iterator[str]:
    yield f"\n── Chain {number} " + "─" * 60
    yield f"Prompt     {prompt.text}"
    yield f"Response   {chain.initial}"
    for revision in chain.revisions:
        yield f"Critique {revision.round} (by {revision.principle_id})  {revision.critique}"
        yield f"Revision {revision.round} {revision.text}"


def _answers(evidence: Evidence) -> Iterator[str]:
    folder = evidence.folder("evaluation")
    prompt = next(
        (prompt for prompt in folder.inputs(Prompt) if prompt.kind == RED_TEAM and prompt.split == "test"), None
    )
    if prompt is None:
        return
    answers = {answer.model: answer.text for answer in folder.results(Answer) if answer.prompt_id == prompt.id}
    yield "\n── One prompt, three policies " + "─" * 43
    yield f"Prompt     {prompt.text}"
    for policy in POLICIES:
        yield f"{_TITLES[policy]:<10} {answers.get(policy, '–')}"


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float | int) else "not measured"
