"""The places of the window in the order of the method, each with its words and the state of its step."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from workbench.project.overview import Overview


class Mark(Enum):
    """The state of a step, told by shape and word, never by colour alone."""

    NONE = ""
    NOT_STARTED = "·"
    GOING = "◐"
    DONE = "✓"
    ATTENTION = "!"

    @property
    def word(self) -> str:
        """What the mark says."""
        return {
            Mark.NONE: "",
            Mark.NOT_STARTED: _tr("not started"),
            Mark.GOING: _tr("in progress"),
            Mark.DONE: _tr("done"),
            Mark.ATTENTION: _tr("needs attention"),
        }[self]


@dataclass(frozen=True)
class Place:
    """A page's key, its title, the stages it shows, what it is for in a sentence, and its key on the keyboard."""

    key: str
    title: str
    stages: tuple[str, ...]
    purpose: str
    shortcut: str = ""
    #: Stages it shows, too, without which it is done all the same.
    beside: tuple[str, ...] = ()

    @property
    def all_stages(self) -> tuple[str, ...]:
        """The stages it shows."""
        return (*self.stages, *self.beside)


def places() -> tuple[Place, ...]:
    """Return all places, those of the method first to last between overview and settings."""
    return (
        Place("overview", _tr("Overview"), (), _tr("How far the project has come, and what to do next."), "Ctrl+0"),
        Place(
            "constitution",
            _tr("Constitution"),
            (),
            _tr("The rules, in your words. Every later step asks a model by these wordings, and only by them."),
            "Ctrl+1",
        ),
        Place(
            "chains",
            _tr("Red team & chains"),
            ("chains",),
            _tr(
                "A model answers prompts, criticises each answer by a drawn principle, and revises it, round after round."
            ),
            "Ctrl+2",
        ),
        Place(
            "preferences",
            _tr("Preferences"),
            ("comparisons", "labels"),
            _tr(
                "A feedback model says which of two answers is better. Here you check it: your word stands above its own."
            ),
            "Ctrl+3",
        ),
        Place(
            "training",
            _tr("Training"),
            ("sft", "preference_model", "rl"),
            _tr(
                "A model learns the revisions, a preference model learns the choices, and reinforcement learning (RL) follows it."
            ),
            "Ctrl+4",
            ("dpo",),
        ),
        Place(
            "evaluate",
            _tr("Evaluate"),
            ("evaluation",),
            _tr("The models before and after answer prompts they have not met, and judges compare the answers."),
            "Ctrl+5",
            ("evaluation_set",),
        ),
        *_around(),
    )


def _around() -> tuple[Place, ...]:
    """Return the places behind those of the method."""
    return (
        Place(
            "models",
            _tr("Models"),
            (),
            _tr(
                "What can answer, criticise, judge and be trained: models here, from the hub, from runs and behind endpoints."
            ),
            "Ctrl+6",
        ),
        Place(
            "disk",
            _tr("Disk"),
            (),
            _tr("What runs and their checkpoints occupy, and what can be removed safely."),
            "Ctrl+7",
        ),
        Place("settings", _tr("Settings"), (), _tr("How the window looks, and under which name you review."), "Ctrl+,"),
    )


def stage_title(stage: str) -> str:
    """Return a stage's name as people read it."""
    return {
        "chains": _tr("Chains"),
        "comparisons": _tr("Comparisons"),
        "labels": _tr("Labels"),
        "sft": _tr("SFT (SL-CAI)"),
        "preference_model": _tr("Preference model"),
        "rl": _tr("RL (RL-CAI)"),
        "dpo": _tr("DPO (baseline)"),
        "evaluation": _tr("Evaluation"),
        "evaluation_set": _tr("Judge gate"),
    }.get(stage, stage)


def need_sentence(need: str) -> str:
    """Say what is missing before a stage can start, and where it comes from."""
    return {
        "prompts": _tr(
            "There are no prompts yet: import some from a file, a text with one a line, CSV, JSONL or Parquet, or write them."
        ),
        "test_prompts": _tr("There are no test prompts yet: import some with the split “test”."),
        "chains": _tr("There are no chains yet: start them on the page Red team & chains."),
        "comparisons": _tr("There are no pairs of answers yet: sample some first."),
        "labels": _tr("No pair has a label yet: have them labelled on the page Preferences."),
        "preference_model": _tr("There is no preference model yet: train one first."),
        "evaluation": _tr("There is no evaluation yet: start one first."),
        "sft_weights": _tr("Recorded without SL-CAI's weights: train them first, in half a minute."),
        "preference_model_weights": _tr(
            "Recorded without the preference model's weights: train them first, in about a minute."
        ),
        "rl_weights": _tr("Recorded without RL-CAI's weights: train them first, in some minutes."),
    }[need]


def mark_of(place: Place, overview: "Overview", runs: "Iterable[RunNow]") -> Mark:
    """Return the state of a place's step: work under way, then trouble with its newest run, then what is there."""
    if place.key == "constitution":
        return Mark.DONE if overview.principles else Mark.NOT_STARTED
    if not place.stages:
        return Mark.NONE
    mine = [one for one in runs if one.run.stage in place.stages]
    if any(one.active or one.run.state == "queued" for one in mine):
        return Mark.GOING
    newest: dict[str, RunNow] = {}
    for one in mine:  # newest first
        newest.setdefault(one.run.stage, one)
    if any(one.run.state in ("failed", "interrupted") for one in newest.values()):
        return Mark.ATTENTION
    done = [stage for stage in place.stages if stage in overview.finished]
    return Mark.DONE if len(done) == len(place.stages) else Mark.GOING if done else Mark.NOT_STARTED


def _tr(text: str) -> str:
    return QCoreApplication.translate("places", text)
