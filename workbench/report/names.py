"""Names beside the points of a chart, each where it covers neither a mark nor another name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

#: Width of a letter and height of a line, more or less; half the side of a mark with its room.
_LETTER, _LINE, _MARK = 7.5, 15.0, 6.0
#: From a mark to its name.
_BESIDE = 9.0
#: So many lines away a name may stand, with a line that leads to its mark.
_FARTHEST = 14


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing; y runs downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Say whether both have a part in common."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: "Box") -> bool:
        """Say whether another lies within."""
        inside = self.left <= other.left and other.right <= self.right
        return inside and self.top <= other.top and other.bottom <= self.bottom


def place_names(points: Sequence[tuple[str, float, float]], area: Box) -> list[str]:
    """Return names beside points (name, x, y; one without a name keeps others off its mark) as SVG elements."""
    taken = [Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for _, x, y in points]
    parts = []
    for name, x, y in points:
        if name:
            spots = list(_spots(name, x, y))
            free = (box for box in spots if area.holds(box) and not any(box.overlaps(other) for other in taken))
            box = next(free, spots[0])
            taken.append(box)
            parts.append(_drawn(name, box, x, y))
    return parts


def _spots(name: str, x: float, y: float) -> Iterator[Box]:
    """Yield where a name may stand: beside its mark, then farther and farther below and above."""
    width = _LETTER * len(name)
    sides = (x + _BESIDE, x - _BESIDE - width)
    for away in (0, *range(1, _FARTHEST)):
        for top in (y - _LINE - 2 - away * _LINE, y + 3 + away * _LINE):
            for left in sides:
                yield Box(left, top, left + width, top + _LINE)


def _drawn(name: str, box: Box, x: float, y: float) -> str:
    right = box.left >= x
    at, anchor = (box.left, "start") if right else (box.right, "end")
    place = f'x="{round(at, 1)}" y="{round(box.bottom - 4, 1)}" text-anchor="{anchor}"'
    text = f'<text {place} class="name">{escape(name)}</text>'
    middle = (box.top + box.bottom) / 2
    if abs(middle - y) <= 1.5 * _LINE:
        return text
    end = box.left - 2 if right else box.right + 2
    return f'<path d="M{x} {y}L{round(end, 1)} {round(middle, 1)}" class="leader"/>{text}'
