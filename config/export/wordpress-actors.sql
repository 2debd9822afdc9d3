-- Exports the actors of a WordPress with the ActivityPub plugin, where no PHP can be run: see wordpress-actors.php, which
-- is better, because it asks the plugin. The result contains PRIVATE KEYS. For MariaDB 10.5 and MySQL 8.0 or later:
--
--     mysql --batch --raw --skip-column-names DATABASE < wordpress-actors.sql > actors.jsonl
--
-- If your tables have another prefix than wp_: sed s/wp_/PREFIX_/g. It reads only. It takes the ids that the plugin uses
-- unless told otherwise (/?author=1, /?p=12), and those by permalink where the plugin's own notes say so. Data of a
-- version before 4 has no such notes: its actors are named by their pages here, and its posts are left out. Use the PHP.
SET time_zone = '+00:00';
SET @home = (SELECT CONCAT(TRIM(TRAILING '/' FROM option_value), '/') FROM wp_options WHERE option_name = 'home');
SET @host = SUBSTRING_INDEX(SUBSTRING_INDEX(@home, '/', 3), '//', -1);
SET @host = IF(@host LIKE 'www.%', SUBSTRING(@host, 5), @host);
SET @blog = COALESCE((SELECT NULLIF(option_value, '') FROM wp_options WHERE option_name = 'activitypub_blog_identifier'), @host);
SET @rest = CONCAT(@home, 'wp-json/activitypub/1.0/');
SET @type = (SELECT option_value FROM wp_options WHERE option_name = 'activitypub_object_type');
-- Versions before 4 named actors and posts by their pages, and had an option for each kind of actor.
SET @old = (SELECT COUNT(*) = 0 FROM wp_options WHERE option_name = 'activitypub_last_post_with_permalink_as_id')
  AND CAST(SUBSTRING_INDEX(COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'activitypub_db_version'), '0'),
    '.', 1) AS UNSIGNED) < 4;
SET @actors = CONCAT(@rest, IF(@old, 'users/', 'actors/'));
SET @mode = COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'activitypub_actor_mode'),
  IF(COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'activitypub_enable_blog_user'), '0') <> '1', 'actor',
    IF(COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'activitypub_enable_users'), '1') = '1',
      'actor_blog', 'blog')));

SELECT JSON_OBJECT('format', 'pamphlet-actors', 'version', 1, 'software', 'wordpress', 'program',
  CONCAT('WordPress (by SQL)', IF(@old, ', data from before version 4: posts are missing, use wordpress-actors.php', '')),
  'site', @home, 'exported', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ'));

-- The blog. The values of the option are serialized by PHP: the import finds the PEM in them.
SELECT JSON_OBJECT('kind', 'actor', 'key', '0', 'type', 'blog',
  'name', (SELECT option_value FROM wp_options WHERE option_name = 'blogname'), 'handle', @blog,
  'id', @id, 'key_id', CONCAT(@id, '#main-key'),
  'inbox', CONCAT(@actors, '0/inbox'), 'outbox', CONCAT(@actors, '0/outbox'),
  'followers', CONCAT(@actors, '0/followers'), 'following', CONCAT(@actors, '0/following'),
  'featured', CONCAT(@actors, '0/collections/featured'), 'shared_inbox', CONCAT(@rest, 'inbox'),
  'addresses', JSON_ARRAY(CONCAT(@home, '?author=0'), CONCAT(@home, '@', @blog), CONCAT(@rest, 'actors/0'), CONCAT(@rest, 'users/0')),
  'inboxes', JSON_ARRAY(CONCAT(@rest, 'actors/0/inbox'), CONCAT(@rest, 'users/0/inbox')),
  'private_key', COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'activitypub_keypair_for_0'),
    (SELECT option_value FROM wp_options WHERE option_name = 'activitypub_blog_user_private_key')))
FROM (SELECT @id := IF(@old OR EXISTS (SELECT 1 FROM wp_options WHERE option_name = 'activitypub_use_permalink_as_id_for_blog'
  AND option_value = '1'), CONCAT(@home, '@', @blog), CONCAT(@home, '?author=0'))) AS ids
WHERE @mode <> 'actor';

-- The users with a key pair.
SELECT JSON_OBJECT('kind', 'actor', 'key', CAST(u.ID AS CHAR), 'type', 'user', 'login', u.user_login, 'name', u.display_name,
  'handle', u.user_login, 'id', u.uri, 'key_id', CONCAT(u.uri, '#main-key'),
  'inbox', CONCAT(@actors, u.ID, '/inbox'), 'outbox', CONCAT(@actors, u.ID, '/outbox'),
  'followers', CONCAT(@actors, u.ID, '/followers'), 'following', CONCAT(@actors, u.ID, '/following'),
  'featured', CONCAT(@actors, u.ID, '/collections/featured'), 'shared_inbox', CONCAT(@rest, 'inbox'),
  'addresses', JSON_ARRAY(CONCAT(@home, '?author=', u.ID), CONCAT(@home, 'author/', u.user_nicename, '/'),
    CONCAT(@home, '@', u.user_login), CONCAT(@rest, 'actors/', u.ID), CONCAT(@rest, 'users/', u.ID)),
  'inboxes', JSON_ARRAY(CONCAT(@rest, 'actors/', u.ID, '/inbox'), CONCAT(@rest, 'users/', u.ID, '/inbox')),
  'private_key', u.pair)
FROM (SELECT w.ID, w.user_login, w.user_nicename, w.display_name,
    IF(@old OR EXISTS (SELECT 1 FROM wp_usermeta m WHERE m.user_id = w.ID
        AND m.meta_key IN ('activitypub_use_permalink_as_id', 'wp_activitypub_use_permalink_as_id') AND m.meta_value = '1'),
      CONCAT(@home, 'author/', w.user_nicename, '/'), CONCAT(@home, '?author=', w.ID)) AS uri,
    COALESCE((SELECT o.option_value FROM wp_options o
        WHERE o.option_name = CONCAT('activitypub_keypair_for_', w.user_nicename)),
      (SELECT m.meta_value FROM wp_usermeta m WHERE m.user_id = w.ID AND m.meta_key = 'magic_sig_private_key' LIMIT 1)) AS pair
  FROM wp_users w) AS u
WHERE u.pair IS NOT NULL AND @mode <> 'blog' ORDER BY u.ID;

-- The followers, in the layouts of all versions.
SELECT JSON_OBJECT('kind', 'follower', 'actor', m.meta_value, 'id', REPLACE(p.guid, '&#038;', '&'),
  'inbox', (SELECT i.meta_value FROM wp_postmeta i WHERE i.post_id = p.ID
    AND i.meta_key IN ('activitypub_inbox', '_activitypub_inbox') AND i.meta_value <> '' LIMIT 1),
  'name', p.post_title, 'since', DATE_FORMAT(p.post_date_gmt, '%Y-%m-%dT%H:%i:%sZ'))
FROM wp_posts p JOIN wp_postmeta m ON m.post_id = p.ID
WHERE p.post_type IN ('ap_follower', 'ap_actor') AND p.post_status <> 'trash'
  AND m.meta_key IN ('activitypub_user_id', '_activitypub_user_id', '_activitypub_following')
ORDER BY m.meta_id;

-- The posts. Those before the version that named posts by number have their permalink as id, which only PHP can make:
-- they are left out.
SELECT JSON_OBJECT('kind', 'object', 'key', CAST(p.ID AS CHAR), 'actor', IF(@mode = 'blog', '0', CAST(p.post_author AS CHAR)),
  'id', CONCAT(@home, '?p=', p.ID), 'type', CASE WHEN @type = 'wordpress-post-format'
    THEN IF(p.post_title = '' OR LENGTH(REGEXP_REPLACE(p.post_content, '<[^>]*>', '')) <= 400, 'Note', 'Article')
    WHEN @type = 'article' THEN 'Article' WHEN @type = 'note' THEN 'Note' END)
FROM wp_posts p
WHERE NOT @old AND p.post_type = 'post' AND p.post_status = 'publish' AND p.post_password = ''
  AND p.ID > COALESCE((SELECT CAST(option_value AS UNSIGNED) FROM wp_options
    WHERE option_name = 'activitypub_last_post_with_permalink_as_id'), 0)
  AND NOT EXISTS (SELECT 1 FROM wp_postmeta v WHERE v.post_id = p.ID
    AND v.meta_key = 'activitypub_content_visibility' AND v.meta_value IN ('local', 'private'))
ORDER BY p.ID;

SELECT JSON_OBJECT('kind', 'end');
