-- Exports the blogs of a WriteFreely as actors: ids, addresses, keys, followers and posts. It contains PRIVATE KEYS.
-- For SQLite. Set both values of the first statement: "host" of config.ini, without a slash at its end, and 1 if
-- config.ini says single_user = true (then the blog's pages are at /SLUG), else 0.
--
--     sqlite3 writefreely.db < writefreely-actors.sqlite.sql > actors.jsonl
CREATE TEMP TABLE site AS SELECT 'https://example.org' AS host, 0 AS single;

SELECT json_object('format', 'pamphlet-actors', 'version', 1, 'software', 'writefreely', 'program', 'WriteFreely',
  'site', host || '/', 'exported', strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) FROM site;

SELECT json_object('kind', 'actor', 'key', CAST(c.id AS TEXT), 'type', 'blog', 'login', c.alias, 'name', c.title, 'handle', c.alias,
  'id', host || '/api/collections/' || c.alias, 'key_id', host || '/api/collections/' || c.alias || '#main-key',
  'inbox', host || '/api/collections/' || c.alias || '/inbox', 'outbox', host || '/api/collections/' || c.alias || '/outbox',
  'followers', host || '/api/collections/' || c.alias || '/followers',
  'following', host || '/api/collections/' || c.alias || '/following',
  'addresses', iif(single = 1, json_array(), json_array(host || '/' || c.alias || '/')),
  'private_key', CAST(k.private_key AS TEXT), 'public_key', CAST(k.public_key AS TEXT))
FROM site, collections c JOIN collectionkeys k ON k.collection_id = c.id ORDER BY c.id;

SELECT json_object('kind', 'follower', 'actor', CAST(f.collection_id AS TEXT), 'id', r.actor_id, 'inbox', r.inbox,
  'shared_inbox', nullif(r.shared_inbox, ''), 'since', strftime('%Y-%m-%dT%H:%M:%SZ', f.created))
FROM remotefollows f JOIN remoteusers r ON r.id = f.remote_user_id ORDER BY f.collection_id, r.id;

SELECT json_object('kind', 'object', 'key', p.id, 'actor', CAST(p.collection_id AS TEXT), 'id', host || '/api/posts/' || p.id,
  'type', iif(instr(p.content, char(10) || char(10)) = 0, 'Note', 'Article'),
  'url', host || '/' || iif(single = 1, '', c.alias || '/') || p.slug)
FROM site, posts p JOIN collections c ON c.id = p.collection_id
WHERE p.created <= datetime('now') AND c.id IN (SELECT collection_id FROM collectionkeys) ORDER BY p.created, p.id;

SELECT json_object('kind', 'end');
