"""The demo's recipe: every part can be asked for, and names only runs that come before it."""

import re
from collections.abc import Sequence

import pytest

from workbench.demo.full import FULL_PARTS
from workbench.demo.recipe import PARTS, Part
from workbench.project.asking import Asked


@pytest.mark.parametrize("parts", [PARTS, FULL_PARTS])
def test_every_part_is_asked_for_in_settings_that_are_there_and_runs_that_came_before(parts: Sequence[Part]) -> None:
    runs: dict[str, str] = {}
    for part in parts:
        for text in part.settings.values():
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(runs), part.name
        asked = Asked.of(part.stage, {name: text.format(**runs) for name, text in part.settings.items()})
        assert asked.settings
        assert part.name not in runs
        runs[part.name] = f"{part.name}-1"


def test_the_full_demo_begins_with_the_short_one_and_evaluates_what_rl_keeps() -> None:
    assert FULL_PARTS[: len(PARTS)] == PARTS
    settings = FULL_PARTS[-1].settings
    assert [name for name in settings if "@" in name] == ["rl_cai@128", "rl_cai@256", "rl_cai@384", "rl_cai@512"]
    assert settings["rl_cai@128"] == "{rl}@128"
