-- Full-text search. The same numbered step stands in ../postgres/.
--
-- The node fills in the texts and the index, because it knows how to read Markdown and how to divide texts into words.
-- Triggers note what it has to read again. Until then, the old text is neither found nor stored here.

CREATE TABLE search_entries (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT NOT NULL CHECK (kind IN ('article', 'page')),
    -- The id of the article or page.
    ref_id   BIGINT NOT NULL,
    -- Grows with each change.
    version  BIGINT NOT NULL DEFAULT 1,
    -- The version that is indexed.
    indexed  BIGINT NOT NULL DEFAULT 0,
    -- The plain text, from which excerpts are taken.
    body     TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, ref_id)
);
CREATE INDEX search_entries_pending ON search_entries (id) WHERE indexed <> version;

-- Triggers do not touch it: the SQLite of another program may have been built without FTS5. `rowid` is that of the entry.
-- The node divides the texts into words that are already folded. Marks belong to words in the scripts of India.
CREATE VIRTUAL TABLE search_index USING fts5(
    title, tags, names, summary, body,
    content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
);

INSERT INTO search_entries (kind, ref_id) SELECT 'article', id FROM articles ORDER BY published_at DESC, id DESC;
INSERT INTO search_entries (kind, ref_id) SELECT 'page', id FROM pages ORDER BY id;

-- The conflict clause of an outer statement (INSERT OR FAIL) would count for one here.
CREATE TRIGGER articles_inserted_for_search AFTER INSERT ON articles BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'article' AND ref_id = NEW.id;
    INSERT INTO search_entries (kind, ref_id) SELECT 'article', NEW.id
    WHERE NOT EXISTS (SELECT 1 FROM search_entries WHERE kind = 'article' AND ref_id = NEW.id);
END;

CREATE TRIGGER articles_updated_for_search
AFTER UPDATE OF id, title, markdown, author_id, byline, summary, language, content_warning, status ON articles BEGIN
    UPDATE search_entries SET version = version + 1, body = ''
    WHERE kind = 'article' AND ref_id IN (OLD.id, NEW.id);
    INSERT INTO search_entries (kind, ref_id) SELECT 'article', NEW.id
    WHERE NOT EXISTS (SELECT 1 FROM search_entries WHERE kind = 'article' AND ref_id = NEW.id);
END;

-- INSERT OR REPLACE removes the row that is in its way without a trigger's notice.
CREATE TRIGGER articles_replaced_for_search BEFORE INSERT ON articles BEGIN
    UPDATE search_entries SET version = version + 1, body = ''
    WHERE kind = 'article' AND ref_id IN (SELECT id FROM articles WHERE slug = NEW.slug OR uid = NEW.uid);
END;

CREATE TRIGGER articles_deleted_for_search AFTER DELETE ON articles BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'article' AND ref_id = OLD.id;
END;

CREATE TRIGGER article_tags_inserted_for_search AFTER INSERT ON article_tags BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'article' AND ref_id = NEW.article_id;
END;

CREATE TRIGGER article_tags_updated_for_search AFTER UPDATE ON article_tags BEGIN
    UPDATE search_entries SET version = version + 1, body = ''
    WHERE kind = 'article' AND ref_id IN (OLD.article_id, NEW.article_id);
END;

CREATE TRIGGER article_tags_deleted_for_search AFTER DELETE ON article_tags BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'article' AND ref_id = OLD.article_id;
END;

CREATE TRIGGER authors_renamed_for_search AFTER UPDATE OF name ON authors WHEN OLD.name <> NEW.name BEGIN
    UPDATE search_entries SET version = version + 1, body = ''
    WHERE kind = 'article' AND ref_id IN (SELECT id FROM articles WHERE author_id = NEW.id);
END;

CREATE TRIGGER pages_inserted_for_search AFTER INSERT ON pages BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'page' AND ref_id = NEW.id;
    INSERT INTO search_entries (kind, ref_id) SELECT 'page', NEW.id
    WHERE NOT EXISTS (SELECT 1 FROM search_entries WHERE kind = 'page' AND ref_id = NEW.id);
END;

CREATE TRIGGER pages_updated_for_search AFTER UPDATE OF id, title, markdown, summary, language ON pages BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'page' AND ref_id IN (OLD.id, NEW.id);
    INSERT INTO search_entries (kind, ref_id) SELECT 'page', NEW.id
    WHERE NOT EXISTS (SELECT 1 FROM search_entries WHERE kind = 'page' AND ref_id = NEW.id);
END;

CREATE TRIGGER pages_replaced_for_search BEFORE INSERT ON pages BEGIN
    UPDATE search_entries SET version = version + 1, body = ''
    WHERE kind = 'page' AND ref_id IN (SELECT id FROM pages WHERE slug = NEW.slug);
END;

CREATE TRIGGER pages_deleted_for_search AFTER DELETE ON pages BEGIN
    UPDATE search_entries SET version = version + 1, body = '' WHERE kind = 'page' AND ref_id = OLD.id;
END;
