"""A run's numbers as curves, and the board of charts that draws them."""

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.curves import RunCurves, smoothed
from ui.look.theme import Theme
from ui.widgets import chart_board
from workbench.project.curves import CurveUpdate, Reached
from workbench.store.metrics import Bucket


def curves(points: dict[str, list[tuple[int, float]]], seconds: tuple[tuple[int, float], ...] = ()) -> RunCurves:
    made = RunCurves("rl-1")
    found = {name: tuple(Bucket(step, value, value, value) for step, value in told) for name, told in points.items()}
    made.take(CurveUpdate("rl-1", True, Reached(1, {}), found, seconds))
    return made


def test_smoothing_keeps_what_is_level_and_passes_holes_by() -> None:
    assert np.allclose(smoothed(np.full(50, 2.0), 0.9), 2.0)
    holed = smoothed(np.array([1.0, math.nan, 3.0]), 0.5)
    assert holed[1] == 1.0
    assert holed[2] == pytest.approx((3.0 + 0.25 * 1.0) / 1.25)


def test_curves_run_over_steps_tokens_or_minutes_of_work() -> None:
    counted = curves({"loss": [(1, 3.0), (2, 2.0)], "num_tokens": [(1, 500.0), (2, 900.0)]}, ((1, 60.0), (2, 90.0)))
    assert list(counted.curve("loss").x) == [1, 2]
    assert list(counted.curve("loss", "tokens").x) == [500, 900]
    assert list(counted.curve("loss", "time").x) == [1.0, 1.5]
    written = curves(
        {"loss": [(4, 1.0), (8, 1.0)], "episode": [(4, 10.0), (8, 20.0)], "response_length": [(4, 30.0), (8, 50.0)]}
    )
    assert list(written.curve("loss", "tokens").x) == [300, 800]
    assert len(written.curve("absent", "tokens").x) == 0


def test_what_comes_again_replaces_a_curves_last_point() -> None:
    run = curves({"loss": [(1, 3.0), (2, 2.0)]})
    more = {"loss": (Bucket(2, 1.0, 2.0, 1.5), Bucket(3, 1.0, 1.0, 1.0))}
    run.take(CurveUpdate("rl-1", False, Reached(1, {}), more))
    assert list(run.curve("loss").mean) == [3.0, 1.5, 1.0]


def test_a_chart_is_drawn_at_a_time_and_none_where_nobody_looks(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_board, "_TURN_SECONDS", 0)
    board = chart_board.ChartBoard(Theme(qapp, "light"))
    qtbot.addWidget(board)
    course = [(step, 1.0 / step) for step in range(1, 9)]
    board.show_runs([curves({"loss": course, "objective/kl": course, "objective/scores": course})])
    qtbot.wait(20)
    charts = list(board.charts.values())
    assert not any(chart.values.text() for chart in charts)
    board.resize(1200, 1600)
    board.show()
    qtbot.waitUntil(lambda: all(chart.values.text() == "0.125" for chart in charts))
    before = [chart.plot.getPlotItem().ctrl.logYCheck.isChecked() for chart in charts]
    board.log.toggle()
    after = [chart.plot.getPlotItem().ctrl.logYCheck.isChecked() for chart in charts]
    assert sum(one != two for one, two in zip(before, after, strict=True)) == 1
    qtbot.waitUntil(lambda: all(chart.plot.getPlotItem().ctrl.logYCheck.isChecked() for chart in charts))
