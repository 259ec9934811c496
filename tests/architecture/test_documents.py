"""The documents at the root say what is there: links lead somewhere, names exist, commands run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT
from workbench.interchange.bundled import bundled_names

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "packaging").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_readme_names_the_bundled_constitutions_that_there_are() -> None:
    table = README.split("## Constitutions")[1].split("##")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(bundled_names())


def test_every_command_in_readme_exists() -> None:
    commands = set(re.findall(r"workbench (constitution [a-z]+|[a-z]+)(?= )", "\n".join(code_lines())))
    assert len(commands) > 8
    for command in sorted(commands):
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *command.split(), "--help"], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, command


def test_every_make_target_in_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def code_lines() -> list[str]:
    return [line for line in README.splitlines() if re.match(r"^(?: {4}(?:\.venv/bin/)?)?workbench ", line)]
