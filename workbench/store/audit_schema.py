"""The part of the schema that reviewing stands on: samples, guidelines and rules, and what is known of each comparison now.

These statements belong to a migration: append to the migrations, do not change them here.
"""

DECIDED = (
    """CREATE TABLE audit_samples (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id), seed INTEGER NOT NULL,
        size INTEGER NOT NULL, pool INTEGER NOT NULL, comparison_ids TEXT NOT NULL, purpose TEXT NOT NULL,
        person TEXT NOT NULL, created TEXT NOT NULL) STRICT""",
    """CREATE TABLE guidelines (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id), text TEXT NOT NULL,
        person TEXT NOT NULL, supersedes TEXT REFERENCES guidelines (id), created TEXT NOT NULL) STRICT""",
    """CREATE TABLE rule_changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id), rule TEXT NOT NULL,
        person TEXT NOT NULL, supersedes TEXT REFERENCES rule_changes (id), created TEXT NOT NULL) STRICT""",
    "ALTER TABLE reviews ADD COLUMN queue TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE reviews ADD COLUMN label_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE reviews ADD COLUMN overall INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE reviews ADD COLUMN after_reveal INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE reviews ADD COLUMN guidelines TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX reviews_by_superseded ON reviews (supersedes)",
    "CREATE INDEX reviews_by_reviewer ON reviews (reviewer, seq)",
)

ASIDE = """CREATE TABLE samples_aside (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
    sample_id TEXT NOT NULL UNIQUE REFERENCES audit_samples (id), reason TEXT NOT NULL, person TEXT NOT NULL,
    created TEXT NOT NULL) STRICT"""

_KEPT = "NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = {table}.run_id AND runs.discarded = 1)"

#: The first of a JSON list of ids; JSON's own functions are not allowed in a view of an untrusted schema.
_FIRST_PRINCIPLE = (
    "CASE WHEN coalesce(labels.principle_ids, '[]') = '[]' THEN '' ELSE "
    "substr(labels.principle_ids, 3, instr(substr(labels.principle_ids, 3), char(34)) - 1) END"
)

#: What models and people say of a comparison now. A key sorts what is absent last: 2 is above every probability.
#: Nothing can be known yet of a comparison that has just come: asking four tables would take most of an import's time.
BARE_STATE = """CREATE TRIGGER comparisons_insert_state AFTER INSERT ON comparisons BEGIN
    INSERT OR REPLACE INTO comparison_states VALUES (NEW.seq, NEW.id, '', 2.0, 2.0, 0, '', 2.0, 0, '', '', '', 0, 0,
        EXISTS (SELECT 1 FROM runs WHERE runs.id = NEW.run_id AND runs.discarded = 1)); END"""

#: The same of all comparisons above a key, with what people said of them in the same transaction: choices come with their pairs,
#: and lie above a key of theirs. Where a label has come as well, its trigger has told more already.
NEW_STATES = """WITH told AS MATERIALIZED (SELECT comparison_id, max(seq) AS seq FROM reviews
        WHERE seq > :review AND decision != 'withdrawn'
        AND id NOT IN (SELECT supersedes FROM reviews WHERE seq > :review AND supersedes IS NOT NULL) GROUP BY comparison_id)
    INSERT INTO comparison_states SELECT comparisons.seq, comparisons.id, '', 2.0, 2.0, 0, '', 2.0, 0,
    coalesce(reviews.id, ''), coalesce(reviews.decision, ''), coalesce(reviews.reviewer, ''), 0, 0,
    EXISTS (SELECT 1 FROM runs WHERE runs.id = comparisons.run_id AND runs.discarded = 1)
    FROM comparisons LEFT JOIN told ON told.comparison_id = comparisons.id LEFT JOIN reviews ON reviews.seq = told.seq
    WHERE comparisons.seq > :comparison ORDER BY comparisons.seq ON CONFLICT DO NOTHING"""

#: Whether some reviews above a key are not what the states of new comparisons tell, of which each tells one of them.
UNTOLD_REVIEWS = """SELECT (SELECT count(*) FROM reviews WHERE seq > :review)
    > (SELECT count(*) FROM comparison_states WHERE seq > :comparison AND review_id != '')"""

STATES_NOW = f"""CREATE VIEW comparison_states_now AS SELECT
    comparisons.seq AS seq, comparisons.id AS comparison_id, coalesce(labels.id, '') AS label_id,
    coalesce(labels.probability_a, 2.0) AS probability_key, coalesce(abs(labels.probability_a - 0.5), 2.0) AS doubt_key,
    coalesce(labels.order_flip, 0) AS order_flip, {_FIRST_PRINCIPLE} AS principle_id,
    coalesce(scored.probability_a, 2.0) AS score_key,
    coalesce((labels.probability_a - 0.5) * (scored.probability_a - 0.5) < 0, 0) AS disputed,
    coalesce(reviews.id, '') AS review_id, coalesce(reviews.decision, '') AS decision,
    coalesce(reviews.reviewer, '') AS reviewer,
    coalesce((labels.probability_a > 0.5 AND reviews.decision IN ('b', 'b_much'))
        OR (labels.probability_a < 0.5 AND reviews.decision IN ('a', 'a_much')), 0) AS overruled,
    EXISTS (SELECT 1 FROM exclusions WHERE target = comparisons.id AND excluded = 1
        AND NOT EXISTS (SELECT 1 FROM exclusions later WHERE later.supersedes = exclusions.id)) AS excluded,
    NOT {_KEPT.format(table="comparisons")} AS discarded
    FROM comparisons
    LEFT JOIN labels ON labels.seq = (SELECT max(seq) FROM labels WHERE comparison_id = comparisons.id
        AND verdict = 'ok' AND {_KEPT.format(table="labels")})
    LEFT JOIN judgements scored ON scored.seq = (SELECT max(seq) FROM judgements WHERE comparison_id = comparisons.id
        AND comparison_id != '' AND judge = 'preference_model' AND {_KEPT.format(table="judgements")})
    LEFT JOIN reviews ON reviews.seq = (SELECT max(seq) FROM reviews WHERE comparison_id = comparisons.id
        AND decision != 'withdrawn' AND NOT EXISTS (SELECT 1 FROM reviews later WHERE later.supersedes = reviews.id))"""

_STATES = """CREATE TABLE comparison_states (
    seq INTEGER PRIMARY KEY, comparison_id TEXT NOT NULL UNIQUE, label_id TEXT NOT NULL, probability_key REAL NOT NULL,
    doubt_key REAL NOT NULL, order_flip INTEGER NOT NULL, principle_id TEXT NOT NULL, score_key REAL NOT NULL,
    disputed INTEGER NOT NULL, review_id TEXT NOT NULL, decision TEXT NOT NULL, reviewer TEXT NOT NULL,
    overruled INTEGER NOT NULL, excluded INTEGER NOT NULL, discarded INTEGER NOT NULL) STRICT"""

_SORTED_BY = ("probability_key", "doubt_key", "score_key", "principle_id", "decision")
#: Few comparisons are in these states; the indexes hold those alone.
_RARE = ("order_flip", "disputed", "overruled", "excluded")


def _follow(table: str, event: str, which: str, when: str = "") -> str:
    name = f"{table}_{event.split(maxsplit=1)[0].lower()}_state"
    return f"""CREATE TRIGGER {name} AFTER {event} ON {table} {when} BEGIN
        INSERT OR REPLACE INTO comparison_states SELECT * FROM comparison_states_now WHERE comparison_id {which}; END"""


_OF_RUN = "IN (" + " UNION ".join(
    f"SELECT {column} FROM {table} WHERE run_id = NEW.id"
    for table, column in (("comparisons", "id"), ("labels", "comparison_id"), ("judgements", "comparison_id"))
) + ")"  # fmt: skip

STATES = (
    STATES_NOW,
    _STATES,
    *(f"CREATE INDEX comparison_states_by_{key} ON comparison_states ({key}, seq)" for key in _SORTED_BY),
    *(f"CREATE INDEX comparison_states_{key} ON comparison_states (doubt_key, seq) WHERE {key} = 1" for key in _RARE),
    _follow("comparisons", "INSERT", "= NEW.id"),
    _follow("labels", "INSERT", "= NEW.comparison_id"),
    _follow("judgements", "INSERT", "= NEW.comparison_id", "WHEN NEW.comparison_id != ''"),
    _follow("reviews", "INSERT", "= NEW.comparison_id"),
    _follow("exclusions", "INSERT", "= NEW.target"),
    _follow("runs", "UPDATE OF discarded", _OF_RUN, "WHEN NEW.discarded != OLD.discarded"),
    "INSERT INTO comparison_states SELECT * FROM comparison_states_now",
)

#: An order is read off its index alone where that tells which comparisons are shown.
KEPT_ORDERS = tuple(
    statement
    for key in _SORTED_BY
    for statement in (
        f"DROP INDEX comparison_states_by_{key}",
        f"CREATE INDEX comparison_states_by_{key} ON comparison_states ({key}, seq, discarded)",
    )
)

#: Hashes that nothing is sought by need no index, which for each of a million rows changes another page: a decision's hash
#: follows from the one before, and a comparison's id is sought among the comparisons.
SOUGHT_BY_KEY = (
    "CREATE TABLE decisions_before AS SELECT * FROM decisions",
    "DROP TABLE decisions",
    """CREATE TABLE decisions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL,
        previous_hash TEXT NOT NULL, hash TEXT NOT NULL) STRICT""",
    "INSERT INTO decisions SELECT * FROM decisions_before ORDER BY seq",
    "DROP TABLE decisions_before",
    "DROP TABLE comparison_states",
    _STATES.replace("NOT NULL UNIQUE", "NOT NULL"),
    *(f"CREATE INDEX comparison_states_by_{key} ON comparison_states ({key}, seq, discarded)" for key in _SORTED_BY),
    *(f"CREATE INDEX comparison_states_{key} ON comparison_states (doubt_key, seq) WHERE {key} = 1" for key in _RARE),
    "INSERT INTO comparison_states SELECT * FROM comparison_states_now ORDER BY seq",
)

#: What people say now of the comparisons whose reviews lie above a key and are not told yet.
REVIEWED_STATES = """UPDATE comparison_states SET (review_id, decision, reviewer, overruled) =
    (SELECT review_id, decision, reviewer, overruled FROM comparison_states_now AS now WHERE now.seq = comparison_states.seq)
    WHERE seq IN (SELECT told.seq FROM reviews JOIN comparisons ON comparisons.id = reviews.comparison_id
        JOIN comparison_states AS told ON told.seq = comparisons.seq WHERE reviews.seq > ? AND told.review_id != reviews.id)"""

#: How many usable labels each run gave by each principle, and how many of them turned with the order of the responses.
LABEL_COUNTS = """CREATE TABLE label_counts (
    run_id TEXT NOT NULL REFERENCES runs (id), principle_id TEXT NOT NULL, labels INTEGER NOT NULL, flips INTEGER NOT NULL,
    PRIMARY KEY (run_id, principle_id)) STRICT, WITHOUT ROWID"""

#: Counts the labels after a key; a label may name a principle twice, and counts once.
COUNT_LABELS = """INSERT INTO label_counts
    SELECT run_id, asked.value, count(DISTINCT seq), count(DISTINCT CASE WHEN order_flip THEN seq END)
    FROM labels, json_each(principle_ids) AS asked WHERE seq > ? AND verdict = 'ok' GROUP BY run_id, asked.value
    ON CONFLICT DO UPDATE SET labels = labels + excluded.labels, flips = flips + excluded.flips"""
