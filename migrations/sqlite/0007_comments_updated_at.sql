-- When the author's server says that a comment was changed last, apart from `edited_at`, which readers see: what
-- could not be read must not make the next change one that comes too late.
ALTER TABLE comments ADD COLUMN updated_at BIGINT;
UPDATE comments SET updated_at = edited_at WHERE actor_id IS NOT NULL AND edited_at IS NOT NULL;

-- A post is told of once.
CREATE INDEX notices_by_object ON notices (object_uri);
