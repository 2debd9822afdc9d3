-- Static pages, and the pictures and links of authors. The same numbered step stands in ../postgres/.

-- Public: other programs may write it, as docs/database.md says.
CREATE TABLE pages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    slug        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL CHECK (title <> ''),
    markdown    TEXT NOT NULL,
    summary     TEXT,
    language    TEXT,
    -- The menu that links to the page; NULL for none.
    menu        TEXT CHECK (menu IN ('header', 'footer')),
    -- Smaller numbers come first in the menu.
    position    BIGINT NOT NULL DEFAULT 0,
    image_url   TEXT,
    image_alt   TEXT,
    created_at  BIGINT NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
    updated_at  BIGINT,
    CONSTRAINT slug_has_a_to_z_digits_and_single_hyphens CHECK (length(slug) BETWEEN 1 AND 100
        AND slug NOT GLOB '*[^a-z0-9-]*' AND slug NOT GLOB '-*' AND slug NOT GLOB '*-' AND slug NOT GLOB '*--*'),
    CONSTRAINT times_are_in_milliseconds
        CHECK (typeof(created_at) = 'integer' AND typeof(updated_at) IN ('integer', 'null')),
    CONSTRAINT position_is_an_integer CHECK (typeof(position) = 'integer'),
    CONSTRAINT texts_are_no_blobs CHECK ('blob' NOT IN (typeof(slug), typeof(title), typeof(markdown), typeof(summary),
        typeof(language), typeof(image_url), typeof(image_alt)))
);

-- Every slug that a page had: former addresses redirect. A page that was deleted has no id but the time of its end.
CREATE TABLE page_slugs (
    slug     TEXT PRIMARY KEY,
    page_id  BIGINT,
    gone_at  BIGINT
);
CREATE INDEX page_slugs_by_page ON page_slugs (page_id);

-- The conflict clause of an outer statement (INSERT OR FAIL) would count for one here.
CREATE TRIGGER pages_inserted AFTER INSERT ON pages BEGIN
    DELETE FROM page_slugs WHERE slug = NEW.slug;
    INSERT INTO page_slugs (slug, page_id) VALUES (NEW.slug, NEW.id);
END;

CREATE TRIGGER pages_renamed AFTER UPDATE OF slug ON pages BEGIN
    DELETE FROM page_slugs WHERE slug = NEW.slug;
    INSERT INTO page_slugs (slug, page_id) VALUES (NEW.slug, NEW.id);
END;

CREATE TRIGGER pages_deleted AFTER DELETE ON pages BEGIN
    UPDATE page_slugs SET page_id = NULL, gone_at = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE page_id = OLD.id;
END;

ALTER TABLE authors ADD COLUMN picture_url TEXT CHECK (typeof(picture_url) <> 'blob');
ALTER TABLE authors ADD COLUMN picture_alt TEXT CHECK (typeof(picture_alt) <> 'blob');
-- A JSON list of objects with `label` and `url`.
ALTER TABLE authors ADD COLUMN links TEXT NOT NULL DEFAULT '[]' CHECK (typeof(links) <> 'blob');

-- Related articles: the newest ones with a tag.
CREATE INDEX article_tags_by_tag_and_article ON article_tags (tag, article_id);
DROP INDEX article_tags_by_tag;
-- The page of the publication's notes.
CREATE INDEX notes_by_date ON notes (state, published_at DESC, id DESC);
