-- Followers of each day, results of deliveries, and what came in and went out lately. The same numbered step stands in
-- ../postgres/.

-- The followers of a local actor at the end of a day (YYYY-MM-DD, in the site's time zone). A day on which nobody came
-- or went may have no row.
CREATE TABLE follower_days (
    day             TEXT NOT NULL,
    local_actor_id  BIGINT NOT NULL REFERENCES local_actors (id) ON DELETE CASCADE,
    followers       BIGINT NOT NULL,
    -- Those of them who came on that day.
    joined          BIGINT NOT NULL,
    -- Made from the followers who were there when the counting began: those who had left are missing.
    estimated       BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (day, local_actor_id)
);
CREATE INDEX follower_days_by_actor ON follower_days (local_actor_id, day);

INSERT INTO follower_days (day, local_actor_id, followers, joined, estimated)
SELECT day, local_actor_id, SUM(joined) OVER (PARTITION BY local_actor_id ORDER BY day), joined, TRUE
FROM (SELECT date(created_at / 1000, 'unixepoch') AS day, local_actor_id, COUNT(*) AS joined
    FROM followers WHERE state = 'accepted' GROUP BY 1, 2);

-- The deliveries of a public activity that have ended, and so have no row in deliveries. Activities that are older than
-- this table have no row here.
CREATE TABLE delivery_counts (
    activity_id  BIGINT PRIMARY KEY REFERENCES activities (id) ON DELETE CASCADE,
    delivered    BIGINT NOT NULL DEFAULT 0,
    refused      BIGINT NOT NULL DEFAULT 0,
    -- Dropped because the server was dead, or by the admin.
    given_up     BIGINT NOT NULL DEFAULT 0
);

-- What came in and went out, for `pamphlet tail`. Rows are deleted after some days.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         BIGINT NOT NULL,
    direction  TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    -- The type of the activity.
    kind       TEXT NOT NULL,
    -- How it ended, and why.
    outcome    TEXT NOT NULL,
    reason     TEXT,
    -- The remote actor of an incoming activity.
    actor_uri  TEXT,
    object_uri TEXT,
    -- The servers, separated by blanks.
    hosts      TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (at);
