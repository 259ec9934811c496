"""Small line drawings of the places: strokes on a square of twenty units, painted in any colour and at any size."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

#: Units along the side of the square that every drawing stands on.
SIDE = 20.0
_STROKE = 1.5


def paint_icon(painter: QPainter, name: str, square: QRectF, colour: QColor) -> None:
    """Draw a place's icon into a square; nothing where it has none."""
    draw = _DRAWINGS.get(name)
    if draw is None:
        return
    pen = QPen(colour, _STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(square.topLeft())
    painter.scale(square.width() / SIDE, square.height() / SIDE)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(draw())
    painter.restore()


def _lines(path: QPainterPath, *strokes: tuple[tuple[float, float], ...]) -> QPainterPath:
    for first, *others in strokes:
        path.moveTo(QPointF(*first))
        for point in others:
            path.lineTo(QPointF(*point))
    return path


def _box(path: QPainterPath, left: float, top: float, width: float, height: float, round_: float = 1.5) -> QPainterPath:
    path.addRoundedRect(QRectF(left, top, width, height), round_, round_)
    return path


def _overview() -> QPainterPath:
    path = QPainterPath()
    for left, top in ((3, 3), (11.5, 3), (3, 11.5), (11.5, 11.5)):
        _box(path, left, top, 5.5, 5.5)
    return path


def _constitution() -> QPainterPath:
    """A written page."""
    path = _box(QPainterPath(), 4, 2.5, 12, 15)
    return _lines(path, ((7, 6.5), (13, 6.5)), ((7, 10), (13, 10)), ((7, 13.5), (10.5, 13.5)))


def _chains() -> QPainterPath:
    """Something said, and said again better."""
    return _lines(
        QPainterPath(),
        ((2.5, 11.5), (2.5, 3), (13, 3), (13, 9.5), (6.5, 9.5), (2.5, 12.5)),
        ((15.5, 7), (17.5, 7), (17.5, 17), (13.5, 14), (8, 14), (8, 12)),
    )


def _preferences() -> QPainterPath:
    """Scales."""
    path = _lines(QPainterPath(), ((10, 2.5), (10, 17)), ((6.5, 17.3), (13.5, 17.3)), ((3.5, 5.2), (16.5, 5.2)))
    for middle in (4.5, 15.5):
        _lines(path, ((middle - 2.7, 11.5), (middle, 5.4), (middle + 2.7, 11.5)))
        path.moveTo(middle - 2.7, 11.5)
        path.arcTo(QRectF(middle - 2.7, 9.3, 5.4, 4.6), 180, 180)
    return path


def _training() -> QPainterPath:
    """A loss that falls."""
    path = _lines(QPainterPath(), ((3, 2.5), (3, 17), (17.5, 17)))
    path.moveTo(6, 4)
    path.cubicTo(7.5, 12, 10.5, 13.2, 17, 13.6)
    return path


def _evaluate() -> QPainterPath:
    """A figure beside figures."""
    path = QPainterPath()
    for left, top in ((3, 11), (8.2, 7), (13.4, 3)):
        _box(path, left, top, 3.6, 17 - top, 0.8)
    return path


def _models() -> QPainterPath:
    """A cube."""
    corners = ((10, 2.3), (16.8, 6), (16.8, 14), (10, 17.7), (3.2, 14), (3.2, 6), (10, 2.3))
    return _lines(QPainterPath(), corners, ((3.2, 6), (10, 9.8), (16.8, 6)), ((10, 9.8), (10, 17.7)))


def _disk() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(3.5, 2.5, 13, 5))
    for top in (5.0, 10.0, 15.0):
        path.moveTo(3.5, top)
        if top > 5:
            path.arcTo(QRectF(3.5, top - 2.5, 13, 5), 180, 180)
    return _lines(path, ((3.5, 5), (3.5, 15)), ((16.5, 5), (16.5, 15)))


def _settings() -> QPainterPath:
    """Three sliders."""
    path = QPainterPath()
    for height, knob in ((5.0, 12.5), (10.0, 6.5), (15.0, 13.5)):
        _lines(path, ((2.5, height), (knob - 1.8, height)), ((knob + 1.8, height), (17.5, height)))
        path.addEllipse(QPointF(knob, height), 1.8, 1.8)
    return path


_DRAWINGS: Mapping[str, Callable[[], QPainterPath]] = {
    "overview": _overview,
    "constitution": _constitution,
    "chains": _chains,
    "preferences": _preferences,
    "training": _training,
    "evaluate": _evaluate,
    "models": _models,
    "disk": _disk,
    "settings": _settings,
}
