-- Addresses and ids that others know, of a publication that other software served before. The same numbered step stands in
-- ../postgres/.

-- An address that others know, and the path here that it stands for. It is in the form of `protocol::address_key`: path
-- and query on our host (`/?author=1`), or with another host (`//former.example/users/a`).
CREATE TABLE addresses (
    address TEXT PRIMARY KEY,
    path    TEXT NOT NULL
);
CREATE INDEX addresses_by_path ON addresses (path);

-- The ActivityPub ids of articles that other software published. A row outlives its article, as publications do.
CREATE TABLE object_uris (
    article_uid TEXT PRIMARY KEY,
    uri         TEXT NOT NULL UNIQUE
);

-- What other servers know of an actor that other software served before. NULL is computed from the username.
ALTER TABLE local_actors ADD COLUMN uri TEXT;
ALTER TABLE local_actors ADD COLUMN handle TEXT;
ALTER TABLE local_actors ADD COLUMN inbox TEXT;
ALTER TABLE local_actors ADD COLUMN outbox TEXT;
ALTER TABLE local_actors ADD COLUMN followers TEXT;
ALTER TABLE local_actors ADD COLUMN following TEXT;
ALTER TABLE local_actors ADD COLUMN featured TEXT;
ALTER TABLE local_actors ADD COLUMN shared_inbox TEXT;
CREATE UNIQUE INDEX local_actors_by_uri ON local_actors (uri) WHERE uri IS NOT NULL;
CREATE UNIQUE INDEX local_actors_by_handle ON local_actors (LOWER(handle)) WHERE handle IS NOT NULL;
