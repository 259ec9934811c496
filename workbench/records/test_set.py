"""The locked set of test prompts that evaluations share, and what one evaluation asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.records.identity import content_hash
from workbench.sentences import said

#: How much of a set's hash is shown.
SHORT = 8


@dataclass(frozen=True)
class TestSet:
    """Test prompts that were locked when the first evaluation that may ask them was made; they stay as they are.

    run_id is empty where the set is not locked yet.
    """

    __test__ = False  # no test of pytest's

    id: str
    hash: str
    size: int
    prompt_ids: tuple[str, ...]
    run_id: str = ""
    created: str = ""

    @property
    def short(self) -> str:
        """The beginning of its hash, by which a person names it."""
        return self.hash[:SHORT]


@dataclass(frozen=True)
class AskedSet:
    """The test prompts an evaluation asks, by hash and number of their ids, and those of the locked set they are drawn from."""

    hash: str
    size: int
    locked: str = ""
    of: int = 0

    @property
    def words(self) -> str:
        """What was asked, in words."""
        if self.locked and self.locked != self.hash:
            return said(
                "{hash}, {size} of the {of} prompts of the locked set {locked}",
                hash=self.hash[:SHORT],
                size=self.size,
                of=self.of,
                locked=self.locked[:SHORT],
            )
        return f"{self.hash[:SHORT]}, {self.size} prompts"


def set_hash(prompt_ids: Iterable[str]) -> str:
    """Return the hash by which a set of prompts is known, in whatever order they come."""
    return content_hash(sorted(prompt_ids))
