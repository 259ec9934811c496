"""Charts put values where they belong."""

import re

import pytest

from workbench.report.charts import HEIGHT, WIDTH, Chart, Point, Series, bars, draw, legend, ticks


def marks(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]


def chart(*points: Point, downwards: bool = False) -> Chart:
    return Chart("x", "y", (Series("one", points),), downwards=downwards, x_range=(0, 10), y_range=(0, 10))


def test_points_lie_in_proportion() -> None:
    low, middle, high = marks(draw(chart(Point(0, 0), Point(5, 5), Point(10, 10)), "t"))
    assert middle == pytest.approx(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2), abs=0.11)
    assert low[0] < high[0]
    assert low[1] > high[1]  # upwards is less on a screen
    assert 0 < high[1] < low[1] < HEIGHT
    assert 0 < low[0] < high[0] < WIDTH


def test_an_axis_may_run_downwards() -> None:
    less, more = marks(draw(chart(Point(0, 1), Point(0, 9), downwards=True), "t"))
    assert less[1] < more[1]


def test_an_interval_spans_its_ends() -> None:
    svg = draw(chart(Point(5, 5, 0, 10, 2.5, 7.5)), "t")
    x, top_y, end_y = map(float, re.findall(r'<path d="M([\d.]+) ([\d.]+)V([\d.]+)" class="interval', svg)[0])
    corners = marks(draw(chart(Point(5, 0), Point(5, 10)), "t"))
    assert (x, top_y, end_y) == (corners[0][0], corners[0][1], corners[1][1])
    assert re.search(r'<path d="M[\d.]+ [\d.]+H[\d.]+" class="interval', svg)


def test_names_are_escaped_and_a_single_series_needs_no_legend() -> None:
    named = Chart("a < b", "y", (Series("<one>", (Point(0, 0),)), Series("two", (Point(1, 1),))))
    assert "a &lt; b" in draw(named, "t & u")
    assert "t &amp; u" in draw(named, "t & u")
    assert "&lt;one&gt;" in legend(named)
    assert legend(chart(Point(0, 0))) == ""


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2, 4, 6, 8, 10]), (0.51, 0.97, [0.6, 0.7, 0.8, 0.9]), (-300, 250, [-300, -200, -100, 0, 100, 200])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_bars_are_as_long_as_their_values() -> None:
    lengths = [
        float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', bars([("a", 2, ""), ("b", 4, "")], "t"))
    ]
    assert lengths[1] == 2 * lengths[0]
