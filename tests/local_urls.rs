//! Our own addresses: accepted in any spelling, and valid for ever.

use crate::support::{
    Database, Peer, Response, TestNode, both_databases, eventually, node::Article,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the node's origin in other spellings.
fn origins(node: &TestNode) -> [String; 4] {
    let (_, port) = node.origin.rsplit_once(':').unwrap();
    [
        format!("https://localhost:{port}"),
        format!("HTTP://LocalHost:{port}"),
        format!("http://localhost.:{port}"),
        node.origin.clone(),
    ]
}

fn path_of<'a>(node: &TestNode, url: &'a str) -> &'a str {
    url.strip_prefix(&node.origin).unwrap()
}

async fn webfinger(node: &TestNode, resource: &str) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    let target = format!("/.well-known/webfinger?resource={encoded}");
    node.get_with(&target, &[("cache-control", "no-cache")])
        .await
}

/// Renames an article as another program does, and waits until the node has sent the `Update`.
async fn rename(node: &TestNode, article: &Article, slug: &str) -> String {
    let uid = article.id.rsplit('/').next().unwrap();
    node.sql(&format!(
        "UPDATE articles SET slug = '{slug}' WHERE uid = '{uid}'"
    ))
    .await;
    let url = article.url.replace(&article.slug, slug);
    let path = path_of(node, &url).to_owned();
    let query = format!("SELECT COUNT(*) FROM publications WHERE path = '{path}'");
    eventually("the new address is told", || async {
        (node.number(&query).await == Some(1)).then_some(())
    })
    .await;
    url
}

fn count(comments: &[Value], note: &Value) -> usize {
    let is_it = |comment: &&Value| comment["uri"] == note["id"];
    comments.iter().filter(is_it).count()
}

#[apply(both_databases)]
async fn a_get_of_another_spelling_leads_to_the_right_one(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let (page, id) = (path_of(&node, &article.url), path_of(&node, &article.id));
    for (spelling, right) in [
        ("/@blog", "/users/blog"),
        ("/@Blog/", "/users/blog"),
        ("/users/blog/", "/users/blog"),
        ("/users/BLOG", "/users/blog"),
        ("/%75sers/bl%6fg", "/users/blog"),
        ("/@blog/outbox?page=first", "/users/blog/outbox?page=first"),
        ("/actor/", "/actor"),
        ("/feed.atom/", "/feed.atom"),
        ("//users//blog", "/users/blog"),
        (&format!("{page}/"), page),
        (&format!("{page}/?after=3"), &format!("{page}?after=3")),
        (&page.replace('-', "%2D"), page),
        (&page.replace('-', "%2d"), page),
        (&format!("{page}/reactions/"), &format!("{page}/reactions")),
        (&format!("{id}/"), id),
        (&format!("{id}/replies/"), &format!("{id}/replies")),
        ("/tags/%c3%a9", "/tags/%C3%A9"),
    ] {
        for accept in ["application/activity+json", "text/html"] {
            let url = format!("{}{spelling}", node.origin);
            let response = node.get_as(&url, accept).await;
            assert_eq!(response.status, 308, "{spelling}");
            assert_eq!(response.header("location"), node.url(right), "{spelling}");
        }
    }
    for path in ["/", page, id, "/users/blog", "/feed.atom"] {
        assert_ne!(
            node.get_as(path, "application/activity+json").await.status,
            308,
            "{path}"
        );
    }
}

#[apply(both_databases)]
async fn webfinger_answers_for_every_name_and_page_of_an_actor(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    eventually("the author has an actor", || async {
        (node.document("/users/ana").await.status == 200).then_some(())
    })
    .await;
    let host = node.origin.strip_prefix("http://").unwrap();
    let mut names = vec![
        format!("ACCT:blog@{host}"),
        format!("Acct:@Blog@{host}"),
        format!("blog@{host}"),
        format!("@blog@{host}"),
        format!("@BLOG@{}", host.to_uppercase()),
        format!("acct:bl%6Fg@{}", host.replace("localhost", "localhost.")),
    ];
    for origin in origins(&node) {
        for path in [
            "",
            "/",
            "/?before=1-1",
            "/users/blog",
            "/users/blog/",
            "/users/blog#main-key",
            "/@blog",
            "/@Blog/",
            "/%40blog",
            "/@blog@",
        ] {
            let path = path.replace("/@blog@", &format!("/@blog@{host}"));
            names.push(format!("{origin}{path}"));
        }
    }
    for name in names {
        let found = webfinger(&node, &name).await;
        assert_eq!(found.status, 200, "{name}");
        assert_eq!(
            found.json()["subject"],
            format!("acct:blog@{host}"),
            "{name}"
        );
    }
    for origin in origins(&node) {
        for path in [
            "/authors/ana",
            "/authors/ana/",
            "/authors/Ana",
            "/users/ana",
            "/@ana",
        ] {
            let found = webfinger(&node, &format!("{origin}{path}")).await;
            assert_eq!(
                found.json()["subject"],
                format!("acct:ana@{host}"),
                "{origin}{path}"
            );
        }
    }
    for name in [
        "mailto:blog@localhost",
        "blog@else.example",
        "@blog",
        "https://else.example/@blog",
    ] {
        assert_eq!(webfinger(&node, name).await.status, 404, "{name}");
    }
}

#[apply(both_databases)]
async fn replies_and_likes_find_what_they_name_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("reader").await.actor("reader").await;
    let article = node.publish_any().await;
    let (page, id) = (path_of(&node, &article.url), path_of(&node, &article.id));
    let mut addresses = Vec::new();
    for origin in origins(&node) {
        for path in [page, id] {
            addresses.push(format!("{origin}{path}"));
            addresses.push(format!("{origin}{path}/"));
            addresses.push(format!(
                "{origin}{}?utm_source=x#top",
                path.replace('-', "%2D")
            ));
        }
    }
    let mut sent = Vec::new();
    for address in &addresses {
        sent.push(
            reader
                .comment(&node.inbox(), address, "<p>As usual.</p>")
                .await,
        );
    }
    let comments = node.comments().await;
    for (note, address) in sent.iter().zip(&addresses) {
        assert_eq!(count(&comments, note), 1, "{address}");
    }
    // A comment by its number, on any of these addresses.
    let number =
        "SELECT COALESCE(MAX(parent_id), 0) FROM comments WHERE content LIKE '%To the fifth.%'";
    let fifth = node
        .number("SELECT id FROM comments WHERE number = 5")
        .await;
    for address in [
        format!("{}#comment-5", article.url),
        format!("{}/#comment%2D5", article.id),
        format!("https{}/?after=4#comment-5", &article.url[4..]),
    ] {
        let note = reader
            .comment(&node.inbox(), &address, "<p>To the fifth.</p>")
            .await;
        assert_eq!(node.number(number).await, fifth, "{address}");
        reader
            .deliver(
                &node.inbox(),
                &reader.activity("Delete", note["id"].clone()),
            )
            .await;
    }
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Like", json!(format!("{}#comment-5", article.url))),
        )
        .await;
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Announce", json!(format!("{}#comment-5", article.id))),
        )
        .await;
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
    let of_fifth = format!(
        "SELECT COUNT(*) FROM reactions WHERE comment_id = {}",
        fifth.unwrap()
    );
    assert_eq!(node.number(&of_fifth).await, Some(2));
    // The address of a missing comment does not lead to the article either.
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Like", json!(format!("{}#comment-500", article.url))),
        )
        .await;
    assert_eq!(node.number("SELECT COUNT(*) FROM reactions").await, Some(2));
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Like", json!(format!("{}/", article.url))),
        )
        .await;
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
}

#[apply(both_databases)]
async fn a_follow_finds_its_actor_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("reader").await;
    for (number, path) in [
        "/users/blog/",
        "/@blog",
        "/",
        "/users/Blog",
        "/%75sers/blog",
    ]
    .iter()
    .enumerate()
    {
        let origin = &origins(&node)[number % 4];
        let reader = peer.actor(&format!("reader{number}")).await;
        let whom = format!("{origin}{path}");
        reader.follow(&node.inbox(), &whom).await;
        let followers = format!("{}/followers", node.blog());
        assert_eq!(node.total(&followers).await, 1, "{path}");
        // Without the id of the follow, its end names the actor in the same spelling.
        let follow = json!({"type": "Follow", "actor": reader.id, "object": whom});
        reader
            .deliver(&node.inbox(), &reader.activity("Undo", follow))
            .await;
        assert_eq!(node.total(&followers).await, 0, "{path}");
        reader
            .deliver(&node.inbox(), &reader.activity("Block", json!(whom)))
            .await;
        assert_eq!(node.notices().await.len(), number + 1, "{path}");
    }
}

#[apply(both_databases)]
async fn an_inbox_answers_in_place_whatever_its_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("reader").await.actor("reader").await;
    let article = node.publish_any().await;
    let host = node.origin.strip_prefix("http://").unwrap().to_owned();
    for path in [
        "/inbox/",
        "/%69nbox",
        "//inbox",
        "/users/blog/inbox/",
        "/%75sers/blog/inbox",
        "/users/BLOG/inbox",
        "/@blog/inbox",
        "/users/blog/inbox?x=y",
    ] {
        let post = reader.signed(&node.url(path), &reader.activity("Like", json!(article.id)));
        let before = node.rows().await["received"];
        let reply = post.send().await;
        assert_eq!(reply.status, 202, "{path}: {}", reply.body);
        assert_eq!(node.rows().await["received"], before + 1, "{path}");
        // The signature covers another path than the requested one.
        let mut forged =
            reader.signed(&node.url(path), &reader.activity("Like", json!(article.id)));
        forged.signed_target = Some("/inbox".into());
        assert!([401, 503].contains(&forged.send().await.status), "{path}");
    }
    let post = reader.signed(&node.inbox(), &reader.activity("Like", json!(article.id)));
    assert_eq!(
        post.header("host", &host.to_uppercase())
            .send()
            .await
            .status,
        202
    );
    // Header bytes above 7F that are UTF-8, signed and unsigned.
    let post = || reader.signed(&node.inbox(), &reader.activity("Like", json!(article.id)));
    let signed = post().header("user-agent", "Küche/1.0 (日本)").covering(&[
        "(request-target)",
        "host",
        "date",
        "digest",
        "user-agent",
    ]);
    assert_eq!(signed.send().await.status, 202);
    let typed = post().header("content-type", "application/activity+json; title=\"é\"");
    assert_eq!(typed.send().await.status, 202);
    assert_eq!(
        post().header("host", "bücher.example").send().await.status,
        401
    );
}

#[apply(both_databases)]
async fn former_addresses_stay_for_ever(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("reader").await.actor("reader").await;
    let article = node.publish_any().await;
    let first = article.url.clone();
    let second = rename(&node, &article, "second").await;
    let third = rename(&node, &article, "third").await;
    for former in [&first, &second] {
        for accept in ["text/html", "application/activity+json"] {
            let response = node.get_as(former, accept).await;
            assert_eq!(
                (response.status, response.header("location")),
                (308, third.as_str()),
                "{former}"
            );
        }
        let response = node.get_as(&format!("{former}?after=2"), "text/html").await;
        assert_eq!(response.header("location"), format!("{third}?after=2"));
        for below in ["/reactions", "/reply/0"] {
            let response = node.get_as(&format!("{former}{below}"), "text/html").await;
            assert_eq!(
                response.header("location"),
                format!("{third}{below}"),
                "{former}{below}"
            );
        }
        reader
            .comment(&node.inbox(), former, "<p>To the old address.</p>")
            .await;
        reader
            .deliver(&node.inbox(), &reader.activity("Like", json!(former)))
            .await;
    }
    assert_eq!(node.replies(&article).await.len(), 2);
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
    // An article that returns under another id keeps its addresses; until then they are gone.
    node.admin(&["post", "unpublish", "third", "--yes"]).await;
    eventually("it is gone", || async {
        (node.page(&first).await.status == 410).then_some(())
    })
    .await;
    node.admin(&["post", "publish", "third"]).await;
    eventually("it is back", || async {
        (node.page(&first).await.status == 308).then_some(())
    })
    .await;
    eventually("the second address leads there again", || async {
        (node.page(&second).await.header("location") == third).then_some(())
    })
    .await;
    // Another article takes over an old address; the others still redirect.
    let other = node
        .publish("---\ntitle: Another\nslug: second\n---\nText.\n")
        .await;
    assert_eq!(other.url, second);
    eventually("the other is there", || async {
        (node.page(&second).await.status == 200).then_some(())
    })
    .await;
    assert_eq!(node.page(&first).await.status, 308);
    node.admin(&["post", "delete", "third", "--yes"]).await;
    for former in [&first, &third] {
        eventually("it is gone", || async {
            (node.page(former).await.status == 410).then_some(())
        })
        .await;
        assert_eq!(node.document(former).await.status, 410, "{former}");
    }
}

#[apply(both_databases)]
async fn addresses_from_before_the_upgrade_are_known(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let second = rename(&node, &article, "second").await;
    let step = match node.database_url.starts_with("sqlite") {
        true => include_str!("../migrations/sqlite/0008_id_spellings_and_article_paths.sql"),
        false => include_str!("../migrations/postgres/0008_id_spellings_and_article_paths.sql"),
    };
    let (_, fill) = step
        .split_once("CREATE INDEX article_paths_by_article")
        .unwrap();
    let (_, fill) = fill.split_once(';').unwrap();
    node.sql(&format!("DELETE FROM article_paths; {fill}"))
        .await;
    let response = node.page(&article.url).await;
    assert_eq!(
        (response.status, response.header("location")),
        (308, second.as_str())
    );
}

/// A node on a non-ASCII host accepts both of its spellings.
#[tokio::test]
async fn a_node_on_an_idn_host_answers_for_both_spellings() {
    let node = TestNode::start_public(Database::Sqlite, "https://bücher.example").await;
    for name in [
        "acct:blog@bücher.example",
        "acct:blog@xn--bcher-kva.example",
        "ACCT:Blog@BÜCHER.example",
        "blog@XN--Bcher-KVA.example",
        "@blog@bücher.example.",
        "https://bücher.example/",
        "https://xn--bcher-kva.example/@blog",
        "http://bücher.example/users/blog/",
    ] {
        let found = webfinger(&node, name).await;
        assert_eq!(found.status, 200, "{name}");
        assert_eq!(
            found.json()["subject"],
            "acct:blog@xn--bcher-kva.example",
            "{name}"
        );
    }
}
