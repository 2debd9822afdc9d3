-- Urgent deliveries: what one actor waits for does not wait behind articles for the same server. The same numbered step
-- stands in ../postgres/.

-- 1: sent before the deliveries without priority. 0: in the order of ids.
ALTER TABLE deliveries ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_urgent ON deliveries (destination_id, id) WHERE state = 'waiting' AND priority > 0;
