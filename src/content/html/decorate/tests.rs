//! Tests of decorated HTML.

use super::*;
use crate::content::markdown;
use url::Url;

fn labels() -> Labels {
    Labels {
        back_to_reference: "Back to reference".into(),
        table: "Table".into(),
        watch_on_youtube: "Auf YouTube".into(),
        watch_on_vimeo: "Auf Vimeo".into(),
    }
}

fn files() -> MediaFiles {
    let file = |name: &str, kind, content_type: &str, size| MediaFile {
        address: format!("/media/{name}"),
        kind,
        size,
        content_type: content_type.into(),
        variants: Vec::new(),
    };
    let variant = |name: &str, width, content_type: &str| MediaVariant {
        address: format!("/media/{name}"),
        width,
        content_type: content_type.into(),
    };
    let mut photo = file(
        "a.jpg",
        MediaFileKind::Picture,
        "image/jpeg",
        Some((2000, 1000)),
    );
    photo.variants = vec![
        variant("a-960.webp", 960, "image/webp"),
        variant("a-480.webp", 480, "image/webp"),
    ];
    let mut moving = file(
        "m.gif",
        MediaFileKind::Animation,
        "image/gif",
        Some((40, 20)),
    );
    moving.variants = vec![variant("m-40.webp", 40, "image/webp")];
    let mut small = file(
        "s.jpg",
        MediaFileKind::Picture,
        "image/jpeg",
        Some((600, 300)),
    );
    small.variants = vec![variant("s-480.jpg", 480, "image/jpeg")];
    let files = [
        photo,
        moving,
        small,
        file("v.mp4", MediaFileKind::Video, "video/mp4", Some((640, 360))),
        file("a.mp3", MediaFileKind::Audio, "audio/mpeg", None),
    ];
    MediaFiles::new(
        "https://example.org/",
        files.map(|file| (file.address["/media/".len()..].to_owned(), file)),
    )
}

fn shown_in(markdown: &str, language: &str) -> String {
    let base = Url::parse("https://example.org/2026/post").unwrap();
    let (labels, media) = (labels(), files());
    let decoration = Decoration {
        language,
        labels: &labels,
        media: &media,
        top_heading: 2,
        has_anchors: true,
        has_eager_picture: true,
    };
    markdown::render(markdown, &base)
        .decorated(&decoration)
        .into_string()
        .trim_end()
        .to_owned()
}

pub(super) fn shown(markdown: &str) -> String {
    shown_in(markdown, "en")
}

#[test]
fn headings_have_anchors_and_skip_no_level() {
    let heading = |level: u8, id: &str, text: &str| {
        format!(
            "<h{level} id=\"s-{id}\"><a class=\"anchor\" href=\"#s-{id}\">{text}</a></h{level}>"
        )
    };
    for (markdown, expected) in [
        ("## The Sea", vec![heading(2, "the-sea", "The Sea")]),
        (
            "# Été *à* Paris\n\n#### `a` & b\n\n# Été *à* Paris",
            vec![
                heading(2, "ete-a-paris", "Été <em>à</em> Paris"),
                heading(3, "a-b", "<code>a</code> &amp; b"),
                heading(2, "ete-a-paris-2", "Été <em>à</em> Paris"),
            ],
        ),
        ("## ???\n\n##\n\n# ", vec![heading(2, "section", "???")]),
        (
            "### See [this](https://a.example/)",
            vec!["<h2 id=\"s-see-this\">See <a href=\"https://a.example/\">this</a></h2>".into()],
        ),
        (
            "<h2 dir=\"rtl\" id=\"content\">x</h2>",
            vec!["<h2 id=\"s-x\" dir=\"rtl\"><a class=\"anchor\" href=\"#s-x\">x</a></h2>".into()],
        ),
        (
            "# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5\n\n###### 6",
            vec![
                heading(2, "1", "1"),
                heading(3, "2", "2"),
                heading(4, "3", "3"),
                heading(5, "4", "4"),
                heading(6, "5", "5"),
                heading(6, "6", "6"),
            ],
        ),
    ] {
        let lines: Vec<String> = shown(markdown)
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        assert_eq!(lines, expected, "{markdown}");
    }
}

#[test]
fn tables_scroll_and_align_their_cells() {
    let table = shown("| a |  | b | c |\n|---:|---|:-:|---|\n| 1 | x | 2 | 3 |");
    for part in [
        "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1\"><table>",
        "<th scope=\"col\" class=\"align-right\">a</th>",
        "<td></td>",
        "<th scope=\"col\" class=\"align-center\">b</th>",
        "<th scope=\"col\">c</th>",
        "<td class=\"align-right\">1</td>",
        "</table></div>",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(
        !table.contains("align=") && !table.contains("</th></td>"),
        "{table}"
    );
    let named =
        shown("<table><caption>Rain &amp; sun</caption><tr><th>x</th></tr></table>\n\n|a|\n|-|\n");
    assert!(
        named.contains("aria-label=\"Rain &amp; sun\"") && named.contains("aria-label=\"Table 2\""),
        "{named}"
    );
}

#[test]
fn pictures_have_sizes_captions_and_places() {
    let source = |sizes: &str| {
        format!(
            "<picture><source type=\"image/webp\" srcset=\"/media/a-480.webp 480w, /media/a-960.webp 960w\" sizes=\"{sizes}\">\
             <img src=\"/media/a.jpg\""
        )
    };
    let column = "(min-width: 44rem) 40rem, calc(100vw - 2rem)";
    let size = "width=\"2000\" height=\"1000\"";
    assert_eq!(
        shown("![A \"cat\"](/media/a.jpg \"Her <cat> & \\\"mine\\\"\")"),
        format!(
            "<figure>{} alt=\"A &quot;cat&quot;\" {size} fetchpriority=\"high\" decoding=\"async\"></picture>\
             <figcaption>Her &lt;cat&gt; &amp; “mine”</figcaption></figure>",
            source(column)
        )
    );
    // An absolute address of this site, in a link, and not at the beginning.
    let long = "x ".repeat(800);
    assert_eq!(
        shown(&format!(
            "{long}\n\n[![A](https://example.org/media/a.jpg)](/x)"
        ))
        .lines()
        .last()
        .unwrap(),
        format!(
            "<figure><a href=\"/x\">{} alt=\"A\" {size} loading=\"lazy\" decoding=\"async\"></picture></a></figure>",
            source(column)
        )
    );
    let row = shown("![A](/media/a.jpg)\n![M](/media/m.gif)\n![O](old.png)");
    let start = format!(
        "<div class=\"gallery\"><figure>{}",
        source("(min-width: 44rem) 13.5rem, 50vw")
    );
    assert!(row.starts_with(&start), "{row}");
    for part in [
        "<figure><img src=\"/media/m.gif\" alt=\"M\" width=\"40\" height=\"20\" loading=\"lazy\" decoding=\"async\"></figure>",
        "<figure><img src=\"old.png\" alt=\"O\" loading=\"lazy\" decoding=\"async\"></figure></div>",
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
    let line = shown("See ![A](/media/s.jpg \"T\") here");
    assert!(
        line.starts_with(
            "<p>See <img src=\"/media/s.jpg\" srcset=\"/media/s-480.jpg 480w, /media/s.jpg 600w\" sizes="
        ) && line.contains("title=\"T\""),
        "{line}"
    );
    let raw = shown(
        "<figure><img src=\"/media/a.jpg\" width=\"500\"><figcaption>c</figcaption></figure>",
    );
    assert!(
        raw.contains("alt=\"\" width=\"500\" height=\"250\"")
            && raw.matches("<figure>").count() == 1,
        "{raw}"
    );
}

#[test]
fn punctuation_follows_the_language() {
    for (language, written, expected) in [
        (
            "en",
            "\"She said 'no'\", don't... 1990--2000 --- the '90s, rock 'n' roll",
            "“She said ‘no’”, don’t… 1990–2000 — the ’90s, rock ‘n’ roll",
        ),
        (
            "en",
            "(\"a\") \"*b*\" *\"c\"* the dogs' 5'10\" tall",
            "(“a”) “<em>b</em>” <em>“c”</em> the dogs’ 5’10\" tall",
        ),
        (
            "de",
            "\"Er sagte 'nein'\" -- so war's",
            "„Er sagte ‚nein‘“ – so war’s",
        ),
        ("de-CH", "\"x\"", "«x»"),
        (
            "fr",
            "Il dit : \"L'art ?\" Oui ! Non ; à 12:30",
            "Il dit\u{a0}: «\u{a0}L’art\u{202f}?\u{a0}» Oui\u{202f}! Non\u{202f}; à 12:30",
        ),
        ("es", "\"¿Qué 'es'?\"", "«¿Qué “es”?»"),
        ("es-MX", "\"a\"", "“a”"),
        ("ar", "قال \"نعم\"", "قال «نعم»"),
        ("ja", "\"a\"...", "\"a\"…"),
        (
            "en",
            "Use --help, `\"a\"--b`, https://a.example/x--y--z and <kbd>\"</kbd> -> --> ----",
            "Use --help, <code>\"a\"--b</code>, <a href=\"https://a.example/x--y--z\">https://a.example/x--y--z</a> and \
             <kbd>\"</kbd> -&gt; --&gt; ----",
        ),
        (
            "en",
            "\\\"a\\\" b\\.\\.\\. c\\'s 6\\\" \\--",
            "\"a\" b... c's 6\" --",
        ),
        (
            "en",
            "[the \"big\" one](https://a.example/--x)",
            "<a href=\"https://a.example/--x\">the “big” one</a>",
        ),
    ] {
        assert_eq!(
            shown_in(written, language),
            format!("<p>{expected}</p>"),
            "{language}"
        );
    }
    for (written, expected) in [
        ("A \"b\"...", "A „b“…"),
        (
            "\"(https://a.example/b--c) d\" -- x://y",
            "„(https://a.example/b--c) d“ – x://y",
        ),
    ] {
        assert_eq!(smart_text(written, "de"), expected);
    }
}

#[test]
fn other_parts_are_mended() {
    let notes = shown("A[^ä].\n\n[^ä]: Note.");
    for part in [
        "<div class=\"footnotes\">",
        "aria-label=\"Back to reference 1\"",
        "id=\"fn-",
    ] {
        assert!(notes.contains(part), "{part} in {notes}");
    }
    assert!(!notes.contains("section"), "{notes}");
    assert_eq!(
        shown("- [ ] a\n- [x] *b*\n- [link](/x)"),
        "<ul>\n<li class=\"task\">☐ a</li>\n<li class=\"task\">☑ <em>b</em></li>\n<li><a href=\"/x\">link</a></li>\n</ul>"
    );
    assert!(shown("https://youtu.be/aaaaaaaaaaa").contains(">Auf YouTube</a>"));
    assert_eq!(
        shown("```rust\nlet a = \"b\";\n```"),
        "<pre tabindex=\"0\"><code class=\"language-rust\"><span class=\"hl-k\">let</span> a = \
         <span class=\"hl-s\">\"b\"</span>;\n</code></pre>"
    );
    assert_eq!(
        shown("```\n\"a\"--b\n```"),
        "<pre tabindex=\"0\"><code>\"a\"--b\n</code></pre>"
    );
}

#[test]
fn the_decorated_text_keeps_its_words() {
    for markdown in [
        "# One\n\n> ## Two\n\nA *b* `c` ~~d~~\n\n1. x\n2. y\n\n<details><summary>s</summary>\n\n### t\n\n</details>",
        "<table><tr><td><table><tr><th>x</th></tr></table></td></tr></table> y",
        "<section><section>a</section>b</section> <figure><figure>c</figure></figure>",
        "<pre>a <b>b</b></pre>\n\n<pre><code>x</code> y</pre>\n\n<code>z",
        "<h2><img src=\"/media/a.jpg\"></h2>\n\n<h3> </h3> text",
        "- ![](/media/a.jpg)\n\n  ![](/media/s.jpg) ![](/media/s.jpg)\n\n> ![](x.png)",
    ] {
        let base = Url::parse("https://example.org/").unwrap();
        let plain = markdown::render(markdown, &base).page;
        let shown = shown(markdown);
        let text = |html: &str| pieces::text_of(html).split_whitespace().collect::<String>();
        assert_eq!(text(&shown), text(plain.as_str()), "{markdown}: {shown}");
        // It is balanced: another parser closes nothing and removes nothing.
        for name in [
            "div", "figure", "h2", "h3", "a", "pre", "code", "table", "td", "picture",
        ] {
            let starts = shown.matches(&format!("<{name}>")).count()
                + shown.matches(&format!("<{name} ")).count();
            assert_eq!(
                starts,
                shown.matches(&format!("</{name}>")).count(),
                "{name} in {shown}"
            );
        }
    }
}

#[test]
fn a_long_text_is_decorated_in_time() {
    for unit in [
        "\"a ",
        "'",
        "'a' ",
        "--",
        "# a\n\n",
        "|a|\n|-|\n\n",
        "![](/media/a.jpg)",
        "<b>\"</b>",
        "[a](/x) ",
        "- [ ] x\n",
    ] {
        let base = Url::parse("https://example.org/").unwrap();
        let rendered = markdown::render(&unit.repeat(5_000), &base);
        let (labels, media) = (labels(), files());
        let decoration = Decoration {
            language: "en",
            labels: &labels,
            media: &media,
            top_heading: 2,
            has_anchors: true,
            has_eager_picture: false,
        };
        let started = std::time::Instant::now();
        let shown = rendered.decorated(&decoration);
        assert!(
            started.elapsed().as_secs() < 20,
            "{unit}: {:?}",
            started.elapsed()
        );
        assert!(!shown.is_empty());
    }
}
