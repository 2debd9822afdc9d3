-- Reactions that readers do not see, and notices that are told of once. The same numbered step stands in ../sqlite/.

-- Reactions that wait for the admin, or whose actor is blocked. Other programs read `reactions`, which has only what
-- readers may see. The id is that of the row that was or will be there.
CREATE TABLE withheld_reactions (
    id          BIGINT PRIMARY KEY,
    actor_id    BIGINT NOT NULL REFERENCES remote_actors (id) ON DELETE CASCADE,
    article_id  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    comment_id  BIGINT REFERENCES comments (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    emoji       TEXT NOT NULL,
    uri         TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    url         TEXT,
    emoji_url   TEXT,
    reason      TEXT NOT NULL CHECK (reason IN ('held', 'blocked'))
);
CREATE UNIQUE INDEX withheld_reactions_once ON withheld_reactions
    (article_id, COALESCE(comment_id, 0), kind, actor_id, emoji, (CASE kind WHEN 'quote' THEN uri ELSE '' END));
CREATE INDEX withheld_reactions_by_actor ON withheld_reactions (actor_id, article_id);
CREATE INDEX withheld_reactions_by_uri ON withheld_reactions (uri);
-- How many reactions one actor has to one thing.
CREATE INDEX reactions_by_actor_and_article ON reactions (actor_id, article_id);
DROP INDEX reactions_by_actor;

-- What is here of those who are blocked already.
INSERT INTO withheld_reactions (id, actor_id, article_id, comment_id, kind, emoji, uri, created_at, url, emoji_url, reason)
SELECT r.id, r.actor_id, r.article_id, r.comment_id, r.kind, r.emoji, r.uri, r.created_at, r.url, r.emoji_url, 'blocked'
FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
WHERE EXISTS (SELECT 1 FROM blocks b WHERE b.severity = 'block' AND (b.kind = 'actor' AND b.value = a.uri
    OR b.kind = 'host' AND (a.host = b.value OR a.host LIKE '%.' || b.value)));
DELETE FROM reactions WHERE id IN (SELECT id FROM withheld_reactions);

-- Names a notice by kind, actor and object (a hash): a repeat is counted in the row that is there.
ALTER TABLE notices ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX notices_by_subject ON notices (subject);
ALTER TABLE notices ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
-- The time of the last repeat.
ALTER TABLE notices ADD COLUMN last_at BIGINT;
CREATE INDEX notices_by_time ON notices (created_at);
