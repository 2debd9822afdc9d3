//! What a signature must prove before the inbox believes anything.

use crate::support::{
    Actor, Database, Peer, SignedPost, TestNode, both_databases,
    peer::any_key,
    signed_post::{RawResponse, digest_of},
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// A correct request that a test can spoil, from a sender whose key the node knows.
struct Sender {
    actor: Actor,
    neighbour: Actor,
    stranger: Actor,
    inbox: String,
    article: String,
}

impl Sender {
    async fn known_to(node: &TestNode) -> Sender {
        let (peer, other) = (Peer::start("sender").await, Peer::start("other").await);
        let sender = Sender {
            actor: peer.actor("reader").await,
            neighbour: peer.actor("neighbour").await,
            stranger: other.actor("stranger").await,
            inbox: node.inbox(),
            article: node.publish_any().await.id,
        };
        for actor in [&sender.actor, &sender.neighbour, &sender.stranger] {
            actor.follow(&node.inbox(), &node.blog()).await;
        }
        sender
    }

    fn like(&self) -> Value {
        self.actor.activity("Like", json!(self.article))
    }

    fn post(&self) -> SignedPost {
        self.actor.signed(&self.inbox, &self.like())
    }

    /// Signs the same activity with another actor's key.
    fn by(&self, actor: &Actor) -> SignedPost {
        SignedPost::new(&self.inbox, &self.like(), actor.key.clone(), &actor.key_id)
    }

    fn timed(&self, parameters: &[String]) -> SignedPost {
        let mut post = self
            .post()
            .covering(&["(request-target)", "(created)", "host", "digest"]);
        post.parameters = vec!["algorithm=\"hs2019\"".into()];
        post.parameters.extend_from_slice(parameters);
        post
    }
}

/// The value that replaces the correct `Signature` header.
enum Header {
    Right,
    None,
    Text(String),
}

type Case = (&'static str, u16, SignedPost, Header);

fn right(name: &'static str, status: u16, post: SignedPost) -> Case {
    (name, status, post, Header::Right)
}

fn twice(name: &'static str, post: &SignedPost, header: &str, value: &str) -> Case {
    let mut post = post.clone();
    post.extra.push((header.into(), value.into()));
    right(name, 400, post)
}

fn http_date(time: DateTime<Utc>) -> String {
    httpdate::fmt_http_date(time.into())
}

/// Sends each, and sees that it is refused as it should be and changes nothing.
async fn assert_refused(node: &TestNode, cases: Vec<Case>) {
    let before = node.rows().await;
    for (name, status, post, header) in cases {
        let reply = match header {
            Header::Right => post.send().await,
            Header::None => post.send_with_signature(None).await,
            Header::Text(text) => post.send_with_signature(Some(&text)).await,
        };
        assert_is_refusal(&reply, status, name);
        assert_eq!(node.rows().await, before, "{name}");
    }
}

/// Threats 8 and 12: after a first 401, another invalid signature of the same sender gets a 503,
/// since its key may be new.
fn assert_is_refusal(reply: &RawResponse, status: u16, name: &str) {
    let is_again = status == 401 && reply.is_problem(503);
    let may_be_new = reply.body.contains("was fetched just now");
    assert!(
        reply.is_problem(status) || (is_again && may_be_new),
        "{name}: {reply:?}"
    );
}

// Threat 1.
#[apply(both_databases)]
async fn a_header_that_stands_twice_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let post = sender.post();
    let with_content_digest = post.clone().header("content-digest", "sha-256=:AA==:");
    let cases = vec![
        twice("Signature", &post, "signature", &post.signature()),
        twice(
            "another Signature",
            &post,
            "signature",
            "keyId=\"https://a.example/\",signature=\"AA==\"",
        ),
        twice("Digest", &post, "digest", &digest_of(&post.body)),
        twice(
            "Content-Digest",
            &with_content_digest,
            "content-digest",
            "sha-256=:AA==:",
        ),
        twice("Date", &post, "date", &http_date(Utc::now())),
        twice("Host", &post, "host", "elsewhere.example"),
        twice(
            "Content-Type",
            &post,
            "content-type",
            "application/activity+json",
        ),
        twice(
            "Signature-Input",
            &post.clone().header("signature-input", "a=()"),
            "signature-input",
            "b=()",
        ),
        right("a digest twice in one header", 400, {
            let twice = format!("{0},{0}", digest_of(&post.body));
            post.clone().header("digest", &twice)
        }),
    ];
    assert_refused(&node, cases).await;
}

// Threat 2.
#[apply(both_databases)]
async fn a_signature_that_covers_too_little_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let covering = |name, names: &[&str]| right(name, 401, sender.post().covering(names));
    let cases = vec![
        covering("the digest only", &["digest"]),
        covering("the date only", &["date"]),
        covering("no target", &["host", "date", "digest"]),
        covering("no host", &["(request-target)", "date", "digest"]),
        covering("no time", &["(request-target)", "host", "digest"]),
        covering("no digest", &["(request-target)", "host", "date"]),
        right("a header that is not there", 400, {
            sender
                .post()
                .covering(&["(request-target)", "host", "date", "digest", "x-none"])
        }),
        right("a name twice", 400, {
            sender
                .post()
                .covering(&["(request-target)", "host", "host", "date", "digest"])
        }),
    ];
    assert_refused(&node, cases).await;
}

// Threats 3 and 4.
#[apply(both_databases)]
async fn a_time_out_of_reason_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let (now, unix) = (Utc::now(), Utc::now().timestamp());
    let dated = |name, by: TimeDelta| {
        right(
            name,
            401,
            sender.post().header("date", &http_date(now + by)),
        )
    };
    let created =
        |name, status, text: &str| right(name, status, sender.timed(&[format!("created={text}")]));
    let mut expired = sender.post();
    expired.parameters.push(format!("expires={}", unix - 60));
    let cases = vec![
        dated("dated years ahead", TimeDelta::days(2000)),
        dated("dated two hours ahead", TimeDelta::hours(2)),
        dated("dated thirteen hours ago", TimeDelta::hours(-13)),
        dated("dated years ago", TimeDelta::days(-2000)),
        right(
            "dated nonsense",
            400,
            sender.post().header("date", "yesterday"),
        ),
        created("created in two hours", 401, &(unix + 7200).to_string()),
        created(
            "created thirteen hours ago",
            401,
            &(unix - 13 * 3600).to_string(),
        ),
        created("created beyond every calendar", 401, &i64::MAX.to_string()),
        created("created beyond 64 bits", 400, "18446744073709551615"),
        created("created below zero", 400, "-1"),
        created("created as a word", 400, "soon"),
        created("created as a fraction", 400, "1.5"),
        created("created as nothing", 400, "\"\""),
        right("created covered and absent", 400, sender.timed(&[])),
        right("expired", 401, expired),
        right("expired, and covered", 401, {
            sender.timed(&[
                format!("created={unix}"),
                format!("expires=\"{}\"", unix - 60),
            ])
        }),
        right(
            "expires as a word",
            400,
            sender.timed(&[format!("created={unix}"), "expires=never".into()]),
        ),
    ];
    assert_refused(&node, cases).await;
}

// Threats 5 and 8.
#[apply(both_databases)]
async fn a_signature_for_another_request_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let elsewhere = sender.post().header("host", "elsewhere.example");
    let for_elsewhere = elsewhere.signature();
    let mut with_query = sender.post();
    with_query.signed_target = Some("/inbox".into());
    with_query.url.set_query(Some("page=1"));
    let mut other_path = sender.post();
    other_path.signed_target = Some("/users/blog/inbox".into());
    let mut wrong_key = sender.post();
    wrong_key.key = (0..4)
        .map(any_key)
        .find(|key| key.public() != sender.actor.key.public())
        .unwrap();
    let cases = vec![
        (
            "signed for another host",
            401,
            sender.post(),
            Header::Text(for_elsewhere),
        ),
        right("sent with another Host", 401, elsewhere),
        right("sent with no Host", 400, sender.post().without("host")),
        right("a query added", 401, with_query),
        right("another path", 401, other_path),
        right("a wrong key", 401, wrong_key),
        (
            "another activity's signature",
            401,
            sender.post(),
            Header::Text(sender.post().signature()),
        ),
        ("unsigned", 401, sender.post(), Header::None),
    ];
    assert_refused(&node, cases).await;
}

// Threat 6.
#[apply(both_databases)]
async fn anothers_key_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let mut at_our_node = sender.post();
    at_our_node.key_id = format!("{}#main-key", node.blog());
    let cases = vec![
        right("a key of the same host", 403, sender.by(&sender.neighbour)),
        right("a key of another host", 403, sender.by(&sender.stranger)),
        right("a key of this node", 403, at_our_node),
    ];
    assert_refused(&node, cases).await;
}

// Threat 7.
#[apply(both_databases)]
async fn a_digest_that_is_not_the_bodys_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let mut changed = sender.post();
    changed.body = sender.like().to_string().into_bytes();
    let mut longer = sender.post();
    longer.body.push(b' ');
    let digest =
        |name, status, value: &str| right(name, status, sender.post().header("digest", value));
    let sha512 = |body: &[u8]| {
        format!(
            "SHA-512={}",
            STANDARD.encode(digest::digest(&digest::SHA512, body))
        )
    };
    let post = sender.post();
    let covered = [
        "(request-target)",
        "host",
        "date",
        "digest",
        "content-digest",
    ];
    let cases = vec![
        right("another body", 401, changed),
        right("a blank more", 401, longer),
        right("another algorithm only", 401, {
            let value = sha512(&post.body);
            post.header("digest", &value)
        }),
        digest("MD5 only", 401, "MD5=1B2M2Y8AsgTpgAmY7PhCfg=="),
        digest("not base64", 400, "SHA-256=!!!"),
        digest("no digest in it", 400, "nothing"),
        digest("empty", 400, ""),
        digest("cut off", 401, "SHA-256=AAAA"),
        digest("of the empty body", 401, &digest_of(b"")),
        right("no Digest", 400, sender.post().without("digest")),
        right("a right Digest beside a wrong Content-Digest", 401, {
            sender
                .post()
                .header("content-digest", "sha-256=:AAAA:")
                .covering(&covered)
        }),
    ];
    assert_refused(&node, cases).await;
}

// Threat 8.
#[apply(both_databases)]
async fn a_signature_of_garbage_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let post = sender.post();
    let signature = post.signature();
    let (start, _) = signature.split_once("signature=").unwrap();
    let key_id = format!("keyId=\"{}\"", sender.actor.key_id);
    let with_key_id = |text: &str| Header::Text(signature.replace(&key_id, text));
    let long = format!("keyId=\"{}/{}\"", sender.actor.id, "a".repeat(3000));
    let text = |name, status, text: String| (name, status, post.clone(), Header::Text(text));
    let mut cases = vec![
        text("no parameters", 400, "garbage".into()),
        text("nothing", 400, String::new()),
        text("quotes that don't end", 400, "keyId=\"".into()),
        text("no signature", 400, start.trim_end_matches(',').into()),
        text("an empty signature", 401, format!("{start}signature=\"\"")),
        text(
            "a short signature",
            401,
            format!("{start}signature=\"AAAA\""),
        ),
        text(
            "a signature of zeros",
            401,
            format!("{start}signature=\"{}\"", STANDARD.encode([0; 256])),
        ),
        text("not base64", 400, format!("{start}signature=\"%%%\"")),
        text("a parameter twice", 400, format!("{signature},{key_id}")),
        text(
            "a thousand parameters",
            400,
            format!("{signature}{}", ",a=\"1\"".repeat(1000)),
        ),
        ("no keyId", 400, post.clone(), with_key_id("other=\"1\"")),
        (
            "a keyId that is no URL",
            400,
            post.clone(),
            with_key_id("keyId=\"reader\""),
        ),
        (
            "a keyId of another scheme",
            400,
            post.clone(),
            with_key_id("keyId=\"file:///etc/passwd\""),
        ),
        ("a keyId without end", 400, post.clone(), with_key_id(&long)),
    ];
    for algorithm in [
        "rsa-sha512",
        "rsa-sha1",
        "hmac-sha256",
        "ecdsa-sha256",
        "none",
        "",
    ] {
        let text = signature.replace("rsa-sha256", algorithm);
        cases.push(("another algorithm", 401, post.clone(), Header::Text(text)));
    }
    assert_refused(&node, cases).await;
}

// Threats 2, 3, 4, 5, 7 and 8, by RFC 9421.
#[apply(both_databases)]
async fn a_message_signature_is_held_to_the_same(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let before = node.rows().await;
    let post = || {
        let post = sender.post();
        let digest = digest_of(&post.body).replacen("SHA-256=", "sha-256=:", 1) + ":";
        post.header("content-digest", &digest)
    };
    let full = ["@method", "@target-uri", "content-digest"];
    let now = Utc::now().timestamp();
    let created = format!(";created={now}");
    let signed =
        |components: &[&str], parameters: &str| post().message_signature(components, parameters);
    let cases: Vec<(&str, u16, (String, String))> = vec![
        (
            "no method",
            401,
            signed(&["@target-uri", "content-digest"], &created),
        ),
        (
            "no target",
            401,
            signed(&["@method", "content-digest"], &created),
        ),
        (
            "the path without the host",
            401,
            signed(&["@method", "@path", "content-digest"], &created),
        ),
        (
            "no digest",
            401,
            signed(&["@method", "@target-uri"], &created),
        ),
        (
            "another digest",
            401,
            signed(&["@method", "@target-uri", "digest"], &created),
        ),
        ("no created", 400, signed(&full, "")),
        (
            "created in two hours",
            401,
            signed(&full, &format!(";created={}", now + 7200)),
        ),
        (
            "created thirteen hours ago",
            401,
            signed(&full, &format!(";created={}", now - 13 * 3600)),
        ),
        ("created below zero", 401, signed(&full, ";created=-1")),
        (
            "created beyond all numbers",
            400,
            signed(&full, ";created=18446744073709551615"),
        ),
        ("created as a word", 400, signed(&full, ";created=\"soon\"")),
        (
            "expired",
            401,
            signed(&full, &format!("{created};expires={}", now - 60)),
        ),
        (
            "another algorithm",
            401,
            signed(&full, &format!("{created};alg=\"hmac-sha256\"")),
        ),
        (
            "an algorithm of another key",
            401,
            signed(&full, &format!("{created};alg=\"ed25519\"")),
        ),
        (
            "a component that nobody knows",
            401,
            signed(
                &["@method", "@target-uri", "content-digest", "@status"],
                &created,
            ),
        ),
        ("another body's signature", 401, {
            let other = post().header("content-digest", "sha-256=:AAAA:");
            other.message_signature(&full, &created)
        }),
        ("another host's", 401, {
            let other = post().header("host", "elsewhere.example");
            other.message_signature(&full, &created)
        }),
        ("garbage", 400, ("sig1=(".into(), "sig1=:AAAA:".into())),
        (
            "an empty list of signatures",
            401,
            (String::new(), String::new()),
        ),
        ("another label", 400, {
            let (input, signature) = signed(&full, &created);
            (input, signature.replacen("sig1", "sig2", 1))
        }),
    ];
    for (name, status, signed) in cases {
        let reply = post().send_with_message_signature(signed).await;
        assert_is_refusal(&reply, status, name);
        assert_eq!(node.rows().await, before, "{name}");
    }
    let reply = post()
        .header("content-digest", "sha-256=:AAAA:")
        .send_as_message(&full, &created)
        .await;
    assert!(reply.is_problem(401), "a digest of another body: {reply:?}");
    assert_eq!(node.rows().await, before);
    assert_eq!(
        post().send_as_message(&full, &created).await.status,
        202,
        "without a fault"
    );
}

// Threat 9.
#[apply(both_databases)]
async fn a_captured_follow_changes_nothing_however_its_header_is_written(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let follow = sender.actor.activity("Follow", json!(node.blog()));
    let post = sender.actor.signed(&node.inbox(), &follow);
    let signature = post.signature();
    assert_eq!(post.send_with_signature(Some(&signature)).await.status, 202);
    let mut parts: Vec<&str> = signature.split(',').collect();
    parts.reverse();
    let message = sender.actor.signed(
        &node.inbox(),
        &sender.actor.activity("Undo", follow.clone()),
    );
    let before = node.rows().await["received"];
    let variants = [
        format!("{signature} "),
        format!("  {signature}"),
        signature.replace(',', " , "),
        signature.replace("keyId=", "KEYID="),
        signature.replace("keyId=", "keyId = "),
        signature.replace("algorithm=\"rsa-sha256\",", ""),
        signature.replace("rsa-sha256", "hs2019"),
        parts.join(","),
        format!("{signature},more=\"1\""),
    ];
    let mut dropped = node.dropped("repeat").await;
    for variant in variants {
        let reply = post.send_with_signature(Some(&variant)).await;
        assert!(
            [202, 400, 401].contains(&reply.status),
            "{variant}: {reply:?}"
        );
        if reply.status == 202 {
            dropped += 1;
        }
        assert_eq!(node.dropped("repeat").await, dropped, "{variant}");
    }
    assert_eq!(node.rows().await["received"], before);
    // The same in the other style.
    let digest = crate::inbox_variations::content_digest(&message.body);
    let message = message.header("content-digest", &digest);
    let created = format!(";created={}", chrono::Utc::now().timestamp());
    let (input, signature) =
        message.message_signature(&["@method", "@target-uri", "content-digest"], &created);
    let before = node.rows().await["received"];
    for (name, input, signature) in [
        ("as sent", input.clone(), signature.clone()),
        ("blanks", format!(" {input} "), format!("{signature}  ")),
        (
            "another label",
            input.replace("sig1=", "sig2="),
            signature.replace("sig1=", "sig2="),
        ),
        ("a parameter", input.clone(), format!("{signature};a=1")),
        (
            "another signature",
            input.clone(),
            format!("{signature}, proxy=:AAAA:"),
        ),
    ] {
        let reply = message
            .send_with_message_signature((input, signature))
            .await;
        assert_eq!(reply.status, 202, "{name}: {reply:?}");
        assert_eq!(node.rows().await["received"], before + 1, "{name}");
    }
}

// Threat 9.
#[apply(both_databases)]
async fn the_same_request_again_changes_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let sender = Sender::known_to(&node).await;
    let note = sender.actor.note(&sender.article, "<p>Once.</p>");
    let posts = [
        sender.post(),
        sender
            .actor
            .signed(&node.inbox(), &sender.actor.activity("Create", note)),
        sender.actor.signed(
            &node.inbox(),
            &sender.actor.activity("Follow", json!(node.blog())),
        ),
    ];
    for post in &posts {
        assert_eq!(post.send().await.status, 202);
    }
    let mut before = node.rows().await;
    for post in posts.iter().chain(&posts) {
        assert_eq!(post.send().await.status, 202);
    }
    before.remove("inbox_counts");
    let mut after = node.rows().await;
    after.remove("inbox_counts");
    assert_eq!(after, before);
    assert_eq!(node.dropped("repeat").await, 6);
    assert_eq!(node.comments().await.len(), 1);
}
