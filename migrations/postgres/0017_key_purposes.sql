-- Purposes of remote actors' keys. Until now, a key was kept as multibase if it stood in assertionMethod.
ALTER TABLE remote_keys ADD COLUMN purpose TEXT NOT NULL DEFAULT 'signature'
    CHECK (purpose IN ('signature', 'assertion', 'both'));
UPDATE remote_keys SET purpose = 'assertion' WHERE public_key LIKE 'z%';

-- Aliases matter when somebody moves whom a local actor follows.
UPDATE remote_actors SET aliases = '[]'
WHERE aliases <> '[]' AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.actor_id = remote_actors.id);

-- Actors to which nothing refers are looked for by their age.
CREATE INDEX remote_actors_by_age ON remote_actors (fetched_at);
CREATE INDEX notes_by_reply_actor ON notes (reply_actor_id) WHERE reply_actor_id IS NOT NULL;
