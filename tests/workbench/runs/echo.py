"""A stage that needs no model: it copies each prompt into three steps, slowly if asked, and can fail or hang on demand."""

import sys
import time

from workbench.errors import BadInputError
from workbench.records.chain import Step, StepKind
from workbench.records.prompt import Prompt
from workbench.worker.__main__ import main
from workbench.worker.work import Work

STAGES = {"chains": "echo:work_echo"}
STEPS = 3


def work_echo(work: Work) -> None:
    prompts = work.inputs(Prompt)
    there = {step.id for step in work.results(Step)}
    done = work.done_inputs()
    for number, prompt in enumerate(prompts):
        if prompt.id not in done:
            if work.should_stop():
                return
            _echo(work, prompt, there)
            work.done_input(prompt.id)
        work.progress(number + 1, len(prompts))
    work.metric("prompts", 0, len(prompts))


def _echo(work: Work, prompt: Prompt, there: set[str]) -> None:
    if prompt.text.startswith("fail"):
        raise BadInputError("This prompt asks for a failure.")
    if prompt.text.startswith("bug"):
        raise ZeroDivisionError("a bug was asked for")
    if prompt.text.startswith("hang"):
        time.sleep(60)
    for index in range(STEPS):
        step_id = f"{prompt.id}-{index}"
        kind: StepKind = "initial" if index == 0 else "revision"
        if step_id not in there:
            work.emit(Step(step_id, f"chain-{prompt.id}", prompt.id, index, index, kind, prompt.text))
        time.sleep(float(prompt.fields.get("sleep", "0")))


if __name__ == "__main__":
    sys.exit(main(stages=STAGES))
