"""What this machine does best is asked of a process of its own, once."""

from pathlib import Path

import pytest

from workbench.runs.machine import this_machine


def test_the_first_who_asks_has_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    measures = "mkdir -p $(dirname $0); echo >> $0.times; echo '{\"threads\": 3}' > $0"
    monkeypatch.setattr("workbench.runs.machine.MEASURING", ("sh", "-c", measures))
    assert [this_machine()["threads"] for _ in range(2)] == [3, 3]
    (times,) = tmp_path.rglob("*.times")
    assert times.read_text() == "\n"


def test_where_it_cannot_be_measured_it_is_taken_for_the_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("workbench.runs.machine.MEASURING", ("false",))
    assert this_machine() == {"device": "cpu", "dtype": "float32"}
