-- Collections of others that one of our actors stands in, each with an authorization (FEP-7aa9) that can be
-- revoked. The same numbered step stands in ../postgres/.
CREATE TABLE features (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Names its authorization.
    uid             TEXT NOT NULL UNIQUE,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    actor_id        BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    collection_uri  TEXT NOT NULL,
    -- The collection's name, as far as its server said it.
    name            TEXT NOT NULL DEFAULT '',
    -- The FeatureRequest that was answered last.
    request_uri     TEXT NOT NULL,
    -- The entry in the collection.
    item_uri        TEXT,
    state           TEXT NOT NULL CHECK (state IN ('accepted', 'revoked')),
    created_at      BIGINT NOT NULL,
    UNIQUE (local_actor_id, collection_uri)
);
CREATE INDEX features_by_actor ON features (actor_id);
