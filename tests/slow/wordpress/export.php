<?php
// Prints the export that WordPress itself makes of everything.
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/export.php';
export_wp(['content' => 'all']);
