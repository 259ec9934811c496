"""Charts as SVG text: lines, points with intervals, bars; colours come from the page, shapes tell series apart on paper."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap

from workbench.report.names import Box, place_names

WIDTH, HEIGHT = 560, 330
SMALL = (300, 190)
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 14, 46
_SERIES = 5  # colours the page defines
_LETTER = 6.6  # width of a letter of a tick, more or less


@dataclass(frozen=True)
class Point:
    """A measured point, with the ends of its intervals in both directions where they are known, and a label beside it."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    x_low: float | None = None
    x_high: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Series:
    """Points under one name, joined by a line or not."""

    name: str
    points: tuple[Point, ...]
    joined: bool = True
    marked: bool = True


@dataclass(frozen=True)
class Chart:
    """Series over common axes; ticks may be named, the y axis may run downwards, a diagonal or a level may be drawn."""

    x_label: str
    y_label: str
    series: tuple[Series, ...]
    x_names: Mapping[float, str] = field(default_factory=dict)
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    downwards: bool = False
    diagonal: bool = False
    level: float | None = None
    #: Width and height of the drawing; letters keep their size, so that a small one is for a small place.
    size: tuple[int, int] = (WIDTH, HEIGHT)


class _Scale:
    """From values to places on the drawing, along one axis."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self._start + share * (self._end - self._start), 1)


def draw(chart: Chart, title: str) -> str:
    """Return the chart as an SVG element; what it shows is its title, for those who do not see it."""
    x, y = _scales(chart)
    width, height = chart.size
    parts = [*_axes(chart, x, y)]
    for number, series in enumerate(chart.series):
        parts += _series(series, number % _SERIES, x, y)
    named = [(point.label, x(point.x), y(point.y)) for series in chart.series for point in series.points]
    parts += place_names(named, Box(_LEFT, 2, width - 2, height - _BOTTOM))
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def legend(chart: Chart) -> str:
    """Return the names of the series with their marks as HTML; nothing for a single series."""
    if len(chart.series) < 2:
        return ""
    items = [
        f'<span class="key"><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">{_mark(n % _SERIES, 7, 7)}</svg>'
        f" {escape(series.name)}</span>"
        for n, series in enumerate(chart.series)
    ]
    return f'<p class="legend">{"".join(items)}</p>'


def bars(rows: Sequence[tuple[str, float, str]], title: str) -> str:
    """Return horizontal bars: each row's name, its value, and the value as text."""
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    height = 22 * len(rows) + 8
    left = round(max((_LETTER * len(name) for name, _, _ in rows), default=0.0) + 12)
    longest = WIDTH - left - 90
    parts = []
    for number, (name, value, text) in enumerate(rows):
        top = 4 + 22 * number
        length = round(longest * value / most, 1)
        parts.append(
            f'<text x="{left - 8}" y="{top + 13}" class="tick" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{left}" y="{top + 2}" width="{max(length, 1)}" height="14" class="bar"/>'
            f'<text x="{left + 8 + length}" y="{top + 13}" class="tick">{escape(text)}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers within a range, at most so many and a few more."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(place * step, 10) for place in range(first, math.floor(high / step + 1e-9) + 1)]


def _scales(chart: Chart) -> tuple[_Scale, _Scale]:
    points = [point for series in chart.series for point in series.points]
    xs = [v for p in points for v in (p.x, p.x_low, p.x_high) if v is not None] + list(chart.x_names)
    ys = [v for p in points for v in (p.y, p.low, p.high) if v is not None]
    ys += [] if chart.level is None else [chart.level]
    x_low, x_high = chart.x_range or _widened(xs)
    y_low, y_high = chart.y_range or _widened(ys)
    width, height = chart.size
    ends = (_TOP, height - _BOTTOM) if chart.downwards else (height - _BOTTOM, _TOP)
    return _Scale(x_low, x_high, _LEFT, width - _RIGHT), _Scale(y_low, y_high, *ends)


def _widened(values: Sequence[float]) -> tuple[float, float]:
    """A range with some room; from nought where values are not negative and nought is near."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return (0.0 if 0 <= low < 0.4 * high else low - room), high + room


def _axes(chart: Chart, x: _Scale, y: _Scale) -> list[str]:
    width, height = chart.size
    bottom, right = height - _BOTTOM, width - _RIGHT
    parts = []
    for value in ticks(y.low, y.high, max(2, height // 55)):
        at = y(value)
        parts.append(f'<line x1="{_LEFT}" y1="{at}" x2="{right}" y2="{at}" class="grid"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4}" class="tick" text-anchor="end">{value:g}</text>')
    named = dict(chart.x_names) or {value: f"{value:g}" for value in ticks(x.low, x.high, max(2, width // 90))}
    room = max(1, int((right - _LEFT) / max(len(named), 1) / _LETTER))
    for value, name in named.items():
        parts.append(f'<line x1="{x(value)}" y1="{bottom}" x2="{x(value)}" y2="{bottom + 5}" class="axis"/>')
        for line, text in enumerate(wrap(name, room)[:2]):
            place = f'x="{x(value)}" y="{bottom + 18 + 14 * line}"'
            parts.append(f'<text {place} class="tick" text-anchor="middle">{escape(text)}</text>')
    parts.append(f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" class="axis"/>')
    if chart.diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        parts.append(f'<line x1="{x(low)}" y1="{y(low)}" x2="{x(high)}" y2="{y(high)}" class="guide"/>')
    if chart.level is not None:
        parts.append(f'<line x1="{_LEFT}" y1="{y(chart.level)}" x2="{right}" y2="{y(chart.level)}" class="guide"/>')
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text x="{(_LEFT + right) / 2}" y="{height - 8}" class="label" text-anchor="middle">{escape(chart.x_label)}</text>'
    )
    parts.append(
        f'<text x="16" y="{middle}" class="label" text-anchor="middle" transform="rotate(-90 16 {middle})">'
        f"{escape(chart.y_label)}</text>"
    )
    return parts


def _series(series: Series, number: int, x: _Scale, y: _Scale) -> list[str]:
    parts = []
    if series.joined and len(series.points) > 1:
        path = "L".join(f"{x(point.x)} {y(point.y)}" for point in series.points)
        parts.append(f'<path d="M{path}" class="line s{number}"/>')
    for point in series.points:
        at_x, at_y = x(point.x), y(point.y)
        if point.low is not None and point.high is not None:
            parts.append(f'<path d="M{at_x} {y(point.low)}V{y(point.high)}" class="interval s{number}"/>')
        if point.x_low is not None and point.x_high is not None:
            parts.append(f'<path d="M{x(point.x_low)} {at_y}H{x(point.x_high)}" class="interval s{number}"/>')
        if series.marked:
            parts.append(_mark(number, at_x, at_y))
    return parts


def _mark(number: int, x: float, y: float) -> str:
    """A mark of a shape of its own for each series."""
    if number == 0:
        return f'<circle cx="{x}" cy="{y}" r="4.5" class="mark s0"/>'
    shapes = {
        1: f"M{x - 4} {y - 4}h8v8h-8z",
        2: f"M{x} {y - 5.5}l5 9h-10z",
        3: f"M{x} {y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
        4: f"M{x - 5} {y - 3.5}h10l-5 9z",
    }
    return f'<path d="{shapes[number]}" class="mark s{number}"/>'
