"""Making the page of each place from what the window is made of."""

from dataclasses import dataclass

from ui.asker import Asker
from ui.look.theme import Theme
from ui.pages.chains.page import ChainsPage
from ui.pages.constitution import ConstitutionPage
from ui.pages.disk import DiskPage
from ui.pages.evaluate import EvaluatePage
from ui.pages.overview import OverviewPage
from ui.pages.page import Page
from ui.pages.preferences import PreferencesPage
from ui.pages.settings import SettingsPage
from ui.pages.stages import StagesPage
from ui.pages.training import TrainingPage
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


def make_page(place: Place, parts: Parts) -> Page:
    """Return the page of a place."""
    session, control = parts.session, parts.control
    if place.key == "overview":
        return OverviewPage(place, session)
    if place.key == "constitution":
        return ConstitutionPage(place, session, parts.theme)
    if place.key == "chains":
        return ChainsPage(place, session, control, parts.settings, parts.theme)
    if place.key == "preferences":
        return PreferencesPage(place, session, control, parts.settings)
    if place.key == "training":
        return TrainingPage(place, session, control, parts.asker, parts.theme)
    if place.key == "evaluate":
        return EvaluatePage(place, session, control, parts.settings, parts.theme, parts.asker)
    if place.key == "disk":
        return DiskPage(place, session, control)
    if place.key == "settings":
        return SettingsPage(place, parts.settings, parts.theme)
    return StagesPage(place, session, control)
