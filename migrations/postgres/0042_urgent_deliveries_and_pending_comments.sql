-- Urgent deliveries, which do not wait behind articles for the same server. Indexes for what each loop asks when it
-- wakes. The same numbered step stands in ../sqlite/.

-- 1: sent before the deliveries without priority. 0: in the order of ids.
ALTER TABLE deliveries ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_urgent ON deliveries (destination_id, id) WHERE state = 'waiting' AND priority > 0;

-- They have all columns that are asked for, so that no other index by state is taken, under which all comments are.
DROP INDEX comments_untold;
CREATE INDEX comments_untold ON comments (state, id, untold) WHERE untold;
DROP INDEX comments_for_guests;
CREATE INDEX comments_for_guests ON comments (state, id, guest_untold) WHERE guest_untold;
DROP INDEX comments_to_crawl;
CREATE INDEX comments_to_crawl ON comments (state, next_crawl_at) WHERE next_crawl_at IS NOT NULL;

-- The version before knows no priorities, and works without them.
INSERT INTO settings (name, value) VALUES ('compatible_schemas', '42:41')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
