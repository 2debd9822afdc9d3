//! Parameters that no browser sends: in every path, query and form field, none makes the node fail.

use crate::support::{Database, Guest, Response, TestNode, both_databases, eventually};
use futures::{StreamExt, stream};
use pamphlet::{node::tokens::Purpose, store};
use rstest_reuse::apply;
use url::form_urlencoded::byte_serialize;

/// Values, percent-encoded as in a URL.
const VALUES: &[&str] = &[
    "",
    "%00",
    "a%00b",
    "%0a",
    "%0d%0aX-Injected:%20yes",
    "x%0a%0d",
    "%09",
    "%7f",
    "%c2%85",
    "%e2%80%a8%e2%80%ae",
    "%ff%fe",
    "%ed%a0%80",
    "%",
    "%zz",
    "%250a",
    "%5c..%5c",
    "..%2f..%2f",
    "0",
    "-1",
    "0x10",
    "1e999",
    "NaN",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "99999999999999999999999999999999",
    "null",
    "true",
    "%5b%5d",
    "%27%3B--%22%3E%3Cscript%3E",
    "%F0%9F%98%80",
    "%40",
    "%40x%40y",
    "first",
];

/// GETs with such a value. `PAGE` is the path of an article, `UID` its uid, `ORIGIN` the node's origin.
const TARGETS: &[&str] = &[
    "/{}",
    "/{}/{}",
    "/{}/{}/{}",
    "/?before={}",
    "/?before={}-{}",
    "/?before=1-{}",
    "/?{}={}",
    "/feed.atom?{}",
    "/feed.rss?before={}-{}",
    "/feed.json?before={}",
    "/tags/{}/feed.atom",
    "/tags/x/feed.rss?before=1-{}",
    "/authors/{}/feed.json",
    "/{}/{}/{}/comments.rss",
    "PAGE/comments.atom?before={}",
    "/sitemap/{}",
    "/sitemap/articles.xml?after={}",
    "/sitemap/tags.xml?after={}",
    "/oembed?url={}",
    "/oembed?url=ORIGIN/{}",
    "/oembed?url=ORIGINPAGE&maxwidth={}&maxheight={}",
    "/cards/{}/{}",
    "/cards/UID/{}.png",
    "/tags/{}",
    "/search?q={}",
    "/search?q=a&page={}",
    "/search?{}={}",
    "/tags/x?before={}",
    "/tags?after={}",
    "/archive/{}",
    "/archive/2026?before={}",
    "/archive/2026?before={}-{}",
    "/archive?{}",
    "/authors?after={}",
    "/notes?before={}",
    "/notes?before=1-{}",
    "/privacy?{}",
    "/subscribe?{}",
    "/tags/x?before={}-{}",
    "/authors/{}",
    "/authors/{}?before={}",
    "/@{}",
    "/users/{}",
    "/users/{}/outbox",
    "/users/blog/{}",
    "/users/blog/outbox?page={}",
    "/users/blog/followers?page={}",
    "/users/blog/following?page={}",
    "/users/blog/featured?page={}",
    "/users/blog/tags?page={}",
    "/users/{}/followers_synchronization",
    "/actor/{}",
    "/authorize_interaction?uri={}",
    "/authorize_interaction?uri=ORIGIN{}",
    "/authorize_interaction?uri=ORIGIN/{}",
    "/authorize_interaction?uri=ORIGIN/users/blog{}",
    "/authorize_interaction?uri=ORIGINPAGE{}",
    "/authorize_interaction?uri=ORIGIN/users/blog?x={}",
    "/authorize_interaction?uri=ORIGIN/users/blog%23{}",
    "/authorize_interaction?uri=https://a.example/{}",
    "/interact?uri={}",
    "/interact?uri=ORIGIN/{}",
    "/interact?uri=ORIGIN/users/blog{}",
    "/interact?uri=ORIGINPAGE%23comment-{}",
    "/2026/08/{}",
    "/{}/08/on-reading-slowly",
    "/{}PAGE",
    "PAGE{}",
    "PAGE/{}",
    "PAGE?after={}",
    "PAGE?posted={}",
    "PAGE?edited={}",
    "PAGE/reply/{}",
    "PAGE/comments/{}/report",
    "PAGE/reactions?before={}",
    "PAGE/comments/{}/reactions",
    "PAGE/comments/1/reactions?before={}",
    "/articles/{}",
    "/articles/{}/replies",
    "/articles/{}/comments",
    "/articles/UID/{}",
    "/articles/UID/replies?page={}",
    "/articles/UID/context?page={}",
    "/articles/UID/likes?page={}",
    "/notes/{}",
    "/notes/{}/replies?page={}",
    "/activities/{}",
    "/quotes/{}",
    "/features/{}",
    "/authorizations/{}",
    "/moderate/{}",
    "/moderate/{}?done={}",
    "/unsubscribe/{}",
    "/comments/waiting?article={}",
    "/comments/mailed?article={}",
    "/comments/reported?article={}",
    "/comments/mine?token={}",
    "/comments/mine/{}",
    "/comments/confirm?token={}",
    "/.well-known/webfinger?resource={}",
    "/.well-known/webfinger?resource=acct:{}",
    "/.well-known/webfinger?resource=acct:{}@localhost",
    "/.well-known/webfinger?resource=ORIGIN/{}",
    "/nodeinfo/{}",
    "/static/{}",
    "/media/{}",
    "/media/{}.png",
    "/pictures/avatars/{}",
    "/pictures/names/{}/{}",
    "/pictures/comments/1/{}",
    "/pictures/emoji/{}/0",
    "/pictures/reactions/{}",
    "/static/../{}",
    "/static/..%2f{}",
    "/media/%2e%2e%2f{}",
    "/media/..%5c{}",
    "/../../{}",
    "/%2e%2e/%2e%2e/{}",
    "//{}",
    "PAGE%2f{}",
    "PAGE/..%2f..%2f{}",
    "/2026%2f08%2f{}",
];

/// Headers that no browser sends.
const HEADERS: &[(&str, &[&str])] = &[
    (
        "accept",
        &[
            "",
            ",",
            ";",
            ";;q=1",
            "text/html;q=",
            "text/html;q=9e99",
            "*/*;q=-1",
            "application/activity+json;q=NaN",
            "\u{fc}",
            "text/html, application/activity+json;q=inf",
            "a/b;c=\"d, text/html",
            "*",
            "/",
        ],
    ),
    (
        "accept-encoding",
        &[
            "",
            ",;",
            "*;q=x",
            "br;q=1e99",
            "identity;q=0",
            "identity;q=0, *;q=0",
            "\u{fc}",
            "br;;q=1",
        ],
    ),
    ("accept-language", &["", "x;q=", "*", "\u{fc}"]),
    (
        "range",
        &[
            "bytes=",
            "bytes=-",
            "bytes=0-",
            "bytes=-1",
            "bytes=5-1",
            "bytes=0-0,1-1,2-2",
            "bytes=99999999999999999999-",
            "bytes=-99999999999999999999",
            "bytes=0-18446744073709551615",
            "lines=1-2",
            "bytes 0-1",
            "\u{fc}",
            "",
        ],
    ),
    (
        "if-range",
        &["", "\"", "W/\"a\"", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"],
    ),
    (
        "if-none-match",
        &["", "\"", "W/", ",,,", "*, \"a\"", "\u{fc}", "W/\"\"\""],
    ),
    (
        "if-modified-since",
        &[
            "",
            "soon",
            "Thu, 01 Jan 0000 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "-1",
            "\u{fc}",
        ],
    ),
    (
        "cache-control",
        &["", "no-cache, x=", "max-age=-1", "\u{fc}"],
    ),
    (
        "x-forwarded-for",
        &["", ",", "x", "999.999.999.999", "\u{fc}", "::, ::1"],
    ),
    ("host", &["", "x y", "a.example:99999", "[::1"]),
];

fn assert_answered(answer: &Response, request: &str) {
    let request: String = request.chars().take(200).collect();
    assert!(answer.status < 500, "{} to {request}", answer.status);
    assert!(answer.headers.get("x-injected").is_none(), "{request}");
    for (name, value) in &answer.headers {
        let is_control = |byte: &u8| *byte < 32 || *byte == 127;
        assert!(
            !value.as_bytes().iter().any(is_control),
            "{name} to {request}"
        );
    }
}

async fn get_all(node: &TestNode, targets: Vec<String>) {
    let asked = targets.iter().flat_map(|target| {
        ["text/html", "application/activity+json"].map(|accept| (target, accept))
    });
    let asked = asked.map(|(target, accept)| async move {
        // A busy database is temporary.
        let answer = eventually("the node has time", || async {
            let answer = node.get_as(target, accept).await;
            (answer.status != 503).then_some(answer)
        })
        .await;
        assert_answered(&answer, &format!("GET {target} as {accept}"));
    });
    stream::iter(asked)
        .buffer_unordered(8)
        .collect::<()>()
        .await;
}

async fn post(guest: &Guest<'_>, path: &str, fields: &[(&str, &str)]) -> u16 {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let body = body.join("&");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let response = guest.raw(path, &headers, body.clone().into_bytes()).await;
    assert_answered(&response, &format!("POST {path} with {body}"));
    response.status
}

const NO_LIMITS: &str = "[comments]\nguests = \"open\"\nper_address = 10000\nper_article = 10000\n[limits]\nforms_of_address = 100000\n";
#[apply(both_databases)]
async fn no_parameter_of_a_request_makes_the_node_fail(#[case] database: Database) {
    let node = TestNode::start_with(database, NO_LIMITS).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    assert_eq!(
        guest
            .write(&article, &[("name", "Reader"), ("text", "A comment.")])
            .await
            .status,
        303
    );
    let page = article.url.strip_prefix(&node.origin).unwrap();
    let uid = article.id.rsplit('/').next().unwrap();
    let place = |target: &str| {
        target
            .replace("PAGE", page)
            .replace("UID", uid)
            .replace("ORIGIN", &node.origin)
    };
    let filled = |target: &&str| {
        let target = place(target);
        let fill = move |value: &&str| target.replace("{}", value);
        VALUES.iter().map(fill).collect::<Vec<_>>()
    };
    get_all(&node, TARGETS.iter().flat_map(filled).collect()).await;
    let long = "x".repeat(60_000);
    let longest = "%00".repeat(20_000);
    let too_long = TARGETS
        .iter()
        .step_by(3)
        .flat_map(|target| [&long, &longest].map(|value| place(target).replacen("{}", value, 1)));
    get_all(&node, too_long.collect()).await;
    for target in [
        page,
        "/",
        "/feed.atom",
        "/static/pamphlet.css",
        "/search?q=words",
        "/media/x.png",
        "/users/blog",
    ] {
        for (name, values) in HEADERS {
            for value in *values {
                let answer = node.get_with(target, &[(name, value)]).await;
                assert_answered(&answer, &format!("GET {target} with {name}: {value}"));
            }
        }
    }

    // Blanks around one of our addresses are ignored.
    for blank in ["%0a", "%0d%0a", "%20", "%09"] {
        let target = format!("/authorize_interaction?uri={}/@blog{blank}", node.origin);
        let response = node.page(&target).await;
        assert_eq!(
            (response.status, response.header("location")),
            (303, node.blog().as_str()),
            "{blank}"
        );
    }

    let expires = store::now() + 1_000_000;
    let sign = |purpose, text: &str| node.node.tokens.sign(purpose, text, expires);
    let moderate = format!("/moderate/{}", sign(Purpose::Moderate, "1"));
    let unsubscribe = format!("/unsubscribe/{}", sign(Purpose::Unsubscribe, "1"));
    let edit = format!("/comments/mine/{}", sign(Purpose::OwnComment, "1"));
    let report = format!("{page}/comments/1/report");
    let comments = format!("/articles/{uid}/comments");
    let token = guest.token(&article, 60);
    let blog: String = byte_serialize(node.blog().as_bytes()).collect();
    let large = "%00x".repeat(30_000);
    for value in VALUES.iter().copied().chain([large.as_str()]) {
        for field in [
            "token", "parent", "name", "mail", "site", "text", "answers", "do", "subject", value,
        ] {
            let fields = [
                ("token", token.as_str()),
                ("name", "Reader"),
                ("text", value),
                ("do", "post"),
                (field, value),
            ];
            post(&guest, &comments, &fields).await;
        }
        for field in ["uri", "server", value] {
            post(
                &guest,
                "/interact",
                &[("uri", &blog), ("server", value), (field, value)],
            )
            .await;
        }
        for (path, fields) in [
            (comments.as_str(), [("token", value), (value, value)]),
            ("/comments/confirm", [("token", value), (value, value)]),
            (moderate.as_str(), [("action", value), ("text", value)]),
            (moderate.as_str(), [("action", "reply"), ("text", value)]),
            (unsubscribe.as_str(), [("x", value), (value, value)]),
            (edit.as_str(), [("do", "save"), ("text", value)]),
            (edit.as_str(), [("text", value), ("do", value)]),
            (report.as_str(), [("token", &token), ("reason", value)]),
            (report.as_str(), [("token", value), (value, value)]),
        ] {
            post(&guest, path, &fields).await;
        }
        if value.len() < 1000 {
            for path in [
                "/articles/{}/comments",
                "/moderate/{}",
                "/unsubscribe/{}",
                "/comments/mine/{}",
                "/users/{}/inbox",
                "/{}",
            ] {
                post(
                    &guest,
                    &path.replace("{}", value),
                    &[("token", value), ("action", "hide")],
                )
                .await;
            }
        }
    }
    let shown = node.page(&article.url).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains('\0'));
}

#[apply(both_databases)]
async fn a_path_that_another_program_wrote_does_not_break_a_redirect(#[case] database: Database) {
    let node = TestNode::start_with(database, NO_LIMITS).await;
    let article = node.publish_any().await;
    let uid = article.id.rsplit('/').next().unwrap();
    // The database refuses such a slug; the time, which is part of the path too, is any number.
    for time in ["-62135596800001", "253402300800000", "9007199254740991"] {
        node.sql(&format!(
            "UPDATE articles SET published_at = {time} WHERE uid = '{uid}'"
        ))
        .await;
        for target in [
            &article.url,
            &article.id,
            &format!("{}/comments", article.id),
        ] {
            assert_answered(&node.page(target).await, &format!("GET {target} at {time}"));
        }
    }
}
