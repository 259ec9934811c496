"""Which model a person wants in a role where a run names none."""

from sqlite_utils.db import Database


class RoleModels:
    """A role and the model's name, as runs name it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[str, str]:
        """Return the models by role."""
        return {
            row["role"]: row["model"] for row in self._db.query("SELECT role, model FROM role_models ORDER BY role")
        }

    def put(self, role: str, model: str) -> None:
        """Take a model for a role; an empty name goes back to what is usual."""
        if not self._db.conn.in_transaction:
            raise RuntimeError("writes belong into `with store.write()`")
        self._db.conn.execute("DELETE FROM role_models WHERE role = ?", [role])
        if model:
            self._db.conn.execute("INSERT INTO role_models VALUES (?, ?)", [role, model])
