"""What a person does with chains and prompts from the window, each of it to be undone by a row that supersedes it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.history import History, Step, Told
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.user_settings import UserSettings

if TYPE_CHECKING:
    from workbench.project import Project

Deed = Callable[["Project"], object]
#: So soon after a run was begun nobody means to begin the same one again.
_HASTE_MS = 800
#: Settings that choose which chains a run writes.
_SELECTING = ("only", "prompts", "tag", "branch", "limit")


class ChainControl(QObject):
    """Excludes, edits, tags and writes again; changed tells that rows may look otherwise now."""

    changed = Signal()
    #: A word for the toast.
    told = Signal(str)
    #: The id of a run that was begun.
    begun = Signal(str)

    def __init__(self, session: Session, control: RunControl, settings: UserSettings) -> None:
        super().__init__(session)
        self._session, self._control, self._settings = session, control, settings
        self.history = History(self)
        #: What is being begun.
        self._beginning: set[tuple[object, ...]] = set()
        session.closed.connect(self.history.forget)
        session.closed.connect(self._beginning.clear)

    def exclude(self, targets: Sequence[str], words: str, reason: str = "") -> None:
        """Leave chains or revisions out of training."""
        ids, person = list(targets), self._settings.reviewer
        out: Deed = lambda project: project.exclude(ids, person, reason)  # noqa: E731
        back: Deed = lambda project: project.include(ids, person)  # noqa: E731
        name = self.tr("exclude {what}").format(what=words)
        self._do(name, self.tr("Left out of training: {what}.").format(what=words), back, out)

    def include(self, targets: Sequence[str], words: str) -> None:
        """Take chains or revisions back into training."""
        ids, person = list(targets), self._settings.reviewer
        out: Deed = lambda project: project.exclude(ids, person, "")  # noqa: E731
        back: Deed = lambda project: project.include(ids, person)  # noqa: E731
        name = self.tr("include {what}").format(what=words)
        self._do(name, self.tr("Trained on again: {what}.").format(what=words), out, back)

    def edit(self, step_id: str, text: str | None, before: str | None) -> None:
        """Word a text anew (None: as the model wrote it); before is the wording that held, None for the model's own."""
        person = self._settings.reviewer
        self._do(
            self.tr("edit of a text"),
            self.tr("Your wording counts; what the model wrote is kept.")
            if text is not None
            else self.tr("What the model wrote counts again."),
            lambda project: project.edit(step_id, before, person),
            lambda project: project.edit(step_id, text, person),
        )

    def tag(self, prompt_ids: Sequence[str], tag: str, tagged: bool = True) -> None:
        """Let prompts bear a tag, or no longer."""
        ids, person = list(prompt_ids), self._settings.reviewer
        words = self.tr("Tagged {tag}: {count}.") if tagged else self.tr("No longer tagged {tag}: {count}.")
        prompts = self.tr("1 prompt") if len(ids) == 1 else self.tr("{count} prompts").format(count=len(ids))
        name = self.tr("tag {prompts} “{tag}”") if tagged else self.tr("untag {prompts} “{tag}”")
        self._do(
            name.format(tag=tag, prompts=prompts),
            words.format(tag=tag, count=len(ids)),
            lambda project: project.tag(ids, tag, person, not tagged),
            lambda project: project.tag(ids, tag, person, tagged),
        )

    def write_again(self, prompt_ids: Sequence[str], run_id: str) -> None:
        """Write the chains of some prompts again, by another seed and else as their run did."""
        ids = list(prompt_ids)
        key = ("again", run_id, *ids)
        self._begin(key, lambda project: _again(project, run_id, {"prompts": ",".join(ids)}, ids))

    def redo_stale(self) -> None:
        """Write the stale chains again, as their runs did and by their seeds: only what changed since makes a difference."""
        self._session.ask(self.tr("Looking for stale chains"), _stale, self._redo)

    def _redo(self, stale: Mapping[str, Sequence[str]]) -> None:
        for run_id, ids in stale.items():
            self._begin(("redo", run_id, *ids), partial(_as_before, run_id=run_id, what=_which(stale, run_id)))

    def branch(self, step_id: str, run_id: str, prompt_id: str) -> None:
        """Write a new chain that begins with this one's steps up to one of them, in their standing wording."""
        key = ("branch", run_id, step_id)
        self._begin(key, lambda project: _again(project, run_id, {"branch": step_id}, [prompt_id]))

    def start(self, settings: Mapping[str, str]) -> None:
        """Begin a run of chains."""
        self._begin(("start", *sorted(settings.items())), lambda _: dict(settings))

    def _begin(self, key: tuple[object, ...], settings: "Callable[[Project], dict[str, str]]") -> None:
        """Begin a run, unless the same one is being begun: a button that is pressed twice in haste means one."""
        if key in self._beginning:
            return
        self._beginning.add(key)

        def begun(run_id: str) -> None:
            QTimer.singleShot(_HASTE_MS, self, lambda: self._beginning.discard(key))
            self.begun.emit(run_id)

        def failed(failure: Failure) -> None:
            self._beginning.discard(key)
            self._session.failed.emit(failure)

        self._control.start("chains", settings, begun, failed)

    def _do(self, name: str, words: str, back: Deed, again: Deed) -> None:
        step = Step(name, partial(self._ask, back), partial(self._ask, again))
        self._ask(again, lambda well: self._have_done(step, words) if well else None)

    def _ask(self, deed: Deed, told: Told) -> None:
        def failed(failure: Failure) -> None:
            self._session.failed.emit(failure)
            self._tell(told, False)

        self._session.ask(self.tr("Saving"), deed, lambda _: self._tell(told, True), failed)

    def _have_done(self, step: Step, words: str) -> None:
        self.history.add(step)
        self.told.emit(self.tr("{words} Ctrl+Z takes it back.").format(words=words))

    def _tell(self, told: Told, well: bool) -> None:
        told(well)
        self.changed.emit()


def _again(project: "Project", run_id: str, what: Mapping[str, str], prompt_ids: Sequence[str]) -> dict[str, str]:
    """Return the settings of a run that writes some chains anew as a run did, by a seed none of them had."""
    from workbench.project.chain_selection import next_seed  # noqa: PLC0415

    return {**_as_before(project, run_id, what), "seed": str(next_seed(project.store, prompt_ids))}


def _as_before(project: "Project", run_id: str, what: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a run that writes other chains as a run did, by its seed."""
    from workbench.project.repeating import asked_of  # noqa: PLC0415

    plan = project.run(run_id).plan
    if plan is None:
        return dict(what)
    kept = {name: text for name, text in asked_of(plan).items() if name not in _SELECTING}
    return {**kept, **what, "seed": str(plan.seed)}


def cost_of_redoing(project: "Project") -> tuple[int, int, int, float | None]:
    """Return how many stale chains there are, and the calls, tokens and seconds (None: unknown) of writing them again."""
    from workbench.project.estimating import estimate_chains  # noqa: PLC0415
    from workbench.runs.machine import known_machine  # noqa: PLC0415

    stale, wording = _stale(project), project.constitution.constitution
    asked = [_as_before(project, run_id, _which(stale, run_id)) for run_id in stale]
    found = [estimate_chains(project.store, texts, known_machine(), wording) for texts in asked]
    seconds = [one.seconds for one in found if one.seconds is not None]
    whole = sum(seconds) if len(seconds) == len(found) else None
    chains, calls, tokens = (sum(getattr(one, name) for one in found) for name in ("chains", "calls", "tokens"))
    return chains, calls, tokens, whole


def _which(stale: Mapping[str, Sequence[str]], run_id: str) -> dict[str, str]:
    """Return what chooses the stale chains of a run among all stale ones."""
    return {"only": "stale"} if len(stale) == 1 else {"prompts": ",".join(stale[run_id])}


def _stale(project: "Project") -> dict[str, list[str]]:
    from workbench.project.chain_selection import stale_prompts  # noqa: PLC0415

    return stale_prompts(project.store)
