-- Urgent deliveries: what one actor waits for does not wait behind articles for the same server. The same numbered step
-- stands in ../sqlite/.

-- 1: sent before the deliveries without priority. 0: in the order of ids.
ALTER TABLE deliveries ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_urgent ON deliveries (destination_id, id) WHERE state = 'waiting' AND priority > 0;

-- The version before knows no priorities, and works without them.
INSERT INTO settings (name, value) VALUES ('compatible_schemas', '42:41')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
