<?php
// The configuration of the WordPress of a test: a database behind a socket, and nothing that leaves the machine.
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('WORDPRESS_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HOME', 'https://old.example.org');
define('WP_SITEURL', 'https://old.example.org');
define('AUTH_KEY', 'of a test');
define('SECURE_AUTH_KEY', 'of a test');
define('LOGGED_IN_KEY', 'of a test');
define('NONCE_KEY', 'of a test');
define('AUTH_SALT', 'of a test');
define('SECURE_AUTH_SALT', 'of a test');
define('LOGGED_IN_SALT', 'of a test');
define('NONCE_SALT', 'of a test');
$table_prefix = 'wp_';
$_SERVER['HTTP_HOST'] = 'old.example.org';
$_SERVER['SERVER_NAME'] = 'old.example.org';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';

// WordPress keeps a function that exists already.
function wp_mail()
{
    return true;
}

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
