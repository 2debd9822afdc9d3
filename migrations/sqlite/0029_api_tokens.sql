-- Tokens of the API, responses that a repeated request gets again, and descriptions of media. The same numbered step
-- stands in ../postgres/.

-- The secrets by which programs use the API. Only their hashes are stored.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL,
    -- SHA-256 of the secret, in hexadecimal digits.
    hash         TEXT NOT NULL UNIQUE,
    -- Names of scopes, separated by blanks.
    scopes       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- NULL: it does not expire.
    expires_at   BIGINT,
    -- To within an hour.
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE UNIQUE INDEX api_tokens_by_name ON api_tokens (name) WHERE revoked_at IS NULL;

-- Requests with an Idempotency-Key.
CREATE TABLE api_requests (
    token_id     BIGINT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    key          TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- The response as JSON; NULL until there is one.
    response     TEXT,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX api_requests_by_time ON api_requests (created_at);

-- The description of a picture, which clients offer for the next text that shows it.
ALTER TABLE media ADD COLUMN alt TEXT;
