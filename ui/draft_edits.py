"""The edits a person makes to the draft, each under the name by which the menu undoes it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.draft_keeper import EXAMPLE, DraftKeeper

if TYPE_CHECKING:
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import Constitution, Use


class DraftEdits(QObject):
    """Makes edits through the keeper; told says what became of one, added which principle or example is new."""

    told = Signal(str)
    #: The id of a principle that was added.
    added_principle = Signal(str)
    #: The number of an example that was added.
    added_example = Signal(int)

    def __init__(self, keeper: DraftKeeper) -> None:
        super().__init__(keeper)
        self._keeper = keeper
        self._constitution: Constitution | None = None
        keeper.changed.connect(self._know)

    def type_field(self, principle_id: str, field: str, value: str) -> None:
        """Take what was typed into a field of a principle."""
        title = self._title(principle_id)
        if field == "enabled":
            name = self.tr("enable “{title}”") if value == "true" else self.tr("disable “{title}”")
            self._keeper.type_field(principle_id, field, value, name.format(title=title))
            return
        name = self.tr("edit the {field} of “{title}”").format(field=self._fields().get(field, field), title=title)
        self._keeper.type_field(principle_id, field, value, name)

    def switch(self, principle_id: str, on: bool) -> None:
        """Enable a principle, or disable it."""
        self.type_field(principle_id, "enabled", str(on).lower())

    def move(self, principle_id: str, place: int) -> None:
        """Move a principle to another place."""
        from workbench.interchange.constitution_order import moved  # noqa: PLC0415

        name = self.tr("move “{title}”").format(title=self._title(principle_id))
        self._keeper.change(name, lambda text: moved(text, principle_id, place))

    def remove(self, principle_id: str) -> None:
        """Take a principle out of the draft."""
        from workbench.interchange.constitution_order import removed  # noqa: PLC0415

        if principle_id:
            title = self._title(principle_id)
            name = self.tr("remove “{title}”").format(title=title)
            said = self.tr("“{title}” is out of the draft; Ctrl+Z brings it back.").format(title=title)
            self._keeper.change(name, lambda text: removed(text, principle_id), lambda _: self.told.emit(said))

    def add(self) -> None:
        """Add a principle at the end, to be written."""
        from workbench.interchange.constitution_order import added  # noqa: PLC0415
        from workbench.records.constitution import Principle  # noqa: PLC0415

        principles = self._constitution.principles if self._constitution else ()
        taken = {one.id for one in principles}
        number = next(number for number in range(1, len(taken) + 2) if f"principle-{number}" not in taken)
        new = Principle(f"principle-{number}", self.tr("New principle"))
        self._keeper.change(
            self.tr("add a principle"),
            lambda text: added(text, new, len(principles)),
            lambda _: self.added_principle.emit(new.id),
        )

    def type_example(self, number: int, field: str, value: str) -> None:
        """Take what was typed into a field of an example."""
        name = self.tr("edit example {number}").format(number=number)
        self._keeper.type_field(f"{EXAMPLE}{number}", field, value, name)

    def add_example(self, use: "Use") -> None:
        """Add an example of a use at the end, to be written."""
        from workbench.interchange.example_edit import add_example  # noqa: PLC0415
        from workbench.records.constitution import FewShot  # noqa: PLC0415

        new = FewShot(use, self.tr("What is asked"), answer="" if use == "revision" else "A")
        count = len(self._constitution.few_shots) if self._constitution else 0
        self._keeper.change(
            self.tr("add an example"),
            lambda text: add_example(text, new),
            lambda _: self.added_example.emit(count + 1),
        )

    def remove_example(self, number: int) -> None:
        """Take an example out of the draft."""
        from workbench.interchange.example_edit import remove_example  # noqa: PLC0415

        name = self.tr("remove example {number}").format(number=number)
        said = self.tr("The example is out of the draft; Ctrl+Z brings it back.")
        self._keeper.change(name, lambda text: remove_example(text, number), lambda _: self.told.emit(said))

    def _know(self, state: "DraftState") -> None:
        if state.constitution is not None:
            self._constitution = state.constitution

    def _title(self, principle_id: str) -> str:
        principles = self._constitution.principles if self._constitution else ()
        return next((one.title for one in principles if one.id == principle_id and one.title), principle_id)

    def _fields(self) -> dict[str, str]:
        return {
            "title": self.tr("title"),
            "tags": self.tr("tags"),
            "weight": self.tr("weight"),
            "rationale": self.tr("rationale"),
            "critique_request": self.tr("critique request"),
            "revision_request": self.tr("revision request"),
            "comparison_question": self.tr("comparison question"),
        }
