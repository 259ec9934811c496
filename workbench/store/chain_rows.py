"""A row for every chain a run writes or is to write: what a list of chains is filtered and sorted by, without their texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.measurement.refusals import refuses
from workbench.measurement.texts import changed_share
from workbench.records.chain import Step
from workbench.store.keys import Keys, read_keys
from workbench.store.rows import from_row, stored
from workbench.store.search import match_of

_BATCH = 200
_REFRESH = """INSERT INTO chain_rows (run_id, prompt_id, chain_id, expected, steps, verdicts, principles, changed, refusal)
    SELECT chains.run_id, chains.prompt_id, chains.id, {expected}, count(*), {verdicts},
        ',' || coalesce(group_concat(DISTINCT steps.principle_id) || ',', ''), changed_share({first}, {last}), refuses({last})
    FROM chains JOIN steps ON steps.chain_id = chains.id JOIN runs ON runs.id = chains.run_id
        JOIN prompts ON prompts.id = chains.prompt_id
    WHERE {where} GROUP BY chains.id ORDER BY chains.seq
    ON CONFLICT (run_id, prompt_id) DO UPDATE SET chain_id = excluded.chain_id, steps = excluded.steps,
        verdicts = excluded.verdicts, principles = excluded.principles, changed = excluded.changed, refusal = excluded.refusal"""
_EXPECTED = """CASE prompts.kind WHEN 'helpful' THEN 1 ELSE 1 + coalesce(json_extract(runs.plan, '$.settings.rounds'), 0)
    * (1 + coalesce(json_extract(runs.plan, '$.settings.critique'), 1)) END"""
_OF_A_RESPONSE = """(SELECT {column} FROM steps WHERE chain_id = chains.id AND kind != 'critique'
    ORDER BY "index" {order} LIMIT 1)"""

_ROWS = "chain_rows JOIN runs ON runs.id = chain_rows.run_id AND runs.discarded = 0"
_WITH_PROMPTS = f"{_ROWS} JOIN prompts ON prompts.id = chain_rows.prompt_id"
_STANDING_EDIT = "text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM edits after WHERE after.supersedes = edits.id)"
_EDITED = f"""chain_rows.chain_id IN (SELECT steps.chain_id FROM steps WHERE steps.id IN
    (SELECT step_id FROM edits WHERE {_STANDING_EDIT}))"""
_WRITTEN_AFTER = f"""chain_rows.chain_id IN (SELECT made.chain_id FROM steps made JOIN steps later
    ON later.chain_id = made.chain_id AND later."index" > made."index"
    WHERE made.id IN (SELECT step_id FROM edits WHERE {_STANDING_EDIT}))"""
_EXCLUDED = """chain_rows.chain_id IN (SELECT target FROM exclusions WHERE excluded = 1
    AND NOT EXISTS (SELECT 1 FROM exclusions after WHERE after.supersedes = exclusions.id))"""
_IS_AMENDED = "chain_rows.run_id IN (SELECT value FROM json_each(of_later.plan, '$.amends'))"
#: A later chain on the prompt is to take this one's place, or has: a whole one, of a finished run or of one that amends its own.
_SUPERSEDED = f"""EXISTS (SELECT 1 FROM chain_rows later JOIN runs of_later ON of_later.id = later.run_id
    WHERE later.prompt_id = chain_rows.prompt_id AND later.seq > chain_rows.seq AND of_later.discarded = 0
    AND (of_later.state NOT IN ('finished', 'stopped', 'failed') OR later.steps >= later.expected
        AND (of_later.state = 'finished' OR of_later.state = 'stopped' AND {_IS_AMENDED})
        AND NOT {_EXCLUDED.replace("chain_rows.", "later.")}))"""
_WHOLE = "steps >= expected"
_WHY_LEFT_OUT = """(SELECT left_out FROM done_inputs WHERE done_inputs.run_id = chain_rows.run_id AND input = prompt_id
    AND left_out != '')"""
#: Looked up only where something is missing, which is seldom.
_LEFT_OUT = f"steps < expected AND {_WHY_LEFT_OUT} IS NOT NULL"

#: What a list of chains can be narrowed to; stale is worked out from what has changed since.
FILTERS: dict[str, str] = {
    "": "1",
    "queued": f"steps = 0 AND {_WHY_LEFT_OUT} IS NULL",
    "running": f"steps > 0 AND steps < expected AND {_WHY_LEFT_OUT} IS NULL",
    "done": _WHOLE,
    "flagged": "verdicts != '[]'",
    "unchanged": f"{_WHOLE} AND expected > 1 AND changed = 0",
    "refusal": "refusal = 1 AND steps > 0",
    "stale": "",
    "edited": _EDITED,
    "excluded": _EXCLUDED,
    "left_out": _LEFT_OUT,
}
ORDERS: dict[str, str] = {
    "written": "chain_rows.seq",
    "newest": "chain_rows.seq DESC",
    "most_changed": "changed DESC, chain_rows.seq",
    "least_changed": "changed IS NULL, changed, chain_rows.seq",
}


#: The columns of what row_of_chain makes, with its run in front.
COLUMNS = ("run_id", "prompt_id", "chain_id", "expected", "steps", "verdicts", "principles", "changed", "refusal")


def row_of_chain(steps: Sequence[Step]) -> tuple[Any, ...]:
    """Return what refresh makes of all steps of a chain, in order, so that another process can; how many are to come is open."""
    responses = [step for step in steps if step.kind != "critique"] or steps
    first, last = responses[0].text, responses[-1].text
    principles = dict.fromkeys(step.principle_id for step in steps if step.principle_id is not None)
    named = f",{','.join(principles)}," if principles else ","
    return (
        steps[0].prompt_id, steps[0].chain_id, 1, len(steps), stored(responses[-1].verdicts), named,
        changed_share(first, last), int(refuses(last)),
    )  # fmt: skip


@dataclass(frozen=True)
class ChainQuery:
    """Which chains to list: of some runs or of all, by a filter, by words in prompt or texts; current leaves out superseded ones.

    outdated names by run the principles whose wording has changed since, or None where all of its chains are out of date.
    """

    runs: tuple[str, ...] = ()
    only: str = ""
    words: str = ""
    order: str = "written"
    current: bool = False
    outdated: Mapping[str, Sequence[str] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ChainRow:
    """A chain as a list shows it; changed is the share of words that are others in its last response than in its first.

    verdicts are what filters found wrong with its last response.
    """

    key: int
    run_id: str
    prompt_id: str
    chain_id: str
    prompt: str
    kind: str
    expected: int
    steps: int
    verdicts: tuple[str, ...] = ()
    refusal: bool = False
    changed: float | None = None
    stale: bool = False
    edited: bool = False
    excluded: bool = False
    superseded: bool = False
    run_state: str = ""
    #: Why it ends early, where a text of it does not fit its model.
    left_out: str = ""

    @property
    def state(self) -> str:
        """Where it is: queued, running, left out, broken off (its run stands still), done, flagged or stale."""
        if self.steps >= self.expected:
            return "stale" if self.stale else "flagged" if self.verdicts else "done"
        if self.left_out:
            return "left out"
        if self.run_state in ("finished", "stopped", "failed", "interrupted", "paused"):
            return "broken off"
        return "running" if self.steps else "queued"


class ChainRows:
    """The rows; they follow from chains and steps and are brought up to date in the transaction that changes those."""

    def __init__(self, db: Database) -> None:
        self._db = db
        for name, function in (("changed_share", changed_share), ("refuses", refuses)):
            db.conn.create_function(name, 2 if name == "changed_share" else 1, function, deterministic=True)

    def queue(self, run_id: str, expected: Iterable[tuple[str, int]]) -> None:
        """Add the chains a run is to write: each prompt's id and the steps its chain will have."""
        sql = "INSERT INTO chain_rows (run_id, prompt_id, expected) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        self._db.conn.executemany(sql, ((run_id, prompt_id, steps) for prompt_id, steps in expected))

    def refresh(self, chain_ids: Sequence[str]) -> None:
        """Bring the rows of some chains into line with their steps."""
        for start in range(0, len(chain_ids), _BATCH):
            part = chain_ids[start : start + _BATCH]
            self._db.conn.execute(refresh_sql(f"chains.id IN ({','.join('?' * len(part))})"), part)

    def expect(self, run_id: str) -> None:
        """Work out anew how many steps a run's chains are to have: its plan was not known when they came."""
        sql = f"""UPDATE chain_rows SET expected = (SELECT {_EXPECTED} FROM runs, prompts
            WHERE runs.id = chain_rows.run_id AND prompts.id = chain_rows.prompt_id) WHERE run_id = ?"""
        self._db.conn.execute(sql, [run_id])

    def keys(self, query: ChainQuery, limit: int = -1) -> Keys:
        """Return the keys of the chains a query finds, in its order."""
        where, arguments = self._where(query)
        sql = f"SELECT chain_rows.seq FROM {_tables(query)} WHERE {where} ORDER BY {_order(query)} LIMIT ?"
        return read_keys(self._db, sql, [*arguments, limit])

    def rows(self, keys: Sequence[int], query: ChainQuery) -> list[ChainRow]:
        """Return some rows by key, in the order of the keys."""
        stale, arguments = _stale(query)
        marks = ",".join("?" * len(keys))
        sql = f"""SELECT chain_rows.seq AS key, chain_rows.run_id, chain_rows.prompt_id, chain_id, prompts.kind AS kind,
            substr(coalesce(json_extract(prompts.messages, '$[#-1].text'), ''), 1, 300) AS prompt, expected, steps, verdicts,
            refusal, CASE WHEN steps >= expected AND expected > 1 THEN changed END AS changed, runs.state AS run_state,
            coalesce({_WHY_LEFT_OUT}, '') AS left_out,
            {stale} AS stale, {_EDITED} AS edited, {_EXCLUDED} AS excluded, {_SUPERSEDED} AS superseded
            FROM {_WITH_PROMPTS} WHERE chain_rows.seq IN ({marks})"""
        found = {row["key"]: from_row(ChainRow, row) for row in self._db.query(sql, [*arguments, *keys])}
        return [found[key] for key in keys if key in found]

    def counts(self, query: ChainQuery) -> dict[str, int]:
        """Return how many chains each filter would find, whatever the query's own filter is."""
        sums: list[str] = []
        arguments: list[Any] = []
        for name, plain in FILTERS.items():
            condition, more = _stale(query) if name == "stale" else (plain, [])
            sums.append(f"coalesce(sum({condition}), 0)")
            arguments += more
        where, more = self._where(query, narrowed=False)
        sql = f"SELECT {', '.join(sums)} FROM {_tables(query)} WHERE {where}"
        found = self._db.execute(sql, [*arguments, *more]).fetchone()
        return dict(zip(FILTERS, map(int, found), strict=True))

    def prompt_ids(self, query: ChainQuery) -> list[str]:
        """Return the prompts of the chains a query finds, each once."""
        where, arguments = self._where(query)
        sql = f"SELECT DISTINCT chain_rows.prompt_id FROM {_tables(query)} WHERE {where} ORDER BY chain_rows.seq"
        return [row[0] for row in self._db.execute(sql, arguments)]

    def prompts_without(self, run_ids: Sequence[str]) -> list[str]:
        """Return the prompts that none of these runs has written a chain for or is about to."""
        marks = ",".join("?" * len(run_ids))
        sql = f"""SELECT id FROM prompts WHERE id NOT IN (SELECT chain_rows.prompt_id FROM {_ROWS}
            WHERE run_id IN ({marks}) AND (steps > 0 OR runs.state NOT IN ('finished', 'stopped', 'failed')))"""
        return [row[0] for row in self._db.execute(sql, list(run_ids))]

    def place_of(self, row_id: str) -> tuple[str, int] | None:
        """Return run and key of a chain by its id, or of the newest on a prompt by the prompt's; None where there is none."""
        sql = f"""SELECT chain_rows.run_id, chain_rows.seq FROM {_ROWS}
            WHERE chain_rows.chain_id = ? OR chain_rows.prompt_id = ? ORDER BY chain_rows.seq DESC LIMIT 1"""
        found = self._db.execute(sql, (row_id, row_id)).fetchone()
        return (str(found[0]), int(found[1])) if found else None

    def superseded(self, run_ids: Sequence[str]) -> set[str]:
        """Return the chains of some runs whose place a whole one, not excluded, has taken in a run that amends theirs."""
        marks = ",".join("?" * len(run_ids))
        sql = f"""SELECT chain_rows.chain_id FROM chain_rows WHERE run_id IN ({marks}) AND EXISTS (
            SELECT 1 FROM chain_rows later JOIN runs of_later ON of_later.id = later.run_id
            WHERE later.prompt_id = chain_rows.prompt_id AND later.run_id IN ({marks})
            AND {_IS_AMENDED} AND later.steps >= later.expected
            AND NOT {_EXCLUDED.replace("chain_rows.", "later.")})"""
        return {str(row[0]) for row in self._db.execute(sql, [*run_ids, *run_ids])}

    def highest_seed(self, prompt_ids: Sequence[str]) -> int:
        """Return the highest seed by which chains of some prompts (a few hundred at most) were written; -1 if by none."""
        marks = ",".join("?" * len(prompt_ids))
        sql = f"SELECT max(runs.seed) FROM chain_rows JOIN runs ON runs.id = run_id WHERE prompt_id IN ({marks})"
        found = self._db.execute(sql, list(prompt_ids)).fetchone()[0]
        return -1 if found is None else int(found)

    def _where(self, query: ChainQuery, narrowed: bool = True) -> tuple[str, list[Any]]:
        if query.only not in FILTERS:
            raise BadInputError(
                "Chains cannot be narrowed to '{only}'; try {filter}.",
                only=query.only,
                filter=", ".join(filter(None, FILTERS)),
            )
        parts: list[str] = []
        arguments: list[Any] = []
        if query.runs:
            parts.append(f"chain_rows.run_id IN ({','.join('?' * len(query.runs))})")
            arguments += query.runs
        if narrowed and query.only:
            condition, more = _stale(query) if query.only == "stale" else (FILTERS[query.only], [])
            parts.append(condition)
            arguments += more
        if query.current:
            parts.append(f"NOT {_SUPERSEDED}")
        if query.words.strip():
            parts.append(_FOUND)
            arguments += [match_of(query.words)] * 2
        return " AND ".join(f"({part})" for part in parts) or "1", arguments


_FOUND = """prompts.seq IN (SELECT rowid / 8 FROM search WHERE search MATCH ? AND rowid % 8 = 0) OR chain_rows.chain_id IN
    (SELECT chain_id FROM steps WHERE seq IN (SELECT rowid / 8 FROM search WHERE search MATCH ? AND rowid % 8 = 1))"""


def refresh_sql(where: str) -> str:
    """Return the statement that brings rows into line with the steps of the chains that meet a condition."""
    first, last = (_OF_A_RESPONSE.format(column="text", order=order) for order in ("ASC", "DESC"))
    verdicts = _OF_A_RESPONSE.format(column="verdicts", order="DESC")
    return _REFRESH.format(expected=_EXPECTED, verdicts=verdicts, first=first, last=last, where=where)


def _stale(query: ChainQuery) -> tuple[str, list[Any]]:
    """Return the condition under which a chain is out of date: a wording it was made by or a text within it is another now."""
    parts, arguments = [_WRITTEN_AFTER], []
    for run_id, principles in query.outdated.items():
        if principles is None:
            parts.append("chain_rows.run_id = ?")
            arguments.append(run_id)
        elif principles:
            used = " OR ".join(["instr(principles, ?)"] * len(principles))
            parts.append(f"chain_rows.run_id = ? AND ({used})")
            arguments += [run_id, *(f",{principle}," for principle in principles)]
    either = " OR ".join(f"({part})" for part in parts)
    return f"(steps > 0 AND ({either}) AND NOT {_SUPERSEDED})", arguments


def _tables(query: ChainQuery) -> str:
    """Return what to look in: prompts are joined only where their words are asked for, which takes most of the time."""
    return _WITH_PROMPTS if query.words.strip() else _ROWS


def _order(query: ChainQuery) -> str:
    if query.order not in ORDERS:
        raise BadInputError(
            "Chains cannot be ordered by '{order}'; try {orders}.", order=query.order, orders=", ".join(ORDERS)
        )
    return ORDERS[query.order]
