//! Caches, encodings, and the headers that protect readers.

use crate::support::{Database, Response, TestNode, both_databases, eventually};
use rstest_reuse::apply;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Gets a page as a browser that has an older copy.
async fn with(node: &TestNode, target: &str, headers: &[(&str, &str)]) -> Response {
    let all: Vec<_> = [("accept", BROWSER)]
        .iter()
        .chain(headers)
        .copied()
        .collect();
    node.get_with(target, &all).await
}

/// Returns the addresses of style sheets and scripts of a page.
fn parts_of(page: &str) -> Vec<String> {
    let marks = ["rel=\"stylesheet\" href=\"", "<script src=\""];
    let after = marks.iter().flat_map(|mark| page.split(mark).skip(1));
    after
        .map(|rest| rest.split_once('"').unwrap().0.to_owned())
        .collect()
}

/// Returns the encoding and the length of a response as it is sent.
async fn sent(node: &TestNode, target: &str, accepted: &str) -> (String, usize) {
    // The client of the tests would decode it.
    let url = node.url(target);
    let path = url.strip_prefix(&node.origin).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: {BROWSER}\r\naccept-encoding: {accepted}\r\nconnection: close\r\n\r\n"
    );
    let address = node.origin.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer)
        .await
        .unwrap();
    let end = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec())
        .unwrap()
        .to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{target}: {head}");
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-encoding: "));
    (line.unwrap_or_default().to_owned(), answer.len() - end - 4)
}

#[apply(both_databases)]
async fn unchanged_pages_feeds_and_files_are_not_sent_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let path = article.url.strip_prefix(&node.origin).unwrap();
    for target in [path, "/", "/feed.atom", "/static/pamphlet.css"] {
        let first = with(&node, target, &[]).await;
        let etag = first.header("etag").to_owned();
        assert!(etag.ends_with('"'), "{target}: {etag}");
        let listed = format!("\"other\", W/{}", etag.trim_start_matches("W/"));
        for known in [&etag, etag.trim_start_matches("W/"), &listed, "*"] {
            let again = with(&node, target, &[("if-none-match", known)]).await;
            assert_eq!(
                (again.status, again.text.as_str()),
                (304, ""),
                "{target} {known}"
            );
            assert_eq!(again.header("etag"), etag, "{target}");
        }
        let other = with(&node, target, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, 200, "{target}");
        // The date has no fractions of a second, so that a page gets one once its second has passed.
        let date = eventually(&format!("{target} has a date"), || async {
            let date = with(&node, target, &[])
                .await
                .header("last-modified")
                .to_owned();
            (!date.is_empty()).then_some(date)
        })
        .await;
        let since = ("if-modified-since", date.as_str());
        eventually(&format!("{target} is known by its date"), || async {
            (with(&node, target, &[since]).await.status == 304).then_some(())
        })
        .await;
        let both = [since, ("if-none-match", "\"other\"")];
        assert_eq!(with(&node, target, &both).await.status, 200, "{target}");
        let long_ago = [("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")];
        assert_eq!(with(&node, target, &long_ago).await.status, 200, "{target}");
    }
}

#[apply(both_databases)]
async fn a_page_is_small_and_sent_in_the_encoding_that_the_browser_prefers(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let text = include_str!("../examples/leon-trotsky-love-death-and-exile-in-mexico.md");
    let words: Vec<&str> = text
        .split("---")
        .nth(2)
        .unwrap()
        .split_whitespace()
        .collect();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|word| !word.contains(['[', ']', '(', ')']))
        .collect();
    let text = words
        .iter()
        .take(1000)
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let article = node
        .publish(&format!("---\ntitle: An essay\n---\n{text}\n"))
        .await;
    let path = article.url.strip_prefix(&node.origin).unwrap().to_owned();
    let page = node.page(&path).await.text;
    let mut targets = parts_of(&page);
    assert!(!targets.is_empty());
    targets.push(path);
    let mut total = 0;
    for target in &targets {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("zstd, gzip", "zstd"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("identity", ""),
        ] {
            let (used, length) = sent(&node, target, accepted).await;
            // Short files are sent as they are.
            let is_short = length < 1024 && used.is_empty();
            assert!(used == encoding || is_short, "{target} {accepted}: {used}");
            if accepted.contains("zstd") && accepted.contains("br") {
                println!("{target}: {length} bytes");
                total += length;
            }
        }
    }
    println!("an article of 1,000 words: {total} bytes in all");
    assert!(total < 20_000, "{total}");
}

#[apply(both_databases)]
async fn each_address_has_one_representation_that_shared_caches_may_store(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let json = "application/activity+json";
    for (target, stored) in [
        (article.url.as_str(), "text/html"),
        (article.id.as_str(), json),
        (&node.blog(), json),
        (&node.url("/"), "text/html"),
    ] {
        for accept in [BROWSER, json] {
            let response = node.get_as(target, accept).await;
            let is_private = response.header("cache-control").contains("private");
            let is_stored_kind = response.header("content-type").starts_with(stored);
            assert_eq!(
                !is_private, is_stored_kind,
                "{target} as {accept}: {:?}",
                response.headers
            );
            assert!(
                response.header("vary").to_lowercase().contains("accept"),
                "{target}"
            );
        }
    }
    let page = with(&node, &article.url, &[]).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    for (name, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("permissions-policy", "geolocation=()"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "origin"),
    ] {
        assert!(page.header(name).contains(part), "{name}");
    }
    // The node of the tests has an address without TLS.
    assert_eq!(page.header("strict-transport-security"), "");
}

#[apply(both_databases)]
async fn shared_caches_store_pages_as_long_as_the_configuration_says(#[case] database: Database) {
    let node = TestNode::start_with(database, "[cache]\nshared = \"10 seconds\"\n").await;
    let article = node.publish_any().await;
    let stored = "public, max-age=0, s-maxage=10, stale-while-revalidate=10";
    for target in [article.url.as_str(), "/"] {
        assert_eq!(
            with(&node, target, &[]).await.header("cache-control"),
            stored,
            "{target}"
        );
        assert_eq!(
            with(&node, target, &[]).await.header("cache-control"),
            stored,
            "{target}"
        );
    }
    let search = with(&node, "/search?q=x", &[]).await;
    assert_eq!(search.header("cache-control"), "no-cache");
}

#[apply(both_databases)]
async fn other_spellings_of_an_address_lead_to_it_and_senders_are_not_redirected(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let path = article.url.strip_prefix(&node.origin).unwrap();
    let slug = path.rsplit('/').next().unwrap();
    let escaped = slug.replace('-', "%2D");
    let month = path.strip_suffix(slug).unwrap();
    for (spelling, target) in [
        (format!("{path}/"), path.to_owned()),
        (format!("{path}//"), path.to_owned()),
        (path.replace('/', "//"), path.to_owned()),
        (format!("{month}{escaped}"), path.to_owned()),
        (format!("{path}/?a=b"), format!("{path}?a=b")),
        ("/search/".to_owned(), "/search".to_owned()),
        ("/tags/%c3%a4".to_owned(), "/tags/%C3%A4".to_owned()),
    ] {
        let response = with(&node, &spelling, &[]).await;
        let location = response.header("location");
        assert_eq!(
            (response.status, location),
            (308, node.url(&target).as_str()),
            "{spelling}"
        );
    }
    let post = node
        .client()
        .post(node.url("/users//blog/inbox/"))
        .send()
        .await
        .unwrap();
    assert!(!post.status().is_redirection(), "{}", post.status());
}
