"""A run's numbers as a chart reads them: arrays over steps, tokens or time, smoothed where that is asked for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.project.curves import CurveUpdate, Reached
    from workbench.store.metrics import Bucket

Axis = Literal["step", "tokens", "time"]
Floats = NDArray[np.float64]
#: Weights below this add nothing one could see.
_LEAST_WEIGHT = 1e-3


@dataclass(frozen=True)
class Curve:
    """A number's course: places on the axis, and there the lowest, highest and mean value of the steps put together."""

    x: Floats
    low: Floats
    high: Floats
    mean: Floats


class RunCurves:
    """All curves of one run, brought up to date piece by piece; as large as a chart needs, however long the run is."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.reached: Reached | None = None
        self._points: dict[str, list[Bucket]] = {}
        self._arrays: dict[str, NDArray[np.float64]] = {}
        self._seconds: tuple[tuple[int, float], ...] = ()

    def take(self, update: "CurveUpdate") -> None:
        """Take what is new."""
        if update.anew:
            self._points = {}
        for name, fresh in update.points.items():
            points = self._points.setdefault(name, [])
            begins = fresh[0].step - fresh[0].step % update.reached.width if fresh else 0
            while points and fresh and points[-1].step >= begins:
                points.pop()
            points.extend(fresh)
        self._arrays = {}
        self._seconds = update.seconds or self._seconds
        self.reached = update.reached

    def names(self) -> list[str]:
        """Return the names there are numbers under."""
        return [name for name, points in self._points.items() if points]

    def count(self, name: str) -> int:
        """Return how many points a curve has."""
        return len(self._points.get(name, ()))

    def last(self, name: str) -> float | None:
        """Return a curve's last value."""
        points = self._points.get(name)
        return points[-1].mean if points else None

    def curve(self, name: str, axis: Axis = "step") -> Curve:
        """Return a curve over an axis; empty where there is none."""
        found = self._array(name)
        return Curve(self.places(found[:, 0], axis), found[:, 1], found[:, 2], found[:, 3])

    def places(self, steps: Floats, axis: Axis) -> Floats:
        """Return where steps lie on an axis: tokens read or written, or minutes of work."""
        if axis == "time" and self._seconds:
            known = np.array(self._seconds, dtype=np.float64)
            return np.asarray(np.interp(steps, np.r_[0.0, known[:, 0]], np.r_[0.0, known[:, 1]])) / 60
        if axis == "tokens":
            known = self._tokens()
            return np.asarray(np.interp(steps, np.r_[0.0, known[:, 0]], np.r_[0.0, known[:, 1]]))
        return steps

    def _tokens(self) -> Floats:
        """Return (step, tokens until then): as a training counts them, or in RL what the policy has written."""
        if self.count("num_tokens"):
            return self._array("num_tokens")[:, [0, 3]]
        if self.count("episode") and self.count("response_length"):
            episodes, lengths = self._array("episode"), self._array("response_length")
            written = np.cumsum(np.diff(episodes[:, 3], prepend=0.0) * np.interp(episodes[:, 0], *lengths.T[[0, 3]]))
            return np.asarray(np.column_stack([episodes[:, 0], written]))
        return np.zeros((1, 2))

    def _array(self, name: str) -> NDArray[np.float64]:
        if name not in self._arrays:
            points: Any = self._points.get(name) or np.zeros((0, 4))
            self._arrays[name] = np.array(points, dtype=np.float64)
        return self._arrays[name]


def smoothed(values: Floats, amount: float) -> Floats:
    """Return the exponential moving average of values [n], its beginning not drawn towards nought; amount is 0 to below 1."""
    if amount <= 0 or len(values) < 2:
        return values
    length = min(len(values), int(np.ceil(np.log(_LEAST_WEIGHT) / np.log(amount))) + 1)
    weights = amount ** np.arange(length)
    there = np.isfinite(values)
    summed = np.convolve(np.where(there, values, 0.0), weights)[: len(values)]
    weighed = np.convolve(there.astype(np.float64), weights)[: len(values)]
    averaged: Floats = np.divide(summed, weighed, out=np.full(len(values), np.nan), where=weighed > 0)
    return averaged
