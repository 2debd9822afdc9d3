-- The shared database, first version. The same numbered step stands in ../postgres/.
-- All times are UTC in milliseconds since 1970-01-01, so that they compare the same everywhere.

-- ---------------------------------------------------------------------------------------------
-- The public part: a contract with other programs, documented in docs/database.md.
-- ---------------------------------------------------------------------------------------------

CREATE TABLE authors (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    username    TEXT NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 64 AND username NOT GLOB '*[^a-z0-9_]*'),
    name        TEXT NOT NULL CHECK (name <> ''),
    bio         TEXT NOT NULL DEFAULT '',
    federated   BOOLEAN NOT NULL DEFAULT FALSE,
    created_at  BIGINT NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
    -- SQLite stores any type in any column: what the node could not read is kept out.
    CONSTRAINT created_at_is_in_milliseconds CHECK (typeof(created_at) = 'integer'),
    CONSTRAINT federated_is_0_or_1 CHECK (federated IN (0, 1)),
    CONSTRAINT texts_are_no_blobs CHECK ('blob' NOT IN (typeof(username), typeof(name), typeof(bio)))
);

CREATE TABLE articles (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    uid                 TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
    slug                TEXT NOT NULL UNIQUE,
    title               TEXT NOT NULL CHECK (title <> ''),
    markdown            TEXT NOT NULL,
    author_id           BIGINT REFERENCES authors (id) ON DELETE SET NULL,
    byline              TEXT NOT NULL DEFAULT '',
    summary             TEXT,
    language            TEXT,
    image_url           TEXT,
    image_alt           TEXT,
    federate            TEXT CHECK (federate IN ('article', 'note', 'teaser', 'no')),
    comments            TEXT NOT NULL DEFAULT 'open' CHECK (comments IN ('open', 'closed')),
    pings               TEXT NOT NULL DEFAULT 'open' CHECK (pings IN ('open', 'closed')),
    sensitive           BOOLEAN NOT NULL DEFAULT FALSE,
    content_warning     TEXT,
    status              TEXT NOT NULL DEFAULT 'published' CHECK (status IN ('draft', 'published')),
    published_at        BIGINT NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
    updated_at          BIGINT,
    last_comment_number BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT slug_has_a_to_z_digits_and_single_hyphens CHECK (length(slug) BETWEEN 1 AND 100
        AND slug NOT GLOB '*[^a-z0-9-]*' AND slug NOT GLOB '-*' AND slug NOT GLOB '*-' AND slug NOT GLOB '*--*'),
    -- SQLite stores any type in any column: what the node could not read is kept out.
    CONSTRAINT times_are_in_milliseconds
        CHECK (typeof(published_at) = 'integer' AND typeof(updated_at) IN ('integer', 'null')),
    CONSTRAINT sensitive_is_0_or_1 CHECK (sensitive IN (0, 1)),
    CONSTRAINT texts_are_no_blobs CHECK ('blob' NOT IN (typeof(uid), typeof(slug), typeof(title), typeof(markdown),
        typeof(byline), typeof(summary), typeof(language), typeof(image_url), typeof(image_alt),
        typeof(content_warning)))
);
CREATE INDEX articles_by_date ON articles (status, published_at DESC, id DESC);
CREATE INDEX articles_by_author ON articles (author_id, published_at DESC, id DESC);

CREATE TABLE article_tags (
    article_id  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag         TEXT NOT NULL CHECK (tag <> '' AND typeof(tag) <> 'blob'),
    PRIMARY KEY (article_id, tag)
);

-- ---------------------------------------------------------------------------------------------
-- The node's own part.
-- ---------------------------------------------------------------------------------------------

CREATE TABLE settings (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
);

CREATE TABLE local_actors (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    username   TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL CHECK (kind IN ('site', 'author', 'instance')),
    author_id  BIGINT UNIQUE REFERENCES authors (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);

CREATE TABLE local_keys (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    algorithm       TEXT NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
    pkcs8           BLOB NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (local_actor_id, algorithm)
);

CREATE TABLE remote_actors (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    uri         TEXT NOT NULL UNIQUE,
    host        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    username    TEXT NOT NULL,
    handle_host TEXT NOT NULL,
    name        TEXT NOT NULL,
    url         TEXT,
    icon_url    TEXT,
    inbox       TEXT NOT NULL,
    shared_inbox TEXT,
    followers   TEXT,
    aliases     TEXT NOT NULL DEFAULT '[]',
    moved_to    TEXT,
    fetched_at  BIGINT NOT NULL,
    refetched_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX remote_actors_by_host ON remote_actors (host);

CREATE TABLE remote_keys (
    key_id      TEXT PRIMARY KEY,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    public_key  TEXT NOT NULL
);
CREATE INDEX remote_keys_by_actor ON remote_keys (actor_id);

CREATE TABLE destinations (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox            TEXT NOT NULL UNIQUE,
    host             TEXT NOT NULL,
    state            TEXT NOT NULL DEFAULT 'alive' CHECK (state IN ('alive', 'dead', 'blocked', 'refused')),
    -- When it is next tried; NULL while nothing waits for it.
    next_attempt_at  BIGINT,
    -- Grows with each enqueueing, so that a worker notices what came while it was sending.
    generation       BIGINT NOT NULL DEFAULT 0,
    priority         BIGINT NOT NULL DEFAULT 0,
    leased_until     BIGINT NOT NULL DEFAULT 0,
    lease_owner      TEXT,
    failures         BIGINT NOT NULL DEFAULT 0,
    failing_since    BIGINT,
    gone_since       BIGINT,
    last_success_at  BIGINT,
    last_error       TEXT,
    delivered        BIGINT NOT NULL DEFAULT 0,
    style            TEXT NOT NULL DEFAULT 'cavage' CHECK (style IN ('cavage', 'rfc9421'))
);
CREATE INDEX destinations_due ON destinations (priority DESC, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX destinations_by_host ON destinations (host);

CREATE TABLE followers (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    actor_id        BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    destination_id  BIGINT NOT NULL REFERENCES destinations (id),
    follow_uri      TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'accepted' CHECK (state IN ('pending', 'accepted')),
    created_at      BIGINT NOT NULL,
    UNIQUE (local_actor_id, actor_id)
);
CREATE INDEX followers_by_destination ON followers (local_actor_id, state, destination_id);
CREATE INDEX followers_at_destination ON followers (destination_id);
CREATE INDEX followers_by_actor ON followers (actor_id);
CREATE INDEX followers_by_uri ON followers (follow_uri);

CREATE TABLE activities (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    uid             TEXT NOT NULL UNIQUE,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    object_uri      TEXT NOT NULL,
    body            TEXT NOT NULL,
    -- Whether the outbox and the activity's own address show it.
    public          BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX activities_in_outbox ON activities (local_actor_id, public, id);
CREATE INDEX activities_by_object ON activities (object_uri);

CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id  BIGINT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    activity_id     BIGINT NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'refused')),
    attempts        BIGINT NOT NULL DEFAULT 0,
    status          BIGINT,
    error           TEXT,
    created_at      BIGINT NOT NULL,
    UNIQUE (destination_id, activity_id)
);
CREATE INDEX deliveries_waiting ON deliveries (destination_id, id) WHERE state = 'waiting';
CREATE INDEX deliveries_of_activity ON deliveries (activity_id);

-- What the node last told the fediverse of each article; it outlives the article as its tombstone.
CREATE TABLE publications (
    article_uid     TEXT PRIMARY KEY,
    state           TEXT NOT NULL CHECK (state IN ('live', 'gone')),
    form            TEXT NOT NULL CHECK (form IN ('article', 'note', 'teaser', 'no')),
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id),
    hash            TEXT NOT NULL,
    path            TEXT NOT NULL,
    published_at    BIGINT NOT NULL,
    updated_at      BIGINT,
    gone_at         BIGINT
);
CREATE INDEX publications_by_path ON publications (path);

CREATE TABLE comments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id      BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    parent_id       BIGINT REFERENCES comments (id) ON DELETE SET NULL,
    uri             TEXT NOT NULL UNIQUE,
    url             TEXT,
    actor_id        BIGINT REFERENCES remote_actors (id) ON DELETE SET NULL,
    author_name     TEXT NOT NULL,
    author_handle   TEXT NOT NULL,
    author_url      TEXT,
    content         TEXT NOT NULL,
    content_warning TEXT,
    language        TEXT,
    state           TEXT NOT NULL CHECK (state IN ('visible', 'held', 'hidden', 'deleted')),
    reason          TEXT,
    published_at    BIGINT NOT NULL,
    received_at     BIGINT NOT NULL,
    edited_at       BIGINT,
    UNIQUE (article_id, number)
);
CREATE INDEX comments_by_actor ON comments (actor_id);
CREATE INDEX comments_by_parent ON comments (parent_id);
CREATE INDEX comments_by_state ON comments (state, id);

CREATE TABLE comment_edits (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    comment_id  BIGINT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    content     TEXT NOT NULL,
    replaced_at BIGINT NOT NULL
);
CREATE INDEX comment_edits_by_comment ON comment_edits (comment_id);

CREATE TABLE reactions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    article_id  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    -- NULL: the article itself.
    comment_id  BIGINT REFERENCES comments (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('like', 'dislike', 'emoji', 'boost')),
    emoji       TEXT NOT NULL DEFAULT '',
    uri         TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX reactions_once ON reactions (article_id, COALESCE(comment_id, 0), kind, actor_id, emoji);
CREATE INDEX reactions_by_actor ON reactions (actor_id);
CREATE INDEX reactions_by_uri ON reactions (uri);

CREATE TABLE received (
    activity_uri  TEXT PRIMARY KEY,
    received_at   BIGINT NOT NULL
);
CREATE INDEX received_by_time ON received (received_at);

CREATE TABLE inbox_counts (
    what   TEXT PRIMARY KEY,
    times  BIGINT NOT NULL
);

-- Remote objects that were deleted, perhaps before their Create arrived.
CREATE TABLE tombstones (
    uri         TEXT NOT NULL,
    actor_uri   TEXT NOT NULL,
    deleted_at  BIGINT NOT NULL,
    PRIMARY KEY (uri, actor_uri)
);

CREATE TABLE blocks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('host', 'actor')),
    value       TEXT NOT NULL,
    reason      TEXT,
    created_at  BIGINT NOT NULL,
    UNIQUE (kind, value)
);

CREATE TABLE notices (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    actor_uri   TEXT NOT NULL,
    object_uri  TEXT,
    text        TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE changes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('article', 'author')),
    uid         TEXT NOT NULL,
    -- Later than now for what is scheduled.
    due_at      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX changes_due ON changes (due_at, id);

-- The change log, written in the transaction of whoever writes an article.

CREATE TRIGGER articles_inserted AFTER INSERT ON articles BEGIN
    INSERT INTO changes (kind, uid) VALUES ('article', NEW.uid);
END;

CREATE TRIGGER articles_updated
AFTER UPDATE OF uid, slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
    comments, pings, sensitive, content_warning, status, published_at, updated_at ON articles BEGIN
    INSERT INTO changes (kind, uid) VALUES ('article', NEW.uid);
    INSERT INTO changes (kind, uid) SELECT 'article', OLD.uid WHERE OLD.uid <> NEW.uid;
END;

-- INSERT OR REPLACE removes the row that is in its way without a trigger's notice.
CREATE TRIGGER articles_replaced BEFORE INSERT ON articles BEGIN
    INSERT INTO changes (kind, uid) SELECT 'article', uid FROM articles WHERE slug = NEW.slug OR id = NEW.id;
END;

-- The sqlite3 shell and many libraries leave foreign keys off, so that nothing cascades.
CREATE TRIGGER articles_deleted AFTER DELETE ON articles BEGIN
    INSERT INTO changes (kind, uid) VALUES ('article', OLD.uid);
    DELETE FROM article_tags WHERE article_id = OLD.id;
    DELETE FROM reactions WHERE article_id = OLD.id;
    DELETE FROM comment_edits WHERE comment_id IN (SELECT id FROM comments WHERE article_id = OLD.id);
    DELETE FROM comments WHERE article_id = OLD.id;
END;

CREATE TRIGGER article_tags_inserted AFTER INSERT ON article_tags BEGIN
    INSERT INTO changes (kind, uid) SELECT 'article', uid FROM articles WHERE id = NEW.article_id;
END;

CREATE TRIGGER article_tags_updated AFTER UPDATE ON article_tags BEGIN
    INSERT INTO changes (kind, uid) SELECT 'article', uid FROM articles WHERE id IN (OLD.article_id, NEW.article_id);
END;

CREATE TRIGGER article_tags_deleted AFTER DELETE ON article_tags BEGIN
    INSERT INTO changes (kind, uid) SELECT 'article', uid FROM articles WHERE id = OLD.article_id;
END;

CREATE TRIGGER authors_inserted AFTER INSERT ON authors BEGIN
    INSERT INTO changes (kind, uid) VALUES ('author', NEW.username);
END;

CREATE TRIGGER authors_updated AFTER UPDATE ON authors BEGIN
    INSERT INTO changes (kind, uid) VALUES ('author', NEW.username);
END;
