//! Renders Markdown for pages, for other servers and for comments.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{Html, ORIGIN, markdown};
use pamphlet_fuzz::{assert_bounded, assert_harmless};
use url::Url;

/// The maximum length of an excerpt: 300 characters and an ellipsis.
const MAX_EXCERPT: usize = 301;

fuzz_target!(|text: &str| {
    let base = Url::parse(&format!("{ORIGIN}/2026/11/on-reading")).expect("a URL");
    let rendered = markdown::render(text, &base);
    for html in [&rendered.page, &rendered.federated] {
        assert_harmless(html);
        assert_bounded(html, text);
    }
    assert!(rendered.excerpt.chars().count() <= MAX_EXCERPT);
    assert_eq!(
        Html::from_own(rendered.page.as_str()),
        rendered.page,
        "cleaned again"
    );
    assert_eq!(
        rendered.federated.to_federated(&base),
        rendered.federated,
        "federated again"
    );
    let comment = markdown::render_comment(text);
    assert_harmless(&comment);
    assert_bounded(&comment, text);
    assert_eq!(
        Html::from_remote(comment.as_str()),
        comment,
        "cleaned again"
    );
    let _ = (
        markdown::mentions(text),
        markdown::forbidden_tags(text),
        markdown::pictures(text),
    );
});
