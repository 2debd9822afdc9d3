//! Texts of WordPress, converted.

use super::{super::lookup::Lookup, Converter, comment_html, text_line};
use std::collections::BTreeSet;

const PICTURES: &str = r#"<item><title>One</title><excerpt:encoded><![CDATA[A <em>caption</em>]]></excerpt:encoded>
<wp:post_id>7</wp:post_id><wp:post_parent>1</wp:post_parent><wp:post_type>attachment</wp:post_type>
<wp:attachment_url>https://old.example/a.jpg</wp:attachment_url>
<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>A "hill"</wp:meta_value></wp:postmeta></item>"#;
const RECORDING: &str = r#"<item><title>A song</title><wp:post_id>8</wp:post_id><wp:post_parent>1</wp:post_parent>
<wp:post_type>attachment</wp:post_type><wp:attachment_url>https://old.example/a.mp3</wp:attachment_url></item>"#;
const BLOCK: &str = r#"<item><wp:post_id>9</wp:post_id><wp:post_type><![CDATA[wp_block]]></wp:post_type>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>Reused.</p><!-- /wp:paragraph --><!-- wp:block {"ref":9} /-->]]></content:encoded></item>"#;

fn converted(text: &str) -> (String, Vec<String>) {
    let mut lookup = Lookup::default();
    for item in [PICTURES, RECORDING, BLOCK] {
        lookup.see(item);
    }
    let mut notices = BTreeSet::new();
    let html = Converter::of(&lookup, "1", &mut notices).html(text);
    (html, notices.into_iter().collect())
}

fn html(text: &str) -> String {
    let lines: Vec<String> = converted(text)
        .0
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    lines.join("\n")
}

#[test]
fn classic_text_gets_its_paragraphs_and_line_breaks() {
    for (text, expected) in [
        ("One.\n\nTwo\nlines.", "<p>One.</p>\n<p>Two<br>\nlines.</p>"),
        ("One.\r\n\r\n\r\n  Two.  ", "<p>One.</p>\n<p>Two.</p>"),
        ("a<br />\nb<br>c", "<p>a<br />\nb<br>c</p>"),
        (
            "Before\n<ul>\n\t<li>one</li>\n\t<li>two\n\nthree</li>\n</ul>\nafter",
            "<p>Before</p>\n<ul><li>one</li>\n<li><p>two</p>\n<p>three</p>\n</li>\n</ul>\n<p>after</p>",
        ),
        (
            "<blockquote>Said\n\nmore.</blockquote>",
            "<blockquote><p>Said</p>\n<p>more.</p>\n</blockquote>",
        ),
        (
            "<p>Typed.</p>\n\n<h2>A\nheading</h2>text",
            "<p>Typed.</p>\n<h2>A<br>\nheading</h2>\n<p>text</p>",
        ),
        (
            "Code:\n\n<pre>a\n\n  b &lt; [c]</pre>\n\nEnd",
            "<p>Code:</p>\n<pre>a\nb &lt; [c]</pre>\n<p>End</p>",
        ),
        (
            "1 < 2 and 3 > 2\n\n<strong>b\n\nc</strong>",
            "<p>1 < 2 and 3 > 2</p>\n<p><strong>b</p>\n<p>c</strong></p>",
        ),
        ("a<!--more-->\n\nb<!--nextpage-->", "<p>a</p>\n<p>b</p>"),
        ("", ""),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn shortcodes_become_what_they_show() {
    let youtube = "<p><a href=\"https://www.youtube.com/watch?v=aaaaaaaaaaa\">https://www.youtube.com/watch?v=aaaaaaaaaaa</a></p>";
    for text in [
        "[youtube https://www.youtube.com/watch?v=aaaaaaaaaaa]",
        "[youtube=http://www.youtube.com/watch?v=aaaaaaaaaaa&amp;w=640]",
        "[youtube aaaaaaaaaaa]",
        "[youtube id=\"aaaaaaaaaaa\" w='3']",
        "[youtube]https://www.youtube.com/embed/aaaaaaaaaaa[/youtube]",
        "[embed width=\"600\"]https://www.youtube.com/watch?v=aaaaaaaaaaa[/embed]",
        "  https://www.youtube.com/watch?v=aaaaaaaaaaa  ",
    ] {
        assert_eq!(html(text), youtube, "{text}");
    }
    let picture = "<img src=\"https://old.example/a.jpg\" alt=\"A &quot;hill&quot;\">";
    for (text, expected) in [
        (
            "[caption id=\"x\" width=\"300\"]<a href=\"/b\"><img src=\"/a.jpg\" /></a> A <em>hill</em>[/caption]",
            "<figure><a href=\"/b\"><img src=\"/a.jpg\" /></a><figcaption>A <em>hill</em></figcaption>\n</figure>".to_owned(),
        ),
        (
            "[caption caption=\"Old\"]<img src=\"/a.jpg\">[/caption]",
            "<figure><img src=\"/a.jpg\"><figcaption>Old</figcaption>\n</figure>".to_owned(),
        ),
        (
            "Before [gallery ids=\"7, 99\"] after",
            format!("<p>Before</p>\n<figure>{picture}<figcaption>A <em>caption</em></figcaption>\n</figure>\n<p>after</p>"),
        ),
        ("[gallery]", format!("<figure>{picture}<figcaption>A <em>caption</em></figcaption>\n</figure>")),
        ("[gallery exclude=7]", String::new()),
        ("[playlist ids=\"8\"]", "<p>A song</p>\n<audio controls src=\"https://old.example/a.mp3\"></audio>".to_owned()),
        ("[audio mp3=\"/a.mp3\"][/audio]", "<audio controls src=\"/a.mp3\"></audio>".to_owned()),
        ("[audio /a.mp3|width=290]", "<audio controls src=\"/a.mp3\"></audio>".to_owned()),
        (
            "[video mp4=\"/a.mp4\" poster=/p.jpg][/video]",
            "<video controls src=\"/a.mp4\" poster=\"/p.jpg\"></video>".to_owned(),
        ),
        ("[vimeo 123456]", "<p><a href=\"https://vimeo.com/123456\">https://vimeo.com/123456</a></p>".to_owned()),
        (
            "[sourcecode language=\"php\"]\n<b>\n\nx[/sourcecode]",
            "<pre><code class=\"language-php\">&lt;b&gt;\nx</code></pre>".to_owned(),
        ),
        ("Write [[gallery]] for it", "<p>Write [gallery] for it</p>".to_owned()),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn unknown_shortcodes_stay_and_are_named_once() {
    let text = "[sic] [1] [contact-form-7 id=\"1\"] [contact-form-7 id=\"2\"] [box]text[/box] [audio] [/x] [a b]";
    let (html, notices) = converted(text);
    assert_eq!(html, format!("<p>{text}</p>"));
    let names: Vec<&str> = notices
        .iter()
        .filter_map(|notice| notice.split(['[', ']']).nth(1))
        .collect();
    assert_eq!(names, ["audio", "box", "contact-form-7"]);
}

#[test]
fn blocks_lose_what_only_arranges_them() {
    for (text, expected) in [
        (
            "<!-- wp:paragraph -->\n<p>One.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->\n<!-- wp:block {\"ref\":9} /-->",
            "<p>One.</p>\n<p>Reused.</p><p>Reused.</p><p>Reused.</p><p>Reused.</p>",
        ),
        (
            "<!-- wp:columns --><div class=\"wp-block-columns\"><!-- wp:column --><div class=\"wp-block-column\"><p>Left</p></div></div>",
            "<p>Left</p>",
        ),
        (
            "<!-- wp:embed {} --><figure class=\"wp-block-embed is-type-video\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=aaaaaaaaaaa\n</div><figcaption>About <b>it</b></figcaption></figure><!-- /wp:embed -->",
            "<p><a href=\"https://www.youtube.com/watch?v=aaaaaaaaaaa\">https://www.youtube.com/watch?v=aaaaaaaaaaa</a></p>\n<p>About <b>it</b></p>",
        ),
        (
            "<!-- wp:gallery --><figure class=\"wp-block-gallery has-nested-images\"><!-- wp:image --><figure class=\"wp-block-image\"><img src=\"/a.jpg\"/><figcaption>a</figcaption></figure><figcaption class=\"blocks-gallery-caption\">All</figcaption></figure>",
            "<figure class=\"wp-block-image\"><img src=\"/a.jpg\"/><figcaption>a</figcaption></figure>\n<p>All</p>",
        ),
        (
            "<!-- wp:gallery --><ul class=\"wp-block-gallery columns-2\"><li class=\"blocks-gallery-item\"><figure><img src=\"/a.jpg\"/></figure></li></ul>",
            "<figure><img src=\"/a.jpg\"/></figure>",
        ),
        (
            "<!-- wp:file --><div class=\"wp-block-file\"><a href=\"/a.pdf\">A paper</a><a href=\"/a.pdf\" class=\"wp-block-file__button\" download>Download</a></div>",
            "<p><a href=\"/a.pdf\">A paper</a></p>",
        ),
        (
            "<!-- wp:table --><figure class=\"wp-block-table\"><table><tr><td>a</td></tr></table><figcaption>T</figcaption></figure>",
            "<table><tr><td>a</td></tr></table>\n<p>T</p>",
        ),
        (
            "<!-- wp:pullquote --><figure class=\"wp-block-pullquote\"><blockquote><p>x</p><cite>y</cite></blockquote></figure>",
            "<blockquote><p>x</p><cite>y</cite></blockquote>",
        ),
        (
            "<!-- wp:html --><b>x<script>alert(1)</script></b></p>",
            "<b>x</b></p>",
        ),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
    let (html, notices) =
        converted("<!-- wp:latest-posts {\"a\":1} /--><!-- wp:block {\"ref\":77} /--><p>x</p>");
    assert_eq!(
        (html.as_str(), notices.len()),
        ("<p>x</p>", 2),
        "{notices:?}"
    );
}

#[test]
fn comments_get_paragraphs_and_links() {
    assert_eq!(
        comment_html(
            "One, see https://example.org/a?b=1&c=2.\n\n<a href=\"https://x.example\">https://x.example</a>"
        ),
        "<p>One, see <a href=\"https://example.org/a?b=1&c=2\">https://example.org/a?b=1&c=2</a>.</p>\n\
         <p><a href=\"https://x.example\">https://x.example</a></p>"
    );
}

#[test]
fn titles_are_lines_of_text() {
    assert_eq!(
        text_line("Q&amp;A &#8211; <em>slanted</em>\n &hellip; 1 &lt; 2 <script>x</script>"),
        "Q&A – slanted … 1 < 2"
    );
}
