-- The bin of deleted articles and pages, and the versions of all. The same numbered step stands in ../postgres/.

-- Articles and pages that were deleted by a command. They can be restored for 30 days.
CREATE TABLE bin (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('article', 'page')),
    -- The row's former id, which it gets back, and the uid of an article, which it does not.
    row_id      BIGINT NOT NULL,
    uid         TEXT,
    slug        TEXT NOT NULL,
    title       TEXT NOT NULL,
    deleted_at  BIGINT NOT NULL,
    -- The row as JSON, by column.
    content     TEXT NOT NULL
);
CREATE INDEX bin_by_slug ON bin (kind, slug);
CREATE INDEX bin_by_time ON bin (deleted_at);

-- Rows of other tables that belong to them: comments, reactions, tags. What is about a person ends with that person.
CREATE TABLE bin_rows (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    bin_id      BIGINT NOT NULL REFERENCES bin (id) ON DELETE CASCADE,
    -- The table.
    origin      TEXT NOT NULL,
    row_id      BIGINT,
    uri         TEXT,
    actor_id    BIGINT REFERENCES remote_actors (id) ON DELETE CASCADE,
    guest_id    BIGINT REFERENCES guests (id) ON DELETE CASCADE,
    content     TEXT NOT NULL
);
CREATE INDEX bin_rows_by_bin ON bin_rows (bin_id, origin);
CREATE INDEX bin_rows_by_uri ON bin_rows (uri) WHERE uri IS NOT NULL;
CREATE INDEX bin_rows_by_actor ON bin_rows (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX bin_rows_by_guest ON bin_rows (guest_id) WHERE guest_id IS NOT NULL;

-- What every article was, after each change by any program. The newest version is what the article is now; the number
-- and size of the others are limited.
CREATE TABLE article_versions (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id       BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    -- From 1, for each article.
    number           BIGINT NOT NULL,
    -- NULL for what was there before versions were kept.
    made_at          BIGINT,
    -- Who made it, if known.
    made_by          TEXT,
    slug             TEXT NOT NULL,
    title            TEXT NOT NULL,
    markdown         TEXT NOT NULL,
    author_id        BIGINT,
    byline           TEXT NOT NULL,
    summary          TEXT,
    language         TEXT,
    image_url        TEXT,
    image_alt        TEXT,
    federate         TEXT,
    federate_summary TEXT,
    pictures         TEXT,
    comments         TEXT NOT NULL,
    comment_policy   TEXT,
    comment_days     BIGINT,
    pings            TEXT NOT NULL,
    quotes           TEXT,
    sensitive        BOOLEAN NOT NULL,
    content_warning  TEXT,
    status           TEXT NOT NULL,
    published_at     BIGINT NOT NULL,
    updated_at       BIGINT,
    -- One in each line.
    tags             TEXT NOT NULL
);
CREATE INDEX article_versions_by_article ON article_versions (article_id, id);

CREATE TABLE page_versions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id    BIGINT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    made_at    BIGINT,
    made_by    TEXT,
    slug       TEXT NOT NULL,
    title      TEXT NOT NULL,
    markdown   TEXT NOT NULL,
    summary    TEXT,
    language   TEXT,
    menu       TEXT,
    position   BIGINT NOT NULL,
    image_url  TEXT,
    image_alt  TEXT
);
CREATE INDEX page_versions_by_page ON page_versions (page_id, id);

INSERT INTO article_versions (article_id, number, tags,
    slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
    federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
    content_warning, status, published_at, updated_at)
SELECT a.id, 1, COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
    a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
    a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings, a.quotes,
    a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
FROM articles a ORDER BY a.id;

INSERT INTO page_versions (page_id, number,
    slug, title, markdown, summary, language, menu, position, image_url, image_alt)
SELECT id, 1, slug, title, markdown, summary, language, menu, position, image_url, image_alt FROM pages ORDER BY id;

-- The conflict clause of an outer statement (INSERT OR FAIL) would count for one here: nothing here can conflict.
CREATE TRIGGER articles_inserted_with_version AFTER INSERT ON articles BEGIN
    INSERT INTO article_versions (article_id, number, made_at, tags,
        slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
        federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
        content_warning, status, published_at, updated_at)
    SELECT a.id, COALESCE((SELECT MAX(number) FROM article_versions WHERE article_id = a.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
        a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
        a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings,
        a.quotes, a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
    FROM articles a WHERE a.id = NEW.id;
END;

CREATE TRIGGER articles_updated_with_version
AFTER UPDATE OF slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
    federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
    content_warning, status, published_at, updated_at ON articles
WHEN OLD.slug IS NOT NEW.slug
    OR OLD.title IS NOT NEW.title
    OR OLD.markdown IS NOT NEW.markdown
    OR OLD.author_id IS NOT NEW.author_id
    OR OLD.byline IS NOT NEW.byline
    OR OLD.summary IS NOT NEW.summary
    OR OLD.language IS NOT NEW.language
    OR OLD.image_url IS NOT NEW.image_url
    OR OLD.image_alt IS NOT NEW.image_alt
    OR OLD.federate IS NOT NEW.federate
    OR OLD.federate_summary IS NOT NEW.federate_summary
    OR OLD.pictures IS NOT NEW.pictures
    OR OLD.comments IS NOT NEW.comments
    OR OLD.comment_policy IS NOT NEW.comment_policy
    OR OLD.comment_days IS NOT NEW.comment_days
    OR OLD.pings IS NOT NEW.pings
    OR OLD.quotes IS NOT NEW.quotes
    OR OLD.sensitive IS NOT NEW.sensitive
    OR OLD.content_warning IS NOT NEW.content_warning
    OR OLD.status IS NOT NEW.status
    OR OLD.published_at IS NOT NEW.published_at
    OR OLD.updated_at IS NOT NEW.updated_at
BEGIN
    INSERT INTO article_versions (article_id, number, made_at, tags,
        slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
        federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
        content_warning, status, published_at, updated_at)
    SELECT a.id, COALESCE((SELECT MAX(number) FROM article_versions WHERE article_id = a.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
        a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
        a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings,
        a.quotes, a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
    FROM articles a WHERE a.id = NEW.id;
    DELETE FROM article_versions WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place,
                SUM(LENGTH(markdown)) OVER (ORDER BY id DESC) AS size
            FROM article_versions WHERE article_id = NEW.id
        ) AS versions WHERE place > 1 AND (place > 100 OR size > 8000000)
    );
END;

-- Other programs may leave foreign keys off, so that nothing cascades.
CREATE TRIGGER articles_deleted_with_versions AFTER DELETE ON articles BEGIN
    DELETE FROM article_versions WHERE article_id = OLD.id;
END;

-- Tags that change within a second of a version belong to it.
CREATE TRIGGER article_tags_inserted_with_version AFTER INSERT ON article_tags BEGIN
    UPDATE article_versions SET tags = COALESCE(
        (SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = NEW.article_id), '')
    WHERE id = (SELECT MAX(id) FROM article_versions WHERE article_id = NEW.article_id)
        AND made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000;
    INSERT INTO article_versions (article_id, number, made_at, tags,
        slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
        federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
        content_warning, status, published_at, updated_at)
    SELECT a.id, COALESCE((SELECT MAX(number) FROM article_versions WHERE article_id = a.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
        a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
        a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings,
        a.quotes, a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
    FROM articles a WHERE a.id = NEW.article_id
        AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.article_id = a.id
            AND v.made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000);
    DELETE FROM article_versions WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place,
                SUM(LENGTH(markdown)) OVER (ORDER BY id DESC) AS size
            FROM article_versions WHERE article_id = NEW.article_id
        ) AS versions WHERE place > 1 AND (place > 100 OR size > 8000000)
    );
END;

-- Tags that change within a second of a version belong to it.
CREATE TRIGGER article_tags_updated_with_version AFTER UPDATE OF tag ON article_tags BEGIN
    UPDATE article_versions SET tags = COALESCE(
        (SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = NEW.article_id), '')
    WHERE id = (SELECT MAX(id) FROM article_versions WHERE article_id = NEW.article_id)
        AND made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000;
    INSERT INTO article_versions (article_id, number, made_at, tags,
        slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
        federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
        content_warning, status, published_at, updated_at)
    SELECT a.id, COALESCE((SELECT MAX(number) FROM article_versions WHERE article_id = a.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
        a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
        a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings,
        a.quotes, a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
    FROM articles a WHERE a.id = NEW.article_id
        AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.article_id = a.id
            AND v.made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000);
    DELETE FROM article_versions WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place,
                SUM(LENGTH(markdown)) OVER (ORDER BY id DESC) AS size
            FROM article_versions WHERE article_id = NEW.article_id
        ) AS versions WHERE place > 1 AND (place > 100 OR size > 8000000)
    );
END;

-- Tags that change within a second of a version belong to it.
CREATE TRIGGER article_tags_deleted_with_version AFTER DELETE ON article_tags BEGIN
    UPDATE article_versions SET tags = COALESCE(
        (SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = OLD.article_id), '')
    WHERE id = (SELECT MAX(id) FROM article_versions WHERE article_id = OLD.article_id)
        AND made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000;
    INSERT INTO article_versions (article_id, number, made_at, tags,
        slug, title, markdown, author_id, byline, summary, language, image_url, image_alt, federate,
        federate_summary, pictures, comments, comment_policy, comment_days, pings, quotes, sensitive,
        content_warning, status, published_at, updated_at)
    SELECT a.id, COALESCE((SELECT MAX(number) FROM article_versions WHERE article_id = a.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        COALESCE((SELECT group_concat(t.tag, char(10)) FROM article_tags t WHERE t.article_id = a.id), ''),
        a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language, a.image_url, a.image_alt,
        a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days, a.pings,
        a.quotes, a.sensitive, a.content_warning, a.status, a.published_at, a.updated_at
    FROM articles a WHERE a.id = OLD.article_id
        AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.article_id = a.id
            AND v.made_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000);
    DELETE FROM article_versions WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place,
                SUM(LENGTH(markdown)) OVER (ORDER BY id DESC) AS size
            FROM article_versions WHERE article_id = OLD.article_id
        ) AS versions WHERE place > 1 AND (place > 100 OR size > 8000000)
    );
END;

CREATE TRIGGER pages_inserted_with_version AFTER INSERT ON pages BEGIN
    INSERT INTO page_versions (page_id, number, made_at,
        slug, title, markdown, summary, language, menu, position, image_url, image_alt)
    SELECT p.id, COALESCE((SELECT MAX(number) FROM page_versions WHERE page_id = p.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        p.slug, p.title, p.markdown, p.summary, p.language, p.menu, p.position, p.image_url, p.image_alt
    FROM pages p WHERE p.id = NEW.id;
END;

CREATE TRIGGER pages_updated_with_version
AFTER UPDATE OF slug, title, markdown, summary, language, menu, position, image_url, image_alt ON pages
WHEN OLD.slug IS NOT NEW.slug
    OR OLD.title IS NOT NEW.title
    OR OLD.markdown IS NOT NEW.markdown
    OR OLD.summary IS NOT NEW.summary
    OR OLD.language IS NOT NEW.language
    OR OLD.menu IS NOT NEW.menu
    OR OLD.position IS NOT NEW.position
    OR OLD.image_url IS NOT NEW.image_url
    OR OLD.image_alt IS NOT NEW.image_alt
BEGIN
    INSERT INTO page_versions (page_id, number, made_at,
        slug, title, markdown, summary, language, menu, position, image_url, image_alt)
    SELECT p.id, COALESCE((SELECT MAX(number) FROM page_versions WHERE page_id = p.id), 0) + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        p.slug, p.title, p.markdown, p.summary, p.language, p.menu, p.position, p.image_url, p.image_alt
    FROM pages p WHERE p.id = NEW.id;
    DELETE FROM page_versions WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place,
                SUM(LENGTH(markdown)) OVER (ORDER BY id DESC) AS size
            FROM page_versions WHERE page_id = NEW.id
        ) AS versions WHERE place > 1 AND (place > 100 OR size > 8000000)
    );
END;

CREATE TRIGGER pages_deleted_with_versions AFTER DELETE ON pages BEGIN
    DELETE FROM page_versions WHERE page_id = OLD.id;
END;
