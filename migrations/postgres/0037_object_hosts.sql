-- Posts that were published without an announcement, and the servers that have them nevertheless: an update goes only to
-- these. The same numbered step stands in ../sqlite/.

-- Whether followers got the post. It counts as announced if it is older than this column.
ALTER TABLE publications ADD COLUMN announced BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE notes ADD COLUMN announced BOOLEAN NOT NULL DEFAULT TRUE;

-- The servers that fetched such a post, each with an actor whose inbox is there: most often the one that signs its
-- requests.
CREATE TABLE object_hosts (
    object_uid  TEXT NOT NULL,
    host        TEXT NOT NULL,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (object_uid, host)
);
CREATE INDEX object_hosts_by_actor ON object_hosts (actor_id);
CREATE INDEX object_hosts_by_time ON object_hosts (seen_at);
