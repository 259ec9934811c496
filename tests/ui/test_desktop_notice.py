"""The desktop is told of a run's end: over a session bus where a service answers on it, else by a program it has."""

import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.desktop_notice import notify_desktop, shown_by
from ui.main_window import MainWindow

WORDS = 'sft-1 failed: <b> & "more"'


class StandIn:
    """A notification service with some abilities, on a session bus; a silent one takes calls and answers none."""

    def __init__(self, address: str, abilities: tuple[str, ...] = (), silent: bool = False) -> None:
        from jeepney import message_bus  # noqa: PLC0415
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

        self.abilities, self.silent = abilities, silent
        self.shown: list[tuple[Any, ...]] = []
        self._bus, self._over = open_dbus_connection(address), threading.Event()
        self._bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"), timeout=10)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._over.set()
        self._thread.join()
        self._bus.close()

    def _serve(self) -> None:
        from jeepney import HeaderFields, MessageType, new_error, new_method_return  # noqa: PLC0415

        while not self._over.is_set():
            try:
                asked = self._bus.receive(timeout=0.02)
            except TimeoutError:
                continue
            if asked.header.message_type != MessageType.method_call or self.silent:
                continue
            if asked.header.fields.get(HeaderFields.signature, "") not in ("", "susssasa{sv}i"):
                self._bus.send(new_error(asked, "org.freedesktop.DBus.Error.InvalidArgs"))  # as desktops do
            elif asked.header.fields[HeaderFields.member] == "Notify":
                self.shown.append(asked.body)
                self._bus.send(new_method_return(asked, "u", (1,)))
            else:
                self._bus.send(new_method_return(asked, "as", (list(self.abilities),)))


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a session bus of one's own; there is no program that would tell the desktop."""
    program = shutil.which("dbus-daemon")
    if sys.platform != "linux" or program is None:
        pytest.skip("there is no dbus-daemon")
    words = [program, "--session", "--nofork", "--print-address"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        found = server.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found)
        monkeypatch.setenv("PATH", "")
        yield found
        server.terminate()


@pytest.fixture
def stand_in(address: str) -> Iterator[Callable[..., StandIn]]:
    made: list[StandIn] = []

    def make(*abilities: str, silent: bool = False) -> StandIn:
        made.append(StandIn(address, abilities, silent))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("abilities", "body"),
    [(("body", "body-markup"), 'sft-1 failed: &lt;b&gt; &amp; "more"'), (("body",), WORDS)],
    ids=["reads markup", "reads none"],
)
def test_a_service_on_the_bus_shows_the_words_as_they_are(
    stand_in: Callable[..., StandIn], abilities: tuple[str, ...], body: str
) -> None:
    desktop = stand_in(*abilities)
    assert shown_by("Work\0bench", WORDS) == "bus"
    (shown,) = desktop.shown
    assert shown[0] == "Constitution Workbench"
    assert shown[3:6] == ("Workbench", body, [])


def test_a_bus_without_a_service_leaves_it_to_a_program(address: str) -> None:
    assert shown_by("Workbench", WORDS) == ""


@pytest.mark.parametrize("wrong", ["", "nonsense", "unix:path=/nowhere/bus", "tcp:host=localhost"])
def test_an_address_that_leads_nowhere_is_no_bus(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", wrong)
    monkeypatch.setenv("PATH", "")
    assert shown_by("Workbench", WORDS) == ""


def test_a_desktop_that_does_not_answer_keeps_nobody_waiting(
    stand_in: Callable[..., StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.desktop_notice._PATIENCE", 1.0)
    stand_in(silent=True)
    thread = notify_desktop("Workbench", WORDS)
    assert thread.is_alive()  # whoever tells goes on while it waits
    thread.join(10)
    assert not thread.is_alive()


def test_the_window_tells_it_where_another_is_in_front(
    qtbot: QtBot, window: MainWindow, stand_in: Callable[..., StandIn]
) -> None:
    desktop, other = stand_in("body"), QWidget()
    qtbot.addWidget(other)
    window.activateWindow()
    window.endings.told.emit("chains-1 is finished.")
    with qtbot.waitExposed(other):
        other.show()
    other.activateWindow()
    window.endings.told.emit("chains-2 is finished.")
    qtbot.waitUntil(lambda: bool(desktop.shown), timeout=30_000)
    assert [shown[4] for shown in desktop.shown] == ["chains-2 is finished."]


@pytest.mark.parametrize("name", ["notify-send", "osascript"])
def test_without_a_bus_the_desktop_is_told_by_the_program_it_has(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, program = tmp_path / "said", tmp_path / name
    program.write_text(f'#!/bin/sh\nfor one in "$@"; do echo "$one" >> {said}; done\n')
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shown_by("Workbench", 'sft-1 failed: "quit" & more') == name
    quoted = 'sft-1 failed: "quit" &amp; more' if name == "notify-send" else 'sft-1 failed: "quit" & more'
    assert said.read_text().splitlines()[-2:] == ["Workbench", quoted]


def test_a_program_that_fails_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notify-send").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "notify-send").chmod(0o755)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shown_by("Workbench", "sft-1 is finished") == ""
