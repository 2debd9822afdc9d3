//! Our addresses, built and parsed.

use super::*;
use crate::config::Overrides;

fn urls(public_url: &str, domain: &str) -> Urls {
    let overrides = Overrides {
        public_url: Some(public_url.into()),
        domain: Some(domain.into()),
        without_file: true,
        ..Overrides::default()
    };
    Urls::new(&Config::load_with(&overrides, &|_| None).unwrap())
}

fn permalink() -> Named {
    Named::Permalink {
        slug: "on-reading".into(),
        path: "/2026/11/on-reading".into(),
    }
}

#[test]
fn an_address_of_ours_is_read_in_every_spelling() {
    let urls = urls("https://bücher.example", "bücher.example");
    let blog = || Named::Actor("blog".into());
    for (url, named) in [
        ("https://bücher.example/users/blog", blog()),
        ("https://xn--bcher-kva.example/users/blog", blog()),
        ("HTTPS://BÜCHER.example:443/users/blog/", blog()),
        ("http://xn--bcher-kva.example./users/Blog", blog()),
        ("https://bücher.example/%75sers//bl%6Fg#main-key", blog()),
        ("https://bücher.example/@blog", blog()),
        ("https://bücher.example/%40Blog/", blog()),
        ("https://bücher.example/@blog@bücher.example", blog()),
        ("https://bücher.example", Named::Home),
        ("http://bücher.example/?page=2#x", Named::Home),
        (
            "https://bücher.example/authors/Mika/",
            Named::Author("mika".into()),
        ),
        ("https://bücher.example/actor/", Named::Instance),
        (
            "https://bücher.example/articles/ab12/",
            Named::Article("ab12".into()),
        ),
        (
            "https://bücher.example/notes/ab12/",
            Named::Note("ab12".into()),
        ),
        (
            "http://bücher.example/activities/ab12",
            Named::Activity("ab12".into()),
        ),
        ("https://bücher.example/2026/11/on-reading", permalink()),
        (
            "http://bücher.example/2026/11/on%2Dreading/?a=b#comments",
            permalink(),
        ),
    ] {
        assert_eq!(urls.read(url), Some(named), "{url}");
        assert!(urls.is_ours(url), "{url}");
    }
    for url in [
        "https://bücher.example:8443/users/blog",
        "https://www.bücher.example/users/blog",
        "https://bucher.example/users/blog",
        "ftp://bücher.example/users/blog",
        "https://bücher.example/@blog@else.example",
        "https://bücher.example/users/blog/inbox",
        "https://bücher.example/users%2Fblog",
        "https://bücher.example/notes/a-b",
        "acct:blog@bücher.example",
        "https://bücher.example/?p=12",
    ] {
        assert_eq!(urls.read(url), None, "{url}");
    }
}

#[test]
fn a_fragment_names_a_comment_of_an_article() {
    let urls = urls("https://example.org", "example.org");
    let comment = |article, number| {
        let article = Box::new(article);
        Some(Named::Comment { article, number })
    };
    let page = "https://example.org/2026/11/on-reading";
    assert_eq!(
        urls.read(&format!("{page}#comment-5")),
        comment(permalink(), 5)
    );
    assert_eq!(
        urls.read(&format!("{page}/?after=100#comment%2D105")),
        comment(permalink(), 105)
    );
    let id = "https://example.org/articles/ab12#comment-1";
    assert_eq!(urls.read(id), comment(Named::Article("ab12".into()), 1));
    for fragment in [
        "comment-",
        "comment-x",
        "comments",
        "comment--1",
        "comment-99999999999999999999",
    ] {
        assert_eq!(
            urls.read(&format!("{page}#{fragment}")),
            Some(permalink()),
            "{fragment}"
        );
    }
}

#[test]
fn every_page_of_an_actor_leads_to_it() {
    let urls = urls("https://blog.example.org", "example.org");
    for (url, actor) in [
        ("https://blog.example.org", Some("blog")),
        ("http://blog.example.org/", Some("blog")),
        ("https://blog.example.org/@Blog", Some("blog")),
        ("https://blog.example.org/@blog@example.org", Some("blog")),
        ("https://blog.example.org/authors/mika", Some("mika")),
        ("https://blog.example.org/users/mika/", Some("mika")),
        ("https://example.org/users/blog", None),
        ("https://blog.example.org/actor", None),
    ] {
        assert_eq!(urls.actor_at(url).as_deref(), actor, "{url}");
    }
    for domain in [
        "example.org",
        "EXAMPLE.org.",
        "blog.example.org:443",
        "Blog.Example.Org",
    ] {
        assert!(urls.is_our_domain(domain), "{domain}");
    }
    for domain in [
        "",
        "else.example",
        "example.org:8443",
        "example.org/x",
        "a@example.org",
    ] {
        assert!(!urls.is_our_domain(domain), "{domain}");
    }
}

#[test]
fn a_path_has_one_right_spelling() {
    let urls = urls("https://example.org", "example.org");
    for (path, right) in [
        ("/", "/"),
        ("//", "/"),
        ("/users/blog/", "/users/blog"),
        ("/@Blog/outbox/", "/users/blog/outbox"),
        ("/tags/C%2b%2B", "/tags/C%2B%2B"),
        ("/tags/%e3%81%82", "/tags/%E3%81%82"),
        ("/tags/あ", "/tags/%E3%81%82"),
        ("/users/a%2fB", "/users/a%2FB"),
        ("//else.example/x", "/else.example/x"),
        ("/@.", "/@."),
        ("/@../users/blog", "/@../users/blog"),
        ("/@%2E%2E", "/@.."),
        ("/@..@example.org", "/@..@example.org"),
        ("/tags/%%6368", "/tags/%%6368"),
        (
            "/2026/11/on%2Dreading//reactions",
            "/2026/11/on-reading/reactions",
        ),
    ] {
        assert_eq!(urls.canonical_path(path), right, "{path}");
        assert_eq!(urls.canonical_path(right), right, "{right}");
    }
}
