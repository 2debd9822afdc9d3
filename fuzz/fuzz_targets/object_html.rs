//! Sanitizes remote objects and texts for pages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{Html, Object, content, parse_json};
use pamphlet_fuzz::{assert_bounded, assert_harmless};
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    check(Html::from_remote(&text), &text);
    check(Html::from_remote_text(&text), &text);
    let objects = match parse_json(data) {
        Ok(document) => vec![document],
        Err(_) => ["text/html", "text/plain", "text/markdown"]
            .map(|kind| json!({"content": &text, "mediaType": kind}))
            .to_vec(),
    };
    for object in objects.into_iter().filter_map(Object::read) {
        check(content(&object), &text);
    }
});

fn check(html: Html, text: &str) {
    assert_harmless(&html);
    assert_bounded(&html, text);
    let again = Html::from_remote(html.as_str());
    assert_eq!(again, html, "cleaned again");
}
