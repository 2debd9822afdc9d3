-- Actors that were deleted, whose names are never given away again. The same numbered step stands in ../postgres/.

CREATE TABLE retired_names (
    username    TEXT PRIMARY KEY,
    retired_at  BIGINT NOT NULL
);

-- A deleted actor keeps its row and keys: its Delete is signed with them. The name is what its author was called.
ALTER TABLE local_actors ADD COLUMN gone_at BIGINT;
ALTER TABLE local_actors ADD COLUMN former_name TEXT;

CREATE TRIGGER authors_keep_off_retired_names BEFORE INSERT ON authors
WHEN EXISTS (SELECT 1 FROM retired_names WHERE username = NEW.username) BEGIN
    SELECT RAISE(ABORT, 'username_was_retired: a deleted actor had this username; choose another');
END;

CREATE TRIGGER authors_take_no_retired_names BEFORE UPDATE OF username ON authors
WHEN NEW.username <> OLD.username AND EXISTS (SELECT 1 FROM retired_names WHERE username = NEW.username) BEGIN
    SELECT RAISE(ABORT, 'username_was_retired: a deleted actor had this username; choose another');
END;

-- Other servers know the actor of a federated author.
CREATE TRIGGER authors_with_an_actor_stay BEFORE DELETE ON authors
WHEN EXISTS (SELECT 1 FROM local_actors WHERE author_id = OLD.id) BEGIN
    SELECT RAISE(ABORT, 'author_has_an_actor: run pamphlet author remove USERNAME --delete-actor');
END;
