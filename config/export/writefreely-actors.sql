-- Exports the blogs of a WriteFreely as actors: ids, addresses, keys, followers and posts. It contains PRIVATE KEYS.
-- For MySQL and MariaDB. @host is "host" of config.ini, without a slash at its end. @single is 1 if config.ini says
-- single_user = true: then the blog's pages are at /SLUG, else at /BLOG/SLUG.
--
--     (echo "SET @host = 'https://example.org', @single = 0;"; cat writefreely-actors.sql) |
--       mysql --batch --raw --skip-column-names writefreely > actors.jsonl
SET time_zone = '+00:00';
SELECT JSON_OBJECT('format', 'pamphlet-actors', 'version', 1, 'software', 'writefreely', 'program', 'WriteFreely',
  'site', CONCAT(@host, '/'), 'exported', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ'));

SELECT JSON_OBJECT('kind', 'actor', 'key', CAST(c.id AS CHAR), 'type', 'blog', 'login', c.alias, 'name', c.title, 'handle', c.alias,
  'id', CONCAT(@host, '/api/collections/', c.alias), 'key_id', CONCAT(@host, '/api/collections/', c.alias, '#main-key'),
  'inbox', CONCAT(@host, '/api/collections/', c.alias, '/inbox'), 'outbox', CONCAT(@host, '/api/collections/', c.alias, '/outbox'),
  'followers', CONCAT(@host, '/api/collections/', c.alias, '/followers'),
  'following', CONCAT(@host, '/api/collections/', c.alias, '/following'),
  'addresses', IF(@single = 1, JSON_ARRAY(), JSON_ARRAY(CONCAT(@host, '/', c.alias, '/'))),
  'private_key', CONVERT(k.private_key USING utf8mb4), 'public_key', CONVERT(k.public_key USING utf8mb4))
FROM collections c JOIN collectionkeys k ON k.collection_id = c.id ORDER BY c.id;

SELECT JSON_OBJECT('kind', 'follower', 'actor', CAST(f.collection_id AS CHAR), 'id', r.actor_id, 'inbox', r.inbox,
  'shared_inbox', NULLIF(r.shared_inbox, ''), 'since', DATE_FORMAT(f.created, '%Y-%m-%dT%H:%i:%sZ'))
FROM remotefollows f JOIN remoteusers r ON r.id = f.remote_user_id ORDER BY f.collection_id, r.id;

SELECT JSON_OBJECT('kind', 'object', 'key', p.id, 'actor', CAST(p.collection_id AS CHAR),
  'id', CONCAT(@host, '/api/posts/', p.id), 'type', IF(INSTR(p.content, '\n\n') = 0, 'Note', 'Article'),
  'url', CONCAT(@host, '/', IF(@single = 1, '', CONCAT(c.alias, '/')), p.slug))
FROM posts p JOIN collections c ON c.id = p.collection_id
WHERE p.created <= UTC_TIMESTAMP() AND c.id IN (SELECT collection_id FROM collectionkeys) ORDER BY p.created, p.id;

SELECT JSON_OBJECT('kind', 'end');
