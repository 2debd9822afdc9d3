<?php
// Fills a new WordPress with a site, by its own functions, and writes what it shows to expected.json.
define('WP_INSTALLING', true);
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/image.php';

wp_install('The old site', 'admin', 'admin@example.org', true, '', 'password');
foreach (get_posts(['post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1]) as $sample) {
    wp_delete_post($sample->ID, true);
}
update_option('timezone_string', 'Europe/Berlin');
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
update_option('WPLANG', '');
$GLOBALS['wp_rewrite']->init();
create_initial_taxonomies();
// Comments may come as fast as they like, and with the same text.
add_filter('comment_flood_filter', '__return_false', 100);
kses_remove_filters();

// Authors.
$authors = [get_user_by('login', 'admin')->ID];
foreach (['dan' => 'Dan Writer', 'Jane.Doe' => 'Jane Doe', 'zoë' => 'Zoë Müller'] as $login => $name) {
    $id = wp_insert_user(['user_login' => $login, 'user_pass' => 'password', 'display_name' => $name, 'role' => 'author']);
    if (is_wp_error($id)) {
        continue;
    }
    $authors[] = $id;
}

// Terms.
$culture = wp_insert_term('Culture', 'category')['term_id'];
$music = wp_insert_term('Music', 'category', ['parent' => $culture])['term_id'];
$jazz = wp_insert_term('Jazz & Blues', 'category', ['parent' => $music])['term_id'];
$travel = wp_insert_term('Путешествия', 'category')['term_id'];
$categories = [$culture, $music, $jazz, $travel];

// Pictures.
function picture(int $number): int
{
    $image = imagecreatetruecolor(900, 600);
    imagefill($image, 0, 0, imagecolorallocate($image, ($number * 37) % 256, ($number * 91) % 256, 90));
    imagestring($image, 5, 40, 40, "Picture $number", imagecolorallocate($image, 255, 255, 255));
    ob_start();
    imagejpeg($image, null, 80);
    $upload = wp_upload_bits("picture-$number.jpg", null, ob_get_clean(), '2019/05');
    $id = wp_insert_attachment([
        'post_mime_type' => 'image/jpeg',
        'post_title' => "Picture $number",
        'post_excerpt' => $number % 2 ? "Caption of <em>picture $number</em>" : '',
        'post_status' => 'inherit',
        'guid' => $upload['url'],
    ], $upload['file']);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $upload['file']));
    update_post_meta($id, '_wp_attachment_image_alt', "A field of colour $number");
    return $id;
}
$pictures = array_map('picture', range(1, 8));

// Texts.
function url(int $id, string $size = 'full'): string
{
    return wp_get_attachment_image_src($id, $size)[0];
}
function body(int $number, array $pictures): string
{
    $picture = $pictures[$number % count($pictures)];
    $second = $pictures[($number + 3) % count($pictures)];
    $bodies = [
        "The first paragraph of text $number has <strong>bold</strong> and <em>slanted</em> words.\n\nThe second has a line\nbreak, an ampersand & a \"quote\", 1 &lt; 2, and [sic] brackets.\n\n<blockquote>Somebody said this.</blockquote>\n\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\nThe end of it.",
        "A classic text with a picture.\n\n[caption id=\"attachment_$picture\" align=\"aligncenter\" width=\"300\"]<a href=\"" . url($picture) . "\"><img src=\"" . url($picture, 'medium') . "\" alt=\"Colours\" width=\"300\" height=\"200\" class=\"size-medium\" /></a> A caption for text {$number}[/caption]\n\nAnd after it.<!--more-->\n\nThe rest of the text.",
        "A gallery follows.\n\n[gallery ids=\"$picture,$second\"]\n\nAfter the gallery of text $number.",
        "<!-- wp:paragraph -->\n<p>Blocks make text $number. It has <a href=\"https://example.com/\">a link</a>.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:heading -->\n<h2>A heading</h2>\n<!-- /wp:heading -->\n\n<!-- wp:image {\"id\":$picture,\"sizeSlug\":\"large\"} -->\n<figure class=\"wp-block-image size-large\"><img src=\"" . url($picture, 'large') . "\" alt=\"A large field\" class=\"wp-image-$picture\"/><figcaption>A block's caption</figcaption></figure>\n<!-- /wp:image -->\n\n<!-- wp:quote -->\n<blockquote class=\"wp-block-quote\"><p>Words of somebody.</p><cite>Somebody</cite></blockquote>\n<!-- /wp:quote -->\n\n<!-- wp:table -->\n<figure class=\"wp-block-table\"><table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table><figcaption>A table</figcaption></figure>\n<!-- /wp:table -->\n\n<!-- wp:code -->\n<pre class=\"wp-block-code\"><code>let x = 1;\n\nlet y = [2];</code></pre>\n<!-- /wp:code -->",
        "<!-- wp:columns -->\n<div class=\"wp-block-columns\"><!-- wp:column -->\n<div class=\"wp-block-column\"><!-- wp:paragraph -->\n<p>The left column of $number.</p>\n<!-- /wp:paragraph --></div>\n<!-- /wp:column -->\n\n<!-- wp:column -->\n<div class=\"wp-block-column\"><!-- wp:list -->\n<ul><li>right one</li><li>right two</li></ul>\n<!-- /wp:list --></div>\n<!-- /wp:column --></div>\n<!-- /wp:columns -->\n\n<!-- wp:gallery {\"linkTo\":\"none\"} -->\n<figure class=\"wp-block-gallery has-nested-images columns-default is-cropped\"><!-- wp:image {\"id\":$picture} -->\n<figure class=\"wp-block-image\"><img src=\"" . url($picture) . "\" alt=\"First\" class=\"wp-image-$picture\"/><figcaption>The first</figcaption></figure>\n<!-- /wp:image -->\n\n<!-- wp:image {\"id\":$second} -->\n<figure class=\"wp-block-image\"><img src=\"" . url($second) . "\" alt=\"Second\" class=\"wp-image-$second\"/></figure>\n<!-- /wp:image --><figcaption class=\"blocks-gallery-caption\">Two of them</figcaption></figure>\n<!-- /wp:gallery -->\n\n<!-- wp:separator -->\n<hr class=\"wp-block-separator\"/>\n<!-- /wp:separator -->\n\n<!-- wp:buttons -->\n<div class=\"wp-block-buttons\"><!-- wp:button -->\n<div class=\"wp-block-button\"><a class=\"wp-block-button__link\" href=\"https://example.com/more\">Read more</a></div>\n<!-- /wp:button --></div>\n<!-- /wp:buttons -->\n\n<!-- wp:pullquote -->\n<figure class=\"wp-block-pullquote\"><blockquote><p>Pulled out.</p><cite>Its author</cite></blockquote></figure>\n<!-- /wp:pullquote -->",
        "A video in text $number:\n\nhttps://www.youtube.com/watch?v=aaaaaaaaaa" . ($number % 10) . "\n\n[embed]https://vimeo.com/123456[/embed]\n\nThat was it. <code>a_b * c</code> and a * star, a _line_ and 2 # 3.",
        "<!-- wp:paragraph -->\n<p>A block with a video, $number.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:embed {\"url\":\"https://www.youtube.com/watch?v=bbbbbbbbbbb\",\"type\":\"video\",\"providerNameSlug\":\"youtube\"} -->\n<figure class=\"wp-block-embed is-type-video is-provider-youtube wp-block-embed-youtube\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=bbbbbbbbbbb\n</div><figcaption>About the video</figcaption></figure>\n<!-- /wp:embed -->\n\n<!-- wp:nextpage -->\n<!--nextpage-->\n<!-- /wp:nextpage -->\n\n<!-- wp:paragraph -->\n<p>The second page.</p>\n<!-- /wp:paragraph -->",
    ];
    return $bodies[$number % count($bodies)];
}

// Posts.
function post(array $fields): int
{
    $defaults = ['post_type' => 'post', 'post_status' => 'publish', 'post_author' => $GLOBALS['authors'][0]];
    $id = wp_insert_post(wp_slash($fields + $defaults), true);
    if (is_wp_error($id)) {
        fwrite(STDERR, $id->get_error_message() . "\n");
        exit(1);
    }
    return $id;
}
$posts = [];
for ($number = 1; $number <= 200; $number++) {
    $titles = ["Text $number", "On \"quotes\" & dashes, $number", "Über Käse $number", "О поездах $number", "電車について $number", "It's <em>slanted</em> $number"];
    $date = gmdate('Y-m-d H:i:s', strtotime('2010-01-01 08:00:00') + $number * 86400 * 9 + $number * 61);
    $fields = [
        'post_title' => $titles[$number % count($titles)],
        'post_content' => body($number, $pictures),
        'post_excerpt' => $number % 4 ? '' : "A summary of text $number.",
        'post_author' => $authors[$number % count($authors)],
        'post_date' => get_date_from_gmt($date),
        'post_date_gmt' => $date,
        'post_category' => $number % 5 ? [$categories[$number % 4]] : [],
        'tags_input' => array_slice(['Trains', 'Cafés', 'C++', '東京', 'trains and cars'], $number % 5, 2),
        'comment_status' => $number % 7 ? 'open' : 'closed',
        'ping_status' => $number % 3 ? 'open' : 'closed',
    ];
    if ($number % 40 === 1) {
        $fields['post_status'] = 'draft';
    } elseif ($number % 40 === 2) {
        $fields['post_status'] = 'pending';
    } elseif ($number % 40 === 3) {
        $fields['post_status'] = 'private';
    } elseif ($number % 40 === 4) {
        $fields['post_password'] = 'secret';
    } elseif ($number % 40 === 5) {
        $fields['post_date'] = get_date_from_gmt('2037-01-01 00:00:0' . intdiv($number, 40));
        $fields['post_date_gmt'] = '2037-01-01 00:00:0' . intdiv($number, 40);
        $fields['post_status'] = 'future';
    } elseif ($number % 40 === 6) {
        $fields['post_status'] = 'trash';
    }
    $id = post($fields);
    if ($number % 6 === 0) {
        set_post_thumbnail($id, $pictures[$number % count($pictures)]);
    }
    if ($number % 40 === 7) {
        // The slug changes; WordPress remembers the old one.
        wp_update_post(['ID' => $id, 'post_name' => "renamed-$number"]);
        add_post_meta($id, '_wp_old_slug', "before-$number");
    }
    $posts[] = $id;
}
stick_post($posts[19]);

// Pages.
$about = post(['post_type' => 'page', 'post_title' => 'About us', 'post_name' => 'about', 'post_content' => "We write.\n\nWe read.", 'menu_order' => 2]);
post(['post_type' => 'page', 'post_title' => 'The team', 'post_name' => 'team', 'post_parent' => $about, 'post_content' => 'Four people.']);
post(['post_type' => 'page', 'post_title' => 'Archive', 'post_name' => 'archive', 'post_content' => 'All of it.', 'menu_order' => 1]);
post(['post_type' => 'page', 'post_title' => 'A draft', 'post_name' => 'a-draft', 'post_content' => 'Not yet.', 'post_status' => 'draft']);

// Comments.
function comment(int $post, int $number, int $parent, string $state, string $text, string $type = 'comment'): int
{
    $date = gmdate('Y-m-d H:i:s', strtotime('2019-06-01 10:00:00') + $number * 3600);
    $id = wp_insert_comment(wp_slash([
        'comment_post_ID' => $post,
        'comment_author' => 'Reader ' . ($number % 17) . ' & Co',
        'comment_author_email' => 'reader' . ($number % 17) . '@example.org',
        'comment_author_url' => $number % 3 ? '' : 'https://reader.example.org/?a=1&b=2',
        'comment_content' => $text,
        'comment_parent' => $parent,
        'comment_approved' => $state,
        'comment_type' => $type,
        'comment_date_gmt' => $date,
        'comment_date' => get_date_from_gmt($date),
    ]));
    return $id;
}
foreach ($posts as $index => $post) {
    if ($index % 3) {
        continue;
    }
    $base = $index * 10;
    $first = comment($post, $base + 1, 0, '1', "The first comment on $index.\n\nWith a second paragraph, and https://example.com/a?b=1&c=2 in it.");
    $second = comment($post, $base + 2, $first, '1', "A reply with <strong>bold</strong> words\nand a second line.");
    comment($post, $base + 3, $second, '1', 'A reply to the reply. ' . str_repeat('word ', 20));
    comment($post, $base + 4, 0, '0', 'Somebody has to look at this one.');
    comment($post, $base + 5, $first, 'spam', 'Buy cheap watches.');
    comment($post, $base + 6, 0, '1', '[&#8230;] a page that links here [&#8230;]', 'pingback');
    comment($post, $base + 7, 0, 'trash', 'Thrown away.');
}

// What the site shows, with the signs that were typed.
foreach (['the_content', 'comment_text', 'the_title'] as $filter) {
    remove_filter($filter, 'wptexturize');
    remove_filter($filter, 'convert_smilies', 20);
}
$expected = ['posts' => [], 'pages' => []];
$query = ['numberposts' => -1, 'orderby' => 'ID', 'order' => 'ASC', 'post_status' => ['publish', 'draft', 'pending', 'private', 'future']];
foreach (['post' => 'posts', 'page' => 'pages'] as $type => $key) {
    foreach (get_posts($query + ['post_type' => $type]) as $post) {
        $GLOBALS['post'] = $post;
        $html = apply_filters('the_content', str_replace('<!--nextpage-->', '', $post->post_content));
        $html = preg_replace('/<style.*?<\/style>/s', '', $html);
        preg_match_all('/<img[^>]+src="([^"]+)"/', $html, $images);
        $tags = array_merge(wp_get_post_categories($post->ID, ['fields' => 'all']), wp_get_post_tags($post->ID));
        $comments = get_comments(['post_id' => $post->ID, 'status' => 'all', 'type' => '', 'orderby' => 'comment_ID', 'order' => 'ASC']);
        $comments = array_merge($comments, get_comments(['post_id' => $post->ID, 'status' => 'trash']));
        $expected[$key][] = [
            'id' => $post->ID,
            'title' => html_entity_decode(strip_tags($post->post_title), ENT_QUOTES),
            'slug' => urldecode($post->post_name),
            'status' => $post->post_password ? 'password' : $post->post_status,
            'date' => strtotime($post->post_date_gmt . ' UTC'),
            'author' => get_userdata($post->post_author)->user_login,
            'tags' => array_values(array_filter(array_map(fn ($term) => html_entity_decode($term->name), $tags), fn ($name) => $name !== 'Uncategorized')),
            'text' => html_entity_decode(strip_tags(preg_replace('/<(br|\/p|\/h2|\/li|\/td|\/figcaption|\/cite|\/blockquote)[^>]*>/', '$0 ', $html)), ENT_QUOTES),
            'images' => array_map(fn ($image) => preg_replace('/-\d+x\d+(?=\.jpg$)/', '', basename($image)), $images[1]),
            'thumbnail' => get_the_post_thumbnail_url($post->ID, 'full') ?: null,
            'link' => get_permalink($post),
            'open' => $post->comment_status === 'open',
            'comments' => array_map(fn ($comment) => [
                'id' => (int) $comment->comment_ID,
                'parent' => (int) $comment->comment_parent,
                'state' => $comment->comment_approved,
                'author' => $comment->comment_author,
                'date' => strtotime($comment->comment_date_gmt . ' UTC'),
                'text' => html_entity_decode(strip_tags(apply_filters('comment_text', $comment->comment_content, $comment, [])), ENT_QUOTES),
            ], $comments),
        ];
    }
}
file_put_contents(__DIR__ . '/expected.json', json_encode($expected, JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR));
