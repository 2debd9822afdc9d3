-- What its author takes back leaves every room, and may come back. The same numbered step stands in ../sqlite/.

-- Who ended it decides whether it can come back: its author, by taking the deletion back; the admin, and then it
-- never does; its author's account, with which it returns; or nobody: it was not there, or not for everyone, when
-- it was looked for. Of what ended before this was kept, nothing comes back.
ALTER TABLE tombstones ADD COLUMN ended_by TEXT NOT NULL DEFAULT 'admin'
    CHECK (ended_by IN ('author', 'admin', 'account', 'absence'));
CREATE INDEX tombstones_of_accounts ON tombstones (actor_uri) WHERE ended_by = 'account';

-- Whose texts a mail or a call of the webhook has that was not sent yet.
CREATE TABLE message_topics (
    message_id  BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    comment_id  BIGINT REFERENCES comments (id) ON DELETE CASCADE,
    notice_id   BIGINT REFERENCES notices (id) ON DELETE CASCADE
);
CREATE INDEX message_topics_by_message ON message_topics (message_id);
CREATE INDEX message_topics_by_comment ON message_topics (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX message_topics_by_notice ON message_topics (notice_id) WHERE notice_id IS NOT NULL;

CREATE INDEX notices_by_actor ON notices (actor_uri);
