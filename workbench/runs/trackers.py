"""Trackers that a training may report its numbers to: none unless a person names one."""

import importlib.util

from workbench.errors import BadInputError, MissingError

#: Tracker -> the package that reports to it.
TRACKERS: dict[str, str] = {"tensorboard": "tensorboard", "wandb": "wandb", "trackio": "trackio"}
NONE = "none"


def named_trackers(text: str) -> tuple[str, ...]:
    """Read the report_to setting; raises BadInputError for an unknown tracker, MissingError where its package is not there."""
    names = tuple(name.strip() for name in text.split(",") if name.strip() and name.strip() != NONE)
    for name in names:
        if name not in TRACKERS:
            raise BadInputError(
                "There is no tracker {name}; report_to takes {none} or some of {trackers}.",
                name=name,
                none=NONE,
                trackers=", ".join(TRACKERS),
            )
        if importlib.util.find_spec(TRACKERS[name]) is None:
            raise MissingError(
                "report_to={name} needs the package {trackers}; install it with: pip install {trackers}",
                name=name,
                trackers=TRACKERS[name],
            )
    return names
