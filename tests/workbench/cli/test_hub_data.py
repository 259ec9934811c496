"""Data sets of the hub, by the commands, against a stand-in on this machine: fetched at a commit, then read from the cache."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.sources.hub_stand_in import COMMIT, REPO, hub
from workbench.errors import WorkbenchError
from workbench.sources.hub_data import HubData, read_place

Run = Callable[..., str]
FORMATS = Path(__file__).parents[2] / "data" / "formats"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a hub that is asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return tmp_path / "cache"


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """Pairs of transcripts in a folder of their own, other rows beside it, and code."""
    folder = tmp_path / "offered"
    (folder / "harmless").mkdir(parents=True)
    (folder / "harmless" / "train.jsonl").write_bytes((FORMATS / "hh_rlhf.jsonl").read_bytes())
    (folder / "attempts.jsonl").write_bytes((FORMATS / "red_team_attempts.jsonl").read_bytes())
    (folder / "small.py").write_text("raise SystemExit")
    card = "---\nconfigs:\n- config_name: pairs\n  data_files: harmless/train.jsonl\n- config_name: attempts\n"
    (folder / "README.md").write_text(f"{card}  data_files: attempts.jsonl\n---\n# Small\n")
    return folder


def test_a_data_set_is_fetched_once_and_imported_at_its_commit(
    run: Run, offered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", "p")
    with hub(offered, breaks=6, kind="dataset") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        with pytest.raises(WorkbenchError, match="goes on where it was"):
            run("data", "get", REPO)
        server.breaks = 0
        told = json.loads(run("data", "get", REPO, "--json"))
        assert any(asked.startswith("bytes=") for *_, asked in server.asked), "not from the beginning"
        assert not any(path.endswith("small.py") for _, path, _ in server.asked)
    assert (told["commit"], told["place"]) == (COMMIT, f"hub:{REPO}@{COMMIT}")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert REPO in run("data")
    seen = json.loads(run("import", "p", f"hub:{REPO}", "--preview", "--json"))
    assert (seen["parts"], seen["format"]) == (["pairs/train", "attempts/train"], "hh-rlhf")
    assert len(seen["rows"]) == 3
    counted = json.loads(run("import", "p", f"hub:{REPO}@{COMMIT[:7]}", "--json"))
    assert counted["new_comparisons"] == 3
    attempts = ("import", "p", f"hub:{REPO}", "--part", "attempts/train", "--json")
    assert json.loads(run(*attempts))["new_prompts"] == 1
    sources = {row["source"] for row in json.loads(run("show", "p", "prompts", "--json"))}
    assert sources == {f"hub:{REPO}@{COMMIT[:12]}"}


def test_a_folder_or_a_file_of_a_data_set_is_enough(run: Run, offered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "p")
    with hub(offered, kind="dataset") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        assert "3 new comparisons" in run("import", "p", f"hub:{REPO}/harmless")
        assert not any(path.endswith("attempts.jsonl") for _, path, _ in server.asked)
        assert "1 new prompt" in run("import", "p", f"hub:{REPO}/attempts.jsonl@main")
        with pytest.raises(WorkbenchError, match="has no helpful; it has harmless"):
            run("import", "p", f"hub:{REPO}/helpful")


@pytest.mark.parametrize(
    ("place", "gated", "sentence"),
    [
        (f"hub:{REPO}", True, f"is gated: agree to its terms at .*/datasets/{REPO}, then put a token"),
        ("hub:owner/none", False, "There is no data set owner/none"),
        (f"hub:{REPO}@nowhere", False, "has no revision nowhere"),
        ("hub:no id", False, "is no data set of the hub; one looks like hub:owner/name"),
        ("hub:a/b/../../c", False, "is no data set of the hub"),
    ],
)
def test_why_a_data_set_cannot_be_had_is_said(
    run: Run, offered: Path, place: str, gated: bool, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", "p")
    with hub(offered, gated, kind="dataset") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        with pytest.raises(WorkbenchError, match=sentence):
            run("import", "p", place)


def test_no_hub_and_nothing_to_read_are_explained(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "p")
    with pytest.raises(WorkbenchError, match=r"cannot be reached; data sets that were fetched before can be used"):
        run("import", "p", f"hub:{REPO}")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "small.py").write_text("raise SystemExit")
    with hub(tmp_path / "empty", kind="dataset") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        with pytest.raises(
            WorkbenchError, match=r"has no files of rows .* only .py; .* Code of data sets is never run"
        ):
            run("data", "get", REPO)


def test_a_place_reads_back_as_it_is_written() -> None:
    for text in ("hub:a/b@main", "hub:a/b/c/d.jsonl@v1", f"hub:a/b@{COMMIT}"):
        assert read_place(text).place == text
    assert read_place("a/b") == HubData("a/b")


def test_reading_a_folder_loads_no_torch(tmp_path: Path) -> None:
    """The datasets library makes what it streams one of torch's data sets; the window must be spared that."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.jsonl").write_text('{"prompt": "Tree?"}\n')
    program = (
        "import sys; from workbench.interchange.sources.opening import open_source\n"
        "rows = list(open_source(sys.argv[1]).rows()); print(len(rows), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "set")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "False"]
