//! Parses local URLs in any spelling, and canonicalizes ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{Named, ORIGIN, Urls, urls};
use pamphlet_fuzz::assert_canonical;
use std::sync::LazyLock;

static URLS: LazyLock<Urls> = LazyLock::new(urls);

fuzz_target!(|text: &str| {
    assert_canonical(text);
    check(text);
    check(&format!("{ORIGIN}/{text}"));
    let path = URLS.canonical_path(&format!("/{text}"));
    assert_eq!(URLS.canonical_path(&path), path, "{text:?}");
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !text.is_empty() {
        let read = |url: String| URLS.read(&url);
        assert_eq!(read(URLS.article(text)), Some(Named::Article(text.into())));
        assert_eq!(read(URLS.note(text)), Some(Named::Note(text.into())));
        assert_eq!(
            read(URLS.activity(text)),
            Some(Named::Activity(text.into()))
        );
        assert_eq!(read(URLS.feature(text)), Some(Named::Feature(text.into())));
        let (user, name) = (format!("{ORIGIN}/users/{text}"), text.to_ascii_lowercase());
        assert_eq!(read(user), Some(Named::Actor(name)));
    }
});

/// Asserts that a URL's canonical spelling is stable and names the same resource.
fn check(url: &str) {
    let named = URLS.read(url);
    let Some(canonical) = URLS.canonical(url) else {
        assert!(!URLS.is_ours(url) && named.is_none(), "{url:?}");
        return;
    };
    assert!(URLS.is_ours(&canonical), "{url:?} {canonical:?}");
    assert_eq!(
        URLS.canonical(&canonical).as_ref(),
        Some(&canonical),
        "{url:?}"
    );
    assert_eq!(URLS.read(&canonical), named, "{url:?} {canonical:?}");
    let _ = URLS.actor_at(url);
}
