"""kill -9 of the owner at any moment loses nothing it said was saved."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.project import Project
from workbench.records.chain import Step
from workbench.records.comparison import Comparison
from workbench.records.constitution import Constitution
from workbench.records.prompt import prompt_of

KINDS = ("review", "exclusion", "edit", "prompt", "constitution")
OWNER = """
import sys
from pathlib import Path
from workbench.project import Project
from workbench.records.comparison import Review
from workbench.records.constitution import Constitution
from workbench.records.prompt import prompt_of

sitting = sys.argv[2]
project = Project.open(Path(sys.argv[1]))
if "comparison" in project.store.exclusions.standing():
    project.include(["comparison"], "Ada", "start afresh")
for number in range(1_000_000):
    name = f"{sitting}-{number}"
    project.review([Review(f"review-{name}", "comparison", "Ada", "a", reason=name)])
    print("review", f"review-{name}", flush=True)
    project.exclude(["comparison"], "Ada", name) if number % 2 else number and project.include(["comparison"], "Ada", name)
    print("exclusion", name, flush=True)
    project.edit("step", f"wording {name}", "Ada", name)
    print("edit", name, flush=True)
    print("prompt", *project.import_prompts([prompt_of(f"prompt {name}")]).new, flush=True)
    if number % 5 == 0:
        print("constitution", project.commit(Constitution(name)).hash, flush=True)
"""


def own_and_be_killed(folder: Path, sitting: int, delay: float) -> dict[str, set[str]]:
    command = [sys.executable, "-c", OWNER, str(folder), str(sitting)]
    with tempfile.TemporaryFile() as told:
        owner = subprocess.Popen(command, stdout=told)
        while owner.poll() is None and not os.fstat(told.fileno()).st_size:
            time.sleep(0.005)
        time.sleep(delay)
        owner.kill()
        owner.wait()
        told.seek(0)
        lines = told.read().decode().split("\n")[:-1]
    said: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for line in lines:
        kind, _, name = line.partition(" ")
        said[kind].add(name)
    return said


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=3))
def test_what_was_said_to_be_saved_is_there(delays: list[float]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        with Project.create(folder, Constitution("first")) as project:
            prompt = prompt_of("What?")
            project.import_records([prompt], [Comparison("comparison", prompt.id, "one", "two")])
            run = project.make_run("chains", {"response": "scripted"})
            with project.store.write():
                project.store.chains.add(
                    [Step("step", "chain", prompt.id, 0, 0, "initial", "as written")], run_id=run.id
                )
        said: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for sitting, delay in enumerate(delays):
            for kind, names in own_and_be_killed(folder, sitting, delay).items():
                said[kind] |= names
            assert said["review"]
        with Project.open(folder) as project:
            assert said["review"] <= {review.id for review in project.store.reviews.each()}
            excluded = {exclusion.reason for exclusion in project.store.exclusions.each()}
            assert {name for name in said["exclusion"] if not name.endswith("-0")} <= excluded
            assert said["edit"] <= {edit.reason for edit in project.store.edits.each()}
            assert said["prompt"] <= {prompt.id for prompt in project.store.prompts.each()}
            assert said["constitution"] <= {version.hash for version in project.constitution_versions()}
            assert project.check() == []
            journal = [json.loads(line)["id"] for line in (folder / "decisions.jsonl").read_text().splitlines()]
            assert said["review"] <= set(journal)
            # What it had no time to say may be there or not, but one decision at most a sitting.
            assert project.store.reviews.count() - len(said["review"]) <= len(delays)
