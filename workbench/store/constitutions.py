"""Committed constitutions in the store: immutable, by their hash."""

from sqlite_utils.db import Database

from workbench.records.constitution import ConstitutionVersion
from workbench.store.table import Table


class Constitutions(Table[ConstitutionVersion]):
    """The versions a project has committed."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "constitutions", ConstitutionVersion, key="hash")

    def current(self) -> ConstitutionVersion | None:
        """Return the version that was committed last; going back to an older one makes it current again."""
        sql = "SELECT json_extract(data, '$.hash') FROM decisions WHERE kind = 'ConstitutionVersion' ORDER BY seq DESC LIMIT 1"
        found = self._db.execute(sql).fetchone()
        return self.get(found[0]) if found else None
