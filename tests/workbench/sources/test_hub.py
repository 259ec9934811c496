"""Models from the hub and its cache, by the console's own process, against a stand-in on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.sources.hub_stand_in import COMMIT, REPO, hub
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.encoding import to_data
from workbench.sources.folder import look_at


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """A model's files, and some that are never fetched."""
    folder = tmp_path / "offered"
    folder.mkdir()
    for file in DEMO_MODEL.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "modeling_evil.py").write_text("raise SystemExit")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    return folder


def workbench(
    home: Path, url: str, *words: str, seen: int = subprocess.PIPE, **more: str
) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"HF_HOME": str(home), "HF_ENDPOINT": url, "HF_HUB_DISABLE_XET": "1"} | more
    environment.pop("HF_HUB_OFFLINE", None) if "HF_HUB_OFFLINE" not in more else None
    command = [sys.executable, "-m", "workbench", *words]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=seen, text=True, check=False)


def test_a_fetch_that_breaks_goes_on_and_the_commit_is_kept(tmp_path: Path, offered: Path) -> None:
    home = tmp_path / "home"
    with hub(offered, breaks=6) as server:
        broken = workbench(home, server.url, "models", "get", REPO)
        assert broken.returncode == 1, broken.stdout
        server.breaks = 0
        mine, theirs = os.openpty()  # bytes are shown to a person at a terminal
        done = workbench(home, server.url, "models", "get", REPO, "--json", seen=theirs)
        os.close(theirs)
        shown = os.read(mine, 1 << 16).decode()
        os.close(mine)
        assert done.returncode == 0, shown
        whole = f"{json.loads(done.stdout)['bytes'] / 1e6:,.1f}"
        assert f"{whole} of {whole} MB" in shown
        ranges = [asked for command, path, asked in server.asked if command == "GET" and path.endswith(".safetensors")]
        assert ranges[-1].startswith("bytes=")  # not from the beginning
        fetched_names = {path.rsplit("/", 1)[1] for _, path, _ in server.asked if "/resolve/" in path}
    fetched = json.loads(done.stdout)
    assert fetched["commit"] == COMMIT
    assert not {"modeling_evil.py", "pytorch_model.bin"} & fetched_names
    weights = Path(fetched["folder"]) / "model.safetensors"
    assert weights.read_bytes() == (offered / "model.safetensors").read_bytes()
    offline = workbench(home, "http://127.0.0.1:9", "models", "show", REPO, "--json")
    assert json.loads(offline.stdout) | {"trainable": True, "usable": True, "commit": COMMIT} == json.loads(
        offline.stdout
    )
    listed = json.loads(workbench(home, "http://127.0.0.1:9", "models", "--json").stdout)
    mine = to_data(look_at(DEMO_MODEL))
    assert [(m["location"], m["parameters"], m["template"]) for m in listed["hub"]] == [
        (REPO, mine["parameters"], True)
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("get", "owner/none"), "There is no model owner/none"),
        (("get", REPO, "--revision", "nowhere"), "has no revision nowhere"),
        (("get", "no id"), "is no hub id"),
        (("show", "owner/absent"), "workbench models get owner/absent"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, offered: Path, words: tuple[str, ...], says: str) -> None:
    with hub(offered) as server:
        done = workbench(tmp_path / "home", server.url, "models", *words)
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_gated_model_an_absent_hub_and_pickled_weights_are_explained(tmp_path: Path, offered: Path) -> None:
    with hub(offered, gated=True) as server:
        assert "is gated: agree to its terms" in workbench(tmp_path, server.url, "models", "get", REPO).stderr
    assert "cannot be reached" in workbench(tmp_path, "http://127.0.0.1:9", "models", "get", REPO).stderr
    offline = workbench(tmp_path, "http://127.0.0.1:9", "models", "get", REPO, HF_HUB_OFFLINE="1")
    assert "cannot be reached (HF_HUB_OFFLINE is set)" in offline.stderr
    (offered / "model.safetensors").unlink()
    with hub(offered) as server:
        done = workbench(tmp_path, server.url, "models", "get", REPO)
    assert "no weights in safetensors files, only in .bin" in done.stderr
    assert not any(tmp_path.glob("hub/models--*/blobs/*"))
