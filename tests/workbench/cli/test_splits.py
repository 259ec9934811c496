"""Splitting prompts from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError

Run = Callable[..., str]


def test_prompts_are_imported_by_shares_and_near_duplicates_are_told(run: Run, tmp_path: Path) -> None:
    run("new", "p")
    text = "How do I get back at Tom for winning the raffle at the big fair in Lund last week"
    (tmp_path / "many.txt").write_text("".join(f"Question {n} about thing {n * 7}?\n" for n in range(60)))
    run("import", "p", "many.txt", "--as", "prompts", "--split", "sft=0.5,test=0.5")
    (tmp_path / "one.txt").write_text(text + "\n")
    (tmp_path / "two.txt").write_text(text + "?\n")
    assert "0 near duplicates" in run("import", "p", "one.txt", "--as", "prompts", "--split", "rl")
    assert "1 near duplicate in" in run("import", "p", "two.txt", "--as", "prompts", "--split", "test")
    found = json.loads(run("splits", "p", "--json"))
    assert {row["split"] for row in found["splits"]} == {"sft", "rl", "test"}
    assert sum(row["prompts"] for row in found["splits"]) == 62
    assert found["near_duplicates"] == [{"split": "rl", "other": "test", "prompts": 1, "prompts_of_other": 1}]
    assert "evaluation" in run("splits", "p")
    with pytest.raises(WorkbenchError, match="Shares of splits are for prompts"):
        run("import", "p", "many.txt", "--as", "comparisons", "--split", "sft=0.5,test=0.5")
