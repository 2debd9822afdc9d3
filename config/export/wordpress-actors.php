<?php
/**
 * Exports the actors of a WordPress with the ActivityPub plugin: ids, handles, addresses, keys, followers and posts.
 *
 * The result has one JSON object a line, and is what "pamphlet import wordpress --actor FILE" reads. It contains PRIVATE
 * KEYS: whoever has them can write as you. Keep the file to yourself and delete it after the import.
 *
 *     wp eval-file wordpress-actors.php > actors.jsonl
 *     php wordpress-actors.php /var/www/html > actors.jsonl     (the folder with wp-load.php)
 *
 * One site of several (multisite) is named by its host:
 *
 *     wp --url=example.org eval-file wordpress-actors.php > actors.jsonl
 *     HTTP_HOST=example.org php wordpress-actors.php /var/www/html > actors.jsonl
 *
 * It reads only, knows the layouts of the plugin from version 1 to 9, and works with the plugin switched off.
 */

if ( ! defined( 'ABSPATH' ) ) {
	if ( PHP_SAPI !== 'cli' ) {
		exit;
	}
	$pamphlet_folder = isset( $argv[1] ) ? rtrim( $argv[1], '/' ) : getcwd();
	if ( ! is_file( $pamphlet_folder . '/wp-load.php' ) ) {
		fwrite( STDERR, "There is no wp-load.php in $pamphlet_folder. Name the folder of WordPress.\n" );
		exit( 1 );
	}
	$_SERVER['HTTP_HOST']       = isset( $_SERVER['HTTP_HOST'] ) ? $_SERVER['HTTP_HOST'] : 'localhost';
	$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
	require $pamphlet_folder . '/wp-load.php';
}

if ( PHP_SAPI !== 'cli' ) {
	exit;
}

/** Prints one line. */
function pamphlet_line( array $line ) {
	echo wp_json_encode( array_filter( $line, 'pamphlet_is_known' ), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ), "\n";
}

/** Whether a value says something. */
function pamphlet_is_known( $value ) {
	return null !== $value && '' !== $value && array() !== $value;
}

/**
 * Whether the data is of a version before 4, which named actors and posts by their pages. Version 4 notes which ones have
 * such an id. That note is missing here, and so nothing may be named by number.
 */
function pamphlet_is_old() {
	return version_compare( (string) get_option( 'activitypub_db_version', '0' ), '4.0.0', '<' )
		&& false === get_option( 'activitypub_last_post_with_permalink_as_id' );
}

/** The actors that are switched on: "actor", "blog" or "actor_blog". Old versions had an option for each kind. */
function pamphlet_mode() {
	if ( defined( 'ACTIVITYPUB_SINGLE_USER_MODE' ) && ACTIVITYPUB_SINGLE_USER_MODE ) {
		return 'blog';
	}
	$mode = get_option( 'activitypub_actor_mode' );
	if ( $mode ) {
		return $mode;
	}
	if ( '1' !== (string) get_option( 'activitypub_enable_blog_user', '0' ) ) {
		return 'actor';
	}
	return '1' === (string) get_option( 'activitypub_enable_users', '1' ) ? 'actor_blog' : 'blog';
}

/** An address of the plugin's REST routes. */
function pamphlet_rest( $path ) {
	return get_rest_url( null, 'activitypub/1.0/' . $path );
}

/** The key pair of an actor: the layout since 1.1, then the one before. Never makes a new pair. */
function pamphlet_keys( $id, $login ) {
	$pair = get_option( 'activitypub_keypair_for_' . ( $id > 0 ? sanitize_title( $login ) : '0' ) );
	if ( is_array( $pair ) && ! empty( $pair['private_key'] ) ) {
		return array( $pair['private_key'], isset( $pair['public_key'] ) ? $pair['public_key'] : null );
	}
	if ( $id > 0 ) {
		$private = get_user_meta( $id, 'magic_sig_private_key', true );
		$public  = get_user_meta( $id, 'magic_sig_public_key', true );
	} else {
		$private = get_option( 'activitypub_blog_user_private_key' );
		$public  = get_option( 'activitypub_blog_user_public_key' );
	}
	return array( is_string( $private ) ? $private : null, is_string( $public ) ? $public : null );
}

/** The plugin's own object for an actor, if it is active and lets this actor be. */
function pamphlet_model( $id ) {
	try {
		if ( 0 === $id && class_exists( '\Activitypub\Model\Blog' ) ) {
			return new \Activitypub\Model\Blog();
		}
		if ( $id > 0 && method_exists( '\Activitypub\Model\User', 'from_wp_user' ) ) {
			$model = \Activitypub\Model\User::from_wp_user( $id );
			return is_wp_error( $model ) ? null : $model;
		}
	} catch ( \Throwable $error ) {
		fwrite( STDERR, 'The plugin could not name actor ' . $id . ': ' . $error->getMessage() . "\n" );
	}
	return null;
}

/** What the plugin says, or what it would say by default. */
function pamphlet_said( $model, $method, $default ) {
	try {
		$said = $model ? $model->$method() : null;
	} catch ( \Throwable $error ) {
		$said = null;
	}
	return is_string( $said ) && '' !== $said ? html_entity_decode( $said, ENT_QUOTES, 'UTF-8' ) : $default;
}

/** Prints an actor: 0 is the blog, others are users. */
function pamphlet_actor( $id, $user ) {
	$home  = trailingslashit( home_url() );
	$model = pamphlet_model( $id );
	if ( $user ) {
		$handle  = get_user_option( 'activitypub_user_identifier', $id );
		$handle  = $handle ? $handle : $user->user_login;
		$profile = get_author_posts_url( $id );
		$by_url  = pamphlet_is_old() || '1' === (string) get_user_option( 'activitypub_use_permalink_as_id', $id );
	} else {
		$handle  = get_option( 'activitypub_blog_identifier' );
		$handle  = $handle ? $handle : preg_replace( '/^www\./i', '', wp_parse_url( $home, PHP_URL_HOST ) );
		$profile = $home . '@' . $handle;
		$by_url  = pamphlet_is_old() || (bool) get_option( 'activitypub_use_permalink_as_id_for_blog', false );
	}
	$handle = pamphlet_said( $model, 'get_preferred_username', $handle );
	$uri    = pamphlet_said( $model, 'get_id', $by_url ? $profile : add_query_arg( 'author', $id, $home ) );
	list( $private, $public ) = pamphlet_keys( $id, $user ? $user->user_login : '' );

	// Everything under which other servers may know this actor. Versions before 4 had users/ where actors/ is now.
	$addresses = array( add_query_arg( 'author', $id, $home ), $profile, $home . '@' . $handle, pamphlet_rest( "actors/$id" ), pamphlet_rest( "users/$id" ) );
	if ( $user ) {
		$addresses[] = $home . '@' . $user->user_login;
		$addresses[] = $home . '@' . $user->user_nicename;
	}
	$inboxes = array( pamphlet_rest( "actors/$id/inbox" ), pamphlet_rest( "users/$id/inbox" ) );
	$folder  = pamphlet_is_old() ? "users/$id" : "actors/$id";
	$inbox   = pamphlet_said( $model, 'get_inbox', pamphlet_rest( "$folder/inbox" ) );
	$outbox  = pamphlet_said( $model, 'get_outbox', pamphlet_rest( "$folder/outbox" ) );
	$known   = pamphlet_said( $model, 'get_followers', pamphlet_rest( "$folder/followers" ) );
	$follows = pamphlet_said( $model, 'get_following', pamphlet_rest( "$folder/following" ) );
	$pinned  = pamphlet_said( $model, 'get_featured', pamphlet_rest( "$folder/collections/featured" ) );
	$aliases = $user ? get_user_option( 'activitypub_also_known_as', $id ) : get_option( 'activitypub_blog_user_also_known_as' );
	pamphlet_line(
		array(
			'kind'              => 'actor',
			'key'               => (string) $id,
			'type'              => $user ? 'user' : 'blog',
			'login'             => $user ? $user->user_login : null,
			'name'              => $user ? $user->display_name : get_bloginfo( 'name' ),
			'handle'            => $handle,
			'id'                => $uri,
			'inbox'             => $inbox,
			'outbox'            => $outbox,
			'followers'         => $known,
			'following'         => $follows,
			'featured'          => $pinned,
			'shared_inbox'      => pamphlet_rest( 'inbox' ),
			'addresses'         => array_values( array_unique( $addresses ) ),
			'inboxes'           => array_values( array_unique( $inboxes ) ),
			'also_known_as'     => is_array( $aliases ) ? array_values( $aliases ) : null,
			'key_id'            => $uri . '#main-key',
			'private_key'       => $private,
			'public_key'        => $public,
		)
	);
}

/** A value of a post. The names of values begin with an underscore since version 4.1. */
function pamphlet_meta( $id, $name ) {
	$value = get_post_meta( $id, '_' . $name, true );
	return $value ? $value : get_post_meta( $id, $name, true );
}

/** Prints the followers of all actors, 500 at a time: "ap_follower" until version 6, "ap_actor" since 7. */
function pamphlet_followers() {
	global $wpdb;
	$last = 0;
	do {
		// phpcs:ignore WordPress.DB
		$rows = $wpdb->get_results(
			$wpdb->prepare(
				"SELECT m.meta_id, m.meta_value AS actor, p.ID, p.guid, p.post_content, p.post_date_gmt
				FROM {$wpdb->postmeta} m JOIN {$wpdb->posts} p ON p.ID = m.post_id
				WHERE p.post_type IN ('ap_follower', 'ap_actor')
					AND m.meta_key IN ('activitypub_user_id', '_activitypub_user_id', '_activitypub_following')
					AND p.post_status <> 'trash' AND m.meta_id > %d
				ORDER BY m.meta_id LIMIT 500",
				$last
			)
		);
		foreach ( $rows as $row ) {
			$last  = (int) $row->meta_id;
			$json  = $row->post_content ? $row->post_content : pamphlet_meta( $row->ID, 'activitypub_actor_json' );
			$actor = is_string( $json ) ? json_decode( $json, true ) : null;
			// Version 4 stored some with the slashes of its own escaping.
			$actor = null === $actor && is_string( $json ) ? json_decode( wp_unslash( $json ), true ) : $actor;
			$actor = is_array( $actor ) ? $actor : array();
			$inbox = pamphlet_meta( $row->ID, 'activitypub_inbox' );
			pamphlet_line(
				array(
					'kind'         => 'follower',
					'actor'        => (string) $row->actor,
					// The guid has been through WordPress's escaping.
					'id'           => isset( $actor['id'] ) ? $actor['id'] : html_entity_decode( $row->guid, ENT_QUOTES, 'UTF-8' ),
					'inbox'        => isset( $actor['inbox'] ) ? $actor['inbox'] : $inbox,
					'shared_inbox' => isset( $actor['endpoints']['sharedInbox'] ) ? $actor['endpoints']['sharedInbox'] : null,
					'username'     => isset( $actor['preferredUsername'] ) && is_string( $actor['preferredUsername'] ) ? $actor['preferredUsername'] : null,
					'name'         => isset( $actor['name'] ) && is_string( $actor['name'] ) ? $actor['name'] : null,
					'url'          => isset( $actor['url'] ) && is_string( $actor['url'] ) ? $actor['url'] : null,
					'since'        => '0000-00-00 00:00:00' === $row->post_date_gmt ? null : str_replace( ' ', 'T', $row->post_date_gmt ) . 'Z',
				)
			);
			wp_cache_delete( $row->ID, 'post_meta' );
		}
	} while ( 500 === count( $rows ) );
}

/** The type of a post: servers like Mastodon take the edits of a Note, if they are a Note too. */
function pamphlet_type( $post ) {
	try {
		if ( class_exists( '\Activitypub\Transformer\Post' ) ) {
			$method = new ReflectionMethod( '\Activitypub\Transformer\Post', 'get_type' );
			$method->setAccessible( true );
			return $method->invoke( new \Activitypub\Transformer\Post( $post ) );
		}
	} catch ( \Throwable $error ) {
		fwrite( STDERR, 'The plugin could not name the type of post ' . $post->ID . ': ' . $error->getMessage() . "\n" );
	}
	$setting = get_option( 'activitypub_object_type' );
	if ( $setting && 'wordpress-post-format' !== $setting ) {
		return ucfirst( $setting );
	}
	$text = wp_strip_all_tags( $post->post_content );
	return '' === $post->post_title || strlen( $text ) <= 400 ? 'Note' : 'Article';
}

/** Prints the ids of published posts, 500 at a time. */
function pamphlet_objects() {
	global $wpdb;
	$home   = trailingslashit( home_url() );
	$legacy = pamphlet_is_old() ? PHP_INT_MAX : (int) get_option( 'activitypub_last_post_with_permalink_as_id', 0 );
	$types  = (array) get_option( 'activitypub_support_post_types', array( 'post' ) );
	$blog   = 'blog' === pamphlet_mode();
	$last   = 0;
	do {
		$in   = implode( ',', array_fill( 0, max( 1, count( $types ) ), '%s' ) );
		$args = array_merge( $types ? $types : array( 'post' ), array( $last ) );
		// phpcs:ignore WordPress.DB
		$rows = $wpdb->get_results( $wpdb->prepare( "SELECT ID, post_author FROM {$wpdb->posts} WHERE post_status = 'publish' AND post_password = '' AND post_type IN ($in) AND ID > %d ORDER BY ID LIMIT 500", $args ) );
		foreach ( $rows as $row ) {
			$id   = (int) $row->ID;
			$last = $id;
			if ( in_array( get_post_meta( $id, 'activitypub_content_visibility', true ), array( 'local', 'private' ), true ) ) {
				continue;
			}
			$url = get_permalink( $id );
			pamphlet_line(
				array(
					'kind'      => 'object',
					'key'       => (string) $id,
					'actor'     => $blog ? '0' : (string) $row->post_author,
					'id'        => $id > $legacy ? add_query_arg( 'p', $id, $home ) : $url,
					'type'      => pamphlet_type( get_post( $id ) ),
					'url'       => $url,
					'federated' => 'federated' === get_post_meta( $id, 'activitypub_status', true ),
				)
			);
			wp_cache_delete( $id, 'post_meta' );
			wp_cache_delete( $id, 'posts' );
		}
	} while ( 500 === count( $rows ) );
}

pamphlet_line(
	array(
		'format'   => 'pamphlet-actors',
		'version'  => 1,
		'software' => 'wordpress',
		'program'  => 'WordPress ' . get_bloginfo( 'version' ) . ', ActivityPub ' . ( defined( 'ACTIVITYPUB_PLUGIN_VERSION' ) ? ACTIVITYPUB_PLUGIN_VERSION : '(off), data of ' . get_option( 'activitypub_db_version', '?' ) ),
		'site'     => trailingslashit( home_url() ),
		'exported' => gmdate( 'Y-m-d\TH:i:s\Z' ),
	)
);
// Only actors that are switched on: others were not to be found, and what they would sign now is not what they signed.
$pamphlet_modes = pamphlet_mode();
if ( 'actor' !== $pamphlet_modes && ! ( defined( 'ACTIVITYPUB_DISABLE_BLOG_USER' ) && ACTIVITYPUB_DISABLE_BLOG_USER ) ) {
	pamphlet_actor( 0, null );
}
$pamphlet_only_blog = 'blog' === $pamphlet_modes || ( defined( 'ACTIVITYPUB_DISABLE_USER' ) && ACTIVITYPUB_DISABLE_USER );
foreach ( $pamphlet_only_blog ? array() : get_users( array( 'orderby' => 'ID' ) ) as $pamphlet_user ) {
	// A user without a key pair never signed anything: no server knows it.
	if ( pamphlet_keys( (int) $pamphlet_user->ID, $pamphlet_user->user_login )[0] ) {
		pamphlet_actor( (int) $pamphlet_user->ID, $pamphlet_user );
	}
}
pamphlet_followers();
pamphlet_objects();
pamphlet_line( array( 'kind' => 'end' ) );
