//! Pages for readers and documents for servers, made anew for each request.

use super::{fill::Size, node::PORT, report::Report};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// How often each page is requested.
const REQUESTS: usize = 5;

const HTML: &str = "text/html";
const ACTIVITY: &str = "application/activity+json";

/// Measures each kind of page and document.
pub(crate) fn measure(size: Size, report: &mut Report) {
    let (old, busiest) = (
        page_of(&format!("/articles/uid{}", size.articles / 8)),
        page_of(&format!("/articles/uid{}", size.busiest())),
    );
    let middle = size.comments / 200;
    for (name, path) in [
        ("home", "/".to_owned()),
        ("an old article", old.clone()),
        ("an article with many comments", busiest.clone()),
        (
            "its comments, in the middle",
            format!("{busiest}?after={middle}"),
        ),
        ("its reactions", format!("{busiest}/reactions")),
        ("archive", "/archive".to_owned()),
        ("archive of a year", "/archive/2022".to_owned()),
        ("tags", "/tags".to_owned()),
        ("a tag of every third article", "/tags/common".to_owned()),
        ("a rare tag", "/tags/tag7".to_owned()),
        ("search", "/search?q=kettle".to_owned()),
        ("feed", "/feed.atom".to_owned()),
        (
            "feed of an article's comments",
            format!("{old}/comments.atom"),
        ),
        ("sitemap", "/sitemap.xml".to_owned()),
    ] {
        report.add(name, time_of(&path, HTML));
    }
    let article = format!("/articles/uid{}", size.busiest());
    for (name, path) in [
        ("actor", "/users/blog".to_owned()),
        ("followers", "/users/blog/followers".to_owned()),
        (
            "followers, first page",
            "/users/blog/followers?page=first".to_owned(),
        ),
        (
            "followers, in the middle",
            format!("/users/blog/followers?page={}", size.followers / 2),
        ),
        ("outbox", "/users/blog/outbox".to_owned()),
        (
            "outbox, first page",
            "/users/blog/outbox?page=first".to_owned(),
        ),
        (
            "outbox, in the middle",
            format!("/users/blog/outbox?page={}", size.articles / 2),
        ),
        ("featured articles", "/users/blog/featured".to_owned()),
        ("featured tags", "/users/blog/tags".to_owned()),
        ("article document", article.clone()),
        ("its replies", format!("{article}/replies")),
        (
            "its replies, in the middle",
            format!("{article}/replies?page={middle}"),
        ),
        ("its likes", format!("{article}/likes")),
        ("NodeInfo", "/nodeinfo/2.1".to_owned()),
    ] {
        report.add(name, time_of(&path, ACTIVITY));
    }
}

/// Returns the median time of a path.
fn time_of(path: &str, accept: &str) -> Duration {
    let mut times: Vec<Duration> = (0..REQUESTS)
        .map(|_| {
            let begun = Instant::now();
            let response = request(path, accept).expect("a response");
            assert_eq!(status(&response), Some(200), "{path}: {response}");
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[REQUESTS / 2]
}

/// Returns the path of the page to which the id of an article leads.
fn page_of(id: &str) -> String {
    let response = request(id, HTML).expect("a response");
    let address = response
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_else(|| panic!("{id} leads nowhere: {response}"));
    let path = address.splitn(4, '/').nth(3).expect("a path");
    format!("/{}", path.trim())
}

/// Returns the status of a path; `None` if nobody responds.
pub(crate) fn status_of(path: &str) -> Option<u16> {
    status(&request(path, HTML)?)
}

fn status(response: &str) -> Option<u16> {
    response.split(' ').nth(1)?.parse().ok()
}

fn request(path: &str, accept: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).ok()?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost:{PORT}\r\naccept: {accept}\r\ncache-control: no-cache\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok()?;
    Some(String::from_utf8_lossy(&response).into_owned())
}
