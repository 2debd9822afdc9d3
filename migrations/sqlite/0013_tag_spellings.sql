-- Tags are compared without regard to case and form, by Unicode, which no database does alike: the node writes
-- down the folded form of each spelling. The same numbered step stands in ../postgres/.

CREATE TABLE tag_spellings (
    tag     TEXT PRIMARY KEY,
    -- NULL until the node has seen it: other programs write article_tags too.
    folded  TEXT
);
CREATE INDEX tag_spellings_by_folded ON tag_spellings (folded);
INSERT INTO tag_spellings (tag) SELECT DISTINCT tag FROM article_tags;

-- The conflict clause of an outer statement (INSERT OR FAIL) would count for one here.
CREATE TRIGGER article_tags_spelled AFTER INSERT ON article_tags BEGIN
    INSERT INTO tag_spellings (tag)
    SELECT NEW.tag WHERE NOT EXISTS (SELECT 1 FROM tag_spellings WHERE tag = NEW.tag);
END;

CREATE TRIGGER article_tags_spelled_anew AFTER UPDATE OF tag ON article_tags BEGIN
    INSERT INTO tag_spellings (tag)
    SELECT NEW.tag WHERE NOT EXISTS (SELECT 1 FROM tag_spellings WHERE tag = NEW.tag);
END;

CREATE INDEX article_tags_by_tag ON article_tags (tag);

-- Hashtags are stored folded from now on; the node reads those of before anew from the texts.
DROP INDEX hashtags_by_tag;
