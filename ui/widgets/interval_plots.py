"""Measured numbers drawn with their intervals: points on a plane, and rows on one scale.

Painted by hand: a handful of points needs no plotting library, whose import would hold up the page's first paint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.look.theme import Theme

_MARK = 4.5


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PlanePoint:
    """A named point and its interval along both axes."""

    name: str
    x: Interval
    y: Interval


@dataclass(frozen=True)
class Bar:
    """A row on a scale from 0 to 1: its name, its value where there is one, what stands at its end, and what stands below."""

    name: str
    value: Interval | None
    says: str
    below: str = ""
    key: object = None


class PlaneView(QWidget):
    """Points on a plane, each with its name and a cross that spans its intervals."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: Sequence[PlanePoint] = ()
        self._titles = ("", "")
        self._empty = ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 180)
        theme.changed.connect(self.update)

    def show_points(self, points: Sequence[PlanePoint], titles: tuple[str, str], empty: str = "") -> None:
        """Show points under the titles of the two axes; where there are none, the sentence says why."""
        self._points, self._titles, self._empty = points, titles, empty
        spoken = [f"{one.name}: {one.x.value:.0f}, {one.y.value:.0f}" for one in points]
        self.setAccessibleDescription("; ".join(spoken) or empty)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw everything anew."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        if not self._points:
            painter.setPen(QColor(colours.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(12, 12, -12, -12), int(flags), self._empty)
            return
        area = self._area(painter)
        x_range = _range([one.x for one in self._points])
        y_range = _range([one.y for one in self._points])
        self._draw_axes(painter, area, x_range, y_range)
        taken: list[QRectF] = []
        for point in self._points:
            self._draw_point(painter, area, point, (x_range, y_range), taken)

    def _area(self, painter: QPainter) -> QRectF:
        line = painter.fontMetrics().height()
        left = painter.fontMetrics().horizontalAdvance("−1000") + line + 8
        return QRectF(self.rect()).adjusted(left, 8, -12, -2 * line - 10)

    def _draw_axes(
        self, painter: QPainter, area: QRectF, x_range: tuple[float, float], y_range: tuple[float, float]
    ) -> None:
        colours, line = self._theme.colours, painter.fontMetrics().height()
        faint = QPen(QColor(colours.border))
        for value in _ticks(*x_range):
            x = _place(value, x_range, area.left(), area.right())
            painter.setPen(faint)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(QColor(colours.muted))
            painter.drawText(QRectF(x - 40, area.bottom() + 2, 80, line), Qt.AlignmentFlag.AlignCenter, f"{value:g}")
        for value in _ticks(*y_range):
            y = _place(value, y_range, area.bottom(), area.top())
            painter.setPen(faint)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted))
            box = QRectF(area.left() - 66, y - line / 2, 60, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        painter.setPen(QColor(colours.text))
        below = QRectF(area.left(), area.bottom() + line + 4, area.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._titles[0])
        painter.save()
        painter.translate(line / 2 + 2, area.center().y())
        painter.rotate(-90)
        side = QRectF(-area.height() / 2, -line / 2, area.height(), line)
        painter.drawText(side, Qt.AlignmentFlag.AlignCenter, self._titles[1])
        painter.restore()

    def _draw_point(
        self,
        painter: QPainter,
        area: QRectF,
        point: PlanePoint,
        ranges: tuple[tuple[float, float], tuple[float, float]],
        taken: list[QRectF],
    ) -> None:
        colours = self._theme.colours
        x, x_low, x_high = (
            _place(at, ranges[0], area.left(), area.right()) for at in (point.x.value, point.x.low, point.x.high)
        )
        y, y_low, y_high = (
            _place(at, ranges[1], area.bottom(), area.top()) for at in (point.y.value, point.y.low, point.y.high)
        )
        painter.setPen(QPen(QColor(colours.accent), 1.6))
        painter.drawLine(QPointF(x_low, y), QPointF(x_high, y))
        painter.drawLine(QPointF(x, y_low), QPointF(x, y_high))
        painter.setBrush(QColor(colours.accent))
        painter.drawEllipse(QPointF(x, y), _MARK, _MARK)
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(point.name) + 4, metrics.height()
        spots = [
            QPointF(x + 8, y - height - 4), QPointF(x - width - 8, y - height - 4), QPointF(x + 8, y + 4),
            QPointF(x - width - 8, y + 4),
        ]  # fmt: skip
        boxes = [QRectF(spot.x(), spot.y(), width, height) for spot in spots]
        inside = [box for box in boxes if area.adjusted(-4, -4, 8, 4).contains(box)] or boxes
        box = next((one for one in inside if not any(one.intersects(other) for other in taken)), inside[0])
        taken.append(box)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, point.name)


class BarsView(QWidget):
    """Rows on a scale from 0 to 1 with a line at one half; choosing a row by click or by arrows and Enter tells its key."""

    chosen = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: Sequence[Bar] = ()
        self._empty = ""
        self._current = 0
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bar], empty: str = "") -> None:
        """Show rows, or a sentence where there are none."""
        self._bars, self._empty, self._current = bars, empty, 0
        self.setAccessibleDescription("; ".join(f"{bar.name}: {bar.says}, {bar.below}" for bar in bars) or empty)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as its rows."""
        return QSize(260, self._row_height() * max(1, len(self._bars)) + 8)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high as its rows, and wide enough for a name and a value."""
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw everything anew."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        if not self._bars:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), self._empty)
            return
        for place, bar in enumerate(self._bars):
            self._draw_bar(painter, QRectF(0, 4 + place * self._row_height(), self.width(), self._row_height()), bar)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 1.5))
            top = 4 + self._current * self._row_height()
            painter.drawRoundedRect(QRectF(1, top, self.width() - 2, self._row_height() - 2), 4, 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move by arrows, choose by Enter."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._bars:
            self._current = max(0, min(len(self._bars) - 1, self._current + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._bars:
            self.chosen.emit(self._bars[self._current].key)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the row under the cursor."""
        place = int((event.position().y() - 4) // self._row_height())
        if 0 <= place < len(self._bars):
            self._current = place
            self.chosen.emit(self._bars[place].key)

    def _row_height(self) -> int:
        return self.fontMetrics().height() * 3 + 6

    def _draw_bar(self, painter: QPainter, row: QRectF, bar: Bar) -> None:
        colours, line = self._theme.colours, self.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        above = QRectF(row.left() + 6, row.top() + 1, row.width() - 12, line)
        room = int(above.width()) - self.fontMetrics().horizontalAdvance(bar.says) - 8
        name = self.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(above, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.says)
        painter.setPen(QColor(colours.muted))
        painter.drawText(
            above.translated(0, 2 * line), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, bar.below
        )
        y = row.top() + line + line / 2
        left, right = row.left() + 10, row.right() - 10
        painter.setPen(QPen(QColor(colours.border), 2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
        half = (left + right) / 2
        painter.drawLine(QPointF(half, y - line / 4), QPointF(half, y + line / 4))
        if bar.value is None:
            return
        at, low, high = (_place(v, (0.0, 1.0), left, right) for v in (bar.value.value, bar.value.low, bar.value.high))
        painter.setPen(QPen(QColor(colours.accent), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        painter.setPen(QPen(QColor(colours.paper), 1.5))
        painter.setBrush(QColor(colours.accent))
        painter.drawEllipse(QPointF(at, y), _MARK + 1, _MARK + 1)


def _range(values: Sequence[Interval]) -> tuple[float, float]:
    low, high = min(one.low for one in values), max(one.high for one in values)
    room = max((high - low) * 0.12, 1e-6)
    return low - room, high + room


def _place(value: float, scale: tuple[float, float], start: float, end: float) -> float:
    return start + (value - scale[0]) / (scale[1] - scale[0]) * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers between two ends."""
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough)
    first = ceil(low / step)
    return [place * step for place in range(first, int(high // step) + 1)]
