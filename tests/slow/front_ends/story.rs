//! One publication and its readers, each behind a front end of the same kind: everything works over HTTP/2.

use super::{FrontEnd, Kind, each_front_end, free_port};
use crate::support::{
    Database, ForeignServer, Guest, Program, TestNode, eventually, node::Article, tls::Authority,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Guests may comment, and documents are only for signed requests.
const TABLES: &str = "[comments]\nguests = \"open\"\n[federation]\nauthorized_fetch = true\n";

#[apply(each_front_end)]
async fn everything_passes_a_front_end(#[case] kind: Kind, #[case] database: Database) {
    let authority = Authority::new();
    let (node_port, peer_port) = (free_port(), free_port());
    let before_node = FrontEnd::start(kind, &authority, node_port).await;
    let before_peer = FrontEnd::start(kind, &authority, peer_port).await;
    let node =
        TestNode::start_behind(database, &before_node.origin, node_port, &authority, TABLES).await;
    let peer =
        ForeignServer::fedify_behind(&before_peer.origin, peer_port, &before_peer.roots).await;

    another_pamphlet_follows_and_replies(&node, &authority).await;
    let follow = peer.send("follow", json!({"actor": node.blog()})).await;
    peer.wait_for("Accept", &node.blog(), &follow).await;
    let article = an_article_with_its_picture_arrives(&node, &peer).await;
    a_reply_comes_changes_and_goes(&node, &peer, &article).await;
    a_guest_comments(&node, &peer, &article).await;
    an_edit_and_the_deletion_arrive(&node, &peer, &article).await;

    assert_delivered_over_http2(&before_peer);
    assert_delivered_over_http2_from_pamphlet(&before_node);
}

async fn an_article_with_its_picture_arrives(node: &TestNode, peer: &ForeignServer) -> Article {
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([30, 60, 90]));
    picture.save(node.folder.path().join("lake.png")).unwrap();
    let text = "---\ntitle: A lake\nimage: lake.png\nimage_alt: A lake\n---\nIt is deep.\n";
    let article = node.publish(text).await;
    let create = peer.wait_for("Create", &node.blog(), &article.id).await;
    let address = picture_of(&create).unwrap_or_else(|| panic!("{create}"));
    let path = address.strip_prefix(&node.origin).unwrap();
    let (status, bytes) = node.get_bytes(path).await;
    assert_eq!(status, 200);
    assert!(image::load_from_memory(&bytes).is_ok());
    article
}

fn picture_of(create: &Value) -> Option<String> {
    let url = &create["object"]["image"]["url"];
    Some(url.as_str()?.to_owned())
}

async fn page_with(node: &TestNode, article: &Article, text: &str) {
    eventually(&format!("the page has {text}"), || async {
        let page = node.page(&article.url).await;
        page.text.contains(text).then_some(())
    })
    .await;
}

async fn a_reply_comes_changes_and_goes(node: &TestNode, peer: &ForeignServer, article: &Article) {
    let reply = peer.reply(node, &article.id, "<p>How deep?</p>").await;
    page_with(node, article, "How deep?").await;
    let edited = json!({"id": reply, "content": "<p>How deep exactly?</p>"});
    peer.send("edit", edited).await;
    page_with(node, article, "How deep exactly?").await;
    let like = json!({"object": article.id, "to": node.blog()});
    peer.send("like", like).await;
    page_with(node, article, "1 like<").await;
    peer.send("delete", json!({"id": reply})).await;
    eventually("the reply is gone", || async {
        let page = node.page(&article.url).await.text;
        (!page.contains("How deep exactly?")).then_some(())
    })
    .await;
}

async fn a_guest_comments(node: &TestNode, peer: &ForeignServer, article: &Article) {
    let guest = Guest::at(node, "192.0.2.1");
    let fields = [("name", "A guest"), ("text", "Seen from the shore.")];
    let response = guest.write(article, &fields).await;
    assert_eq!(response.status, 303, "{}", response.text);
    page_with(node, article, "Seen from the shore.").await;
    let speaker = node.url("/users/comments");
    eventually("the guest's comment goes out", || async {
        let received = peer.received_from(&speaker).await;
        received.into_iter().find(|one| one["type"] == "Create")
    })
    .await;
}

/// Starts a second node, which fetches and delivers over HTTP/2, and makes it follow and reply.
async fn another_pamphlet_follows_and_replies(node: &TestNode, authority: &Authority) {
    let article = node
        .publish("---\ntitle: A house\n---\nIt has windows.\n")
        .await;
    let mut other = Program::new(match node.database_url.starts_with("sqlite") {
        true => Database::Sqlite,
        false => Database::Postgres,
    })
    .await;
    let roots = other.file("roots.pem", authority.pem());
    other.set("PAMPHLET_EXTRA_ROOTS", &roots.display().to_string());
    other.serve().await;
    other.admin(&["follow", &node.blog()]).await;
    eventually("it follows", || async {
        let followers = node.admin_json(&["followers", "list"]).await;
        (followers.as_array().unwrap().len() == 1).then_some(())
    })
    .await;
    let note = ["note", "From another house.", "--reply-to", &article.id];
    other.admin(&note).await;
    page_with(node, &article, "From another house.").await;
    other.terminate().await;
}

async fn an_edit_and_the_deletion_arrive(node: &TestNode, peer: &ForeignServer, article: &Article) {
    let edited = node.file(
        "edited.md",
        "---\ntitle: A lake\n---\nIt is 31 metres deep.\n",
    );
    node.admin(&["post", "edit", &article.slug, &edited]).await;
    peer.wait_for("Update", &node.blog(), &article.id).await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    peer.wait_for("Delete", &node.blog(), &article.id).await;
}

/// Checks that every delivery of the node used HTTP/2 and was accepted at the first attempt.
fn assert_delivered_over_http2(front: &FrontEnd) {
    let logged = front.logged();
    let posts: Vec<_> = logged.iter().filter(|one| one.method == "POST").collect();
    assert!(posts.len() >= 4, "{logged:?}");
    for post in posts {
        assert_eq!(post.protocol, "HTTP/2.0", "{post:?}");
        assert!((200..300).contains(&post.status), "{post:?}");
    }
}

/// Checks that the other Pamphlet's signed requests used HTTP/2 and were accepted. Fedify uses HTTP/1.1.
fn assert_delivered_over_http2_from_pamphlet(front: &FrontEnd) {
    let logged = front.logged();
    let is_delivery = |path: &str| path.ends_with("/inbox");
    let deliveries = logged.iter().filter(|one| is_delivery(&one.path));
    let deliveries: Vec<_> = deliveries.collect();
    assert!(
        deliveries.iter().all(|one| one.status == 202),
        "{deliveries:?}"
    );
    let by_http2 = deliveries.iter().filter(|one| one.protocol == "HTTP/2.0");
    assert!(by_http2.count() >= 2, "{logged:?}");
}
