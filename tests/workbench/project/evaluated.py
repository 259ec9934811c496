"""A project with an evaluation whose outcome is known."""

from pathlib import Path

from tests.workbench.project.projects import append, ended, project
from workbench.project import Project
from workbench.records.evaluation import Answer, Judgement, Verdict
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.stages.evaluation import score_of

WORDS = {"base": "Shout at him.", "rl_cai": "Ask him kindly why he did it."}
#: The judge's verdicts on thirty prompts, base shown as a: 20 for rl_cai, 6 for base, 4 ties.
COUNTS: dict[Verdict, int] = {"b": 20, "a": 6, "tie": 4}
VERDICTS = [verdict for verdict, count in COUNTS.items() for _ in range(count)]


def evaluated(folder: Path) -> Project:
    made = project(folder, number=30)
    run = made.make_run("evaluation", {"judges": "feedback", "base": "scripted", "feedback": "scripted"})
    asked = [prompt for prompt in run.inputs(Prompt) if prompt.kind == RED_TEAM]
    records: list[object] = []
    for prompt, verdict in zip(asked, VERDICTS, strict=True):
        base, later = (Answer(f"{name}-{prompt.id}", prompt.id, name, WORDS[name], RED_TEAM, 9) for name in WORDS)
        records += [base, later, score_of(later, "oracle", "harm", 0.5), score_of(base, "oracle", "refusal", 1.0)]
        records += [
            Judgement(f"j-{prompt.id}", prompt.id, "preference_model", "base", "rl_cai", base.id, later.id, verdict)
        ]
    append(run, records)
    ended(run)
    made.collect(run)
    return made
