"""What is known of each comparison now, sorted and filtered by indexes and paged by key, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.store.rows import storable

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
_AUDITED = (
    "comparison_id NOT IN (SELECT value FROM audit_samples, json_each(comparison_ids) WHERE audit_samples.id = ?)"
)


@dataclass(frozen=True)
class Wanted:
    """Which comparisons, in which order; without names an audit sample whose comparisons are to be passed by."""

    state: str = "all"
    principle: str = ""
    words: str = ""
    sort: str = "made"
    descending: bool = False
    without: str = ""

    def __post_init__(self) -> None:
        for value, known, what in ((self.state, STATES, "state"), (self.sort, SORTS, "order")):
            if value not in known:
                raise BadInputError(f"There is no {what} '{value}' of comparisons; there are {', '.join(known)}.")


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


#: A row's place in an order: its key and its number.
Anchor = tuple[Any, int]


@dataclass(frozen=True)
class Outline:
    """How many comparisons there are in an order, and the key each page begins with."""

    wanted: Wanted
    count: int
    page: int
    anchors: tuple[Anchor, ...]


class ComparisonStates:
    """Reads the table that triggers keep up with labels, judgements, reviews, exclusions and runs."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def outline(self, wanted: Wanted, page: int = 200) -> Outline:
        """Walk an order once by its index and note where each page begins, so that any page can then be sought."""
        sql, arguments = self.outline_sql(wanted, page)
        anchors = tuple((row[0], row[1]) for row in self._db.execute(sql, arguments))
        where, arguments = _where(wanted)
        count = self._db.execute(f"SELECT count(*) FROM comparison_states WHERE {where}", arguments).fetchone()[0]
        return Outline(wanted, int(count), page, anchors)

    def outline_sql(self, wanted: Wanted, page: int) -> tuple[str, list[Any]]:
        """Return the query of an outline, for whoever wants to see its plan."""
        key, way = SORTS[wanted.sort], "DESC" if wanted.descending else "ASC"
        order = f"seq {way}" if key == "seq" else f"{key} {way}, seq {way}"
        where, arguments = _where(wanted)
        return (
            f"""SELECT key, seq FROM (SELECT {key} AS key, seq, row_number() OVER (ORDER BY {order}) AS place
            FROM comparison_states WHERE {where}) WHERE place % {int(page)} = 1""",
            arguments,
        )

    def rows(self, wanted: Wanted, start: Anchor | None = None, limit: int = 200) -> list[ComparisonState]:
        """Return comparisons in an order, from a key on."""
        sql, arguments = self.rows_sql(wanted, start, limit)
        return [_state(row) for row in self._db.query(sql, arguments)]

    def rows_sql(self, wanted: Wanted, start: Anchor | None, limit: int) -> tuple[str, list[Any]]:
        """Return the query of a page, for whoever wants to see its plan."""
        keys, arguments = self._keys_sql(wanted, start, limit)
        key, way = SORTS[wanted.sort], "DESC" if wanted.descending else "ASC"
        order = f"states.seq {way}" if key == "seq" else f"states.{key} {way}, states.seq {way}"
        return (
            f"""SELECT states.*, json_extract(prompts.messages, '$[#-1].text') AS prompt
            FROM ({keys}) AS states JOIN comparisons ON comparisons.seq = states.seq
            JOIN prompts ON prompts.id = comparisons.prompt_id ORDER BY {order}""",
            arguments,
        )

    def ids(self, wanted: Wanted, start: Anchor | None = None, limit: int = -1) -> list[str]:
        """Return the ids of comparisons in an order, from a key on."""
        keys, arguments = self._keys_sql(wanted, start, limit)
        return [str(row["comparison_id"]) for row in self._db.query(keys, arguments)]

    def of(self, comparison_ids: Sequence[str]) -> dict[str, ComparisonState]:
        """Return what is known of some comparisons (some hundreds at most)."""
        marks = ",".join("?" * len(comparison_ids))
        rows = self._db.query(f"SELECT * FROM comparison_states WHERE comparison_id IN ({marks})", list(comparison_ids))
        return {row["comparison_id"]: _state(row) for row in rows}

    def principles(self) -> list[str]:
        """Return the principles that labels name first, by name."""
        sql = "SELECT DISTINCT principle_id FROM comparison_states WHERE principle_id != '' ORDER BY principle_id"
        return [str(row[0]) for row in self._db.execute(sql)]

    def counts(self) -> dict[str, int]:
        """Return how many comparisons are in each state."""
        return {
            state: int(self._db.execute(
                f"SELECT count(*) FROM comparison_states WHERE discarded = 0 AND {condition}").fetchone()[0])
            for state, condition in STATES.items()
        }  # fmt: skip

    def _keys_sql(self, wanted: Wanted, start: Anchor | None, limit: int) -> tuple[str, list[Any]]:
        key, way = SORTS[wanted.sort], "DESC" if wanted.descending else "ASC"
        order = f"seq {way}" if key == "seq" else f"{key} {way}, seq {way}"
        where, arguments = _where(wanted)
        if start is not None:
            sign = "<=" if wanted.descending else ">="
            where += f" AND seq {sign} ?" if key == "seq" else f" AND ({key}, seq) {sign} (?, ?)"
            arguments += [start[1]] if key == "seq" else list(start)
        return f"SELECT * FROM comparison_states WHERE {where} ORDER BY {order} LIMIT ?", [*arguments, limit]


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    """Return the condition a comparison must meet, and its arguments."""
    conditions, arguments = ["discarded = 0", STATES[wanted.state]], []
    if wanted.principle:
        conditions.append("principle_id = ?")
        arguments.append(wanted.principle)
    if words := storable(wanted.words).replace("\0", " ").split():
        query = " ".join('"' + word.replace('"', '""') + '" *' for word in words)
        conditions.append(
            """seq IN (SELECT rowid / 8 FROM search WHERE search MATCH ? AND rowid % 8 = 2 UNION SELECT comparisons.seq
            FROM search JOIN prompts ON prompts.seq = search.rowid / 8 JOIN comparisons ON comparisons.prompt_id = prompts.id
            WHERE search MATCH ? AND search.rowid % 8 = 0)"""
        )
        arguments += [query, query]
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
