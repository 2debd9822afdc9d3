-- Exports the actor of a Ghost site from the database of its ActivityPub service (MySQL 8): its id, addresses, key,
-- followers and posts. The result contains the PRIVATE KEY.
--
--     (echo "SET @site = 'example.org';"; cat ghost-actors.sql) |
--       mysql --batch --raw --skip-column-names activitypub > actors.jsonl
--
-- @site is the host of the publication as the table sites has it. It reads only. Ghost(Pro) runs this service for its
-- customers and gives nobody the key: docs/adopting.md says what can be done then.
SET time_zone = '+00:00';
SELECT JSON_OBJECT('format', 'pamphlet-actors', 'version', 1, 'software', 'ghost', 'program', 'Ghost ActivityPub',
  'site', CONCAT(SUBSTRING_INDEX(a.ap_id, '/', 3), '/'), 'exported', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ'))
FROM sites s JOIN users u ON u.site_id = s.id JOIN accounts a ON a.id = u.account_id WHERE s.host = @site LIMIT 1;

-- The private key is a JSON Web Key.
SELECT JSON_OBJECT('kind', 'actor', 'key', CAST(a.id AS CHAR), 'type', 'blog', 'name', a.name, 'handle', a.username,
  'id', a.ap_id, 'key_id', CONCAT(a.ap_id, '#main-key'), 'inbox', a.ap_inbox_url, 'outbox', a.ap_outbox_url,
  'followers', a.ap_followers_url, 'following', a.ap_following_url, 'shared_inbox', a.ap_shared_inbox_url,
  'addresses', JSON_ARRAY(CONCAT(SUBSTRING_INDEX(a.ap_id, '/', 3), '/@', a.username)), 'private_key', a.ap_private_key)
FROM sites s JOIN users u ON u.site_id = s.id JOIN accounts a ON a.id = u.account_id WHERE s.host = @site;

SELECT JSON_OBJECT('kind', 'follower', 'actor', CAST(a.id AS CHAR), 'id', r.ap_id, 'inbox', r.ap_inbox_url,
  'shared_inbox', r.ap_shared_inbox_url, 'username', r.username, 'name', r.name, 'url', r.url,
  'since', DATE_FORMAT(f.created_at, '%Y-%m-%dT%H:%i:%sZ'))
FROM sites s JOIN users u ON u.site_id = s.id JOIN accounts a ON a.id = u.account_id
JOIN follows f ON f.following_id = a.id JOIN accounts r ON r.id = f.follower_id WHERE s.host = @site ORDER BY f.id;

-- Articles (type 1) have the uuid of Ghost's post in ghost_ap_post_mappings; older ones are found by their page.
SELECT JSON_OBJECT('kind', 'object', 'key', m.ghost_uuid, 'actor', CAST(a.id AS CHAR), 'id', p.ap_id, 'type', 'Article', 'url', p.url)
FROM sites s JOIN users u ON u.site_id = s.id JOIN accounts a ON a.id = u.account_id
JOIN posts p ON p.author_id = a.id LEFT JOIN ghost_ap_post_mappings m ON m.ap_id_hash = p.ap_id_hash
WHERE s.host = @site AND p.type = 1 AND p.deleted_at IS NULL ORDER BY p.id;

SELECT JSON_OBJECT('kind', 'end');
