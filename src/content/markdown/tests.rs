//! Tests of rendered Markdown.

use super::*;

fn rendered(markdown: &str) -> Rendered {
    render(
        markdown,
        &Url::parse("https://example.org/2026/post").unwrap(),
    )
}

fn page(markdown: &str) -> String {
    rendered(markdown).page.into_string()
}

fn federated(markdown: &str) -> String {
    rendered(markdown).federated.into_string()
}

#[test]
fn commonmark_with_extensions_is_rendered() {
    assert_eq!(
        page("*a* **b** ~~c~~ `d` \"e\"--f"),
        "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code> \"e\"--f</p>\n"
    );
    assert_eq!(
        page("see https://a.example/x."),
        "<p>see <a href=\"https://a.example/x\">https://a.example/x</a>.</p>\n"
    );
    assert_eq!(
        page("```rust\nx\n```"),
        "<pre><code class=\"language-rust\">x\n</code></pre>\n"
    );
    assert!(page("| a |\n|---|\n| 1 |").contains("<td>1</td>"));
}

#[test]
fn raw_html_is_allowed_but_sanitized() {
    assert_eq!(
        page("a <mark>b</mark> <script>alert(1)</script>c"),
        "<p>a <mark>b</mark> c</p>\n"
    );
    assert_eq!(
        page("[x](javascript:alert(1)) ![y](javascript:alert(1))")
            .matches("javascript")
            .count(),
        0
    );
    assert_eq!(
        page("<iframe src=\"https://a.example\"></iframe>\n\nb"),
        "\n<p>b</p>\n"
    );
}

#[test]
fn a_video_link_on_its_own_is_an_embed_that_loads_nothing() {
    let figure = "<figure class=\"embed embed-youtube\" data-embed-id=\"_a-CDEFGHI_\">\
        <a href=\"https://www.youtube.com/watch?v=_a-CDEFGHI_\">Watch the video on YouTube</a></figure>\n";
    for link in [
        "https://www.youtube.com/watch?v=_a-CDEFGHI_",
        "https://youtube.com/watch?t=42&v=_a-CDEFGHI_&list=x",
        "https://m.youtube.com/watch?v=_a-CDEFGHI_",
        "http://youtu.be/_a-CDEFGHI_?si=x",
        "<https://www.youtube.com/shorts/_a-CDEFGHI_>  ",
    ] {
        assert_eq!(
            page(&format!("a\r\n\r\n{link}\r\n\r\nb")),
            format!("<p>a</p>\n{figure}<p>b</p>\n"),
            "{link}"
        );
    }
    let vimeo = "<figure class=\"embed embed-vimeo\" data-embed-id=\"76979871\">\
        <a href=\"https://vimeo.com/76979871\">Watch the video on Vimeo</a></figure>\n";
    assert_eq!(page("https://vimeo.com/76979871"), vimeo);
}

#[test]
fn other_links_are_no_embeds() {
    for text in [
        "see https://youtu.be/aaaaaaaaaaa",
        "https://youtu.be/aaaaaaaaaaa\nand more",
        "https://youtu.be/short",
        "https://youtu.be/aaaaaaaaaa%22",
        "https://evil.example/watch?v=aaaaaaaaaaa",
        "https://youtube.com.evil.example/watch?v=aaaaaaaaaaa",
        "https://vimeo.com/channels",
        "https://vimeo.com/1234567890123",
        "[a film](https://youtu.be/aaaaaaaaaaa)",
        "    https://youtu.be/aaaaaaaaaaa",
        "```\nhttps://youtu.be/aaaaaaaaaaa\n```",
    ] {
        assert!(!page(text).contains("<figure"), "{text}");
    }
}

#[test]
fn the_federated_form_of_a_video_is_a_link_in_a_paragraph() {
    let link = "<p><a href=\"https://www.youtube.com/watch?v=aaaaaaaaaaa\">Watch the video on YouTube</a></p>";
    assert_eq!(
        federated("a\n\nhttps://youtu.be/aaaaaaaaaaa\n\nb"),
        format!("<p>a</p>{link}<p>b</p>")
    );
}

#[test]
fn the_federated_form_of_a_table_is_lines() {
    let lines = "<p><strong>a</strong> | <strong>b</strong></p><p>1 | <a href=\"https://example.org/x\">2</a></p><p>after</p>";
    assert_eq!(
        federated("| a | b |\n|---|---|\n| 1 | [2](/x) |\n\nafter"),
        lines
    );
}

#[test]
fn the_federated_form_of_footnotes_has_no_local_links() {
    let text = "One[^n].\n\n[^n]: The *note*.";
    let page = page(text);
    assert!(
        page.contains("<a href=\"#fn-n\" id=\"fnref-n\">1</a>")
            && page.contains("<li id=\"fn-n\">"),
        "{page}"
    );
    assert_eq!(
        federated(text),
        "<p>One<sup>1</sup>.</p><ol><li><p>The <em>note</em>.</p></li></ol>"
    );
}

#[test]
fn the_federated_form_of_an_image_is_a_link() {
    assert_eq!(
        federated("![A cat](cat.png)"),
        "<p><a href=\"https://example.org/2026/cat.png\">A cat</a></p>"
    );
    assert_eq!(
        federated("[![A cat](cat.png)](/x)"),
        "<p><a href=\"https://example.org/x\">A cat</a></p>"
    );
}

#[test]
fn excerpt_and_images_are_taken_from_the_text() {
    let text = "## H\n\nhttps://youtu.be/aaaaaaaaaaa\n\nOne *two* [three](/x)[^1].\n\n![alt *text*](i.png)\n\n[^1]: no";
    let rendered = rendered(text);
    assert_eq!(rendered.excerpt, "One two three.");
    let (url, alt) = &rendered.images[0];
    assert_eq!(
        (url.as_str(), alt.as_str()),
        ("https://example.org/2026/i.png", "alt text")
    );
}

#[test]
fn a_long_excerpt_is_cut_between_words() {
    let excerpt = rendered(&"word ".repeat(200)).excerpt;
    assert!(
        excerpt.chars().count() <= 300 && excerpt.ends_with("word…"),
        "{excerpt}"
    );
    assert_eq!(rendered("").excerpt, "");
}

#[test]
fn deep_and_long_markdown_is_rendered_in_time() {
    for unit in ["> ", "- ", "[", "*a ", "**", "![", "<b>", "`", "1. ", "[^a"] {
        let start = std::time::Instant::now();
        let deep = rendered(&format!("{}x", unit.repeat(10_000)));
        assert!(
            start.elapsed() < std::time::Duration::from_secs(20),
            "{unit} took {:?}",
            start.elapsed()
        );
        assert!(!deep.page.is_empty(), "{unit}");
    }
}

#[test]
fn a_comment_is_markdown_without_html() {
    let comment = render_comment(
        "Hi *you*, https://a.example/ ![i](https://a.example/i.png)\n\n<script>alert(1)</script> <b>x</b>",
    );
    let link = |url: &str, text: &str| {
        format!("<a href=\"{url}\" rel=\"nofollow ugc noopener\">{text}</a>")
    };
    let first = link("https://a.example/", "https://a.example/");
    let image = link("https://a.example/i.png", "i");
    assert!(
        comment
            .as_str()
            .starts_with(&format!("<p>Hi <em>you</em>, {first} {image}</p>")),
        "{comment}"
    );
    assert!(
        comment
            .as_str()
            .contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{comment}"
    );
    assert!(!comment.as_str().contains("<b>"), "{comment}");
    assert_eq!(
        render_comment("# One\n\nTwo *three*\n---\n\n> ## Four").as_str(),
        "<p><strong>One</strong></p>\n<p><strong>Two <em>three</em></strong></p>\n\
         <blockquote>\n<p><strong>Four</strong></p>\n</blockquote>\n"
    );
}

#[test]
fn the_title_of_a_text_is_its_first_heading() {
    let split = |text| split_title(text).unwrap();
    assert_eq!(
        split("# A *b* & `c` #\n\ntext\n"),
        ("A b & c".into(), "\ntext\n".into())
    );
    assert_eq!(split("A\n===\ntext"), ("A".into(), "text".into()));
    assert_eq!(split("x\n\n# A\n"), ("A".into(), "x\n\n# A\n".into()));
    assert_eq!(split_title("## A\n\n```\n# no\n```\n"), None);
}
