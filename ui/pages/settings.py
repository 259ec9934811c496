"""Settings of the window: theme and reviewer's name."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QFrame, QLabel, QLineEdit, QWidget

from ui.look.theme import Theme
from ui.pages.page import Page
from ui.places import Place
from ui.user_settings import UserSettings
from ui.widgets.cards import CARD_LETTERS
from ui.widgets.texts import label, set_part


class SettingsPage(Page):
    """Each change counts at once."""

    def __init__(self, place: Place, settings: UserSettings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._settings, self._theme = settings, theme
        self.theme = QComboBox()
        for choice, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.theme.addItem(text, choice)
        self.theme.setCurrentIndex(self.theme.findData(settings.now.theme))
        self.theme.activated.connect(self._choose_theme)
        theme.changed.connect(self.show_theme)
        self.reviewer = QLineEdit(settings.reviewer)
        self.reviewer.editingFinished.connect(self._name_reviewer)
        self.cover = QCheckBox(self.tr("Cover answers to red-team prompts until asked"))
        self.cover.setChecked(settings.now.cover)
        self.cover.toggled.connect(lambda on: settings.change(cover=on))
        card = QFrame()
        set_part(card, "card")
        card.setMaximumWidth(CARD_LETTERS * card.fontMetrics().averageCharWidth())
        form = QFormLayout(card)
        form.setContentsMargins(24, 18, 24, 18)
        for name, field in ((self.tr("Theme"), self.theme), (self.tr("Your name in reviews"), self.reviewer)):
            field.setAccessibleName(name)
            form.addRow(_beside(name, field), field)
        form.addRow(_beside(self.tr("Sensitive texts"), self.cover), self.cover)
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(12)
        self.column.addWidget(card)
        self.column.addStretch(1)

    def show_theme(self) -> None:
        """Show the theme that was chosen elsewhere."""
        self.theme.setCurrentIndex(self.theme.findData(self._theme.choice))

    def _choose_theme(self) -> None:
        choice = self.theme.currentData()
        self._settings.change(theme=choice)
        self._theme.choose(choice)

    def _name_reviewer(self) -> None:
        self._settings.change(reviewer=self.reviewer.text().strip())


def _beside(name: str, field: QWidget) -> QLabel:
    """Return a label as high as its field, so that both read as one line."""
    made = label(name)
    made.setMinimumHeight(field.sizeHint().height())
    return made
