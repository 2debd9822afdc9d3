-- Tags that were renamed, and notes that were edited. The same numbered step stands in ../postgres/.

-- The page of a former tag leads to that of its successor. Both are folded, as in tag_spellings.
CREATE TABLE former_tags (
    folded     TEXT PRIMARY KEY,
    successor  TEXT NOT NULL
);
CREATE INDEX former_tags_by_successor ON former_tags (successor);

-- The time of the last edit that readers see.
ALTER TABLE notes ADD COLUMN edited_at BIGINT;
