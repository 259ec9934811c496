"""What is known of each comparison now, sorted and filtered by indexes and read by key, however many there are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.store.audit_schema import NEW_STATES, REVIEWED_STATES, UNTOLD_REVIEWS
from workbench.store.bulk import ScatteredIndexes
from workbench.store.keys import Keys, read_keys
from workbench.store.new_rows import NewRows
from workbench.store.search import match_of

#: What one may sort by: the column that holds its key.
SORTS: Mapping[str, str] = {
    "made": "seq",
    "probability": "probability_key",
    "doubt": "doubt_key",
    "score": "score_key",
    "principle": "principle_id",
    "decision": "decision",
}
#: Which comparisons one may ask for.
STATES: Mapping[str, str] = {
    "all": "1",
    "labelled": "label_id != ''",
    "unlabelled": "label_id = ''",
    "open": "decision = ''",
    "reviewed": "decision != ''",
    "flagged": "decision = 'flag'",
    "flips": "order_flip = 1",
    "disputed": "disputed = 1",
    "overruled": "overruled = 1",
    "excluded": "excluded = 1",
}
_BATCH = 500
#: Where more texts hold the words, it is quicker to walk an order and look at each comparison until enough are found.
_MANY_TEXTS = 1000
#: The comparisons that hold words, or whose prompt does, from the words to them.
_HOLDING = """seq IN (SELECT rowid / 8 FROM search WHERE search MATCH ? AND rowid % 8 = 2 UNION SELECT comparisons.seq
    FROM search JOIN prompts ON prompts.seq = search.rowid / 8 JOIN comparisons ON comparisons.prompt_id = prompts.id
    WHERE search MATCH ? AND search.rowid % 8 = 0)"""
#: The same, from each comparison to the words.
_HOLDS = """(comparison_states.seq * 8 + 2 IN (SELECT rowid FROM search WHERE search MATCH ? AND rowid % 8 = 2)
    OR (SELECT prompts.seq FROM comparisons JOIN prompts ON prompts.id = comparisons.prompt_id
    WHERE comparisons.seq = comparison_states.seq) * 8 IN (SELECT rowid FROM search WHERE search MATCH ? AND rowid % 8 = 0))"""
_AUDITED = (
    "comparison_id NOT IN (SELECT value FROM audit_samples, json_each(comparison_ids) WHERE audit_samples.id = ?)"
)
_AMONG = "seq IN (SELECT seq FROM comparisons WHERE id IN (SELECT value FROM json_each(?)))"


@dataclass(frozen=True)
class Wanted:
    """Which comparisons, in which order; limit 0 is all, without names an audit sample whose comparisons are passed by.

    among holds ids that it is confined to; None confines it to none.
    """

    state: str = "all"
    principle: str = ""
    words: str = ""
    sort: str = "made"
    descending: bool = False
    without: str = ""
    limit: int = 0
    among: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for value, known, what in ((self.state, STATES, "state"), (self.sort, SORTS, "order")):
            if value not in known:
                raise BadInputError(
                    "There is no {what} '{value}' of comparisons; there are {known}.",
                    what=what,
                    value=value,
                    known=", ".join(known),
                )


@dataclass(frozen=True)
class ComparisonState:
    """A comparison, and the newest that a feedback model, a preference model and people say of it; "" where nobody did."""

    seq: int
    comparison_id: str
    label_id: str
    probability_a: float | None
    order_flip: bool
    principle_id: str
    scored_a: float | None
    disputed: bool
    decision: str
    reviewer: str
    overruled: bool
    excluded: bool
    prompt: str = ""

    @property
    def key(self) -> int:
        """What a table knows the row by."""
        return self.seq


class ComparisonStates:
    """Reads the table that triggers keep up with labels, judgements, exclusions and runs; see catch_up for what is new."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def catch_up(self, new: NewRows, grown: Sequence[str], indexes: ScatteredIndexes) -> None:
        """Take in the comparisons and reviews that a transaction has added; to be called before it is committed."""
        ends = {"comparison": new.after("comparisons"), "review": new.after("reviews")}
        if "comparisons" in grown:
            self._db.conn.execute(NEW_STATES, ends)
        if "reviews" in grown and self._db.conn.execute(UNTOLD_REVIEWS, ends).fetchone()[0]:
            indexes.put_back()
            self._db.conn.execute(REVIEWED_STATES, [ends["review"]])

    def keys(self, wanted: Wanted) -> Keys:
        """Return the numbers of comparisons in an order, read off its index: the key of every row of a table of any length."""
        return read_keys(self._db, *keys_sql("seq", wanted, self._walks(wanted)))

    def ids(self, wanted: Wanted) -> list[str]:
        """Return the ids of comparisons in an order."""
        return [row[0] for row in self._db.execute(*keys_sql("comparison_id", wanted, self._walks(wanted)))]

    def _walks(self, wanted: Wanted) -> bool:
        """Say whether so many texts hold the words that the first comparisons of an order are soonest found by walking it."""
        if not wanted.limit or not wanted.words.strip():
            return False
        texts = "SELECT 1 FROM search WHERE search MATCH ? AND rowid % 8 IN (0, 2) LIMIT ?"
        counted = self._db.execute(f"SELECT count(*) FROM ({texts})", (match_of(wanted.words), _MANY_TEXTS + 1))
        return bool(counted.fetchone()[0] > _MANY_TEXTS)

    def rows(self, keys: Sequence[int]) -> list[ComparisonState]:
        """Return some comparisons (some hundreds at most) by their numbers, in the order asked for."""
        found = {row["seq"]: _state(row) for row in self._db.query(*rows_sql(keys))}
        return [found[key] for key in keys if key in found]

    def ids_of(self, keys: Sequence[int]) -> list[str]:
        """Return the ids of comparisons by their numbers, however many."""
        found: list[str] = []
        for start in range(0, len(keys), _BATCH):
            part = list(keys[start : start + _BATCH])
            sql = f"SELECT comparison_id FROM comparison_states WHERE seq IN ({','.join('?' * len(part))})"
            found += [str(row[0]) for row in self._db.execute(sql, part)]
        return found

    def of(self, comparison_ids: Sequence[str]) -> dict[str, ComparisonState]:
        """Return what is known of some comparisons (some hundreds at most)."""
        marks = ",".join("?" * len(comparison_ids))
        sql = f"SELECT * FROM comparison_states WHERE seq IN (SELECT seq FROM comparisons WHERE id IN ({marks}))"
        rows = self._db.query(sql, list(comparison_ids))
        return {row["comparison_id"]: _state(row) for row in rows}

    def principles(self) -> list[str]:
        """Return the principles that labels name first, by name."""
        sql = """SELECT DISTINCT principle_id FROM comparison_states WHERE discarded = 0 AND principle_id != ''
            ORDER BY principle_id"""
        return [str(row[0]) for row in self._db.execute(sql)]

    def counts(self) -> dict[str, int]:
        """Return how many comparisons are in each state."""
        sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in STATES.values())
        counted = self._db.execute(f"SELECT {sums} FROM comparison_states WHERE discarded = 0").fetchone()
        return dict(zip(STATES, map(int, counted), strict=True))


def keys_sql(column: str, wanted: Wanted, walks: bool = False) -> tuple[str, list[Any]]:
    """Return the query that walks an order by its index, for whoever wants to see its plan.

    walks says that words are looked for in each comparison on the way, not the comparisons by the words.
    """
    key, way = SORTS[wanted.sort], "DESC" if wanted.descending else "ASC"
    order = f"seq {way}" if key == "seq" else f"{key} {way}, seq {way}"
    where, arguments = _where(wanted, walks)
    limit = f" LIMIT {int(wanted.limit)}" if wanted.limit else ""
    return f"SELECT {column} FROM comparison_states WHERE {where} ORDER BY {order}{limit}", arguments


def rows_sql(keys: Sequence[int]) -> tuple[str, list[int]]:
    """Return the query that reads rows by their keys, for whoever wants to see its plan."""
    return (
        f"""SELECT comparison_states.*, json_extract(prompts.messages, '$[#-1].text') AS prompt
        FROM comparison_states JOIN comparisons ON comparisons.seq = comparison_states.seq
        JOIN prompts ON prompts.id = comparisons.prompt_id
        WHERE comparison_states.seq IN ({",".join("?" * len(keys))})""",
        list(keys),
    )


def _where(wanted: Wanted, walks: bool) -> tuple[str, list[Any]]:
    """Return the condition a comparison must meet, and its arguments."""
    conditions, arguments = ["discarded = 0", STATES[wanted.state]], []
    if wanted.principle:
        conditions.append("principle_id = ?")
        arguments.append(wanted.principle)
    if wanted.words.replace("\0", " ").strip():
        conditions.append(_HOLDS if walks else _HOLDING)
        arguments += [match_of(wanted.words)] * 2
    if wanted.among is not None:
        conditions.append(_AMONG)
        arguments.append(json.dumps(wanted.among))
    if wanted.without:
        conditions.append(_AUDITED)
        arguments.append(wanted.without)
    return " AND ".join(conditions), arguments


def _state(row: Mapping[str, Any]) -> ComparisonState:
    return ComparisonState(
        row["seq"],
        row["comparison_id"],
        row["label_id"],
        _probability(row["probability_key"]),
        bool(row["order_flip"]),
        row["principle_id"],
        _probability(row["score_key"]),
        bool(row["disputed"]),
        row["decision"],
        row["reviewer"],
        bool(row["overruled"]),
        bool(row["excluded"]),
        row.get("prompt") or "",
    )


def _probability(key: float) -> float | None:
    return key if key <= 1 else None
