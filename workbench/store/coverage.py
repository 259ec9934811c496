"""What each principle has done so far, counted over revisions, labels and reviews of runs that were not discarded."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils.db import Database

from workbench.store.audit_schema import COUNT_LABELS
from workbench.store.new_rows import NewRows

#: Runs that count, of one constitution version or of all.
_RUNS = "(SELECT id FROM runs WHERE discarded = 0 AND constitution_hash LIKE ? || '%')"
_REVISIONS = f"""FROM steps AS after JOIN steps AS before ON before.chain_id = after.chain_id
    AND before.round = after.round - 1 AND before.kind IN ('initial', 'revision')
    WHERE after.kind = 'revision' AND after.principle_id IS NOT NULL AND after.run_id IN {_RUNS}"""
_DRAWN = f"""SELECT after.principle_id AS principle_id, count(*) AS drawn, sum(after.text = before.text) AS unchanged
    {_REVISIONS} GROUP BY after.principle_id"""
_TEXTS = f"""SELECT principle_id, before, after FROM (
        SELECT after.principle_id AS principle_id, before.text AS before, after.text AS after,
            row_number() OVER (PARTITION BY after.principle_id ORDER BY after.seq DESC) AS place {_REVISIONS})
    WHERE place <= ?"""
_LABELLED = f"""SELECT principle_id, sum(labels) AS labels, sum(flips) AS flips
    FROM label_counts WHERE run_id IN {_RUNS} GROUP BY principle_id"""
# From the few reviews to their labels, and to each principle by its key: the other way round all labels are walked.
_REVIEWED = f"""SELECT asked.principle_id AS principle_id, count(*) AS reviews,
        sum((probability_a > 0.5) = (decision IN ('a', 'a_much'))) AS agreed
    FROM reviews CROSS JOIN labels ON labels.comparison_id = reviews.comparison_id
    CROSS JOIN (SELECT DISTINCT principle_id FROM label_counts) AS asked
    CROSS JOIN label_principles ON label_principles.principle_id = asked.principle_id
        AND label_principles.label_id = labels.id
    WHERE reviews.comparison_id NOT IN (SELECT value FROM json_each(?))
        AND reviews.blind = 1 AND decision IN ('a', 'a_much', 'b', 'b_much') AND verdict = 'ok' AND probability_a != 0.5
        AND reviews.id NOT IN (SELECT supersedes FROM reviews WHERE supersedes IS NOT NULL) AND run_id IN {_RUNS}
    GROUP BY asked.principle_id"""


@dataclass
class Counted:
    """A principle's counts: revisions it was drawn for, those that changed nothing, labels, order flips, reviews agreeing."""

    drawn: int = 0
    unchanged: int = 0
    labels: int = 0
    flips: int = 0
    reviews: int = 0
    agreed: int = 0


class Coverage:
    """Counts by principle; a version's hash, or its beginning, counts what was made by that version alone."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def catch_up(self, new: NewRows, grown: Sequence[str]) -> None:
        """Count the labels that a transaction has added; to be called before it is committed."""
        if "labels" in grown:
            self._db.conn.execute(COUNT_LABELS, [new.after("labels")])

    def counts(self, version: str = "", unread: Collection[str] = ()) -> dict[str, Counted]:
        """Return the counts of every principle that did something; no reviews of the comparisons named are read."""
        found: dict[str, Counted] = {}
        passed_by = json.dumps(sorted(unread))
        for sql, arguments in ((_DRAWN, (version,)), (_LABELLED, (version,)), (_REVIEWED, (passed_by, version))):
            for row in self._db.query(sql, arguments):
                counted = found.setdefault(row.pop("principle_id"), Counted())
                for name, number in row.items():
                    setattr(counted, name, number)
        return found

    def revised(self, each: int, version: str = "") -> Iterator[tuple[str, str, str]]:
        """Yield principle, text before and text after of the newest revisions by each principle, `each` of them at most."""
        for row in self._db.query(_TEXTS, (version, each)):
            yield row["principle_id"], row["before"], row["after"]

    def used_by(self, version: str) -> dict[str, int]:
        """Return how many runs of each stage were made by a version and not discarded."""
        sql = """SELECT stage, count(*) AS runs FROM runs WHERE discarded = 0 AND constitution_hash = ?
            GROUP BY stage ORDER BY min(seq)"""
        return {row["stage"]: row["runs"] for row in self._db.query(sql, (version,))}
