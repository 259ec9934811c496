"""A file's rows as a format reads them: which column is which field, and what is taken of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.interchange.incoming.formats import WRITTEN_BY_ANYBODY, Format


@dataclass(frozen=True)
class Shape:
    """What a file's rows are read as: the format, which column is which field, and the columns there are.

    guessed fields were found under another name than their own and are for a person to confirm.
    """

    format: Format
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    guessed: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields the format needs that no column gives."""
        return tuple(role.name for role in self.format.roles if role.needed and role.name not in self.mapping)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns of which nothing is taken over; none are named where a tool's own format is known whole."""
        if self.format.name not in WRITTEN_BY_ANYBODY:
            return ()
        return tuple(column for column in self.columns if column not in self.mapping.values())

    @cached_property
    def as_is(self) -> bool:
        """Whether every column goes by the name of its field."""
        return not self.format.marked and all(name == column for name, column in self.mapping.items())

    def fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row's fields under the format's names."""
        flat = self.format.flat(row)
        if self.as_is:
            return flat
        named = {name: flat.get(column) for name, column in self.mapping.items() if name != column}
        # What an annotation tool's choices say are its own names of the columns.
        return flat | named | ({"column_of": self.mapping} if self.format.marked else {})
