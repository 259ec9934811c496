"""Making the page of each place from what the window is made of; each is loaded, with what it draws with, when it is made."""

# ruff: noqa: PLC0415 - a person who waits for one page does not wait for all of them

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.asker import Asker
from ui.look.theme import Theme
from ui.pages.page import Page
from ui.places import Place
from ui.run_control import RunControl
from ui.session import Session
from ui.user_settings import UserSettings


@dataclass(frozen=True)
class Parts:
    """What pages are given."""

    session: Session
    control: RunControl
    settings: UserSettings
    theme: Theme
    asker: Asker
    #: Where they stand: a widget that is moved into another takes its whole style anew, with all that is in it.
    stack: QWidget


def make_page(place: Place, parts: Parts) -> Page:
    """Return the page of a place."""
    return _MAKERS.get(place.key, _stages)(place, parts)


def _overview(place: Place, parts: Parts) -> Page:
    from ui.pages.overview import OverviewPage

    return OverviewPage(place, parts.session, parent=parts.stack)


def _constitution(place: Place, parts: Parts) -> Page:
    from ui.pages.constitution import ConstitutionPage

    return ConstitutionPage(place, parts.session, parts.theme, parts.asker, parts.settings, parent=parts.stack)


def _chains(place: Place, parts: Parts) -> Page:
    from ui.pages.chains.page import ChainsPage

    return ChainsPage(place, parts.session, parts.control, parts.settings, parts.theme, parts.asker, parent=parts.stack)


def _preferences(place: Place, parts: Parts) -> Page:
    from ui.pages.preferences import PreferencesPage

    return PreferencesPage(place, parts.session, parts.control, parts.settings, parent=parts.stack)


def _training(place: Place, parts: Parts) -> Page:
    from ui.pages.training import TrainingPage

    return TrainingPage(
        place, parts.session, parts.control, parts.asker, parts.theme, parts.settings, parent=parts.stack
    )


def _evaluate(place: Place, parts: Parts) -> Page:
    from ui.pages.evaluate import EvaluatePage

    return EvaluatePage(
        place, parts.session, parts.control, parts.settings, parts.theme, parts.asker, parent=parts.stack
    )


def _models(place: Place, parts: Parts) -> Page:
    from ui.pages.models import ModelsPage

    return ModelsPage(place, parts.session, parent=parts.stack)


def _disk(place: Place, parts: Parts) -> Page:
    from ui.pages.disk import DiskPage

    return DiskPage(place, parts.session, parts.control, parent=parts.stack)


def _settings(place: Place, parts: Parts) -> Page:
    from ui.pages.settings import SettingsPage

    return SettingsPage(place, parts.settings, parts.theme, parent=parts.stack)


def _stages(place: Place, parts: Parts) -> Page:
    from ui.pages.stages import StagesPage

    return StagesPage(place, parts.session, parts.control, parent=parts.stack)


_MAKERS: Mapping[str, Callable[[Place, Parts], Page]] = {
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
