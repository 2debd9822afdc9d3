//! What the delivery engine is compared with: the same HTTP client and signer in a bare loop, without
//! database, order, retries or fairness, against the same fediverse. `benches/run.sh` runs it beside the node.
//!
//! The argument is the number of hosts. Prints deliveries a second: first contact, then warm.

use futures::StreamExt;
use pamphlet::node::http;
use pamphlet::{
    config::{Config, Overrides},
    crypto::{
        keys::PrivateKey,
        signatures::{
            BodyDigest,
            sign::{Action, RequestToSign, sign_cavage},
        },
    },
};
use std::time::Instant;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use url::Url;

const IN_FLIGHT: usize = 256;
const ROUNDS: usize = 20;
const TYPE: &str = "application/activity+json";
const KEY_ID: &str = "http://blog.test/users/blog#main-key";

#[tokio::main]
async fn main() {
    let hosts = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1000);
    let overrides = Overrides {
        without_file: true,
        development: true,
        ..Overrides::default()
    };
    let config = Config::load(&overrides).unwrap();
    let client =
        http::guarded_client(&config, Duration::from_secs(15), Duration::from_secs(90)).unwrap();
    let key = Arc::new(PrivateKey::generate_rsa().unwrap());
    let inboxes: Vec<Url> = (0..hosts)
        .map(|number| format!("https://h{number}.test/inbox").parse().unwrap())
        .collect();
    // As long as an article of ours.
    let body = bytes::Bytes::from(vec![b' '; 9700]);
    let digest = BodyDigest::of(&body);
    let signing = Arc::new(Semaphore::new(2));
    for (name, rounds) in [("first contact", 1), ("warm", ROUNDS)] {
        let begun = Instant::now();
        let all = (0..rounds).flat_map(|_| inboxes.iter().cloned());
        let sent = futures::stream::iter(all)
            .map(|url| {
                let (client, key, body) = (client.clone(), key.clone(), body.clone());
                let signing = signing.clone();
                async move {
                    let turn = signing.acquire().await;
                    let target = url.clone();
                    let headers = tokio::task::spawn_blocking(move || {
                        let request = RequestToSign {
                            url: &target,
                            now: chrono::Utc::now(),
                            action: Action::Post {
                                digest: &digest,
                                content_type: TYPE,
                                synchronization: None,
                            },
                        };
                        sign_cavage(&key, KEY_ID, &request).unwrap()
                    })
                    .await
                    .unwrap();
                    drop(turn);
                    let answer = client.post(url).headers(headers).body(body).send().await;
                    let answer = answer.unwrap();
                    answer.bytes().await.unwrap();
                }
            })
            .buffer_unordered(IN_FLIGHT)
            .count()
            .await;
        let rate = sent as f64 / begun.elapsed().as_secs_f64();
        println!("{name}: {rate:.0} deliveries/s ({sent} in all)");
    }
}
