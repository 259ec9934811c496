"""Reading a report's figures: each with its interval and count, by dotted path, as points to draw."""

from collections.abc import Mapping
from typing import Any

from workbench.report.charts import Point, Series


class ReportReader:
    """Figures of a report with their intervals, by dotted path."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self._report = report

    def get(self, path: str) -> Any:
        """What stands at a dotted path, or None."""
        place: Any = self._report
        for key in path.split("."):
            if not isinstance(place, Mapping) or key not in place:
                return None
            place = place[key]
        return place

    def n(self, path: str) -> int:
        """How many cases a figure rests on."""
        return int(self.get(f"{path}_n") or 0)

    def point(self, path: str, x: float, label: str = "") -> Point | None:
        """A figure as a point at x, or None where it was not measured."""
        value = self.get(path)
        if value is None:
            return None
        low, high = self.get(f"{path}_interval")
        return Point(x, value, low, high, label=label)

    def series(self, path: str, name: str) -> Series | None:
        """A figure that is a list of numbers."""
        values, intervals = self.get(path), self.get(f"{path}_interval")
        if not values:
            return None
        return Series(
            name, tuple(Point(x, y, *ends) for x, (y, ends) in enumerate(zip(values, intervals, strict=True)))
        )

    def cell(self, path: str) -> str:
        """A figure with its interval as text."""
        value = self.get(path)
        if value is None:
            return "not measured"
        low, high = self.get(f"{path}_interval")
        return f"{value:.3g} ({low:.3g} to {high:.3g})"


def shown(value: Any) -> str:
    """Return a number as people read it."""
    if value is None:
        return "not measured"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
