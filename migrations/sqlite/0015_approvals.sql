-- Approvals of replies, likes and boosts for servers that ask for them, and notes that are a guest's words. The
-- same numbered step stands in ../postgres/.
CREATE TABLE approvals (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Names its authorization.
    uid             TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('reply', 'like', 'announce')),
    -- Who answers, and who asked.
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    actor_id        BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    -- The ReplyRequest, LikeRequest or AnnounceRequest; NULL where the reply came without one.
    request_uri     TEXT,
    -- The post of ours, and the reply, like or boost.
    target_uri      TEXT NOT NULL,
    object_uri      TEXT NOT NULL UNIQUE,
    state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'rejected')),
    created_at      BIGINT NOT NULL
);
CREATE INDEX approvals_by_actor ON approvals (actor_id);

-- A note can be a guest's words, whichever of our actors it is attributed to.
ALTER TABLE notes ADD COLUMN by_guest BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE notes SET by_guest = TRUE WHERE local_actor_id IN (SELECT id FROM local_actors WHERE kind = 'comments');
