-- What the site says and does by itself: notes, likes, boosts, follows, reports, pinned articles; and whom its
-- posts mention. The same numbered step stands in ../postgres/.

CREATE TABLE notes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    uid             TEXT NOT NULL UNIQUE,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    markdown        TEXT NOT NULL,
    content_warning TEXT,
    language        TEXT NOT NULL,
    -- The post it answers, and whose that is; without the latter it is ours.
    in_reply_to     TEXT,
    reply_actor_id  BIGINT REFERENCES remote_actors (id) ON DELETE SET NULL,
    image_url       TEXT,
    image_alt       TEXT,
    state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'live', 'withdrawn', 'gone')),
    published_at    BIGINT NOT NULL,
    gone_at         BIGINT
);

CREATE TABLE interactions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL CHECK (kind IN ('like', 'boost', 'follow', 'report')),
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    -- The post; of a follow, and of some reports, the actor.
    object_uri      TEXT NOT NULL,
    actor_id        BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    text            TEXT NOT NULL DEFAULT '',
    -- The Like, Announce, Follow or Flag that was sent.
    activity_id     BIGINT REFERENCES activities (id) ON DELETE SET NULL,
    state           TEXT NOT NULL DEFAULT 'waiting'
                    CHECK (state IN ('waiting', 'sent', 'accepted', 'rejected', 'undoing', 'undone')),
    created_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX interactions_once ON interactions (local_actor_id, kind, object_uri)
    WHERE kind <> 'report' AND state NOT IN ('rejected', 'undone');
CREATE INDEX interactions_by_object ON interactions (object_uri);
CREATE INDEX interactions_by_actor ON interactions (actor_id);
CREATE INDEX interactions_by_activity ON interactions (activity_id);

-- The articles that the site shows first.
CREATE TABLE pins (
    article_id  BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'told', 'removed')),
    pinned_at   BIGINT NOT NULL
);

-- Whom an article or note was sent to because it mentions them.
CREATE TABLE mentions (
    post_uid  TEXT NOT NULL,
    actor_id  BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    PRIMARY KEY (post_uid, actor_id)
);
CREATE INDEX mentions_by_actor ON mentions (actor_id);

-- The hashtags in the text of an article or note.
CREATE TABLE hashtags (
    tag       TEXT NOT NULL,
    post_uid  TEXT NOT NULL,
    PRIMARY KEY (tag, post_uid)
);
CREATE INDEX hashtags_by_post ON hashtags (post_uid);
CREATE INDEX hashtags_by_tag ON hashtags (LOWER(tag));

-- A comment is also known by its page on its own server.
CREATE INDEX comments_by_url ON comments (url);

CREATE INDEX remote_actors_by_handle ON remote_actors (LOWER(username) || '@' || handle_host);

-- Changes of more kinds. SQLite drops no constraint: the table is made anew.
CREATE TABLE kept_changes AS SELECT id, kind, uid, due_at FROM changes;
DROP TABLE changes;
CREATE TABLE changes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL CHECK (kind IN ('article', 'author', 'note', 'interaction', 'pin')),
    -- Of an article or note its uid, of an author the username, else the row's id.
    uid     TEXT NOT NULL,
    -- Later than now for what is scheduled.
    due_at  BIGINT NOT NULL DEFAULT 0
);
INSERT INTO changes (id, kind, uid, due_at) SELECT id, kind, uid, due_at FROM kept_changes;
DROP TABLE kept_changes;
CREATE INDEX changes_due ON changes (due_at, id);
