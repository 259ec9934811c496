"""The demo's recipe: which runs, in which order, with which settings; each a run anyone could start from the command line."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.demo.report import measured, write_report
from workbench.errors import WorkbenchError
from workbench.interchange.bundled import load_constitution
from workbench.interchange.lines import BadRow
from workbench.interchange.prompts import read_prompt_rows
from workbench.project import Project
from workbench.project.importing import FileImport, Wanted
from workbench.records.run import Run, RunState
from workbench.runs.folder import RunFolder

#: Starts a run, follows it to its end and collects it: what the command line does for any run.
Follow = Callable[[Path, RunFolder], Run]
Say = Callable[[str], None]

#: Held-out prompts, made by the demo world's generator.
PROMPTS = Path(__file__).resolve().parent / "prompts.jsonl"
#: What stands for people's choices between helpful and poor answers, which the paper's preference model learns from too.
CHOICES = Path(__file__).resolve().parent / "choices.jsonl"

_NOTES = "demo.json"


@dataclass(frozen=True)
class Part:
    """One run of the recipe: its name in the report, its stage, its settings, and a line that says what it does.

    A setting may name another part's run as {part}.
    """

    name: str
    stage: str
    what: str
    settings: dict[str, str] = field(default_factory=dict)


#: The demo model knows the formats by heart, and examples in front of each request triple the time.
ZERO_SHOT = {"few_shots": "false"}

#: With the options first, the two orders of a comparison cost less and this judge is right more often.
ASKED = {"options_first": "true", **ZERO_SHOT}

#: Prompts that chains are written for: of those for SFT about 320 are red-team and 400 helpful, whose answers need no revision.
CHAINS = {"limit": "720", **ZERO_SHOT}

#: All helpful samples, and a lower learning rate than usual, keep SL-CAI as helpful as the model it is made from.
SFT = {"helpful_share": "1.0", "learning_rate": "1.5e-4"}

#: Policies on the way cost a moment to keep; the full demo evaluates them. With a weaker leash answers get short.
RL = {"episodes": "640", "kl_coef": "0.1", "snapshots": "4"}

#: How the preference model is trained, and measured on the same comparisons whatever it is trained on.
PREFERENCE_MODEL = {"held_out_share": "0.62", "batch_size": "16", "micro_batch_size": "16"}

#: Baselines come before the runs that later stages build on, since a stage takes the newest output of the one before.
PARTS: tuple[Part, ...] = (
    Part(
        "chains_without_critique",
        "chains",
        "Revising without critiques, for comparison",
        {"critique": "false", **CHAINS},
    ),
    Part("chains", "chains", "Answering, critiquing and revising red-team prompts", CHAINS),
    Part("sft", "sft", "Fine-tuning on the revisions (SL-CAI)", SFT),
    Part("comparisons", "comparisons", "Sampling pairs of answers from SL-CAI", {"responses": "3", "limit": "1300"}),
    Part(
        "labels_with_rationale",
        "labels",
        "Labelling some pairs step by step",
        {"rationale": "true", "limit": "310", **ASKED},
    ),
    Part("labels", "labels", "Labelling every pair by a drawn principle", ASKED),
    Part(
        "preference_model",
        "preference_model",
        "Training the preference model",
        PREFERENCE_MODEL,
    ),
    Part("rl", "rl", "Reinforcement learning against the preference model (RL-CAI)", RL),
    Part(
        "evaluation",
        "evaluation",
        "Comparing base, SL-CAI and RL-CAI",
        {"judges": "oracle,feedback,preference_model", "limit": "330", **ZERO_SHOT},
    ),
)


@dataclass
class Notes:
    """What the recipe has done in a project so far: run ids by part, and seconds by part."""

    runs: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_mb: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Notes":
        """Read them from a project, or begin."""
        file = folder / _NOTES
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else cls()

    def write(self, folder: Path) -> None:
        """Write them beside their place and rename them there."""
        beside = folder / f".{_NOTES}.new"
        beside.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        beside.replace(folder / _NOTES)


def run_demo(
    folder: Path,
    seeds: Sequence[int],
    machine: dict[str, Any],
    follow: Follow,
    say: Say,
    parts: Sequence[Part] = PARTS,
) -> list[dict[str, Any]]:
    """Run the recipe once per seed, resuming what is there, and return the reports; several seeds get a folder each."""
    places = [folder] if len(seeds) == 1 else [folder / f"seed-{seed}" for seed in seeds]
    return [_run_seed(place, seed, machine, follow, say, parts) for place, seed in zip(places, seeds, strict=True)]


def _run_seed(
    folder: Path, seed: int, machine: dict[str, Any], follow: Follow, say: Say, parts: Sequence[Part]
) -> dict[str, Any]:
    make_project(folder, say)
    notes = Notes.read(folder)
    if all(is_done(folder, notes, part) for part in parts):
        say(f"The demo in {folder} has run already; this is its report. Another folder runs it anew.")
    for number, part in enumerate(parts, 1):
        if is_done(folder, notes, part):
            continue
        say(f"\n[{number}/{len(parts)}] {part.what} …")
        work_part(folder, part, seed, machine, notes, follow)
        for line in measured(folder, notes.runs, part.name):
            say(f"    {line}")
    return write_report(folder, seed, notes.runs, notes.seconds, notes.peak_memory_mb)


def make_project(folder: Path, say: Say) -> None:
    """Make the demo's project unless it is there."""
    if (folder / "project.db").is_file():
        return
    constitution, text = load_constitution("demo")
    with PROMPTS.open("rb") as stream:
        rows = list(read_prompt_rows(stream, "demo"))
    prompts = [row for row in rows if not isinstance(row, BadRow)]
    with Project.create(folder, constitution, text) as project:
        project.import_prompts(prompts)
        *_, taken = FileImport(Wanted(str(CHOICES), "comparisons", kind="helpful", split="preferences")).take(project)
    say(
        f"Made project {folder}: {len(prompts)} held-out prompts, {len(constitution.principles)} principles, and "
        f"{taken.new['reviews']} choices between helpful answers that stand for people's."
    )


def is_done(folder: Path, notes: Notes, part: Part) -> bool:
    """Say whether a part has run to its end."""
    if part.name not in notes.runs:
        return False
    with Project.read(folder) as project:
        return project.run(notes.runs[part.name]).state is RunState.FINISHED


def work_part(folder: Path, part: Part, seed: int, machine: dict[str, Any], notes: Notes, follow: Follow) -> None:
    """Run a part to its end, or go on with it; raises WorkbenchError where it ends otherwise."""
    began = time.monotonic()
    with Project.open(folder, wait=30.0) as project:
        if part.name in notes.runs:
            made = project.run_folder(notes.runs[part.name])
        else:
            settings = {name: text.format(**notes.runs) for name, text in part.settings.items()}
            made = project.make_run(part.stage, settings, machine, seed)
            notes.runs[part.name] = made.id
            notes.write(folder)
    ended = follow(folder, made)
    notes.seconds[part.name] = notes.seconds.get(part.name, 0.0) + time.monotonic() - began
    notes.peak_memory_mb[part.name] = max(notes.peak_memory_mb.get(part.name, 0.0), ended.peak_memory_mb)
    notes.write(folder)
    if ended.state is not RunState.FINISHED:
        raise WorkbenchError(
            "The demo stopped: run {ended} is {state} ({reason}). Run it again to go on.",
            ended=ended.id,
            state=ended.state,
            reason=ended.reason,
        )
