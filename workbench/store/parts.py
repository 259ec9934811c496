"""A transaction that stays open between the parts of a large file, while others have their turn."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from workbench.errors import WorkbenchError

#: So many parts are committed together, which takes about as long as two of them.
TOGETHER = 8


class Parts:
    """Ids are hashes: near the end of a million rows each commit writes nearly every page of six indexes, however few come.

    Whoever writes meanwhile has what is open committed first, so that everything is in the order in which it was done.
    """

    def __init__(self, bring_in: Callable[[], AbstractContextManager[None]], catch_up: Callable[[], None]) -> None:
        self._bring_in, self._catch_up = bring_in, catch_up
        self._open: ExitStack | None = None
        self._held = 0
        self._failure: WorkbenchError | None = None

    @contextmanager
    def part(self) -> Iterator[None]:
        """Add one part; where that fails, those before it that are not committed yet are taken back as well."""
        self._tell()
        stack = self._open or ExitStack()
        if self._open is None:
            stack.enter_context(self._bring_in())
            self._open, self._held = stack, 0
        try:
            yield
            self._catch_up()
        except BaseException as error:
            self._open = None
            stack.__exit__(type(error), error, error.__traceback__)
            raise
        self._held += 1

    @property
    def due(self) -> bool:
        """Whether so many parts are open that they are to be committed, which may wait until others have had their turn."""
        return self._open is not None and self._held >= TOGETHER

    @contextmanager
    def whole(self) -> Iterator["Parts"]:
        """Have all parts committed at the end of the block, or where it is left."""
        try:
            yield self
        finally:
            self.end()
        self._tell()

    def end(self) -> None:
        """Commit what is open."""
        stack, self._open = self._open, None
        if stack is not None:
            stack.close()

    def end_for_another(self) -> None:
        """Commit what is open before somebody else writes; where that fails, whoever brings the parts is told."""
        try:
            self.end()
        except WorkbenchError as error:
            self._failure = error

    def _tell(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
