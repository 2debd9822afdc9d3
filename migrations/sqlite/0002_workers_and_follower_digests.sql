-- Who delivers, how fast it goes, and lists of deliveries that stay fast however many wait.

CREATE TABLE workers (
    name        TEXT PRIMARY KEY,
    started_at  BIGINT NOT NULL
);

-- What each worker delivered in a minute (the time of its start), and what failed in it.
CREATE TABLE delivery_minutes (
    minute     BIGINT NOT NULL,
    worker     TEXT NOT NULL,
    delivered  BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    PRIMARY KEY (minute, worker)
);

CREATE INDEX deliveries_refused ON deliveries (id) WHERE state = 'refused';

-- FEP-8fcf: the digest of an actor's followers on the server of a destination. Worked out when it is needed,
-- forgotten when a follower on that server comes or goes.
CREATE TABLE follower_digests (
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    destination_id  BIGINT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    digest          TEXT NOT NULL,
    PRIMARY KEY (local_actor_id, destination_id)
);
CREATE INDEX follower_digests_at ON follower_digests (destination_id);

CREATE TRIGGER followers_came AFTER INSERT ON followers BEGIN
    DELETE FROM follower_digests WHERE destination_id IN (SELECT d.id FROM destinations d
        JOIN destinations same ON same.host = d.host WHERE same.id = NEW.destination_id);
END;

CREATE TRIGGER followers_went AFTER DELETE ON followers BEGIN
    DELETE FROM follower_digests WHERE destination_id IN (SELECT d.id FROM destinations d
        JOIN destinations same ON same.host = d.host WHERE same.id = OLD.destination_id);
END;

CREATE TRIGGER followers_changed AFTER UPDATE OF state, actor_id, destination_id ON followers BEGIN
    DELETE FROM follower_digests WHERE destination_id IN (SELECT d.id FROM destinations d
        JOIN destinations same ON same.host = d.host WHERE same.id IN (OLD.destination_id, NEW.destination_id));
END;
