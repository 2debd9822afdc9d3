//! The memory of a node that strangers ask for large pictures.

use crate::support::{Database, Peer, Program, peer::Canned};
use futures::future::join_all;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use std::{io::Cursor, time::Duration};

/// Returns the peak resident memory of a process, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1024
}

/// Returns a picture of nearly 10 MB, which can't be compressed.
fn large_picture() -> Canned {
    let mut pixels = vec![0; 1800 * 1800 * 3];
    aws_lc_rs::rand::fill(&mut pixels).unwrap();
    let picture = RgbImage::from_raw(1800, 1800, pixels).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    Canned {
        headers: vec![("content-type".into(), "image/png".into())],
        body: bytes.into_inner(),
        ..Canned::status(200)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_pictures_cost_a_bounded_memory_however_many_ask() {
    let mut program = Program::new(Database::Sqlite).await;
    program.serve().await;
    let file = program.file("article.md", "---\ntitle: A title\n---\nText.\n");
    let published = ["post", "publish", file.to_str().unwrap(), "--json"];
    let article: Value = serde_json::from_str(&program.admin(&published).await).unwrap();
    let peer = Peer::start("gallery").await;
    let actor = peer.actor("painter").await;
    let inbox = format!("{}/inbox", program.origin);
    for number in 1..=9 {
        let path = format!("/{number}.png");
        peer.serve(&path, large_picture());
        let mut note = actor.note(article["id"].as_str().unwrap(), "<p>Look.</p>");
        note["attachment"] = json!([{"type": "Image", "url": peer.url(&path)}]);
        let create = actor.activity("Create", note);
        actor.deliver(&inbox, &create).await;
    }

    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(120))
        .build()
        .unwrap();
    let get = |number: usize| {
        let url = format!("{}/pictures/comments/{number}/0", program.origin);
        let request = client.get(url).send();
        async move { request.await.unwrap().status().as_u16() }
    };
    let before = peak(program.process_id());
    let same = join_all((0..80).map(|_| get(1))).await;
    assert!(same.iter().all(|status| *status == 200), "{same:?}");
    assert_eq!(peer.get_count("/1.png"), 1);
    let others = join_all((0..80).map(|number| get(2 + number % 8))).await;
    let is_right = |status: &u16| [200, 503].contains(status);
    assert!(others.iter().all(is_right), "{others:?}");
    let grown = peak(program.process_id()) - before;
    println!("80 readers of one picture and 80 of eight others: {grown} MiB");
    assert!(grown < 100, "{grown} MiB");
}
