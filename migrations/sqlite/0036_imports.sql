-- What was imported from other software, so that a second import changes nothing. The same numbered step stands in
-- ../postgres/.

CREATE TABLE imports (
    -- The other site: its address, or a name.
    source       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('author', 'article', 'note', 'page', 'comment', 'reaction', 'file')),
    -- The item in the source.
    key          TEXT NOT NULL,
    -- The row that it became; 0 for a file.
    ref_id       BIGINT NOT NULL,
    -- Hashes of what the source had, and of what was stored: a difference to the row is a change that was made here.
    source_hash  TEXT NOT NULL,
    stored_hash  TEXT NOT NULL,
    -- Its text may still have links and pictures of the other site.
    is_open      BOOLEAN NOT NULL DEFAULT FALSE,
    -- The address of a file here.
    address      TEXT,
    PRIMARY KEY (source, kind, key)
);
