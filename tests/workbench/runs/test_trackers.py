"""Trackers are named by a person or not used."""

import importlib.util

import pytest

from workbench.errors import BadInputError, MissingError
from workbench.runs.trackers import TRACKERS, named_trackers


def test_nobody_is_told_unless_named() -> None:
    assert named_trackers("none") == named_trackers("") == ()
    with pytest.raises(BadInputError, match="no tracker everyone"):
        named_trackers("everyone")


@pytest.mark.parametrize("name", list(TRACKERS))
def test_a_tracker_without_its_package_says_what_to_install(name: str) -> None:
    if importlib.util.find_spec(TRACKERS[name]):
        assert named_trackers(f" {name}, none") == (name,)
    else:
        with pytest.raises(MissingError, match=f"pip install {TRACKERS[name]}"):
            named_trackers(name)
