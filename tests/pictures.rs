//! Pictures of other servers: each is fetched and decoded once, within limits, and served for those alone whom readers
//! see.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use futures::future::join_all;
use image::{DynamicImage, ImageFormat, RgbImage};
use rstest_reuse::apply;
use serde_json::json;
use std::{
    io::Cursor,
    time::{Duration, Instant},
};

fn served(bytes: Vec<u8>) -> Canned {
    Canned {
        headers: vec![("content-type".into(), "image/png".into())],
        body: bytes,
        ..Canned::status(200)
    }
}

/// Returns a picture that can't be compressed.
fn noise(side: u32) -> Vec<u8> {
    let mut pixels = vec![0; (side * side * 3) as usize];
    aws_lc_rs::rand::fill(&mut pixels).unwrap();
    let picture = RgbImage::from_raw(side, side, pixels).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// Returns a small picture whose header claims this size.
fn claiming(side: u32) -> Vec<u8> {
    let mut bytes = noise(4);
    // The header chunk: length, name, width, height, ..., checksum.
    bytes[16..20].copy_from_slice(&side.to_be_bytes());
    bytes[20..24].copy_from_slice(&side.to_be_bytes());
    let mut checksum = u32::MAX;
    for byte in &bytes[12..29] {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = (checksum >> 1) ^ (0xedb8_8320 * (checksum & 1));
        }
    }
    bytes[29..33].copy_from_slice(&(!checksum).to_be_bytes());
    bytes
}

/// Sends a comment with a picture, which is served at this path. Returns the address of our copy.
async fn show(
    node: &TestNode,
    article: &str,
    actor: &Actor,
    path: &str,
    picture: Canned,
) -> String {
    actor.peer.serve(path, picture);
    let mut note = actor.note(article, "<p>Look.</p>");
    let text = format!("<p>Look at {path}.</p>");
    note["content"] = json!(text);
    note["attachment"] = json!([{"type": "Image", "url": actor.peer.url(path)}]);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    let comments = node.comments().await;
    let is_this =
        |comment: &&serde_json::Value| comment.to_string().contains(&format!("Look at {path}."));
    let comment = comments.iter().find(is_this).unwrap();
    format!("/pictures/comments/{}/0", comment["id"])
}

struct Got {
    status: u16,
    retry_after: Option<u64>,
    cache_control: String,
    length: usize,
}

async fn get(node: &TestNode, address: &str) -> Got {
    let response = node.client().get(node.url(address)).send().await.unwrap();
    let text = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    Got {
        status: response.status().as_u16(),
        retry_after: text("retry-after").and_then(|value| value.parse().ok()),
        cache_control: text("cache-control").unwrap_or_default(),
        length: response.bytes().await.unwrap().len(),
    }
}

#[apply(both_databases)]
async fn a_picture_that_many_want_at_once_is_fetched_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("popular").await;
    let (article, actor) = (node.publish_any().await.id, peer.actor("painter").await);
    let picture = Canned {
        delay: Duration::from_millis(500),
        ..served(noise(400))
    };
    let address = show(&node, &article, &actor, "/one.png", picture).await;
    // A client disconnects: the fetch that it began continues.
    let hurried = node
        .client()
        .get(node.url(&address))
        .timeout(Duration::from_millis(100));
    assert!(hurried.send().await.is_err());
    let all = join_all((0..80).map(|_| get(&node, &address))).await;
    assert!(
        all.iter()
            .all(|got| got.status == 200 && got.length == all[0].length && got.length > 1000)
    );
    assert_eq!(peer.get_count("/one.png"), 1);
}

#[apply(both_databases)]
async fn a_slow_host_holds_up_only_itself_and_nothing_of_it_is_remembered_as_failed(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (slow, quick) = (Peer::start("slow").await, Peer::start("quick").await);
    let article = node.publish_any().await.id;
    let (snail, hare) = (slow.actor("snail").await, quick.actor("hare").await);
    let mut addresses = Vec::new();
    for number in 0..10 {
        let picture = Canned {
            delay: Duration::from_secs(7),
            ..served(noise(8))
        };
        addresses.push(show(&node, &article, &snail, &format!("/{number}.png"), picture).await);
    }
    let other = show(&node, &article, &hare, "/one.png", served(noise(8))).await;
    let before = slow.gets().len();
    let asked = join_all(addresses.iter().map(|address| get(&node, address)));
    let meanwhile = async {
        eventually("the slow host is asked", || async {
            (slow.gets().len() > before).then_some(())
        })
        .await;
        let begun = Instant::now();
        assert_eq!(get(&node, &other).await.status, 200);
        assert!(
            begun.elapsed() < Duration::from_secs(4),
            "{:?}",
            begun.elapsed()
        );
    };
    let (asked, ()) = futures::join!(asked, meanwhile);
    assert_eq!(slow.gets().len() - before, 2, "two at a time");
    for got in &asked {
        match got.status {
            200 => assert!(got.cache_control.contains("immutable")),
            503 => assert!(
                got.retry_after.is_some_and(|seconds| seconds > 0)
                    && got.cache_control == "no-store",
                "{}",
                got.cache_control
            ),
            other => panic!("{other}"),
        }
    }
    assert_eq!(asked.iter().filter(|got| got.status == 200).count(), 2);
    let refused = asked.iter().position(|got| got.status == 503).unwrap();
    assert_eq!(
        get(&node, &addresses[refused]).await.status,
        200,
        "when there is room again"
    );
    let limits = node.admin(&["limits"]).await;
    assert!(limits.contains("pictures_of_host"), "{limits}");
}

#[apply(both_databases)]
async fn a_picture_that_takes_too_much_memory_is_not_decoded(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("bomber").await;
    let (article, actor) = (node.publish_any().await.id, peer.actor("bomber").await);
    let bomb = show(&node, &article, &actor, "/bomb.png", served(claiming(8192))).await;
    let all = join_all((0..8).map(|_| get(&node, &bomb))).await;
    assert!(
        all.iter().all(|got| got.status == 404),
        "{:?}",
        all.iter().map(|got| got.status).collect::<Vec<_>>()
    );
    assert_eq!(get(&node, &bomb).await.status, 404);
    assert_eq!(peer.get_count("/bomb.png"), 1, "it is remembered");
    eventually("the limit is noted", || async {
        node.admin(&["limits"])
            .await
            .contains("decoding_megabytes")
            .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn avatars_are_served_for_those_alone_whom_readers_see(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("faces").await;
    let article = node.publish_any().await;
    let [lurker, writer, fan] = [
        peer.actor("lurker").await,
        peer.actor("writer").await,
        peer.actor("fan").await,
    ];
    for (actor, path) in [
        (&lurker, "/lurker.png"),
        (&writer, "/writer.png"),
        (&fan, "/fan.png"),
    ] {
        peer.serve(path, served(noise(8)));
        let emoji = json!({"type": "Emoji", "name": ":cat:", "icon": {"type": "Image", "url": peer.url(path)}});
        actor.serve_with(json!({"name": "A :cat:", "icon": {"type": "Image", "url": peer.url(path)}, "tag": [emoji]}));
    }
    // Dropped, and a dislike is not shown.
    lurker
        .deliver(
            &node.inbox(),
            &lurker.activity("Like", json!(peer.url("/notes/elsewhere"))),
        )
        .await;
    lurker
        .deliver(
            &node.inbox(),
            &lurker.activity("Dislike", json!(article.id)),
        )
        .await;
    lurker.follow(&node.inbox(), &node.blog()).await;
    writer
        .comment(&node.inbox(), &article.id, "<p>Good.</p>")
        .await;
    fan.deliver(&node.inbox(), &fan.activity("Like", json!(article.id)))
        .await;

    let pictures = || async {
        let mut shown = Vec::new();
        for id in node
            .texts("SELECT CAST(id AS TEXT) FROM remote_actors")
            .await
        {
            for address in [
                format!("/pictures/avatars/{id}"),
                format!("/pictures/names/{id}/0"),
            ] {
                match get(&node, &address).await.status {
                    200 => shown.push(address),
                    status => assert_eq!(status, 404, "{address}"),
                }
            }
        }
        shown.len()
    };
    assert_eq!(pictures().await, 4, "of two actors");
    assert_eq!(peer.get_count("/lurker.png"), 0);
    assert!(peer.get_count("/writer.png") > 0 && peer.get_count("/fan.png") > 0);
    // There are copies now; they are not served either.
    node.admin(&["comments", "hide", "1"]).await;
    assert_eq!(pictures().await, 2, "the comment is hidden");
    node.admin(&["comments", "approve", "1"]).await;
    node.admin(&["block", "add", "faces.localhost"]).await;
    assert_eq!(pictures().await, 0, "their host is blocked");
    node.admin(&["block", "remove", "faces.localhost"]).await;
    assert_eq!(pictures().await, 4);
    node.admin(&["block", "add", &fan.id]).await;
    assert_eq!(pictures().await, 2, "one of them is blocked");
    node.admin(&["post", "unpublish", &article.slug, "--yes"])
        .await;
    assert_eq!(pictures().await, 0, "no page shows them");
}

mod limited {
    use super::*;

    const LITTLE_MEMORY: &str =
        "[limits]\ndecoding_megabytes = 4\n[federation]\nfetch_timeout = 1\n";

    #[apply(both_databases)]
    async fn a_host_that_does_not_answer_is_left_alone(#[case] database: Database) {
        let node = TestNode::start_with(database, LITTLE_MEMORY).await;
        let peer = Peer::start("hanging").await;
        let (article, actor) = (node.publish_any().await.id, peer.actor("painter").await);
        let mut addresses = Vec::new();
        for number in 0..12 {
            let picture = Canned {
                delay: Duration::from_secs(30),
                ..served(noise(4))
            };
            addresses.push(show(&node, &article, &actor, &format!("/{number}.png"), picture).await);
        }
        let before = peer.gets().len();
        for address in addresses.iter().chain(&addresses) {
            let got = get(&node, address).await;
            assert_eq!((got.status, got.retry_after.is_some()), (503, true));
        }
        assert_eq!(peer.gets().len() - before, 3);
    }

    #[apply(both_databases)]
    async fn the_memory_for_decoding_is_what_the_configuration_says(#[case] database: Database) {
        let node = TestNode::start_with(database, LITTLE_MEMORY).await;
        let peer = Peer::start("large").await;
        let (article, actor) = (node.publish_any().await.id, peer.actor("painter").await);
        let small = show(&node, &article, &actor, "/small.png", served(noise(200))).await;
        let large = show(
            &node,
            &article,
            &actor,
            "/large.png",
            served(claiming(1200)),
        )
        .await;
        assert_eq!(get(&node, &large).await.status, 404);
        assert_eq!(get(&node, &small).await.status, 200);
    }
}
