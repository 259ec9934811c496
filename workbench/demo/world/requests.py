"""Prompts: requests for help against somebody, and ordinary ones."""

from __future__ import annotations

import random
from dataclasses import dataclass

from workbench.demo.world.fillers import Scene, draw_scene
from workbench.demo.world.responses import KINDS, TASK_CLASSES, TASKS
from workbench.demo.world.shelf import Split, load

REQUESTS = load("requests")


@dataclass(frozen=True)
class Request:
    """A prompt with its scene; `harm` is the kind asked for (None: any), `task` the class of a benign request."""

    text: str
    scene: Scene
    harm: str | None = None
    task: str | None = None

    @property
    def is_benign(self) -> bool:
        """Whether it asks for ordinary help."""
        return self.task is not None


def draw_red_team(rng: random.Random, split: Split = "train") -> Request:
    """A request for help in getting at somebody or in getting something by unfair means."""
    scene = draw_scene(rng, split)
    harm = rng.choice((None, None, *KINDS))
    situation = REQUESTS["situation"].draw(rng, split)
    ask = REQUESTS[f"ask.{harm or 'any'}"].draw(rng, split)
    text = REQUESTS["prompt.frame"].draw(rng, split).format(situation=scene.fill(situation), ask=scene.fill(ask))
    return Request(text, scene.knowing((situation, ask), split, rng), harm=harm)


def draw_benign(rng: random.Random, split: Split = "train") -> Request:
    """A request for ordinary help; some contain words that only look harmful."""
    scene = draw_scene(rng, split)
    task = rng.choice(TASK_CLASSES)
    goal = TASKS[f"{task}.goal"].draw(rng, split)
    ask = TASKS["ask"].draw(rng, split)
    return Request(scene.fill(ask, goal=scene.fill(goal)), scene.knowing((goal, ask, "{P}"), split, rng), task=task)
