"""The demo's page: whole without anything else, every figure named, and what did not run marked."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.workbench.demo.whole_demo import whole_demo
from workbench.demo.again import demo_page_again
from workbench.demo.report import write_report

SECTIONS = [
    "Harm by revision", "Who finds the less harmful response", "Calibration", "Preference model on soft and on hard labels",
    "Harmlessness and helpfulness of the policies", "Elo scores over RL", "Absolute harm over RL",
    "Reinforcement learning: PPO", "Spread over seeds", "Time and memory by stage", "Settings and versions",
]  # fmt: skip


class Reading(HTMLParser):
    """Collects tags, references to elsewhere, and headings of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.references: list[str] = []
        self.headings: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._within = tag
        self.references += [value or "" for name, value in attrs if name in ("src", "href", "data", "srcset")]

    def handle_data(self, data: str) -> None:
        if self._within == "h2" and data.strip():
            self.headings.append(data.strip())


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    for seed in (0, 1):
        place = folder / f"seed-{seed}"
        runs = whole_demo(place, 12, seed)
        write_report(place, seed, runs, dict.fromkeys(runs, 61.0), dict.fromkeys(runs, 700.0))
    return folder


def test_the_page_needs_nothing_else_and_has_every_figure(seeds: Path) -> None:
    text = (seeds / "seed-1" / "report.html").read_text(encoding="utf-8")
    page = Reading(text)
    assert page.headings[1:] == SECTIONS
    assert page.headings[0].startswith("Targets: ")
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert page.references == []
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text
    for number in ("figures 5 and 7", "figure 4", "figure 9", "figure 2", "figure 8", "figure 10"):
        assert f"Mirrors {number} of the paper." in text
    assert "n: 12 prompts with critiques, 12 prompts without critiques." in text


def test_every_drawing_is_well_formed_and_has_a_title(seeds: Path) -> None:
    text = (seeds / "seed-1" / "report.html").read_text(encoding="utf-8")
    drawings = re.findall(r'<svg [^>]*role="img".*?</svg>', text, re.DOTALL)
    assert len(drawings) >= 13
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root[0].tag.endswith("title")
        assert root[0].text
        assert "nan" not in drawing


def test_what_did_not_run_is_marked_as_left_out(seeds: Path, tmp_path: Path) -> None:
    whole = (seeds / "seed-1" / "report.html").read_text(encoding="utf-8")
    assert whole.count('class="left-out"') == 1  # soft against hard labels
    runs = whole_demo(tmp_path, 6)
    write_report(tmp_path, 0, {"chains": runs["chains"]}, {"chains": 2.0}, {"chains": 100.0})
    short = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert short.count("Left out: this part has not run.") == 4
    assert "Left out: no second preference model was trained; workbench demo --full does it." in short
    assert "Left out: one seed was run" in short
    assert "Left out: no RL run has finished" in short
    said = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## Left out" in said
    assert "- a preference model on hard labels" in said


def test_a_full_demo_shows_the_way_of_rl_and_both_kinds_of_labels(tmp_path: Path) -> None:
    runs = whole_demo(tmp_path, 12, full=True)
    report = write_report(tmp_path, 0, runs, dict.fromkeys(runs, 1.0), dict.fromkeys(runs, 1.0))
    assert report["preference_model_hard"]["accuracy_n"] == report["preference_model"]["accuracy_n"]
    assert set(report["elo"]["oracle"]) >= {"base", "sl_cai", "rl_cai@512", "rl_cai"}
    assert report["preference_model_chain_of_thought"]["accuracy_n"] == report["preference_model"]["accuracy_n"]
    assert report["policies"]["rl_cai@512"]["harm_n"] == 12
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count('class="left-out"') == 1  # one seed
    assert "no policy between the ends" not in text
    assert "RL-CAI after 512" in text
    assert "RL-CAI, chain of thought" in text
    assert "## Left out" not in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_seeds_stand_side_by_side(seeds: Path) -> None:
    first, second = (json.loads((seeds / f"seed-{seed}" / "report.json").read_text()) for seed in (0, 1))
    text = (seeds / "report.html").read_text(encoding="utf-8")
    values = [report["policies"]["sl_cai"]["harm"] for report in (first, second)]
    cells = "".join(f"<td>{value:.3g}</td>" for value in values)
    assert f"<td>SL-CAI harm</td>{cells}<td>{sum(values) / 2:.3g}</td>" in text
    assert Reading(text).references == ["seed-0/report.html", "seed-1/report.html"]


def test_a_page_written_anew_knows_of_the_seeds_that_came_later(seeds: Path) -> None:
    assert "Left out: one seed was run" in (seeds / "seed-0" / "report.html").read_text(encoding="utf-8")
    again = demo_page_again(seeds / "seed-0")
    assert again is not None
    assert "Left out: one seed was run" not in again
    assert demo_page_again(seeds) is None
