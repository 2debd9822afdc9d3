-- Conversations that are completed by fetching. The same numbered step stands beside this one for the other database.

-- Posts of other servers to be fetched: replies whose place is not known yet, and comments of which another
-- than their author says that they were changed or deleted.
CREATE TABLE lookups (
    uri             TEXT PRIMARY KEY,
    -- Who told of it; one host alone can't fill the table.
    host            TEXT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX lookups_due ON lookups (next_attempt_at);
CREATE INDEX lookups_by_host ON lookups (host);

-- Where a comment's own server lists the answers to it, how often they were looked for, and when they are next.
ALTER TABLE comments ADD COLUMN replies_uri TEXT;
ALTER TABLE comments ADD COLUMN crawls BIGINT NOT NULL DEFAULT 0;
ALTER TABLE comments ADD COLUMN next_crawl_at BIGINT;
CREATE INDEX comments_to_crawl ON comments (next_crawl_at) WHERE next_crawl_at IS NOT NULL;

-- What others wrote and we pass on.
CREATE INDEX activities_forwarded ON activities (created_at) WHERE kind = 'Forward';
