"""Making the page of each place from what the window is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from ui.asker import Asker
from ui.look.theme import Theme
from ui.pages.chains.page import ChainsPage
from ui.pages.constitution import ConstitutionPage
from ui.pages.disk import DiskPage
from ui.pages.evaluate import EvaluatePage
from ui.pages.models import ModelsPage
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
    session, control, settings, theme, asker = parts.session, parts.control, parts.settings, parts.theme, parts.asker
    makers: dict[str, Callable[[], Page]] = {
        "overview": lambda: OverviewPage(place, session),
        "constitution": lambda: ConstitutionPage(place, session, theme, asker, settings),
        "chains": lambda: ChainsPage(place, session, control, settings, theme),
        "preferences": lambda: PreferencesPage(place, session, control, settings),
        "training": lambda: TrainingPage(place, session, control, asker, theme),
        "evaluate": lambda: EvaluatePage(place, session, control, settings, theme, asker),
        "models": lambda: ModelsPage(place, session),
        "disk": lambda: DiskPage(place, session, control),
        "settings": lambda: SettingsPage(place, settings, theme),
    }
    make = makers.get(place.key)
    return make() if make else StagesPage(place, session, control)
