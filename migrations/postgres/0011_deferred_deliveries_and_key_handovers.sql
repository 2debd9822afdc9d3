-- Refused and deferred deliveries, hosts that take only small bodies, who took which key, failed key fetches. The
-- same numbered step stands in ../sqlite/.

-- A waiting delivery is not tried before this time; 0 is at once.
ALTER TABLE deliveries ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN refused_at BIGINT;
UPDATE deliveries SET refused_at = created_at WHERE state = 'refused';
CREATE INDEX deliveries_deferred ON deliveries (destination_id, id) WHERE state = 'waiting' AND not_before > 0;
CREATE INDEX deliveries_refused_at ON deliveries (refused_at) WHERE state = 'refused';

-- The size in bytes of the smallest body to which the host answered 413.
ALTER TABLE destinations ADD COLUMN smallest_refused BIGINT;

-- When a destination took the Update of an actor that announced new keys.
CREATE TABLE key_handovers (
    destination_id  BIGINT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    activity_id     BIGINT NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    taken_at        BIGINT NOT NULL,
    PRIMARY KEY (destination_id, activity_id)
);
CREATE INDEX key_handovers_by_activity ON key_handovers (activity_id);
CREATE INDEX key_handovers_by_time ON key_handovers (taken_at);

-- Hosts whose actors' keys could not be fetched: how often in a row, since when, and why.
CREATE TABLE key_failures (
    host      TEXT PRIMARY KEY,
    times     BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    first_at  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL
);
