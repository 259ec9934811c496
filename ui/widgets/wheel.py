"""The wheel scrolls what fields lie on: rolled over in passing, a field that took it would be set to something else unseen."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

_FIELDS = (QComboBox, QAbstractSpinBox, QSlider)


class _Passing(QObject):
    """Has the wheel go on to what a field lies on."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the wheel from a field; everything else it gets."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def pass_wheel_on(content: QWidget) -> None:
    """Have the wheel scroll over the fields that are there, as it does between them."""
    passing = _Passing(content)
    for field in content.findChildren(QWidget):
        if isinstance(field, _FIELDS):
            field.installEventFilter(passing)
