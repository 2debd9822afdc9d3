-- Actors that were deleted, whose names are never given away again. The same numbered step stands in ../sqlite/.

CREATE TABLE retired_names (
    username    TEXT PRIMARY KEY,
    retired_at  BIGINT NOT NULL
);

-- A deleted actor keeps its row and keys: its Delete is signed with them. The name is what its author was called.
ALTER TABLE local_actors ADD COLUMN gone_at BIGINT;
ALTER TABLE local_actors ADD COLUMN former_name TEXT;

CREATE FUNCTION refuse_retired_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retired_names WHERE username = NEW.username) THEN
        RAISE EXCEPTION 'username_was_retired: a deleted actor had this username; choose another'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER authors_keep_off_retired_names BEFORE INSERT OR UPDATE OF username ON authors
FOR EACH ROW EXECUTE FUNCTION refuse_retired_name();

-- Other servers know the actor of a federated author.
CREATE FUNCTION refuse_removal_of_actor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM local_actors WHERE author_id = OLD.id) THEN
        RAISE EXCEPTION 'author_has_an_actor: run pamphlet author remove USERNAME --delete-actor'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER authors_with_an_actor_stay BEFORE DELETE ON authors
FOR EACH ROW EXECUTE FUNCTION refuse_removal_of_actor();
