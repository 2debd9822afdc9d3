-- The files from which `pamphlet sync` made articles and pages. The same numbered step stands in ../postgres/.

CREATE TABLE synced_files (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The name of the folder, because several may be synced.
    source       TEXT NOT NULL,
    -- The path in that folder.
    path         TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('article', 'page')),
    -- The id of the article or page.
    ref_id       BIGINT NOT NULL,
    -- Whether a sync created the article or page. Only then does the end of the file delete it.
    created      BOOLEAN NOT NULL,
    -- The hash of the file's content.
    file_hash    TEXT NOT NULL,
    -- The files that it names, as JSON: paths, hashes, sizes and times.
    pictures     TEXT NOT NULL,
    -- The hash of the article or page as it was stored, by which later changes by others are detected.
    stored_hash  TEXT NOT NULL,
    synced_at    BIGINT NOT NULL,
    UNIQUE (source, path),
    UNIQUE (kind, ref_id)
);
