"""Two lanes: both pieces of work are done, side by side where there are threads for it, and errors are not lost."""

import threading
from collections.abc import Iterator

import pytest
import torch

from workbench.stages.training.compute import Compute
from workbench.stages.training.lanes import Lanes


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_with_two_threads_both_run_at_once() -> None:
    met = threading.Barrier(2, timeout=20)
    found = Lanes(Compute(threads=2)).both(met.wait, met.wait)
    assert sorted(found) == [0, 1]
    assert torch.get_num_threads() == 1


def test_with_one_thread_they_follow_each_other() -> None:
    order: list[str] = []
    Lanes(Compute(threads=1)).both(lambda: order.append("first"), lambda: order.append("second"))
    assert order == ["first", "second"]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_either_is_raised(threads: int, failing: int) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    work = [lambda: None, lambda: None]
    work[failing] = fail
    with pytest.raises(ZeroDivisionError):
        Lanes(Compute(threads=threads)).both(*work)
