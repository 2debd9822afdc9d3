//! Between a page of ours and a reader's own server: from here to there to follow or answer, and back.

use crate::support::{
    Database, Peer, Response, TestNode, both_databases, http_client,
    peer::{Canned, webfinger_path},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Sends the form of the interaction page.
async fn lead(node: &TestNode, uri: &str, server: &str, headers: &[(&str, &str)]) -> Response {
    let client = http_client()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = client
        .post(node.url("/interact"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(format!("uri={}&server={}", encoded(uri), encoded(server)));
    // The node is known by its public address, wherever a test connects to it.
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    Response {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

fn serve_links(peer: &Peer, handle: &str, links: Value) {
    let mut canned = Canned::document(&json!({"subject": "acct:x@y.example", "links": links}));
    canned.headers = vec![("content-type".into(), "application/jrd+json".into())];
    peer.serve(&webfinger_path(handle), canned);
}

#[apply(both_databases)]
async fn a_reader_is_led_to_the_address_that_their_server_names(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("home").await;
    let at = |path: &str| peer.url(path);
    let (blog, post) = (encoded(&node.blog()), encoded(&article.id));
    let subscribe = json!({"rel": "http://ostatus.org/schema/1.0/subscribe", "template": at("/authorize?uri={uri}")});
    let intent = |name: &str, field: &str, address: String| json!({"rel": format!("https://w3id.org/fep/3b86/{name}"), field: address});
    let cases = [
        (
            "subscribe",
            json!([subscribe]),
            at(&format!("/authorize?uri={blog}")),
            at(&format!("/authorize?uri={post}")),
        ),
        (
            "intents",
            json!([
                subscribe,
                intent(
                    "follow",
                    "href",
                    at("/intents/follow?id={object}&back={on-success}")
                ),
                intent(
                    "Create",
                    "template",
                    at("/new?re={inReplyTo}&text={content}")
                )
            ]),
            at(&format!("/intents/follow?id={blog}&back=")),
            at(&format!("/new?re={post}&text=")),
        ),
        // It can share, but not answer.
        (
            "share",
            json!([
                intent("Create", "template", at("/share?text={content}")),
                intent("Object", "href", at("/search?q={object}"))
            ]),
            at(&format!("/search?q={blog}")),
            at(&format!("/search?q={post}")),
        ),
        (
            "nothing",
            json!([]),
            at(&format!("/authorize_interaction?uri={blog}")),
            at(&format!("/authorize_interaction?uri={post}")),
        ),
        (
            "nonsense",
            json!([{"rel": 7}, "x", {"rel": "http://ostatus.org/schema/1.0/subscribe"}, {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": ["x"]}]),
            at(&format!("/authorize_interaction?uri={blog}")),
            at(&format!("/authorize_interaction?uri={post}")),
        ),
    ];
    for (name, links, to_follow, to_reply) in cases {
        let handle = format!("@{name}@{}", peer.authority);
        serve_links(&peer, &handle, links);
        for (uri, address) in [
            (node.blog(), &to_follow),
            (article.id.clone(), &to_reply),
            (article.url.clone(), &to_reply),
        ] {
            let answer = lead(&node, &uri, &format!("  {handle} "), &[]).await;
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, address.as_str()),
                "{name}: {uri}"
            );
        }
        assert_eq!(
            peer.get_count(&webfinger_path(&handle)),
            1,
            "{name}: asked once"
        );
    }
    // The name of a server is enough, and needs no request.
    let asked = peer.gets().len();
    let answer = lead(&node, &node.blog(), &peer.authority, &[]).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (
            303,
            at(&format!("/authorize_interaction?uri={blog}")).as_str()
        )
    );
    assert_eq!(peer.gets().len(), asked);
}

#[apply(both_databases)]
async fn nobody_is_led_astray(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("astray").await;
    let usual = |uri: &str| peer.url(&format!("/authorize_interaction?uri={}", encoded(uri)));
    for (name, template) in [
        ("elsewhere", "https://evil.example/?u={uri}"),
        ("script", "javascript:alert(1)//{uri}"),
        ("user", "https://a:b@evil.example/{uri}"),
        ("relative", "/x?{uri}"),
        ("opaque", "mailto:x@evil.example?{uri}"),
        ("newline", "https://evil.example\r\nSet-Cookie: x={uri}"),
    ] {
        let handle = format!("@{name}@{}", peer.authority);
        serve_links(
            &peer,
            &handle,
            json!([{"rel": "http://ostatus.org/schema/1.0/subscribe", "template": template}]),
        );
        let answer = lead(&node, &node.blog(), &handle, &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, usual(&node.blog()).as_str()),
            "{name}"
        );
    }
    // A form on another site can't use this one to lead people away.
    for headers in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let answer = lead(&node, &node.blog(), &peer.authority, &[headers]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, ""),
            "{headers:?}"
        );
    }
    let own = [
        ("origin", node.origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(
        lead(&node, &node.blog(), &peer.authority, &own)
            .await
            .status,
        303
    );
    // Only our own addresses are accepted.
    for uri in [
        "",
        "https://evil.example/",
        &peer.url("/users/reader"),
        &node.url("/actor"),
        &node.url("/users/nobody"),
        &node.url("/articles/unknown"),
        "javascript:x",
    ] {
        assert_eq!(
            lead(&node, uri, &peer.authority, &[]).await.status,
            404,
            "{uri}"
        );
        assert_eq!(
            node.page(&format!("/interact?uri={}", encoded(uri)))
                .await
                .status,
            404,
            "{uri}"
        );
    }
    for server in [
        "",
        "@",
        "@x",
        "a b",
        "javascript:alert(1)",
        "x@",
        "@a@b@c",
        "https://",
        "\"><script>alert(1)</script>",
        &"x".repeat(300),
    ] {
        let answer = lead(&node, &node.blog(), server, &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, ""),
            "{server}"
        );
        assert!(
            answer.text.contains("role=\"alert\">Enter your handle")
                && !answer.text.contains("<script>alert"),
            "{server}"
        );
    }
    let own_host = node.origin.strip_prefix("http://").unwrap();
    assert!(
        lead(&node, &node.blog(), own_host, &[])
            .await
            .text
            .contains("That is this site")
    );
}

#[apply(both_databases)]
async fn a_blocked_server_is_neither_asked_nor_led_to(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("shut-out").await;
    node.admin(&["block", "add", "shut-out.localhost"]).await;
    for server in [
        format!("@reader@{}", peer.authority),
        peer.authority.clone(),
    ] {
        let answer = lead(&node, &node.blog(), &server, &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, ""),
            "{server}"
        );
    }
    assert!(peer.gets().is_empty());
}

#[apply(both_databases)]
async fn one_server_is_not_flooded_with_questions(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("flooded").await;
    for number in 0..15 {
        let handle = format!("@reader{number}@{}", peer.authority);
        let answer = lead(&node, &node.blog(), &handle, &[]).await;
        assert!(
            answer.status == 303
                && answer
                    .header("location")
                    .starts_with(&peer.url("/authorize_interaction?uri="))
        );
    }
    assert_eq!(peer.gets().len(), 10);
}

#[apply(both_databases)]
async fn pages_say_where_to_follow_and_reply(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let reader = Peer::start("commenter").await.actor("reader").await;
    let note = reader
        .comment(&node.inbox(), &article.id, "<p>Well said.</p>")
        .await;
    let note = note["id"].as_str().unwrap();
    let page = node.page(&article.url).await.text
        + &node.page(&format!("{}/reply/1", article.url)).await.text;
    for uri in [&node.blog(), &article.id, note] {
        let way_out = format!("/interact?uri={}", encoded(uri));
        assert!(page.contains(&format!("href=\"{way_out}\"")), "{way_out}");
        let form = node.page(&way_out).await;
        assert_eq!(form.status, 200);
        assert!(
            form.text.contains(&format!("name=\"uri\" value=\"{uri}\"")),
            "{}",
            form.text
        );
        assert!(
            form.header("content-security-policy")
                .contains("form-action 'self' https:")
        );
        assert!(form.text.contains("content=\"noindex\""));
    }
    assert!(
        !node
            .page(&article.url)
            .await
            .header("content-security-policy")
            .contains("form-action 'self' https:")
    );
    assert!(
        node.page("/")
            .await
            .text
            .contains(&format!("href=\"/interact?uri={}\"", encoded(&node.blog())))
    );
    let answer = lead(&node, note, "social.example", &[]).await;
    assert_eq!(
        answer.header("location"),
        format!(
            "http://social.example/authorize_interaction?uri={}",
            encoded(note)
        )
    );
    let number = node.comments().await[0]["id"].to_string();
    node.admin(&["comments", "hide", &number]).await;
    assert_eq!(lead(&node, note, "social.example", &[]).await.status, 404);
}

#[apply(both_databases)]
async fn who_is_sent_here_to_act_is_shown_what_to_type(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let host = node.origin.strip_prefix("http://").unwrap();
    let found = node
        .get_as(
            &format!("/.well-known/webfinger?resource=acct:blog@{host}"),
            "*/*",
        )
        .await
        .json();
    let template = |rel: &str| {
        let link = found["links"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["rel"] == rel)
            .unwrap()
            .clone();
        assert!(
            link["href"].is_null() || link["href"] == link["template"],
            "{link}"
        );
        link["template"].as_str().unwrap().to_owned()
    };
    let subscribe = template("http://ostatus.org/schema/1.0/subscribe");
    let ours = node.page(&subscribe.replace("{uri}", &node.blog())).await;
    assert_eq!(
        (ours.status, ours.header("location")),
        (303, node.blog().as_str())
    );
    let there = "https://elsewhere.example/notes/1";
    for (rel, name) in [
        ("Follow", "object"),
        ("Like", "object"),
        ("Announce", "object"),
        ("Object", "object"),
        ("Create", "inReplyTo"),
    ] {
        let address = template(&format!("https://w3id.org/fep/3b86/{rel}"))
            .replace(&format!("{{{name}}}"), &encoded(there));
        let page = node.page(&address).await;
        assert_eq!(page.status, 200, "{rel}");
        for line in [
            "pamphlet follow",
            "pamphlet like",
            "pamphlet boost",
            "--reply-to",
        ] {
            assert!(
                page.text.contains(&format!("{line} &#39;{there}&#39;")),
                "{line}: {}",
                page.text
            );
        }
    }
    let handle = node
        .page(&subscribe.replace("{uri}", "acct%3Areader%40elsewhere.example"))
        .await;
    assert!(
        handle
            .text
            .contains("pamphlet follow @reader@elsewhere.example")
    );
    for (hostile, shown) in [
        (
            "https://a.example/'; rm -rf ~ #",
            "&#39;https://a.example/&#39;\\&#39;&#39;;%20rm%20-rf%20~%20#&#39;",
        ),
        (
            "https://a.example/\"><script>alert(1)</script>",
            "%22%3E%3Cscript%3E",
        ),
        (
            "https://a.example/\u{202e}$(x)`y`",
            "&#39;https://a.example/%E2%80%AE$(x)%60y%60&#39;",
        ),
    ] {
        let page = node
            .page(&subscribe.replace("{uri}", &encoded(hostile)))
            .await;
        assert_eq!(page.status, 200, "{hostile}");
        assert!(
            page.text.contains(shown) && !page.text.contains("<script>alert"),
            "{hostile}: {}",
            page.text
        );
    }
    let long = format!("https://a.example/{}", "x".repeat(3000));
    for nothing in [
        "//elsewhere.example/",
        "javascript:alert(1)",
        "",
        "ftp://a.example/",
        "https://a:b@c.example/",
        &long,
    ] {
        let response = node
            .page(&subscribe.replace("{uri}", &encoded(nothing)))
            .await;
        assert_eq!(
            (response.status, response.header("location")),
            (404, ""),
            "{nothing}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_public_only_https_and_names_are_led_to() {
    let node = TestNode::start_public(Database::Sqlite, "https://blog.example").await;
    let blog = "https://blog.example/users/blog";
    let answer = lead(&node, blog, "Social.Example.", &[]).await;
    assert_eq!(
        answer.header("location"),
        format!(
            "https://social.example/authorize_interaction?uri={}",
            encoded(blog)
        )
    );
    for server in [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "http://10.0.0.1/",
        "reader@169.254.1.1",
        "social.example:8080",
        "https://social.example:8443/@reader",
    ] {
        let answer = lead(&node, blog, server, &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, ""),
            "{server}"
        );
    }
}
