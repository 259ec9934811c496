"""References to language models.

A run names them by role: response answers, critic critiques and revises, feedback labels, policy is trained, reference anchors
the KL, reward, reward_2 and reward_3 score; gold, a preference model trained on other data, rewards nothing and so tells when the
reward is being exploited.
"""

from dataclasses import dataclass
from typing import Literal

from workbench.records.endpoint import Endpoint

ModelKind = Literal["demo", "folder", "run", "hub", "endpoint", "scripted"]


@dataclass(frozen=True)
class ModelRef:
    """Where weights are: the embedded demo model, a folder, a run's output, a hub id with its commit, or an endpoint.

    folder is the resolved path the worker loads (None for endpoints), with whole weights or an adapter that names its base;
    label is what people read; endpoint says where and how an endpoint is asked, without its key.
    """

    kind: ModelKind
    location: str
    label: str = ""
    folder: str | None = None
    commit: str | None = None
    weights: str = ""
    endpoint: Endpoint | None = None
    #: Hash of the code of its own that somebody agreed to run; empty where the library's code runs it.
    code: str = ""
