"""A project's memory with a run of each kind in it."""

from pathlib import Path

from workbench.records.chain import Step, StepKind
from workbench.records.comparison import Comparison, Label, OrderedAnswer, Review
from workbench.records.constitution import Constitution, ConstitutionVersion, Principle
from workbench.records.prompt import HELPFUL, Prompt, prompt_of
from workbench.records.run import Plan
from workbench.store.database import Store

KIND = Constitution(
    "kind", principles=(Principle("kindness", revision_request="Be kind.", comparison_question="Which is kind?"),)
)


def version(
    constitution: Constitution = KIND, parent: str | None = None, created: str = "2026-01-01"
) -> ConstitutionVersion:
    return ConstitutionVersion(constitution.hash, constitution, "name: kind\n", "why", parent, created)


def store_with_runs(folder: Path) -> Store:
    store = Store.create(folder)
    with store.write():
        store.prompts.add([prompt(0), prompt(1, HELPFUL)])
        for plan in (
            Plan("chains-1", "chains", settings={"rounds": 2}),
            Plan("labels-1", "labels"),
            Plan("comparisons-1", "comparisons"),
        ):
            store.runs.record(plan, folder / "runs" / plan.id)
    return store


def prompt(number: int, kind: str = "red-team", split: str = "train") -> Prompt:
    return prompt_of(f"What about {number}?", kind, split, "examples")


def step(number: int, index: int, chain: str = "", verdicts: tuple[str, ...] = ()) -> Step:
    chain = chain or f"chain-{number}"
    kind: StepKind = "initial" if index == 0 else "critique" if index % 2 else "revision"
    principle = None if index == 0 else "kindness"
    of = prompt(number, HELPFUL if number == 1 else "red-team")
    round_ = (index + 1) // 2
    return Step(f"{chain}-{index}", chain, of.id, index, round_, kind, f"text {index}", principle, verdicts=verdicts)


def comparison(number: int, of: Prompt | None = None) -> Comparison:
    return Comparison(f"comparison-{number}", (of or prompt(0)).id, f"a {number}", f"b {number}", "m", "m")


def label(
    of: Comparison, probability: float = 0.7, name: str = "", constitution: str = "h1", verdict: str = "ok"
) -> Label:
    answers = (OrderedAnswer("ab", -0.3, -1.2), OrderedAnswer("ba", -0.4, -1.1))
    return Label(
        name or f"label-{of.id}",
        of.id,
        ("kindness", "kindness"),
        probability,
        answers,
        verdict=verdict,
        constitution_hash=constitution,
    )


def review(of: Comparison, number: int = 1, supersedes: str | None = None) -> Review:
    return Review(
        f"review-{of.id}-{number}",
        of.id,
        "Ada",
        "a_much",
        reason="clearer",
        supersedes=supersedes,
        created="2026-01-02",
    )
