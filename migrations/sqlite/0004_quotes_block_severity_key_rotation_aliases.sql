-- Follow requests, key rotation, graded blocks, quotes, moves. The same numbered step stands in ../postgres/.

-- The Follow as it came, while it waits for the admin: the answer repeats it.
ALTER TABLE followers ADD COLUMN follow TEXT;

-- JSON list of other accounts of the same owner (`alsoKnownAs`), and where it moved.
ALTER TABLE local_actors ADD COLUMN aliases TEXT NOT NULL DEFAULT '[]';
ALTER TABLE local_actors ADD COLUMN moved_to TEXT;
-- Grows when its keys change, so that a running node notices.
ALTER TABLE local_actors ADD COLUMN key_generation BIGINT NOT NULL DEFAULT 0;

-- SQLite drops no constraint: the table is made anew.
CREATE TABLE new_local_keys (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    local_actor_id    BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    algorithm         TEXT NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
    -- The fragment of the key's id.
    name              TEXT NOT NULL,
    pkcs8             BLOB NOT NULL,
    created_at        BIGINT NOT NULL,
    -- When another took its place, and the last activity that it signs.
    replaced_at       BIGINT,
    last_activity_id  BIGINT,
    UNIQUE (local_actor_id, name)
);
INSERT INTO new_local_keys (id, local_actor_id, algorithm, name, pkcs8, created_at)
SELECT id, local_actor_id, algorithm, CASE algorithm WHEN 'rsa' THEN 'main-key' ELSE 'ed25519-key' END, pkcs8, created_at
FROM local_keys;
DROP TABLE local_keys;
ALTER TABLE new_local_keys RENAME TO local_keys;
CREATE UNIQUE INDEX local_keys_in_use ON local_keys (local_actor_id, algorithm) WHERE replaced_at IS NULL;

-- 'block': nothing comes in or goes out; 'hold': comments wait for the admin; 'none': only what the other columns say.
ALTER TABLE blocks ADD COLUMN severity TEXT NOT NULL DEFAULT 'block' CHECK (severity IN ('block', 'hold', 'none'));
ALTER TABLE blocks ADD COLUMN no_media BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE blocks ADD COLUMN no_reports BOOLEAN NOT NULL DEFAULT FALSE;
-- Of shared lists: the name is not to be published in full.
ALTER TABLE blocks ADD COLUMN obfuscate BOOLEAN NOT NULL DEFAULT FALSE;

-- Who may quote it; NULL is the site's choice.
ALTER TABLE articles ADD COLUMN quotes TEXT CHECK (quotes IN ('everyone', 'followers', 'nobody'));

CREATE TRIGGER articles_quotes_updated AFTER UPDATE OF quotes ON articles BEGIN
    INSERT INTO changes (kind, uid) VALUES ('article', NEW.uid);
END;

-- Posts of others that quote an article, each with an authorization (FEP-044f) that can be revoked.
CREATE TABLE quotes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    uid         TEXT NOT NULL UNIQUE,
    article_id  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    post_uri    TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('accepted', 'revoked')),
    created_at  BIGINT NOT NULL,
    UNIQUE (article_id, post_uri)
);
CREATE INDEX quotes_by_post ON quotes (post_uri);
CREATE INDEX quotes_by_actor ON quotes (actor_id);

CREATE TRIGGER articles_deleted_with_quotes AFTER DELETE ON articles BEGIN
    DELETE FROM quotes WHERE article_id = OLD.id;
END;

-- Reactions of the kind 'quote', one for each quoting post. A trigger names the table, and would be
-- changed or missed by a modern renaming.
PRAGMA legacy_alter_table = ON;
CREATE TABLE new_reactions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    article_id  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    -- NULL: the article itself.
    comment_id  BIGINT REFERENCES comments (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('like', 'dislike', 'emoji', 'boost', 'quote')),
    emoji       TEXT NOT NULL DEFAULT '',
    uri         TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    -- Where a quote is read.
    url         TEXT
);
INSERT INTO new_reactions (id, actor_id, article_id, comment_id, kind, emoji, uri, created_at)
SELECT id, actor_id, article_id, comment_id, kind, emoji, uri, created_at FROM reactions;
DROP TABLE reactions;
ALTER TABLE new_reactions RENAME TO reactions;
PRAGMA legacy_alter_table = OFF;
CREATE UNIQUE INDEX reactions_once ON reactions
    (article_id, COALESCE(comment_id, 0), kind, actor_id, emoji, CASE kind WHEN 'quote' THEN uri ELSE '' END);
CREATE INDEX reactions_by_actor ON reactions (actor_id);
CREATE INDEX reactions_by_uri ON reactions (uri);
