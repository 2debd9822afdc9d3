-- Domains of actors, to which budgets are charged, and who has reached which limit. The same numbered step stands in
-- ../postgres/.

-- The registrable domain of the host; empty until the node has filled it in.
ALTER TABLE remote_actors ADD COLUMN domain TEXT NOT NULL DEFAULT '';
CREATE INDEX remote_actors_by_domain ON remote_actors (domain, host);

CREATE TABLE limit_hits (
    -- The limit's key in the configuration.
    code      TEXT NOT NULL,
    -- The actor, domain, host or address.
    subject   TEXT NOT NULL,
    times     BIGINT NOT NULL,
    first_at  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL,
    PRIMARY KEY (code, subject)
);
CREATE INDEX limit_hits_by_time ON limit_hits (last_at);
