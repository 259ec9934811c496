"""What policies in training wrote to pinned prompts."""

from sqlite_utils.db import Database

from workbench.records.policy_sample import PolicySample
from workbench.store.table import Table


class Samples(Table[PolicySample]):
    """Responses to pinned prompts, by run and step."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "samples", PolicySample)
