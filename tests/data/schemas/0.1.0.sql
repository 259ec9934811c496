BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'workbench','first_schema','2026-11-20 14:44:34.327196+00:00');
CREATE TABLE answers (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id), model TEXT NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL,
        tokens INTEGER NOT NULL, finish TEXT NOT NULL, seed INTEGER NOT NULL, weights TEXT NOT NULL) STRICT;
CREATE TABLE chains (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id)) STRICT;
INSERT INTO "chains" VALUES(1,'chain-0','prompt-6e6e95ab182f5e1f','chains-1');
CREATE TABLE comparisons (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT REFERENCES runs (id), response_a TEXT NOT NULL, response_b TEXT NOT NULL, model_a TEXT NOT NULL,
        model_b TEXT NOT NULL, source TEXT NOT NULL, seed_a INTEGER NOT NULL, seed_b INTEGER NOT NULL) STRICT;
INSERT INTO "comparisons" VALUES(1,'comparison-1','prompt-6e6e95ab182f5e1f','comparisons-1','a 1','b 1','m','m','sampled',0,0);
CREATE TABLE constitutions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, constitution TEXT NOT NULL, yaml TEXT NOT NULL,
        message TEXT NOT NULL, parent TEXT, created TEXT NOT NULL, fields TEXT NOT NULL) STRICT;
INSERT INTO "constitutions" VALUES(1,'2e739a5eabacd333afce0706ec3e16a7c64f187c301d28e40c5b59f6026086d4','{"name":"kind","title":"","description":"","task":"dialogue","principles":[{"id":"kindness","title":"","critique_request":"","revision_request":"Be kind.","comparison_question":"Which is kind?","tags":[],"weight":1.0,"enabled":true,"applies_to":[],"rationale":"","source":""}],"few_shots":[],"sources":[]}','name: kind
','why',NULL,'2026-01-01','{}');
CREATE TABLE decisions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL,
        previous_hash TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO "decisions" VALUES(1,'commit-32c813d4586065e7','ConstitutionVersion','{"constitution":{"description":"","few_shots":[],"name":"kind","principles":[{"applies_to":[],"comparison_question":"Which is kind?","critique_request":"","enabled":true,"id":"kindness","rationale":"","revision_request":"Be kind.","source":"","tags":[],"title":"","weight":1.0}],"sources":[],"task":"dialogue","title":""},"created":"2026-01-01","fields":{},"hash":"2e739a5eabacd333afce0706ec3e16a7c64f187c301d28e40c5b59f6026086d4","message":"why","parent":null,"yaml":"name: kind\n"}','','78864d14d289199c8b5fb6142917bedf462e5fce0ea450a4d2b21db4ebb6718c');
INSERT INTO "decisions" VALUES(2,'review-comparison-1-1','Review','{"blind":false,"comparison_id":"comparison-1","created":"2026-01-02","decision":"a_much","id":"review-comparison-1-1","reason":"clearer","reviewer":"Ada","seconds":0.0,"side_shown":"ab","supersedes":null}','78864d14d289199c8b5fb6142917bedf462e5fce0ea450a4d2b21db4ebb6718c','1ef3393c554ad76f609edc24d864c1a57c979afd6efa33ca67910f624b2a9628');
CREATE TABLE done_inputs (
        run_id TEXT NOT NULL REFERENCES runs (id), input TEXT NOT NULL,
        PRIMARY KEY (run_id, input)) STRICT, WITHOUT ROWID;
CREATE TABLE judgements (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, prompt_id TEXT NOT NULL REFERENCES prompts (id),
        run_id TEXT NOT NULL REFERENCES runs (id), judge TEXT NOT NULL, model_a TEXT NOT NULL, model_b TEXT NOT NULL,
        answer_a TEXT NOT NULL, answer_b TEXT NOT NULL, verdict TEXT NOT NULL, probability_a REAL,
        order_flip INTEGER NOT NULL, comparison_id TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE label_principles (
        principle_id TEXT NOT NULL, label_id TEXT NOT NULL REFERENCES labels (id),
        PRIMARY KEY (principle_id, label_id)) STRICT, WITHOUT ROWID;
INSERT INTO "label_principles" VALUES('kindness','label-comparison-1');
CREATE TABLE labels (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        comparison_id TEXT NOT NULL REFERENCES comparisons (id), run_id TEXT NOT NULL REFERENCES runs (id),
        principle_ids TEXT NOT NULL, probability_a REAL, answers TEXT NOT NULL, order_flip INTEGER NOT NULL,
        method TEXT NOT NULL, clamp TEXT, verdict TEXT NOT NULL, seed INTEGER NOT NULL, model TEXT NOT NULL,
        constitution_hash TEXT NOT NULL) STRICT;
INSERT INTO "labels" VALUES(1,'label-comparison-1','comparison-1','labels-1','["kindness","kindness"]',0.7,'[{"order":"ab","logprob_a":-0.3,"logprob_b":-1.2,"sent":"","rationale":""},{"order":"ba","logprob_a":-0.4,"logprob_b":-1.1,"sent":"","rationale":""}]',0,'logprobs',NULL,'ok',0,'','h1');
CREATE TABLE metrics (
        run_id TEXT NOT NULL REFERENCES runs (id), name TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
        PRIMARY KEY (run_id, name, step)) STRICT, WITHOUT ROWID;
CREATE TABLE models (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs (id), path TEXT NOT NULL,
        kind TEXT NOT NULL, weights TEXT NOT NULL, step INTEGER NOT NULL, UNIQUE (run_id, path)) STRICT;
CREATE TABLE prompts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, messages TEXT NOT NULL, kind TEXT NOT NULL,
        split TEXT NOT NULL, source TEXT NOT NULL, fields TEXT NOT NULL) STRICT;
INSERT INTO "prompts" VALUES(1,'prompt-6e6e95ab182f5e1f','[{"role":"user","text":"What about 0?"}]','red-team','train','examples','{}');
INSERT INTO "prompts" VALUES(2,'prompt-08ca762f3d9db8eb','[{"role":"user","text":"What about 1?"}]','helpful','train','examples','{}');
CREATE TABLE reviews (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
        comparison_id TEXT NOT NULL REFERENCES comparisons (id), reviewer TEXT NOT NULL, decision TEXT NOT NULL,
        side_shown TEXT NOT NULL, blind INTEGER NOT NULL, seconds REAL NOT NULL, reason TEXT NOT NULL,
        supersedes TEXT REFERENCES reviews (id), created TEXT NOT NULL) STRICT;
INSERT INTO "reviews" VALUES(1,'review-comparison-1-1','comparison-1','Ada','a_much','ab',0,0.0,'clearer',NULL,'2026-01-02');
CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, state TEXT NOT NULL,
        reason TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, folder TEXT NOT NULL, created TEXT NOT NULL,
        started TEXT NOT NULL, ended TEXT NOT NULL, seconds REAL NOT NULL, peak_memory_mb REAL NOT NULL, plan TEXT NOT NULL,
        constitution_hash TEXT NOT NULL, seed INTEGER NOT NULL, discarded INTEGER NOT NULL DEFAULT 0,
        collected INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "runs" VALUES(1,'chains-1','chains','queued','',0,0,'runs/chains-1','','','',0.0,0.0,'{"id":"chains-1","stage":"chains","models":{},"constitution_hash":"","task":"dialogue","selection":"","settings":{"rounds":2},"seed":0,"total":0,"inputs_hash":"","created":"","workbench":"","machine":{}}','',0,0,0);
INSERT INTO "runs" VALUES(2,'labels-1','labels','queued','',0,0,'runs/labels-1','','','',0.0,0.0,'{"id":"labels-1","stage":"labels","models":{},"constitution_hash":"","task":"dialogue","selection":"","settings":{},"seed":0,"total":0,"inputs_hash":"","created":"","workbench":"","machine":{}}','',0,0,0);
INSERT INTO "runs" VALUES(3,'comparisons-1','comparisons','queued','',0,0,'runs/comparisons-1','','','',0.0,0.0,'{"id":"comparisons-1","stage":"comparisons","models":{},"constitution_hash":"","task":"dialogue","selection":"","settings":{},"seed":0,"total":0,"inputs_hash":"","created":"","workbench":"","machine":{}}','',0,0,0);
CREATE TABLE scores (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, answer_id TEXT NOT NULL REFERENCES answers (id),
        run_id TEXT NOT NULL REFERENCES runs (id), judge TEXT NOT NULL, name TEXT NOT NULL, value REAL) STRICT;
CREATE TABLE steps (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, chain_id TEXT NOT NULL REFERENCES chains (id),
        prompt_id TEXT NOT NULL REFERENCES prompts (id), run_id TEXT NOT NULL REFERENCES runs (id), "index" INTEGER NOT NULL,
        round INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, principle_id TEXT, sent TEXT NOT NULL,
        seed INTEGER NOT NULL, tokens INTEGER NOT NULL, finish TEXT NOT NULL, near_ties INTEGER NOT NULL,
        verdicts TEXT NOT NULL, model TEXT NOT NULL) STRICT;
INSERT INTO "steps" VALUES(1,'chain-0-0','chain-0','prompt-6e6e95ab182f5e1f','chains-1',0,0,'initial','text 0',NULL,'',0,0,'stop',0,'[]','');
INSERT INTO "steps" VALUES(2,'chain-0-1','chain-0','prompt-6e6e95ab182f5e1f','chains-1',1,1,'critique','text 1','kindness','',0,0,'stop',0,'[]','');
INSERT INTO "steps" VALUES(3,'chain-0-2','chain-0','prompt-6e6e95ab182f5e1f','chains-1',2,1,'revision','text 2','kindness','',0,0,'stop',0,'[]','');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX prompts_by_split ON prompts (split, seq);
CREATE INDEX runs_by_stage ON runs (stage, seq);
CREATE INDEX chains_by_prompt ON chains (prompt_id, seq);
CREATE INDEX chains_by_run ON chains (run_id, seq);
CREATE UNIQUE INDEX steps_by_chain ON steps (chain_id, "index");
CREATE INDEX steps_by_run ON steps (run_id, seq);
CREATE INDEX steps_by_principle ON steps (principle_id, seq);
CREATE INDEX comparisons_by_prompt ON comparisons (prompt_id, seq);
CREATE INDEX comparisons_by_run ON comparisons (run_id, seq);
CREATE INDEX labels_by_comparison ON labels (comparison_id, seq);
CREATE INDEX labels_by_run ON labels (run_id, seq);
CREATE INDEX reviews_by_comparison ON reviews (comparison_id, seq);
CREATE INDEX answers_by_run ON answers (run_id, model, seq);
CREATE INDEX scores_by_run ON scores (run_id, seq);
CREATE INDEX scores_by_answer ON scores (answer_id, seq);
CREATE INDEX judgements_by_run ON judgements (run_id, seq);
CREATE INDEX judgements_by_comparison ON judgements (comparison_id, seq) WHERE comparison_id != '';
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER constitutions_no_update BEFORE UPDATE ON constitutions BEGIN SELECT RAISE(ABORT, 'constitutions are append-only'); END;
CREATE TRIGGER constitutions_no_delete BEFORE DELETE ON constitutions BEGIN SELECT RAISE(ABORT, 'constitutions are append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('prompts',2);
INSERT INTO "sqlite_sequence" VALUES('runs',3);
INSERT INTO "sqlite_sequence" VALUES('chains',3);
INSERT INTO "sqlite_sequence" VALUES('steps',3);
INSERT INTO "sqlite_sequence" VALUES('comparisons',1);
INSERT INTO "sqlite_sequence" VALUES('labels',1);
INSERT INTO "sqlite_sequence" VALUES('decisions',2);
INSERT INTO "sqlite_sequence" VALUES('constitutions',1);
INSERT INTO "sqlite_sequence" VALUES('reviews',1);
COMMIT;
