-- Pictures of custom emoji in reactions, authors who want strangers not to read them, and what is looked at again
-- in case it vanished. The same numbered step stands in ../sqlite/.

-- Where the picture of a reaction's custom emoji is.
ALTER TABLE reactions ADD COLUMN emoji_url TEXT;

-- Strangers are not to be shown what an actor wrote up to a time, nor what is so many milliseconds old.
ALTER TABLE remote_actors ADD COLUMN hidden_before BIGINT;
ALTER TABLE remote_actors ADD COLUMN hidden_after BIGINT;
-- What the comment's own object asks for; and from when on its text is not to be shown to strangers, by that and by
-- what its author asks for.
ALTER TABLE comments ADD COLUMN signin_required BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE comments ADD COLUMN hidden_from BIGINT;

-- Comments of other servers and their authors, looked at again at growing intervals.
CREATE TABLE rechecks (
    uri            TEXT PRIMARY KEY,
    -- The host that is asked.
    host           TEXT NOT NULL,
    checks         BIGINT NOT NULL DEFAULT 0,
    next_check_at  BIGINT NOT NULL,
    -- Since when it answers 404, and how often it did.
    missing_since  BIGINT,
    times_missing  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX rechecks_due ON rechecks (next_check_at);
CREATE INDEX rechecks_by_host ON rechecks (host, next_check_at);

-- What is here already is looked at within a month, not all at once.
INSERT INTO rechecks (uri, host, next_check_at)
SELECT c.uri, a.host, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) + (1 + c.id * 7919 % 2592000) * 1000
FROM comments c JOIN remote_actors a ON a.id = c.actor_id WHERE c.state <> 'deleted'
ON CONFLICT DO NOTHING;
INSERT INTO rechecks (uri, host, next_check_at)
SELECT a.uri, a.host, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) + (1 + a.id * 7919 % 2592000) * 1000
FROM remote_actors a WHERE EXISTS (SELECT 1 FROM comments c WHERE c.actor_id = a.id)
ON CONFLICT DO NOTHING;
