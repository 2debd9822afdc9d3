-- Tags are compared without regard to case and form, by Unicode, which no database does alike: the node writes
-- down the folded form of each spelling. The same numbered step stands in ../sqlite/.

CREATE TABLE tag_spellings (
    tag     TEXT PRIMARY KEY,
    -- NULL until the node has seen it: other programs write article_tags too.
    folded  TEXT
);
CREATE INDEX tag_spellings_by_folded ON tag_spellings (folded);
INSERT INTO tag_spellings (tag) SELECT DISTINCT tag FROM article_tags;

CREATE FUNCTION note_tag_spelling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tag_spellings (tag) VALUES (NEW.tag) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER article_tags_spelled AFTER INSERT OR UPDATE OF tag ON article_tags
FOR EACH ROW EXECUTE FUNCTION note_tag_spelling();

CREATE INDEX article_tags_by_tag ON article_tags (tag);

-- Hashtags are stored folded from now on; the node reads those of before anew from the texts.
DROP INDEX hashtags_by_tag;
