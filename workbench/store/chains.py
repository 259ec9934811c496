"""Chains in the store: a row for each, and one for each of its steps."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlite_utils.db import Database

from workbench.records.chain import Chain, Step, chain_of
from workbench.records.intervention import Edit
from workbench.records.prompt import HELPFUL
from workbench.store.chain_rows import COLUMNS, ChainRows
from workbench.store.edits import Edits
from workbench.store.rows import fields_of, row_of
from workbench.store.table import Table, insert_all

_BATCH = 200
#: Steps that are inserted at a time.
_STEPS = 5000
_CHAIN_ID, _PROMPT_ID = map(fields_of(Step).index, ("chain_id", "prompt_id"))
_CHAIN = """SELECT chains.seq AS seq, chains.id AS id, chains.run_id AS run_id, prompts.kind AS kind,
    json_extract(runs.plan, '$.settings.rounds') AS rounds
    FROM chains JOIN prompts ON prompts.id = chains.prompt_id JOIN runs ON runs.id = chains.run_id"""


class Chains(Table[Step]):
    """Steps, as they were written, and the chains they make."""

    def __init__(self, db: Database, edits: Edits) -> None:
        super().__init__(db, "steps", Step)
        self._edits = edits
        self.rows = ChainRows(db)

    def add(self, records: Iterable[Step], **more: Any) -> list[str]:
        """Insert steps, and the chains they begin; return the ids of the steps that are new."""
        rest, new = map(row_of, records), list[str]()
        while part := list(islice(rest, _STEPS)):
            new += self.add_rows(part, **more)
        return new

    def add_whole(self, rows: Sequence[tuple[Any, ...]], lists: Sequence[tuple[Any, ...]], run_id: str) -> list[str]:
        """Insert whole chains, their steps as rows and what lists show of each (row_of_chain); return the ids of new steps."""
        begun = self._begin(rows, run_id)
        new = super().add_rows(rows, run_id=run_id)
        shown = [(run_id, *row) for row in lists]
        # Where a chain was there already, or two are on one prompt, what is shown follows from all their steps.
        if begun < len(shown) or insert_all(self._db, "chain_rows", COLUMNS, shown, "run_id, prompt_id") < len(shown):
            self.rows.refresh([row[1] for row in lists])
        return new

    def _begin(self, rows: Sequence[tuple[Any, ...]], run_id: str) -> int:
        """Insert the chains that steps belong to and are not there yet; return how many were not."""
        begun = {row[_CHAIN_ID]: row[_PROMPT_ID] for row in reversed(rows)}
        heads = [(name, begun[name], run_id) for name in dict.fromkeys(row[_CHAIN_ID] for row in rows)]
        return insert_all(self._db, "chains", ("id", "prompt_id", "run_id"), heads, "id")

    def add_rows(self, rows: Sequence[tuple[Any, ...]], **more: Any) -> list[str]:
        """Insert steps that are rows already, and the chains they begin; return the ids of the steps that are new."""
        self._begin(rows, more["run_id"])
        new = super().add_rows(rows, **more)
        self.rows.refresh(list(dict.fromkeys(row[_CHAIN_ID] for row in rows)))
        return new

    def chains(self, after: int = 0, limit: int = _BATCH) -> list[tuple[int, Chain]]:
        """Return a page of (key, chain) after a key."""
        heads = list(self._db.query(f"{_CHAIN} WHERE chains.seq > ? ORDER BY chains.seq LIMIT ?", (after, limit)))
        return self._assemble(heads)

    def newest(self, limit: int = _BATCH) -> list[Chain]:
        """Return the chains that came last, newest first."""
        heads = list(self._db.query(f"{_CHAIN} ORDER BY chains.seq DESC LIMIT ?", (limit,)))
        return [chain for _, chain in self._assemble(heads)]

    def chain(self, chain_id: str) -> Chain | None:
        """Return one chain, or None."""
        found = self._assemble(list(self._db.query(f"{_CHAIN} WHERE chains.id = ?", (chain_id,))))
        return found[0][1] if found else None

    def of_prompt(self, prompt_id: str) -> list[Chain]:
        """Return the chains of a prompt, in the order they began."""
        heads = list(self._db.query(f"{_CHAIN} WHERE chains.prompt_id = ? ORDER BY chains.seq", (prompt_id,)))
        return [chain for _, chain in self._assemble(heads)]

    def prompt_ids(self) -> set[str]:
        """Return the prompts that have chains."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT prompt_id FROM chains").fetchall()}

    def chain_count(self) -> int:
        """Return how many chains there are."""
        counted: int = self._db.execute("SELECT count(*) FROM chains").fetchone()[0]
        return counted

    def of_runs(self, run_ids: Sequence[str]) -> Iterator[list[Step]]:
        """Yield the steps of each chain of these runs, in the order the chains began."""
        marks = ",".join("?" * len(run_ids))
        after = 0
        while True:
            sql = f"{_CHAIN} WHERE chains.seq > ? AND chains.run_id IN ({marks}) ORDER BY chains.seq LIMIT ?"
            heads = list(self._db.query(sql, (after, *run_ids, _BATCH)))
            if not heads:
                return
            steps = self._steps([head["id"] for head in heads])
            yield from (steps[head["id"]] for head in heads)
            after = heads[-1]["seq"]

    def steps_of(self, chain_id: str) -> list[Step]:
        """Return a chain's steps as they were written, in order."""
        return self._steps([chain_id])[chain_id]

    def step_count(self, chain_id: str) -> int:
        """Return how many steps a chain has."""
        counted = self._db.execute("SELECT count(*) FROM steps WHERE chain_id = ?", [chain_id])
        return int(counted.fetchone()[0])

    def id_of(self, run_id: str, prompt_id: str) -> str:
        """Return the id of a run's chain on a prompt; empty before its first step."""
        found = self._db.execute(
            "SELECT id FROM chains WHERE prompt_id = ? AND run_id = ?", (prompt_id, run_id)
        ).fetchone()
        return str(found[0]) if found else ""

    def run_of(self, chain_id: str) -> str:
        """Return the run that wrote a chain; empty where there is no such chain."""
        found = self._db.execute("SELECT run_id FROM chains WHERE id = ?", (chain_id,)).fetchone()
        return str(found[0]) if found else ""

    def mean_tokens(self, run_id: str) -> dict[str, float]:
        """Return by kind of step how many tokens a text of a run has on average."""
        sql = "SELECT kind, avg(tokens) FROM steps WHERE run_id = ? AND origin = '' GROUP BY kind"
        return {str(kind): float(mean) for kind, mean in self._db.execute(sql, (run_id,))}

    def written_tokens(self, run_id: str) -> int:
        """Return how many tokens a run has written."""
        sql = "SELECT coalesce(sum(tokens), 0) FROM steps WHERE run_id = ? AND origin = ''"
        return int(self._db.execute(sql, (run_id,)).fetchone()[0])

    def _assemble(self, heads: list[dict[str, Any]]) -> list[tuple[int, Chain]]:
        ids = [head["id"] for head in heads]
        steps = self._steps(ids)
        edits: dict[str, Edit] = {}
        for start in range(0, len(ids), _BATCH):
            edits.update(self._edits.of_chains(ids[start : start + _BATCH]))
        return [(head["seq"], chain_of(steps[head["id"]], head["run_id"], _rounds(head), edits)) for head in heads]

    def _steps(self, chain_ids: Sequence[str]) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {chain_id: [] for chain_id in chain_ids}
        for start in range(0, len(chain_ids), _BATCH):
            part = list(chain_ids[start : start + _BATCH])
            marks = ",".join("?" * len(part))
            for step in self.select(f"chain_id IN ({marks})", part, order='chain_id, "index"'):
                found[step.chain_id].append(step)
        return found


def _rounds(head: dict[str, Any]) -> int:
    """Rounds asked for; helpful prompts are only answered."""
    return 0 if head["kind"] == HELPFUL else int(head["rounds"] or 0)
