//! The articles of a feed, from a file and from an address.

use super::{counts, messages, write};
use crate::support::{Database, Peer, TestNode, both_databases, peer::Canned};
use rstest_reuse::apply;

const FEED: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title>\
<link>https://old.example/</link><description>D</description>\
<item><title>On trains</title><link>https://old.example/2010/trains.html</link><guid>1</guid>\
<pubDate>Sat, 07 Aug 2010 12:00:00 +0000</pubDate><category>travel</category>\
<description>&lt;p onclick=\"x()\"&gt;Text &lt;em&gt;one&lt;/em&gt;&lt;script&gt;alert(1)&lt;/script&gt; \
&lt;a href=\"https://old.example/2010/ships.html\"&gt;ships&lt;/a&gt;&lt;/p&gt;</description></item>\
<item><title>On ships</title><link>https://old.example/2010/ships.html</link><guid>2</guid>\
<pubDate>Sun, 08 Aug 2010 12:00:00 +0000</pubDate><description>&lt;p&gt;Text two&lt;/p&gt;</description></item>\
<item><title>Without a date</title><guid>3</guid><pubDate>Sun, 99 Aug 0000 12:00:00 +0000</pubDate>\
<description>x&amp;#0;y</description></item>\
<item><title>Nobody knows it</title><description>z</description></item>\
</channel></rss>";

#[apply(both_databases)]
async fn a_feed_is_imported_with_its_links(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let folder = node.folder.path();
    write(folder, "feed.xml", FEED);
    let file = folder.join("feed.xml");
    let output = node
        .cli(&[
            "import",
            "feed",
            file.to_str().unwrap(),
            "--no-download",
            "--json",
        ])
        .await;
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report, "articles"), [3, 0, 0], "{report}");
    assert_eq!(report["links"], 1, "{report}");
    let broken = messages(&report, "broken");
    assert!(broken[0].contains("entry 4"), "{broken:?}");
    let warnings = messages(&report, "warnings");
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("Without a date")),
        "{warnings:?}"
    );
    let page = node.page("/2010/08/trains").await;
    assert!(page.text.contains("<em>one</em>"), "{}", page.text);
    assert!(
        page.text.contains("href=\"/2010/08/ships\""),
        "{}",
        page.text
    );
    assert!(!page.text.contains("alert(1)") && !page.text.contains("onclick"));

    // The same feed from its own server: other software, another source.
    let peer = Peer::start("old.example").await;
    let canned = Canned {
        body: FEED.as_bytes().to_vec(),
        ..Canned::status(200)
    };
    peer.serve("/feed.xml", canned);
    let report = node
        .cli(&[
            "import",
            "feed",
            &peer.url("/feed.xml"),
            "--dry-run",
            "--json",
        ])
        .await;
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(counts(&report, "articles"), [0, 0, 3], "{report}");
    let report = node
        .cli(&["import", "feed", &peer.url("/missing.xml")])
        .await;
    let printed = String::from_utf8(report.stderr).unwrap();
    assert!(printed.contains("404"), "{printed}");
}
