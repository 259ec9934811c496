"""Settings of the window: theme, language, reviewer's name and keys, what is covered; and how this machine computes."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.languages import ENGLISH, language_name, translated
from ui.look.theme import Theme
from ui.pages.page import Page
from ui.places import Place
from ui.user_settings import UserSettings
from ui.widgets.cards import CARD_LETTERS
from ui.widgets.review_sheets import KeysSheet
from ui.widgets.texts import beside, button, counted, label, set_part


class SettingsPage(Page):
    """Each change counts at once."""

    selects = False

    def __init__(self, place: Place, settings: UserSettings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._settings, self._theme = settings, theme
        self.theme = QComboBox()
        self._offer_themes()
        self.theme.activated.connect(self._choose_theme)
        theme.changed.connect(self.show_theme)
        self.language, self._spoken = QComboBox(), settings.now.language
        self.language.activated.connect(self._choose_language)
        self.later = label(self.tr("The window speaks it from its next start on."), "muted", wrap=True)
        self.reviewer = QLineEdit(settings.reviewer)
        self.reviewer.editingFinished.connect(self._name_reviewer)
        self.cover = QCheckBox(self.tr("Cover answers to red-team prompts until asked"))
        self.cover.setChecked(settings.now.cover)
        self.cover.toggled.connect(lambda on: settings.change(cover=on))
        self.keys = button(
            self.tr("How you review…"), self.tr("Choose your keys, and whether the next pair comes by itself")
        )
        self.keys.clicked.connect(self.choose_keys)
        self.machine = label(part="muted", wrap=True)
        card = QFrame()
        set_part(card, "card")
        card.setMaximumWidth(CARD_LETTERS * card.fontMetrics().averageCharWidth())
        form = QFormLayout(card)
        form.setContentsMargins(24, 18, 24, 18)
        languages = QVBoxLayout()
        languages.addWidget(self.language)
        languages.addWidget(self.later)
        for name, field in (
            (self.tr("Theme"), self.theme),
            (self.tr("Language"), self.language),
            (self.tr("Your name in reviews"), self.reviewer),
        ):
            field.setAccessibleName(name)
            form.addRow(beside(name, field), languages if field is self.language else field)
        form.setRowVisible(languages, self._offer_languages())
        self.later.hide()
        keys = QHBoxLayout()
        keys.addWidget(self.keys)
        keys.addStretch(1)
        form.addRow(beside(self.tr("Keys of the review"), self.keys), keys)
        form.addRow(beside(self.tr("Sensitive texts"), self.cover), self.cover)
        form.addRow(beside(self.tr("This machine"), label("…")), self.machine)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignTop)
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(12)
        self.column.addWidget(card)
        self.column.addStretch(1)

    def refresh(self) -> None:
        """Show what may have been changed elsewhere, and what was measured of the machine meanwhile."""
        from workbench.runs.machine import known_machine  # noqa: PLC0415

        if not self.reviewer.hasFocus():  # else somebody is writing
            self.reviewer.setText(self._settings.reviewer)
        self.machine.setText(self._machine_words(known_machine()))

    def _offer_themes(self) -> None:
        for choice, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.theme.addItem(text, choice)
        self.theme.setCurrentIndex(self.theme.findData(self._settings.now.theme))

    def _offer_languages(self) -> bool:
        """Fill in the languages there are; say whether there is one to choose."""
        there = translated()
        self.language.addItem(self.tr("As the system"), "")
        for language in (ENGLISH, *there):
            self.language.addItem(language_name(language), language)
        self.language.setCurrentIndex(max(self.language.findData(self._spoken), 0))
        return bool(there)

    def _choose_language(self) -> None:
        language = self.language.currentData()
        self._settings.change(language=language)
        self.later.setVisible(language != self._spoken)

    def choose_keys(self) -> None:
        """Ask for keys and name, and take them."""
        sheet = KeysSheet(self._settings, self)
        sheet.accepted.connect(self.refresh)
        sheet.open()

    def show_theme(self) -> None:
        """Show the theme that was chosen elsewhere."""
        self.theme.setCurrentIndex(self.theme.findData(self._theme.choice))

    def _choose_theme(self) -> None:
        choice = self.theme.currentData()
        self._settings.change(theme=choice)
        self._theme.choose(choice)

    def _machine_words(self, known: Mapping[str, Any]) -> str:
        if not known:
            return self.tr("Which precision and how many threads are best here is measured before the first run.")
        told = self.tr(
            "{device}: answers in {dtype} by {processes} of {threads}, training in {training_dtype} by {training_threads}"
        )
        return told.format(
            device=known.get("machine", {}).get("cuda") or self.tr("Processor"),
            dtype=known.get("dtype", "float32"),
            processes=counted(int(known.get("processes", 1)), self.tr("one process"), self.tr("{count} processes")),
            threads=self._threads(known.get("threads", 1)),
            training_dtype=known.get("training_dtype", known.get("dtype", "float32")),
            training_threads=self._threads(known.get("training_threads", 1)),
        )

    def _threads(self, number: int) -> str:
        return counted(int(number), self.tr("one thread"), self.tr("{count} threads"))

    def _name_reviewer(self) -> None:
        self._settings.change(reviewer=self.reviewer.text().strip())
