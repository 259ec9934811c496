"""The project's schema, as steps that are only ever appended; each says why it is there."""

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from workbench.measurement.refusals import refuses
from workbench.measurement.texts import changed_share
from workbench.store import audit_schema

#: "CWB1": tells a project from any other SQLite file.
APPLICATION_ID = 0x43574231

migrations = Migrations("workbench")

_FIRST = (
    """CREATE TABLE decisions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL,
        previous_hash TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT""",
    """CREATE TABLE constitutions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, constitution TEXT NOT NULL, yaml TEXT NOT NULL,
        message TEXT NOT NULL, parent TEXT, created TEXT NOT NULL, fields TEXT NOT NULL) STRICT""",
    """CREATE TABLE prompts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, messages TEXT NOT NULL, kind TEXT NOT NULL,
        split TEXT NOT NULL, source TEXT NOT NULL, fields TEXT NOT NULL) STRICT""",
    "CREATE INDEX prompts_by_split ON prompts (split, seq)",
    """CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, state TEXT NOT NULL,
        reason TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, folder TEXT NOT NULL, created TEXT NOT NULL,
        started TEXT NOT NULL, ended TEXT NOT NULL, seconds REAL NOT NULL, peak_memory_mb REAL NOT NULL, plan TEXT NOT NULL,
        constitution_hash TEXT NOT NULL, seed INTEGER NOT NULL, discarded INTEGER NOT NULL DEFAULT 0,
        collected INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX runs_by_stage ON runs (stage, seq)",
    """CREATE TABLE chains (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id)) STRICT""",
    "CREATE INDEX chains_by_prompt ON chains (prompt_id, seq)",
    "CREATE INDEX chains_by_run ON chains (run_id, seq)",
    """CREATE TABLE steps (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, chain_id TEXT NOT NULL REFERENCES chains (id),
        prompt_id TEXT NOT NULL REFERENCES prompts (id), run_id TEXT NOT NULL REFERENCES runs (id), "index" INTEGER NOT NULL,
        round INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, principle_id TEXT, sent TEXT NOT NULL,
        seed INTEGER NOT NULL, tokens INTEGER NOT NULL, finish TEXT NOT NULL, near_ties INTEGER NOT NULL,
        verdicts TEXT NOT NULL, model TEXT NOT NULL) STRICT""",
    'CREATE UNIQUE INDEX steps_by_chain ON steps (chain_id, "index")',
    "CREATE INDEX steps_by_run ON steps (run_id, seq)",
    "CREATE INDEX steps_by_principle ON steps (principle_id, seq)",
    """CREATE TABLE comparisons (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT REFERENCES runs (id), response_a TEXT NOT NULL, response_b TEXT NOT NULL, model_a TEXT NOT NULL,
        model_b TEXT NOT NULL, source TEXT NOT NULL, seed_a INTEGER NOT NULL, seed_b INTEGER NOT NULL) STRICT""",
    "CREATE INDEX comparisons_by_prompt ON comparisons (prompt_id, seq)",
    "CREATE INDEX comparisons_by_run ON comparisons (run_id, seq)",
    """CREATE TABLE labels (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        comparison_id TEXT NOT NULL REFERENCES comparisons (id), run_id TEXT NOT NULL REFERENCES runs (id),
        principle_ids TEXT NOT NULL, probability_a REAL, answers TEXT NOT NULL, order_flip INTEGER NOT NULL,
        method TEXT NOT NULL, clamp TEXT, verdict TEXT NOT NULL, seed INTEGER NOT NULL, model TEXT NOT NULL,
        constitution_hash TEXT NOT NULL) STRICT""",
    "CREATE INDEX labels_by_comparison ON labels (comparison_id, seq)",
    "CREATE INDEX labels_by_run ON labels (run_id, seq)",
    """CREATE TABLE label_principles (
        principle_id TEXT NOT NULL, label_id TEXT NOT NULL REFERENCES labels (id),
        PRIMARY KEY (principle_id, label_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE reviews (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
        comparison_id TEXT NOT NULL REFERENCES comparisons (id), reviewer TEXT NOT NULL, decision TEXT NOT NULL,
        side_shown TEXT NOT NULL, blind INTEGER NOT NULL, seconds REAL NOT NULL, reason TEXT NOT NULL,
        supersedes TEXT REFERENCES reviews (id), created TEXT NOT NULL) STRICT""",
    "CREATE INDEX reviews_by_comparison ON reviews (comparison_id, seq)",
    """CREATE TABLE answers (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id), model TEXT NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL,
        tokens INTEGER NOT NULL, finish TEXT NOT NULL, seed INTEGER NOT NULL, weights TEXT NOT NULL) STRICT""",
    "CREATE INDEX answers_by_run ON answers (run_id, model, seq)",
    """CREATE TABLE scores (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, answer_id TEXT NOT NULL REFERENCES answers (id),
        run_id TEXT NOT NULL REFERENCES runs (id), judge TEXT NOT NULL, name TEXT NOT NULL, value REAL) STRICT""",
    "CREATE INDEX scores_by_run ON scores (run_id, seq)",
    "CREATE INDEX scores_by_answer ON scores (answer_id, seq)",
    """CREATE TABLE judgements (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id), judge TEXT NOT NULL, model_a TEXT NOT NULL, model_b TEXT NOT NULL,
        answer_a TEXT NOT NULL, answer_b TEXT NOT NULL, verdict TEXT NOT NULL, probability_a REAL,
        order_flip INTEGER NOT NULL, comparison_id TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX judgements_by_run ON judgements (run_id, seq)",
    "CREATE INDEX judgements_by_comparison ON judgements (comparison_id, seq) WHERE comparison_id != ''",
    """CREATE TABLE metrics (
        run_id TEXT NOT NULL REFERENCES runs (id), name TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
        PRIMARY KEY (run_id, name, step)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE models (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs (id), path TEXT NOT NULL,
        kind TEXT NOT NULL, weights TEXT NOT NULL, step INTEGER NOT NULL, UNIQUE (run_id, path)) STRICT""",
    """CREATE TABLE done_inputs (
        run_id TEXT NOT NULL REFERENCES runs (id), input TEXT NOT NULL,
        PRIMARY KEY (run_id, input)) STRICT, WITHOUT ROWID""",
)

_EXCLUSIONS_AND_EDITS = (
    """CREATE TABLE exclusions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id), target TEXT NOT NULL,
        excluded INTEGER NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL, supersedes TEXT REFERENCES exclusions (id),
        created TEXT NOT NULL) STRICT""",
    "CREATE INDEX exclusions_by_target ON exclusions (target, seq)",
    "CREATE INDEX exclusions_by_superseded ON exclusions (supersedes)",
    # A foreign key points into one table; what can be excluded is in four.
    """CREATE TRIGGER exclusions_name_what_is_there BEFORE INSERT ON exclusions
        WHEN NOT EXISTS (SELECT 1 FROM chains WHERE id = NEW.target)
            AND NOT EXISTS (SELECT 1 FROM steps WHERE id = NEW.target)
            AND NOT EXISTS (SELECT 1 FROM comparisons WHERE id = NEW.target)
            AND NOT EXISTS (SELECT 1 FROM labels WHERE id = NEW.target)
        BEGIN SELECT RAISE(ABORT, 'nothing of that id can be excluded'); END""",
    """CREATE TABLE edits (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
        step_id TEXT NOT NULL REFERENCES steps (id), text TEXT, reason TEXT NOT NULL, person TEXT NOT NULL,
        supersedes TEXT REFERENCES edits (id), created TEXT NOT NULL) STRICT""",
    "CREATE INDEX edits_by_step ON edits (step_id, seq)",
    "CREATE INDEX edits_by_superseded ON edits (supersedes)",
)

_CHAIN_ROWS = (
    """CREATE TABLE chain_rows (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs (id),
        prompt_id TEXT NOT NULL REFERENCES prompts (id), chain_id TEXT NOT NULL DEFAULT '', expected INTEGER NOT NULL,
        steps INTEGER NOT NULL DEFAULT 0, verdicts TEXT NOT NULL DEFAULT '[]', refusal INTEGER NOT NULL DEFAULT 0,
        changed REAL, principles TEXT NOT NULL DEFAULT ',', UNIQUE (run_id, prompt_id)) STRICT""",
    "CREATE INDEX chain_rows_by_prompt ON chain_rows (prompt_id, seq)",
    "CREATE INDEX chain_rows_by_run ON chain_rows (run_id, seq)",
    "CREATE INDEX chain_rows_by_change ON chain_rows (run_id, changed, seq)",
)

_ROWS_OF_CHAINS = """INSERT INTO chain_rows (run_id, prompt_id, chain_id, expected, steps, verdicts, principles, changed, refusal)
    SELECT chains.run_id, chains.prompt_id, chains.id, CASE prompts.kind WHEN 'helpful' THEN 1 ELSE
            1 + coalesce(json_extract(runs.plan, '$.settings.rounds'), 0)
            * (1 + coalesce(json_extract(runs.plan, '$.settings.critique'), 1)) END,
        count(*),
        (SELECT verdicts FROM steps WHERE chain_id = chains.id AND kind != 'critique' ORDER BY "index" DESC LIMIT 1),
        ',' || coalesce(group_concat(DISTINCT steps.principle_id) || ',', ''),
        changed_share(
            (SELECT text FROM steps WHERE chain_id = chains.id AND kind != 'critique' ORDER BY "index" LIMIT 1),
            (SELECT text FROM steps WHERE chain_id = chains.id AND kind != 'critique' ORDER BY "index" DESC LIMIT 1)),
        refuses((SELECT text FROM steps WHERE chain_id = chains.id AND kind != 'critique' ORDER BY "index" DESC LIMIT 1))
    FROM chains JOIN steps ON steps.chain_id = chains.id JOIN runs ON runs.id = chains.run_id
        JOIN prompts ON prompts.id = chains.prompt_id
    GROUP BY chains.id ORDER BY chains.seq ON CONFLICT DO NOTHING"""

_TAGS = (
    """CREATE TABLE taggings (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id), tag TEXT NOT NULL,
        prompts TEXT NOT NULL, tagged INTEGER NOT NULL, person TEXT NOT NULL, created TEXT NOT NULL) STRICT""",
    # Which prompts bear a tag now; it follows from the taggings.
    """CREATE TABLE tags (
        tag TEXT NOT NULL, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        PRIMARY KEY (tag, prompt_id)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX tags_by_prompt ON tags (prompt_id)",
)

#: What can be searched, and which text of a row; the place in this list is the remainder of the index's row number by 8.
SEARCHED = {
    "prompts": """coalesce((SELECT group_concat(json_extract(value, '$.text'), char(10) || char(10))
        FROM json_each({row}.messages)), '')""",
    "steps": "{row}.text",
    "comparisons": "{row}.response_a || char(10) || char(10) || {row}.response_b",
    "answers": "{row}.text",
    "edits": "coalesce({row}.text, '')",
    "samples": "{row}.text",
}

#: What a person decided is never changed and never erased, whoever writes the SQL.
_APPEND_ONLY = ("decisions", "reviews", "constitutions")


@migrations()
def first_schema(db: Database) -> None:
    """Hold the whole method: every generated row names its run, and what people decide is a chain of its own."""
    for statement in _FIRST:
        db.execute(statement)
    for table in _APPEND_ONLY:
        _append_only(db, table)


@migrations()
def policy_samples(db: Database) -> None:
    """Watch a policy change: what it writes to the same prompts while it is trained."""
    db.execute(
        """CREATE TABLE samples (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id), step INTEGER NOT NULL, text TEXT NOT NULL,
        reference_text TEXT NOT NULL, score REAL, reference_score REAL, kl REAL) STRICT"""
    )
    db.execute("CREATE INDEX samples_by_run ON samples (run_id, prompt_id, step)")


@migrations()
def exclusions_and_edits(db: Database) -> None:
    """Let people leave texts out of training and word them anew, as decisions that are only ever added."""
    for statement in _EXCLUSIONS_AND_EDITS:
        db.execute(statement)
    for table in ("exclusions", "edits"):
        _append_only(db, table)


@migrations()
def drafts(db: Database) -> None:
    """Keep what somebody is writing, so that a crash between an edit and its commit loses nothing."""
    db.execute(
        """CREATE TABLE drafts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL, file_hash TEXT NOT NULL,
        saved TEXT NOT NULL) STRICT"""
    )


@migrations()
def evaluation_sets(db: Database) -> None:
    """Hold questions whose right answers are known, and what judges answered: a judge is measured before it labels."""
    db.execute(
        """CREATE TABLE evaluation_items (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, set_name TEXT NOT NULL, messages TEXT NOT NULL,
            corrects TEXT NOT NULL, incorrects TEXT NOT NULL, question TEXT NOT NULL, correct_options TEXT NOT NULL,
            incorrect_options TEXT NOT NULL, kind TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX evaluation_items_by_set ON evaluation_items (set_name, seq)")
    db.execute(
        """CREATE TABLE item_answers (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            item_id TEXT NOT NULL REFERENCES evaluation_items (id), run_id TEXT NOT NULL REFERENCES runs (id),
            judge TEXT NOT NULL, "right" REAL NOT NULL, probability_correct REAL NOT NULL, confidence REAL NOT NULL,
            order_flip INTEGER, method TEXT NOT NULL, verdict TEXT NOT NULL, rationale TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX item_answers_by_run ON item_answers (run_id, seq)")


@migrations()
def search(db: Database) -> None:
    """Find texts by their words; the index holds no text of its own, and triggers note what it must learn and forget.

    Older SQLite lets no trigger of an untrusted schema write a virtual table, so the store works the notes off before it commits.
    sqlite-utils' enable_fts commits by itself and indexes columns of one table; prompts are lists of turns, and one index over
    all tables ranks what is found together.
    """
    db.execute("CREATE VIRTUAL TABLE search USING fts5 (text, content='', tokenize='unicode61 remove_diacritics 2')")
    db.execute("CREATE TABLE search_notes (seq INTEGER PRIMARY KEY, place INTEGER NOT NULL, forgotten TEXT) STRICT")
    db.execute("CREATE INDEX search_notes_by_place ON search_notes (place, seq)")
    for place, (table, text) in enumerate(SEARCHED.items()):
        forget = (
            f"INSERT INTO search_notes (place, forgotten) VALUES (OLD.seq * 8 + {place}, {text.format(row='OLD')});"
        )
        learn = f"INSERT INTO search_notes (place) VALUES (NEW.seq * 8 + {place});"
        db.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {learn} END")
        db.execute(f"CREATE TRIGGER {table}_search_update AFTER UPDATE ON {table} BEGIN {forget} {learn} END")
        db.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {forget} END")
        db.execute(f"INSERT INTO search (rowid, text) SELECT seq * 8 + {place}, {text.format(row=table)} FROM {table}")


@migrations()
def person_judgements(db: Database) -> None:
    """Let people judge models' answers blind, beside the machines that do: decisions like reviews, only ever added."""
    db.execute(
        """CREATE TABLE person_judgements (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
        answer_a TEXT NOT NULL REFERENCES answers (id), answer_b TEXT NOT NULL REFERENCES answers (id),
        person TEXT NOT NULL, decision TEXT NOT NULL, side_shown TEXT NOT NULL, blind INTEGER NOT NULL,
        seconds REAL NOT NULL, reason TEXT NOT NULL, supersedes TEXT REFERENCES person_judgements (id),
        created TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX person_judgements_by_answer ON person_judgements (answer_a, seq)")
    db.execute("CREATE INDEX person_judgements_by_superseded ON person_judgements (supersedes)")
    _append_only(db, "person_judgements")


@migrations()
def chain_rows_and_tags(db: Database) -> None:
    """List 100,000 chains without reading their texts; let a chain be branched, and prompts be tagged."""
    db.execute("ALTER TABLE steps ADD COLUMN origin TEXT NOT NULL DEFAULT ''")
    for statement in (*_CHAIN_ROWS, *_TAGS):
        db.execute(statement)
    _append_only(db, "taggings")
    db.conn.create_function("changed_share", 2, changed_share, deterministic=True)
    db.conn.create_function("refuses", 1, refuses, deterministic=True)
    db.execute(_ROWS_OF_CHAINS)


@migrations()
def label_readings(db: Database) -> None:
    """Tell labels that were read exactly from those an endpoint could only vote on or name."""
    db.execute("ALTER TABLE labels ADD COLUMN reading TEXT NOT NULL DEFAULT 'exact'")


@migrations()
def audits(db: Database) -> None:
    """Estimate from locked samples, and find among very many comparisons those a person should look at.

    What is known of a comparison lies in four tables; a table that triggers keep up with them can be sorted by an index.
    """
    for statement in (*audit_schema.DECIDED, *audit_schema.STATES):
        db.execute(statement)
    for table in ("audit_samples", "guidelines", "rule_changes"):
        _append_only(db, table)


@migrations()
def role_models(db: Database) -> None:
    """Remember which model a person wants in a role, so that no run has to name it again."""
    db.execute("CREATE TABLE role_models (role TEXT PRIMARY KEY, model TEXT NOT NULL) STRICT, WITHOUT ROWID")


@migrations()
def new_comparisons_are_bare(db: Database) -> None:
    """Let a million comparisons come in at once: what is known of a new one is known without looking."""
    db.execute("DROP TRIGGER comparisons_insert_state")
    db.execute(audit_schema.BARE_STATE)


@migrations()
def pair_scores(db: Database) -> None:
    """Watch a preference model learn: what it makes of the same few comparisons while it is trained."""
    db.execute(
        """CREATE TABLE pair_scores (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        comparison_id TEXT NOT NULL REFERENCES comparisons (id), run_id TEXT NOT NULL REFERENCES runs (id),
        step INTEGER NOT NULL, score_a REAL NOT NULL, score_b REAL NOT NULL, held_out INTEGER NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX pair_scores_by_run ON pair_scores (run_id, comparison_id, step)")


@migrations()
def new_rows_are_followed_at_once(db: Database) -> None:
    """Let rows come in twice as fast: what follows new ones is worked out for a whole transaction, by the store (new_rows.py)."""
    db.execute("DROP TRIGGER comparisons_insert_state")
    for table in SEARCHED:
        db.execute(f"DROP TRIGGER {table}_search_insert")


@migrations()
def labels_are_counted_as_they_come(db: Database) -> None:
    """Say at once what each principle did and show pairs in any order: over a million labels either took seconds."""
    db.execute(audit_schema.LABEL_COUNTS)
    db.execute(audit_schema.COUNT_LABELS, [0])
    for statement in audit_schema.KEPT_ORDERS:
        db.execute(statement)


@migrations()
def reviews_are_followed_at_once(db: Database) -> None:
    """Let a million choices come in at once: what they say of comparisons is worked out for a whole transaction (new_rows.py)."""
    db.execute("DROP TRIGGER reviews_insert_state")


@migrations()
def hashes_are_sought_where_they_are_kept(db: Database) -> None:
    """Let a million choices come in sooner: two indexes of hashes that nothing was sought by are gone."""
    for statement in audit_schema.SOUGHT_BY_KEY:
        db.execute(statement)
    _append_only(db, "decisions")


@migrations()
def a_journal_is_read_once(db: Database) -> None:
    """Open a project of a million decisions at once: a journal that is as it was when it agreed need not be read again."""
    db.execute("CREATE TABLE journal_agreed (mark TEXT NOT NULL, hash TEXT NOT NULL) STRICT")


@migrations()
def test_sets(db: Database) -> None:
    """Hold figures against each other that are of the same prompts: what came in after an evaluation is not asked unsaid."""
    db.execute(
        """CREATE TABLE test_sets (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, size INTEGER NOT NULL,
        prompt_ids TEXT NOT NULL, run_id TEXT NOT NULL REFERENCES runs (id), created TEXT NOT NULL) STRICT"""
    )
    _append_only(db, "test_sets")


@migrations()
def answers_as_sent(db: Database) -> None:
    """Tell of an answer what its model was asked, as steps and labels tell it."""
    db.execute("ALTER TABLE answers ADD COLUMN sent TEXT NOT NULL DEFAULT ''")


@migrations()
def inputs_left_out(db: Database) -> None:
    """Tell of a prompt that did not fit a run's model why nothing came of it."""
    db.execute("ALTER TABLE done_inputs ADD COLUMN left_out TEXT NOT NULL DEFAULT ''")


@migrations()
def samples_are_set_aside(db: Database) -> None:
    """Let a sample be given up on record: its labels stayed hidden until another one was drawn."""
    db.execute(audit_schema.ASIDE)
    _append_only(db, "samples_aside")


def _append_only(db: Database, table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )
