//! The elements that the sanitizer keeps, and its conversions of others.

mod attacks;
mod players;

use super::*;

fn remote(html: &str) -> String {
    Html::from_remote(html).into_string()
}

fn own(html: &str) -> String {
    Html::from_own(html).into_string()
}

fn federated(html: &str) -> String {
    let base = Url::parse("https://example.org/2026/post").unwrap();
    Html::from_own(html).to_federated(&base).into_string()
}

#[test]
fn what_mastodon_sends_is_kept() {
    let mention = "<p><span class=\"h-card\"><a href=\"https://a.example/@ann\" class=\"u-url mention\" \
        rel=\"nofollow ugc noopener\">@<span>ann</span></a></span> hello<br>there</p>\
        <p><a href=\"https://b.example/long\" rel=\"nofollow ugc noopener\"><span class=\"invisible\">https://</span>\
        <span class=\"ellipsis\">b.example/lo</span></a></p>";
    assert_eq!(remote(mention), mention);
    let rich = "<h2>T</h2><blockquote cite=\"https://a.example/\"><p><em>a</em> <strong>b</strong></p></blockquote>\
        <ol start=\"3\" reversed=\"\"><li value=\"7\">x</li></ol><pre><code>a &lt; b</code></pre>\
        <p lang=\"ja\"><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <abbr title=\"x\">y</abbr> <del>d</del></p>";
    assert_eq!(remote(rich), rich);
}

#[test]
fn classes_and_attributes_of_others_are_limited() {
    assert_eq!(
        remote("<p class=\"site-header admin\" id=\"main\" data-x=\"1\">x</p>"),
        "<p>x</p>"
    );
    assert_eq!(
        remote("<span class=\"p-name evil h-\">x</span>"),
        "<span class=\"p-name\">x</span>"
    );
    assert_eq!(
        remote("<ol start=\"1;x\"><li value=\"9999999999\">x</li></ol>"),
        "<ol><li>x</li></ol>"
    );
}

#[test]
fn links_of_others_are_absolute_and_earn_nothing() {
    let link = "<a href=\"https://a.example/x?y=1&amp;z\" rel=\"nofollow ugc noopener\">x</a>";
    assert_eq!(
        remote("<a href=\"HTTPS://A.example/x?y=1&amp;z\" rel=\"me follow\">x</a>"),
        link
    );
    for href in [
        "/x",
        "x",
        "//evil.example/x",
        "#x",
        "?x",
        "mailto:a@b.example",
        "ftp://a.example",
        "https://",
        "",
    ] {
        assert_eq!(remote(&format!("<a href=\"{href}\">x</a>")), "x", "{href}");
    }
    assert!(
        remote("<a href=\"https://exаmple.org\">x</a>").contains("https://xn--exmple-4nf.org/")
    );
}

#[test]
fn an_image_of_others_is_a_link_to_it() {
    let link =
        "<a href=\"https://a.example/cat.png\" rel=\"nofollow ugc noopener\">a &lt;cat&gt;</a>";
    assert_eq!(
        remote("<img src=\"https://a.example/cat.png\" alt=\"a <cat>\">"),
        link
    );
    let unnamed =
        "<a href=\"https://a.example/p/cat.png\" rel=\"nofollow ugc noopener\">cat.png</a>";
    assert_eq!(remote("<img src=\"https://a.example/p/cat.png\">"), unnamed);
    assert_eq!(
        remote("<img src=\"data:image/png;base64,AAAA\" alt=\"cat\">"),
        "cat"
    );
    let linked = "<a href=\"https://b.example/\" rel=\"nofollow ugc noopener\">cat</a>";
    assert_eq!(
        remote(
            "<a href=\"https://b.example\"><img src=\"https://a.example/cat.png\" alt=\"cat\"></a>"
        ),
        linked
    );
}

#[test]
fn unknown_blocks_become_paragraphs_and_unknown_inlines_text() {
    assert_eq!(
        remote("<div>a</div><div><p>b</p></div>c<font>d</font>"),
        "<p>a</p><p>b</p><p>cd</p>"
    );
    assert_eq!(
        remote("<p>a<p>b<section>c</section>"),
        "<p>a</p><p>b</p><p>c</p>"
    );
    assert_eq!(
        remote("<ul><li>a<li>b<ul><li>c</ul></ul>d"),
        "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d"
    );
    assert_eq!(remote("a <script>x</script><b>c"), "a <b>c</b>");
    assert_eq!(remote("</p></div></b>a"), "<p>a</p>");
}

#[test]
fn a_table_becomes_lines() {
    let table = "<table><thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody><tr><td>1</td><td><em>2</em></td></tr></tbody></table>after";
    let lines = "<p><strong>a</strong> | <strong>b</strong></p><p>1 | <em>2</em></p><p>after</p>";
    assert_eq!(federated(table), lines);
    assert_eq!(remote(table), lines);
    assert_eq!(
        remote("<table><tr><th>a<th>b<tr><td>1<td>2</table>"),
        "<p><strong>a</strong> | <strong>b</strong></p><p>1 | 2</p>"
    );
}

#[test]
fn bidi_controls_invisible_runs_and_heaps_of_marks_are_contained() {
    assert_eq!(remote("<p>\u{202E}abc\u{2066}&#x202E;d</p>"), "<p>abcd</p>");
    assert_eq!(
        remote("<abbr title=\"\u{202E}abc\">x</abbr>"),
        "<abbr title=\"abc\">x</abbr>"
    );
    let invisible = remote(&format!("a{}b", "&#x200B;".repeat(1000)));
    assert_eq!(invisible, "a\u{200B}b");
    for zalgo in [
        "\u{301}".repeat(1000),
        "&#x301;".repeat(1000),
        "<b>\u{301}</b>".repeat(1000),
    ] {
        let marks = remote(&format!("a{zalgo}"))
            .chars()
            .filter(|&c| c == '\u{301}')
            .count();
        assert_eq!(marks, 8);
    }
}

#[test]
fn own_html_keeps_what_articles_need() {
    let html = "<figure><img src=\"/a.png\" alt=\"A\" loading=\"lazy\"><figcaption>c</figcaption></figure>\
        <table><thead><tr><th align=\"right\">a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>\
        <pre><code class=\"language-rust\">x</code></pre><hr><p><a href=\"/about\">r</a> <a href=\"mailto:a@b.example\">m</a></p>\
        <figure class=\"embed embed-youtube\" data-embed-id=\"abc-_123\"><a href=\"https://a.example\">v</a></figure>";
    assert_eq!(own(html), html);
}

#[test]
fn own_html_has_no_ids_classes_or_sources_of_elsewhere() {
    assert_eq!(
        own("<p id=\"login\" class=\"site-header\">x</p>"),
        "<p>x</p>"
    );
    assert_eq!(
        own("<a id=\"config\" href=\"/x\">x</a>"),
        "<a href=\"/x\">x</a>"
    );
    assert_eq!(
        own("<figure data-embed-id=\"a b\">x</figure>"),
        "<figure>x</figure>"
    );
    assert_eq!(
        own("<img src=\"data:image/svg+xml,x\" alt=\"a\">"),
        "<img alt=\"a\" loading=\"lazy\">"
    );
}

#[test]
fn the_federated_form_has_only_what_survives() {
    let html = "<figure><img src=\"/a.png\" alt=\"A\"><figcaption>cap</figcaption></figure><hr>\
        <p><a href=\"about\">r</a> <a href=\"#x\">l</a> <a href=\"mailto:a@b.example\">m</a></p><dl><dt>t</dt><dd>d</dd></dl>";
    let expected = "<p><a href=\"https://example.org/a.png\">A</a></p><p>cap</p>\
        <p><a href=\"https://example.org/2026/about\">r</a> l m</p><p>t</p><p>d</p>";
    assert_eq!(federated(html), expected);
}

#[test]
fn the_federated_form_has_newlines_only_where_they_are_kept() {
    for (html, expected) in [
        ("<p>a\nb</p>\n<p>c</p>\n", "<p>a b</p><p>c</p>"),
        ("<p>a  \n\n  b<br>\nc <br />d</p>", "<p>a b<br>c<br>d</p>"),
        (
            "<ul>\n<li>a</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n",
            "<ul><li>a</li><li><p>b</p></li></ul>",
        ),
        (
            "<blockquote>\n<p><em>a</em>\n<b>b</b> c</p>\n</blockquote>",
            "<blockquote><p><em>a</em> <b>b</b> c</p></blockquote>",
        ),
        (
            "<pre><code>a\n  b\n</code></pre>\n<p>c</p>",
            "<pre><code>a\n  b\n</code></pre><p>c</p>",
        ),
        (
            "<h2>a</h2>\ntext\n<div>\nb\n</div>",
            "<h2>a</h2>text<p>b</p>",
        ),
    ] {
        assert_eq!(federated(html), expected, "{html}");
    }
}

#[test]
fn a_link_of_the_federated_form_says_whether_it_is_a_hashtag() {
    let tag = "<a href=\"https://example.org/tags/x\" class=\"mention hashtag\" rel=\"tag\">#<span>x</span></a>";
    assert_eq!(federated(tag), tag);
    assert_eq!(
        federated("<a href=\"/x\" rel=\"nofollow me\">x</a>"),
        "<a href=\"https://example.org/x\" rel=\"nofollow\">x</a>"
    );
}

#[test]
fn the_text_has_no_markup() {
    let html = Html::from_own(
        "<h1>T</h1>\n<p>a  <b>b</b>\nc<br>d &amp; &lt;e&gt;</p><ul><li>x</li><li>y</li></ul>\
         <pre>1\n  2</pre><p><img src=\"/x.png\" alt=\"pic\"></p>",
    );
    assert_eq!(
        html.to_text(),
        "T\n\na b c\nd & <e>\n\nx\ny\n\n1\n  2\n\npic"
    );
    assert_eq!(Html::from_remote("").to_text(), "");
}

#[test]
fn the_excerpt_is_running_text() {
    let html = Html::from_own(
        "<h1>Title</h1><figure><a href=\"/v\">Watch</a></figure><p>One<sup class=\"footnote-ref\">1</sup>.</p>\
         <p>Two three</p><section class=\"footnotes\"><p>note</p></section>",
    );
    assert_eq!(html.excerpt(300), "One. Two three");
    assert_eq!(html.excerpt(10), "One. Two…");
    assert_eq!(Html::from_own("<h1>Only</h1>").excerpt(300), "Only");
    let picture = Html::from_own("<p><img src=\"/a.png\" alt=\"A shelf\"></p>");
    assert_eq!(picture.excerpt(300), "");
    let named = Html::from_own(
        "<p><a href=\"/@m\" class=\"u-url mention\" title=\"@mika@example.org\">@<span>mika</span></a> and \
         <a href=\"/m\" class=\"mention\" title=\"else\">@else</a><img src=\"/a.png\" alt=\"A\"></p>",
    );
    assert_eq!(named.excerpt(300), "@mika@example.org and @else");
    let picture = "<p><a href=\"/x\"><img src=\"/x.png\" alt=\"A cat\"></a></p>";
    assert_eq!(Html::from_own(picture).excerpt(300), "");
    assert_eq!(
        Html::from_own(&format!("{picture}<h1>Only</h1>")).excerpt(300),
        "Only"
    );
    for (title, text) in [
        ("@mika@example.org", "Hi @mika@example.org!"),
        ("@eve@example.org", "Hi @mika!"),
        ("Mika", "Hi @mika!"),
    ] {
        let html = format!(
            "<p>Hi <a href=\"https://example.org/@mika\" class=\"mention\" title=\"{title}\">@<span>mika</span></a>!</p>"
        );
        assert_eq!(Html::from_own(&html).excerpt(300), text);
    }
}

#[test]
fn lines_of_the_federated_form_end_only_where_they_are_shown_so() {
    let html = "<p>One\ntwo <em> three</em><br>\nfour </p>\n<ul>\n<li>a </li>\n<li>b</li>\n</ul>\n\
        <blockquote>\n<p>c</p>\n</blockquote>\n<pre><code>d\n  e\n</code></pre>\n<div>\nf\n</div>\n";
    assert_eq!(
        federated(html),
        "<p>One two <em> three</em><br>four</p><ul><li>a</li><li>b</li></ul><blockquote><p>c</p></blockquote>\
         <pre><code>d\n  e\n</code></pre><p>f</p>"
    );
}

#[test]
fn the_federated_form_tells_hashtags_from_links() {
    let html = "<a href=\"/tags/x\" class=\"mention hashtag\" rel=\"tag\">#x</a> <a href=\"/y\" rel=\"me\">y</a>";
    assert_eq!(
        federated(html),
        "<a href=\"https://example.org/tags/x\" class=\"mention hashtag\" rel=\"tag\">#x</a> <a href=\"https://example.org/y\">y</a>"
    );
}

#[test]
fn images_are_found_and_resolved() {
    let base = Url::parse("https://example.org/a/b").unwrap();
    let html = Html::from_own(
        "<p><img src=\"data:x\"><img src=\"c.png\" alt=\"C\"><img src=\"/d.png\"></p>",
    );
    let images = html.images(&base);
    let images = images.iter().map(|(url, alt)| (url.as_str(), alt.as_str()));
    assert_eq!(
        images.collect::<Vec<_>>(),
        [
            ("https://example.org/a/c.png", "C"),
            ("https://example.org/d.png", "")
        ]
    );
    assert_eq!(Html::from_own("<p>x</p>").images(&base), []);
}

#[test]
fn a_plain_text_keeps_its_lines() {
    for (text, html) in [
        ("One\nTwo\r\nThree", "<p>One<br>Two<br>Three</p>"),
        (
            "One\n\n \r\n\nTwo\rThree\n",
            "<p>One</p><p>Two<br>Three</p>",
        ),
        (
            "1 < 2 & <b>3</b> &amp;",
            "<p>1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt; &amp;amp;</p>",
        ),
        ("\n \n", ""),
    ] {
        assert_eq!(Html::from_remote_text(text).as_str(), html, "{text:?}");
    }
}

#[test]
fn what_nobody_sees_is_blank() {
    for html in [
        "",
        " \n\t",
        "<br>",
        "<p></p>",
        "<p><br/><br></p><p>&nbsp;</p>",
        "&#8203;<p>\u{feff}\u{200d}</p>",
        "\u{2800}\u{3164}\u{ad}\u{fe0f}",
        "<a href=\"https://a.example/\"></a>",
        "<script>alert(1)</script><!-- nothing -->",
    ] {
        assert!(Html::from_remote(html).is_blank(), "{html:?}");
    }
    for html in [
        "x",
        "<p>.</p>",
        "😀",
        ":cat:",
        "&lt;br&gt;",
        "<img src=\"https://a.example/1.png\" alt=\"A cat\">",
    ] {
        assert!(!Html::from_remote(html).is_blank(), "{html:?}");
    }
}

#[test]
fn what_is_clean_stays_as_it_is() {
    for html in [
        "<pre>\n\nx</pre>",
        "<pre><code>\n\nx  y\n</code></pre>",
        "<p>a<p>b<ul><li>c<li>d</ul>e",
        "<a href=\"https://a.example/\">a<a href=\"https://b.example/\">b</a>c</a>",
        "<b><p>a</b>b</p>",
        "<p title=\"&quot;&amp;quot;\">&amp;amp; &nbsp;\u{200b}\u{200b}x</p>",
        "<ruby>a<rt>b<rp>c</ruby>",
        "<h1><h2>x</h1></h2>",
        "<h6>x</h6><table><td>a<td>b<tr><th>c</table>",
    ] {
        assert_eq!(remote(&remote(html)), remote(html), "{html}");
        assert_eq!(own(&own(html)), own(html), "{html}");
        assert_eq!(federated(&federated(html)), federated(html), "{html}");
    }
}

#[test]
fn a_long_text_is_read_in_chunks() {
    // The text is read in chunks of 4 KB.
    for length in 4085..4100 {
        let text = "x".repeat(length);
        let html = federated(&format!("{text}  y\n z"));
        assert_eq!(html, format!("{text}  y z"), "{length}");
    }
}
