//! Attacks that the sanitizer must withstand, by content, depth and size.

use std::time::{Duration, Instant};

use proptest::prelude::*;

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

/// Attacks. A browser must not run, load or submit anything of what is left of them.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT >",
    "<script>alert(1)",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror=\"alert(1)\"//",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mtext><table><mglyph><style><math><table id=\"</table>\"><img src onerror=alert(1)\">",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<title><p title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
    "<noembed><img title=\"</noembed><img src onerror=alert(1)>\"></noembed>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><template><style><!--</style><a rel=\"--></style></template></select><img id=x src onerror=alert(1)>\">",
    "<iframe src=\"javascript:alert(1)\" srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object><embed src=//evil.example>",
    "<form action=//evil.example><input name=p><button formaction=\"javascript:alert(1)\">x</button></form>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" \u{1}java\nscript\t:alert(1)\">x</a>",
    "<a href=\"&#106;avascript&colon;alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a><a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
    "<a href=\"https://a.example\" onclick=alert(1) style=\"position:fixed\" target=_top>x</a>",
    "<p style=\"background:url(javascript:alert(1))\" onmouseover=alert(1)>x</p>",
    "<base href=//evil.example><meta http-equiv=refresh content=\"0;url=javascript:alert(1)\"><link rel=stylesheet href=//evil.example>",
    "<style>@import '//evil.example'</style><body onload=alert(1)><frameset onload=alert(1)>",
    "<a href=\"https://a.example/\"\"><img src=x onerror=alert(1)>\">x</a>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    "<abbr title=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\">x</abbr>",
    "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]><?php <script>alert(1)</script>",
    "<plaintext><script>alert(1)</script>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)></audio>",
    "<video src=\"javascript:alert(1)\" poster=\"data:text/html,x\" onplay=alert(1) autoplay><script>alert(1)</script></video>",
    "<video src=x><p>a</video><audio src=y>b</p><script>alert(1)</script><video src=z><style>c",
    "<details open ontoggle=alert(1)><summary>x</summary></details><marquee onstart=alert(1)>x</marquee>",
    "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
    "<isindex action=javascript:alert(1) type=image><input autofocus onfocus=alert(1)>",
    "<p>\u{0}<scr\u{0}ipt>alert(1)</scr\u{0}ipt>",
];

const FORBIDDEN_ELEMENTS: &[&str] = &[
    "script",
    "style",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "template",
    "noscript",
    "base",
    "meta",
    "link",
    "source",
    "title",
    "xmp",
    "frameset",
    "body",
    "plaintext",
    "noembed",
    "marquee",
    "isindex",
];

/// Tokenizes `html` as a browser does, and panics if it could do harm.
fn assert_harmless(html: &str, input: &str) {
    tokens::read(html, |token| {
        let tokens::Token::Start(tag) = token else {
            return;
        };
        assert!(
            !FORBIDDEN_ELEMENTS.contains(&&*tag.name),
            "{input}\ngave {html}"
        );
        for (name, value) in &tag.attributes {
            assert!(
                !name.starts_with("on") && name != "style" && name != "target",
                "{input}\ngave {html}"
            );
            if matches!(name.as_str(), "href" | "src" | "cite" | "poster") {
                let absolute = Url::parse(value).map_or(true, |url| {
                    matches!(url.scheme(), "http" | "https" | "mailto")
                });
                assert!(absolute, "{input}\ngave {html}");
            }
        }
    });
}

#[test]
fn nothing_of_an_attack_is_left() {
    for attack in ATTACKS {
        for clean in [remote(attack), own(attack), federated(attack)] {
            assert_harmless(&clean, attack);
        }
        for elsewhere in [remote(attack), federated(attack)] {
            assert!(
                !elsewhere.contains("<audio") && !elsewhere.contains("<video"),
                "{attack}\ngave {elsewhere}"
            );
        }
    }
}

#[test]
fn attacks_are_harmless_between_others_and_cleaning_is_stable() {
    for first in ATTACKS {
        for second in ATTACKS {
            let both = format!("<p>a {first} <b>{second}</p> z");
            let clean = remote(&both);
            assert_harmless(&clean, &both);
            assert_eq!(remote(&clean), clean, "cleaned twice: {both}");
        }
    }
}

#[test]
fn each_pass_alone_disarms_what_others_wrote() {
    let normalizer = Normalizer {
        vocabulary: Vocabulary::Fediverse,
        base: None,
        is_remote: true,
    };
    for attack in ATTACKS {
        assert_harmless(&normalizer.apply(attack), attack);
        assert_harmless(&policy::clean_remote(attack), attack);
    }
}

#[test]
#[should_panic(expected = "gave")]
fn the_check_finds_an_attack() {
    assert_harmless("<p><a href=\" JAVASCRIPT:alert(1)\">x</a></p>", "");
}

const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a href=\"https://a.example/\">",
    "<a href='javascript:x'>",
    "</a>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>",
    "</td>",
    "</table>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<style>",
    "</style>",
    "<!--",
    "-->",
    "<img src=https://a.example/i onerror=x alt=\"<b>\">",
    "<pre>",
    "\n",
    " ",
    "text",
    "&lt;",
    "\"",
    "'",
    "<",
    ">",
    "<div>",
    "</div>",
    "<h1>",
    "</h1>",
    "<script>",
    "</script>",
    "<br>",
    "<select>",
    "<template>",
    "<ruby>",
    "<rt>",
    "<caption>",
    "<form>",
    "<textarea>",
    "</textarea>",
    "<blockquote>",
    "&#x202e;",
    "<![CDATA[",
    "]]>",
];

proptest! {
    #[test]
    fn any_mixture_is_cleaned_to_balanced_harmless_html(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let input = pieces.concat();
        for clean in [remote(&input), own(&input), federated(&input)] {
            assert_harmless(&clean, &input);
            depth(&clean);
        }
    }
}

#[test]
fn deep_nesting_costs_neither_stack_nor_time() {
    for unit in [
        "<div>",
        "<b>",
        "<blockquote>",
        "<p><b>",
        "<ul><li>",
        "<table><tr><td>",
        "<a href=\"https://a.example\">",
        "<svg>",
        "<i><p>",
        "<ruby><rt>",
        "<font>",
        "<b></i>",
    ] {
        let start = Instant::now();
        let clean = remote(&format!("{}deep", unit.repeat(10_000)));
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "{unit} took {:?}",
            start.elapsed()
        );
        assert_harmless(&clean, unit);
        assert!(
            depth(&clean) <= 100,
            "{unit} is nested {} deep",
            depth(&clean)
        );
    }
    let own_start = Instant::now();
    own(&format!(
        "{}x{}",
        "<blockquote>".repeat(10_000),
        "</blockquote>".repeat(10_000)
    ));
    assert!(own_start.elapsed() < Duration::from_secs(8));
}

/// Returns the depth of the elements in balanced HTML.
fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    tokens::read(html, |token| match token {
        tokens::Token::Start(tag) if !elements::VOID.contains(&&*tag.name) => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        tokens::Token::End(_) => {
            depth = depth
                .checked_sub(1)
                .expect("no end tag without a start tag")
        }
        _ => {}
    });
    assert_eq!(depth, 0, "all that was opened is closed");
    deepest
}

#[test]
fn a_huge_text_is_cut_and_a_huge_tag_ends_it() {
    let clean = remote(&"é".repeat(MAX_REMOTE_BYTES));
    assert_eq!(clean.len(), MAX_REMOTE_BYTES);
    let cut_in_a_tag = remote(&format!(
        "{}<a href=\"https://a.example\">x</a>",
        "x".repeat(MAX_REMOTE_BYTES - 10)
    ));
    assert_eq!(cut_in_a_tag, "x".repeat(MAX_REMOTE_BYTES - 10));
    let attributes: String = (0..30_000).map(|i| format!("a{i:x} ")).collect();
    let start = Instant::now();
    assert_eq!(
        remote(&format!("<p>before</p><p {attributes}>after")),
        "<p>before</p>"
    );
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "took {:?}",
        start.elapsed()
    );
}

#[test]
fn the_output_is_bounded_by_the_input() {
    const INPUT: usize = 10_000;
    for unit in [
        "&",
        "<",
        "<img src=\"http://a\">",
        "<a href=\"http://a\">",
        "<td>",
        "<div>x",
        "<li>",
        "<p>",
    ] {
        let clean = remote(&unit.repeat(INPUT / unit.len()));
        assert!(clean.len() < 10 * INPUT, "{unit} gave {}", clean.len());
    }
}
