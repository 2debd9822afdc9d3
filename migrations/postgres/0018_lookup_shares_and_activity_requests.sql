-- Requests that complete conversations are counted for the activity that caused them, and queued fairly. The same
-- numbered step stands in ../sqlite/.

-- The registrable domain of the host that told of the post; its share is counted by it.
ALTER TABLE lookups ADD COLUMN domain TEXT NOT NULL DEFAULT '';
-- The host that it waits for, and its registrable domain.
ALTER TABLE lookups ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE lookups ADD COLUMN asked_domain TEXT NOT NULL DEFAULT '';
-- The activity that caused it, perhaps by way of other posts.
ALTER TABLE lookups ADD COLUMN root TEXT NOT NULL DEFAULT '';
-- The comment whose replies list it.
ALTER TABLE lookups ADD COLUMN found_below TEXT;
-- 3: it is here; an activity named it, from 2: a known domain, 1: any other; 0: a list of replies has it.
ALTER TABLE lookups ADD COLUMN priority BIGINT NOT NULL DEFAULT 1;
UPDATE lookups SET root = uri;
CREATE INDEX lookups_by_domain ON lookups (domain);
CREATE INDEX lookups_by_asked ON lookups (asked);
CREATE INDEX lookups_by_root ON lookups (root);

-- The activity that brought the comment; its replies are looked for at that activity's cost.
ALTER TABLE comments ADD COLUMN caused_by TEXT;

-- Requests that an activity caused within a day of the first.
CREATE TABLE activity_requests (
    root      TEXT PRIMARY KEY,
    requests  BIGINT NOT NULL,
    since     BIGINT NOT NULL
);
CREATE INDEX activity_requests_by_time ON activity_requests (since);

-- The id of the deletion, since its undo may name nothing else.
ALTER TABLE tombstones ADD COLUMN ended_with TEXT;
CREATE INDEX tombstones_by_deletion ON tombstones (ended_with) WHERE ended_with IS NOT NULL;
