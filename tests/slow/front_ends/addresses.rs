//! Readers' addresses behind each front end: each reader has their own, and can't invent another.

use super::{FrontEnd, Kind, each_front_end, free_port};
use crate::support::{Database, Guest, TestNode, node::Article, tls::Authority};
use pamphlet::guests::address_hash;
use reqwest::redirect::Policy;
use rstest_reuse::apply;
use std::{collections::BTreeSet, net::IpAddr};

const TABLES: &str = "[comments]\nguests = \"open\"\n[limits]\nforms_of_address = 2\n";

/// Headers by which a reader pretends to be somebody else.
const FORGED: &[&[(&str, &str)]] = &[
    &[],
    &[("x-forwarded-for", "203.0.113.9")],
    &[
        ("x-forwarded-for", "203.0.113.9, 127.0.0.1"),
        ("x-forwarded-for", "203.0.113.8"),
    ],
    &[
        ("forwarded", "for=203.0.113.9;proto=https"),
        ("x-real-ip", "203.0.113.9"),
        ("client-ip", "203.0.113.9"),
        ("x-client-ip", "203.0.113.9"),
        ("true-client-ip", "203.0.113.9"),
        ("cf-connecting-ip", "203.0.113.9"),
        ("x-forwarded-host", "evil.example"),
    ],
];

#[apply(each_front_end)]
async fn readers_have_their_own_addresses_behind_a_front_end(
    #[case] kind: Kind,
    #[case] database: Database,
) {
    let authority = Authority::new();
    let port = free_port();
    let front = FrontEnd::start(kind, &authority, port).await;
    let node = TestNode::start_behind(database, &front.origin, port, &authority, TABLES).await;
    let article = node.publish_any().await;

    // Each reader may send two forms. A third is refused, whatever address its headers claim.
    for (index, reader) in ["127.0.0.1", "127.0.0.2", "127.0.0.3"].iter().enumerate() {
        let mut statuses = Vec::new();
        for number in 0..3 {
            let forged = FORGED[(number + index) % FORGED.len()];
            let text = format!("{number} from {reader}");
            statuses.push(write(&node, &authority, reader, &article, &text, forged).await);
        }
        assert_eq!(statuses, [303, 303, 429], "{kind:?} {reader}");
    }
    let stored = "SELECT DISTINCT address_hash FROM comments";
    let stored: BTreeSet<String> = node.texts(stored).await.into_iter().collect();
    let readers = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    let expected = readers.map(|reader| address_hash(&node.node, reader));
    assert_eq!(stored, BTreeSet::from(expected), "{kind:?}");
}

/// Sends a comment from this address.
async fn write(
    node: &TestNode,
    authority: &Authority,
    reader: &str,
    article: &Article,
    text: &str,
    forged: &[(&str, &str)],
) -> u16 {
    let address: IpAddr = reader.parse().unwrap();
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .local_address(address)
        .redirect(Policy::none())
        .no_proxy()
        .tls_certs_merge([root])
        .build()
        .unwrap();
    let token = Guest::at(node, reader).token(article, 60);
    let fields = [
        ("token", token.as_str()),
        ("name", reader),
        ("text", text),
        ("do", "post"),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = client
        .post(format!("{}/comments", article.id))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    for (name, value) in forged {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}
