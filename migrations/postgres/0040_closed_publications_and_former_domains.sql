-- A closed publication publishes nothing more, whatever program writes; and one that changed its domain remembers what
-- others know. The same numbered step stands in ../sqlite/.

-- `pamphlet publication close` writes the setting.
CREATE FUNCTION refuse_when_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM settings WHERE name = 'closed') THEN
        RAISE EXCEPTION 'the publication is closed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER changes_refused_when_closed BEFORE INSERT ON changes
FOR EACH ROW EXECUTE FUNCTION refuse_when_closed();

-- The handle of an actor on a former domain, `blog@old.example`, in lower case. Its username here is another one, since
-- the actor that took its place has the name.
ALTER TABLE local_actors ADD COLUMN former_handle TEXT;
CREATE UNIQUE INDEX local_actors_by_former_handle ON local_actors (former_handle) WHERE former_handle IS NOT NULL;
-- The ActivityPub id of a note that was published on a former domain. NULL is computed from the uid.
ALTER TABLE notes ADD COLUMN uri TEXT;
