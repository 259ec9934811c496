"""The style sheet, made from a scheme's colours; sizes are in points or multiples of them, so that text scales."""

from pathlib import Path

from ui.look.colours import DARK, Colours

#: A page's title is so many times as large as its texts.
_TITLE = 1.5

_SHEET = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {border}; padding: 4px; }}
QMainWindow::separator {{ background: {border}; width: 1px; height: 1px; }}
QSplitter::handle {{ background: {ground}; }}
QLabel[part="title"] {{ font-size: {title:g}pt; font-weight: 600; }}
QLabel[part="heading"] {{ font-weight: 600; }}
QLabel[part="muted"] {{ color: {muted}; }}
QLabel[part="good"] {{ color: {good}; }}
QLabel[part="warning"] {{ color: {warning}; }}
QLabel[part="bad"] {{ color: {bad}; }}
QPushButton, QToolButton {{
    color: {text}; background: {raised}; border: 1px solid {border}; border-radius: 5px; padding: 5px 12px;
}}
QToolButton {{ padding: 5px 8px; }}
QPushButton::menu-indicator {{
    image: url({arrows}/down-{scheme}.svg); width: 12px; height: 12px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 6px;
}}
QPushButton[part="primary"]::menu-indicator {{ image: url({arrows}/down-on-{scheme}.svg); }}
QPushButton[part="link"] {{
    color: {accent}; background: transparent; border: none; padding: 2px 4px; text-align: left; font-weight: 600;
}}
QPushButton[part="link"]:hover {{ text-decoration: underline; }}
QPushButton:hover, QToolButton:hover {{ border-color: {accent}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {chosen}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {accent}; padding: 4px 11px; }}
QToolButton:focus {{ padding: 4px 7px; }}
QToolButton[part="small"] {{ padding: 1px 5px; color: {muted}; }}
QToolButton[part="small"]:focus {{ padding: 0px 4px; }}
QToolButton:checked {{ background: {chosen}; border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {muted}; background: {ground}; }}
QPushButton[part="link"]:focus {{ border: 2px solid {accent}; padding: 0px 2px; }}
QPushButton[part="primary"] {{ color: {on_accent}; background: {accent}; border-color: {accent}; font-weight: 600; }}
QPushButton[part="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[part="primary"]:disabled {{ color: {muted}; background: {ground}; border-color: {border}; }}
QLineEdit, QPlainTextEdit, QComboBox, QListView, QTableView, QTreeView {{
    color: {text}; background: {paper}; border: 1px solid {border}; border-radius: 5px;
    selection-color: {text}; selection-background-color: {chosen};
}}
QLineEdit {{ padding: 5px 6px; }}
QComboBox {{ padding: 5px 6px 5px 8px; }}
QLineEdit, QPlainTextEdit, QComboBox, QListView {{ placeholder-text-color: {muted}; }}
QListView, QTableView, QTreeView {{ padding: 1px; }}
QListView:focus, QTableView:focus, QTreeView:focus {{ padding: 0px; }}
QPlainTextEdit {{ padding: 1px 3px; }}
QPlainTextEdit:focus {{ padding: 0px 2px; }}
QPlainTextEdit[part="bare"] {{ background: transparent; border: 2px solid transparent; padding: 0px; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QListView:focus, QTableView:focus {{
    border: 2px solid {accent};
}}
QLineEdit:focus {{ padding: 4px 5px; }}
QComboBox:focus {{ padding: 4px 5px 4px 7px; }}
QComboBox:editable {{ padding: 4px 4px 4px 6px; }}
QComboBox:editable:focus {{ padding: 3px 3px 3px 5px; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QAbstractSpinBox {{
    color: {text}; background: {paper}; border: 1px solid {border}; border-radius: 5px; padding: 4px 6px; min-height: 16px;
    selection-color: {text}; selection-background-color: {chosen};
}}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{
    color: {muted}; background: {ground};
}}
QAbstractSpinBox:focus {{ border: 2px solid {accent}; padding: 3px 5px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; background: transparent; width: 18px; }}
QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{ image: url({arrows}/down-{scheme}.svg); width: 12px; height: 12px; }}
QAbstractSpinBox::up-arrow {{ image: url({arrows}/up-{scheme}.svg); width: 12px; height: 12px; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QAbstractItemView, QComboBox QAbstractItemView:focus {{ background: {raised}; border: 1px solid {border}; }}
QListView::item {{ padding: 4px 6px; }}
QListView::item:selected, QTableView::item:selected, QTreeView::item:selected {{ background: {chosen}; color: {text}; }}
QListWidget[part="rail"], QListWidget[part="rail"]:focus {{
    background: {ground}; border: none; border-right: 1px solid {border}; border-radius: 0; padding: 6px 0px;
}}
QListWidget[part="rail"]::item {{ padding: 9px 12px 9px 34px; border-radius: 5px; margin: 1px 8px; }}
QListWidget[part="rail"]::item:selected:focus {{ border: 2px solid {accent}; padding: 7px 10px 7px 32px; }}
QListView, QTableView, QTreeView {{ outline: none; }}
QCheckBox::indicator, QListView::indicator, QTableView::indicator, QTreeView::indicator {{
    width: 13px; height: 13px; background: {paper}; border: 1px solid {muted}; border-radius: 3px;
}}
QCheckBox::indicator:checked, QListView::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url({arrows}/check-{scheme}.svg);
}}
QCheckBox::indicator:disabled, QListView::indicator:disabled {{ background: {ground}; border-color: {border}; }}
QCheckBox::indicator:checked:disabled, QListView::indicator:checked:disabled {{ background: {muted}; }}
QRadioButton::indicator {{ width: 13px; height: 13px; background: {paper}; border: 1px solid {muted}; border-radius: 7px; }}
QRadioButton::indicator:checked {{ width: 7px; height: 7px; border: 4px solid {accent}; }}
QRadioButton::indicator:disabled {{ background: {ground}; border-color: {border}; }}
QCheckBox, QRadioButton {{ border: 1px solid transparent; border-radius: 4px; padding: 1px 2px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {accent}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    color: {muted}; background: transparent; border: none; border-bottom: 1px solid {border}; padding: 5px 7px;
    font-weight: normal;
}}
QTableView::item {{ padding: 0px 4px; }}
QTabWidget::pane {{ border: none; }}
QTabBar::tab {{ color: {muted}; padding: 6px 12px; border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}
QTabBar::tab:focus {{ background: {chosen}; }}
QTabBar::scroller {{ width: 40px; }}
QTabBar QToolButton {{ background: {ground}; padding: 0px; border-radius: 0px; }}
QTabBar QToolButton::left-arrow {{ image: url({arrows}/left-{scheme}.svg); width: 12px; height: 12px; }}
QTabBar QToolButton::right-arrow {{ image: url({arrows}/right-{scheme}.svg); width: 12px; height: 12px; }}
QFrame[part="card"] {{ background: {raised}; border: 1px solid {border}; border-radius: 7px; }}
QFrame[part="error"] {{ background: {raised}; border: 1px solid {border}; border-left: 4px solid {bad}; border-radius: 7px; }}
QFrame[part="toast"] {{ background: {raised}; border: 1px solid {accent}; border-radius: 7px; }}
QFrame[part="drop"] {{ background: {raised}; border: 3px dashed {accent}; border-radius: 9px; }}
QFrame[part="palette"] {{ background: {raised}; border: 1px solid {accent}; border-radius: 9px; }}
QSlider {{ min-height: 20px; }}
QSlider::groove:horizontal {{ background: {border}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {raised}; border: 2px solid {accent}; border-radius: 7px; width: 10px; height: 10px; margin: -5px 0px;
}}
QSlider::handle:horizontal:focus {{ background: {accent}; }}
QSlider::handle:horizontal:disabled {{ border-color: {muted}; }}
QSlider::sub-page:horizontal:disabled {{ background: {muted}; }}
QProgressBar {{
    color: {text}; background: {ground}; border: 1px solid {border}; border-radius: 4px; text-align: center; max-height: 14px;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QDockWidget {{ titlebar-close-icon: url({arrows}/close-{scheme}.svg); }}
QDockWidget::close-button {{ subcontrol-position: center right; right: 8px; width: 18px; height: 18px; border: none; }}
QDockWidget::close-button:hover {{ background: {chosen}; border-radius: 4px; }}
QDockWidget::title {{ background: {ground}; padding: 7px 10px; border-bottom: 1px solid {border}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QStatusBar {{ background: {ground}; border-top: 1px solid {border}; }}
QStatusBar::item {{ border: none; }}
QMenuBar {{ background: {ground}; }}
QMenuBar::item {{ background: transparent; padding: 7px 10px; border-radius: 4px; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {chosen}; color: {text}; }}
QToolButton[part="search"] {{ color: {muted}; background: {paper}; padding: 2px 60px 2px 10px; margin: 2px 8px; }}
QMenu::item {{ padding: 6px 26px 6px 16px; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0px; }}
QScrollBar::handle {{ background: {border}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0px; height: 0px; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {raised}; border: 1px solid {border}; }}
"""


def style_sheet(colours: Colours, points: float) -> str:
    """Return the style sheet in a scheme's colours, for texts of a size."""
    scheme = "dark" if colours is DARK else "light"
    arrows = Path(__file__).parent.as_posix()
    return _SHEET.format(**vars(colours), arrows=arrows, scheme=scheme, title=points * _TITLE)
