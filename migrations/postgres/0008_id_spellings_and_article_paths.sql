-- How others spell an id, where that is not its canonical form (RFC 3986 6.2.2). Other tables keep the spelling
-- that came first, since that is what is sent back; this one finds it by the canonical form.
CREATE TABLE spellings (
    id        TEXT PRIMARY KEY,
    spelling  TEXT NOT NULL
);

-- Every path at which an article stood. Addresses stay for ever.
CREATE TABLE article_paths (
    path         TEXT PRIMARY KEY,
    article_uid  TEXT NOT NULL
);
CREATE INDEX article_paths_by_article ON article_paths (article_uid);

INSERT INTO article_paths (path, article_uid)
SELECT path, article_uid FROM publications
ORDER BY CASE state WHEN 'live' THEN 0 ELSE 1 END, gone_at DESC
ON CONFLICT DO NOTHING;

-- Where articles stood before, as it was told then.
INSERT INTO article_paths (path, article_uid)
SELECT substring(told.url FROM '^https?://[^/]+(/.*)$'), told.article_uid FROM (
    SELECT a.id, a.body::json #>> '{object,url}' AS url, p.article_uid FROM activities a
    JOIN publications p ON p.article_uid = substring(a.object_uri FROM '/articles/([^/]+)$')
    WHERE a.kind IN ('Create', 'Update') AND a.object_uri LIKE '%/articles/%'
) told WHERE told.url LIKE 'http%://%/____/__/%'
ORDER BY told.id DESC
ON CONFLICT DO NOTHING;
