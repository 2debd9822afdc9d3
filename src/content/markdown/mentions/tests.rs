//! Tests of mentions and hashtags in texts.

use super::{
    super::{mentions, render_with_links},
    *,
};
use url::Url;

fn found(markdown: &str) -> (Vec<String>, Vec<String>) {
    let found = mentions(markdown);
    let handles = found.handles.iter().map(ToString::to_string);
    (handles.collect(), found.hashtags)
}

#[test]
fn mentions_and_hashtags_are_found_in_running_text() {
    let (handles, hashtags) = found(
        "Hi @ann@example.org, @Ann@EXAMPLE.org and (@b.c_d@sub.example.org). @e@localhost:8080!\n\n\
         > *@f@example.org*: #Books, #été_2026 #books\n\n- #1 #2nd a#b https://x.example/#c &#35;",
    );
    assert_eq!(
        handles,
        [
            "@ann@example.org",
            "@b.c_d@sub.example.org",
            "@e@localhost:8080",
            "@f@example.org"
        ]
    );
    assert_eq!(hashtags, ["Books", "été_2026", "2nd"]);
}

#[test]
fn code_and_links_are_left_alone() {
    for text in [
        "`@ann@example.org #tag`",
        "```\n@ann@example.org #tag\n```",
        "    @ann@example.org #tag",
        "[@ann@example.org #tag](https://a.example)",
        "![@ann@example.org #tag](https://a.example/b.png)",
        "<a href=\"https://a.example\">@ann@example.org #tag</a>",
        "<code>@ann@example.org *#tag*</code>",
        "https://a.example/@ann@example.org",
        "ann@example.org and me+ann@example.org",
        "\\#tag and a\\#b, \\*\\#c\\*",
        "example.org/#about, example.org#about, f(x)#y, &#x27;",
        "#fff, #1e90ff, #comment-5, #123, #1, issue #5",
    ] {
        assert_eq!(found(text), (vec![], vec![]), "{text}");
    }
}

#[test]
fn known_mentions_become_links_and_others_stay_text() {
    let mut links = MentionLinks::default();
    links.add_mention(
        &"@ann@example.org".parse().unwrap(),
        "https://example.org/@ann?a=1&b",
    );
    links.add_hashtag("books", "https://blog.example/tags/books");
    let base = Url::parse("https://blog.example/").unwrap();
    let html = render_with_links(
        "Hi @Ann@example.org, @bob@example.org: #Books #other",
        &base,
        &links,
    );
    let expected = "<p>Hi <span class=\"h-card\"><a href=\"https://example.org/@ann?a=1&amp;b\" class=\"u-url mention\" \
         title=\"@Ann@example.org\">@<span>Ann</span></a></span>, @bob@example.org: <a href=\"https://blog.example/tags/books\" \
         class=\"mention hashtag\" rel=\"tag\">#<span>Books</span></a> #other</p>\n";
    assert_eq!(html.page.as_str(), expected);
    assert_eq!(html.federated.as_str(), expected.trim());
    assert_eq!(
        html.excerpt,
        "Hi @Ann@example.org, @bob@example.org: #Books #other"
    );
}

#[test]
fn hashtags_are_the_same_however_they_are_spelled() {
    let (_, hashtags) =
        found("#हिन्दी and ＃タグ #Русский #русский #U\u{308}ber #ÜBER, हि\u{94D}#न");
    assert_eq!(hashtags, ["हिन्दी", "タグ", "Русский", "U\u{308}ber"]);
    let mut links = MentionLinks::default();
    links.add_hashtag("Русский", "https://blog.example/tags/x");
    let base = Url::parse("https://blog.example/").unwrap();
    let html = render_with_links("#РУССКИЙ \\#Русский", &base, &links)
        .page
        .into_string();
    assert!(
        html.contains("#<span>РУССКИЙ</span></a> #Русский</p>"),
        "{html}"
    );
}

#[test]
fn the_number_of_mentions_is_bounded() {
    let text: String = (0..1000)
        .map(|n| format!("@u{n}@example.org #t{n} "))
        .collect();
    let found = mentions(&text);
    assert_eq!(
        (found.handles.len(), found.hashtags.len()),
        (MAX_MENTIONS, MAX_MENTIONS)
    );
}
