//! The search: it finds what readers can see, in any language, and no query makes it fail.

use crate::support::{Database, Response, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;
use url::form_urlencoded::byte_serialize;

/// Returns the page of a search.
async fn search(node: &TestNode, query: &str) -> Response {
    let encoded: String = byte_serialize(query.as_bytes()).collect();
    node.page(&format!("/search?q={encoded}")).await
}

/// Returns the slugs of results in their order.
fn found(page: &str) -> Vec<String> {
    let results = page.split("search-results").nth(1).unwrap_or_default();
    let links = results.split("<h2><a href=\"").skip(1);
    let address = |rest: &str| rest.split_once('"').unwrap().0.to_owned();
    let slug = |address: String| address.rsplit('/').next().unwrap().to_owned();
    links.map(address).map(slug).collect()
}

/// Waits until a search finds exactly these, in this order.
async fn finds(node: &TestNode, query: &str, slugs: &[&str]) -> String {
    eventually(&format!("{query} finds {slugs:?}"), || async {
        let page = search(node, query).await;
        assert_eq!(page.status, 200, "{query}");
        (found(&page.text) == slugs).then_some(page.text)
    })
    .await
}

const ARTICLES: &str = "
    INSERT INTO articles (slug, title, markdown, summary, language, content_warning, status, published_at) VALUES
        ('trains', 'On slow trains', 'Nothing *else* is here, <b>but</b> a [link](https://a.example/hidden).', NULL, 'en',
            NULL, 'published', 1700000000000),
        ('tagged', 'With a tag', 'Words.', NULL, 'en', NULL, 'published', 1700000001000),
        ('summed', 'With a summary', 'Words.', 'About slow trains.', 'en', NULL, 'published', 1700000002000),
        ('told-early', 'A text', 'A story of slow trains and a few more words.', NULL, 'en', NULL, 'published', 1700000003000),
        ('told-late', 'A text', 'A story of slow trains and a few more words.', NULL, 'en', NULL, 'published', 1700000004000),
        ('draft', 'Trains in a draft', 'Slow trains.', NULL, 'en', NULL, 'draft', 1700000005000),
        ('future', 'Trains of the future', 'Slow trains.', NULL, 'en', NULL, 'published', 4000000000000),
        ('warned', 'Warned', 'The secret is a **marmot** & <script>alert(1)</script>.', NULL, 'en', 'Spoilers', 'published',
            1700000006000),
        ('german', 'Die Straße', 'Über Häuser und Bäume am Donaukanal.', NULL, 'de', NULL, 'published', 1700000007000),
        ('chinese', '夜车', '我们在图书馆读中文书。', NULL, 'zh', NULL, 'published', 1700000008000),
        ('japanese', '夜行列車', '東京の図書館で日本語の本を読みます。', NULL, 'ja', NULL, 'published', 1700000009000),
        ('arabic', 'القطارات', 'قرأت الكتاب في المكتبة القديمة.', NULL, 'ar', NULL, 'published', 1700000010000),
        ('thai', 'รถไฟ', 'ฉันอ่านหนังสือในห้องสมุด', NULL, 'th', NULL, 'published', 1700000011000),
        ('korean', '밤기차', '도서관에서 한국어를 읽는다.', NULL, 'ko', NULL, 'published', 1700000012000),
        ('hindi', 'रेलगाड़ी', 'पुस्तकालय में हिन्दी की किताब।', NULL, 'hi', NULL, 'published', 1700000013000);
    INSERT INTO article_tags (article_id, tag) SELECT id, 'Slow-Trains' FROM articles WHERE slug = 'tagged';
    INSERT INTO pages (slug, title, markdown) VALUES ('imprint', 'Imprint', 'The publisher lives in Vladivostok.');
";

#[apply(both_databases)]
async fn a_search_finds_articles_that_sql_wrote_and_nothing_that_readers_do_not_see(
    #[case] database: Database,
) {
    let tables = "[limits]\nsearches_of_address = 100000\n";
    let node = TestNode::start_with(database, tables).await;
    node.sql(ARTICLES).await;
    // Title, then tag, then summary, then text; of equal ones the newest.
    let order = ["trains", "tagged", "summed", "told-late", "told-early"];
    let page = finds(&node, "slow TRAINS", &order).await;
    assert!(
        page.contains("<meta name=\"robots\" content=\"noindex\">"),
        "{page}"
    );
    assert!(
        page.contains("On <mark>slow</mark> <mark>trains</mark>"),
        "{page}"
    );
    assert!(page.contains("value=\"slow TRAINS\""), "{page}");
    for (query, slugs) in [
        ("strasse", &["german"][..]),
        ("HÄUSER baume", &["german"]),
        ("Donaukan", &["german"]),
        ("图书馆", &["chinese"]),
        ("中文", &["chinese"]),
        ("書", &["japanese"]),
        ("日本語", &["japanese"]),
        ("كتاب", &["arabic"]),
        ("المكتبة", &["arabic"]),
        ("หนังสือ", &["thai"]),
        ("한국어", &["korean"]),
        ("हिन्दी", &["hindi"]),
        ("vladivostok", &["imprint"]),
        ("hidden", &[]),
        ("slow marmot", &[]),
    ] {
        finds(&node, query, slugs).await;
    }
    // Other forms of a word are found too.
    finds(&node, "train", &order).await;
    let page = finds(&node, "marmot", &["warned"]).await;
    assert!(page.contains("Spoilers"), "{page}");
    assert!(
        !page.contains("secret") && !page.contains("<mark>marmot"),
        "{page}"
    );
    assert_eq!(
        search(&node, "trains").await.text.matches("draft").count(),
        0
    );

    // Changed, withdrawn and deleted texts.
    node.sql("UPDATE articles SET markdown = 'Nothing.' WHERE slug = 'told-late'")
        .await;
    assert!(!found(&search(&node, "slow story").await.text).contains(&"told-late".to_owned()));
    finds(&node, "slow story", &["told-early"]).await;
    node.sql("UPDATE articles SET status = 'draft' WHERE slug = 'warned'")
        .await;
    assert_eq!(found(&search(&node, "marmot").await.text), [""; 0]);
    node.sql("DELETE FROM articles WHERE slug = 'told-early'")
        .await;
    assert_eq!(found(&search(&node, "slow story").await.text), [""; 0]);
    node.sql("DELETE FROM article_tags; UPDATE articles SET byline = 'Rosa' WHERE slug = 'german'")
        .await;
    finds(&node, "slow trains", &["trains", "summed"]).await;
    finds(&node, "rosa", &["german"]).await;
    node.sql("UPDATE articles SET status = 'published' WHERE slug = 'warned'")
        .await;
    finds(&node, "marmot", &["warned"]).await;
    let replace = match database {
        Database::Sqlite => {
            "INSERT OR REPLACE INTO articles (slug, title, markdown) VALUES ('warned', 'Mild', 'A hamster.')"
        }
        Database::Postgres => {
            "UPDATE articles SET title = 'Mild', markdown = 'A hamster.' WHERE slug = 'warned'"
        }
    };
    node.sql(replace).await;
    assert_eq!(found(&search(&node, "marmot").await.text), [""; 0]);
    finds(&node, "hamster", &["warned"]).await;
    let pending = "SELECT COUNT(*) FROM search_entries WHERE indexed <> version";
    eventually("all is indexed", || async {
        (node.number(pending).await == Some(0)).then_some(())
    })
    .await;
    // The texts of what is gone are gone as well.
    let bodies = node
        .texts("SELECT body FROM search_entries")
        .await
        .join(" ");
    assert!(
        !bodies.contains("marmot") && !bodies.contains("story"),
        "{bodies}"
    );
}

#[apply(both_databases)]
async fn no_query_makes_the_search_fail(#[case] database: Database) {
    let tables = "[limits]\nsearches_of_address = 100000\n";
    let node = TestNode::start_with(database, tables).await;
    node.sql(
        "INSERT INTO articles (slug, title, markdown) VALUES ('one', 'One', 'The words of it.')",
    )
    .await;
    finds(&node, "words", &["one"]).await;
    let long = "x".repeat(30_000);
    let many = "word ".repeat(5_000);
    for query in [
        "",
        " ",
        "\"",
        "\"\"",
        "'",
        "''",
        "*",
        "w*",
        "\"words",
        "words\"",
        "AND",
        "words AND",
        "OR words",
        "NOT words",
        "NEAR(words of)",
        "title:words",
        "{title}: words",
        "-words",
        "+words",
        "^words",
        "(words",
        "words)",
        "words & | !",
        "words <-> of",
        "words:*",
        "words:A",
        "\\",
        "\\'",
        "%",
        "_",
        ";--",
        "$1",
        "?1",
        "{{ 1 }}",
        "the",
        "the of it",
        "\u{0}",
        "words\u{0}",
        "\u{feff}",
        "🚂",
        "👩‍👩‍👧",
        "\u{202e}words",
        "\u{301}",
        "ﷺ",
        "Ⅷ",
        "１２",
        "ｗｏｒｄｓ",
        "ა",
        "a\u{300}\u{301}",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "中",
        "中文字典",
        "<script>alert(1)</script>",
        "&amp;",
        "\r\n\t",
        &long,
        &many,
    ] {
        let page = search(&node, query).await;
        assert_eq!(page.status, 200, "{query}");
        assert!(!page.text.contains("<script>alert"), "{query}");
    }
    assert_eq!(
        found(&search(&node, "ｗｏｒｄｓ \u{0}").await.text),
        ["one"]
    );
    for target in [
        "/search?q=%ff%fe",
        "/search?q=%00",
        "/search?q=words&page=0",
        "/search?q=words&page=-1",
        "/search?q=words&page=2",
        "/search?q=words&page=999999999999999999999",
        "/search?q=words&page=x",
        "/search?q=a&q=b",
        "/search?page=1",
        "/search?%00=1",
        "/search?q",
        "/search/x",
    ] {
        let status = node.page(target).await.status;
        assert!(matches!(status, 200 | 400 | 404), "{target}: {status}");
    }
}

#[apply(both_databases)]
async fn many_results_have_pages_and_a_reader_may_not_search_too_often(#[case] database: Database) {
    let tables = "[limits]\nsearches_of_address = 40\n";
    let node = TestNode::start_with(database, tables).await;
    let mut statements = String::new();
    for number in 10..35 {
        statements.push_str(&format!(
            "INSERT INTO articles (slug, title, markdown, published_at)
             VALUES ('a{number}', 'Many of them', 'x', 17000000000{number});"
        ));
    }
    node.sql(&statements).await;
    let pending = "SELECT COUNT(*) FROM search_entries WHERE indexed <> version";
    eventually("all is indexed", || async {
        (node.number(pending).await == Some(0)).then_some(())
    })
    .await;
    let mut seen = Vec::new();
    for number in 1..=3 {
        let page = node.page(&format!("/search?q=many&page={number}")).await;
        assert_eq!(
            page.text.contains("rel=\"prev\""),
            number > 1,
            "{}",
            page.text
        );
        assert_eq!(
            page.text.contains("rel=\"next\""),
            number < 3,
            "{}",
            page.text
        );
        seen.extend(found(&page.text));
    }
    let expected: Vec<String> = (10..35).rev().map(|number| format!("a{number}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(node.page("/search?q=many&page=4").await.status, 404);
    // A slow machine gives the reader some more meanwhile.
    let mut refused = search(&node, "many").await;
    for _ in 0..400 {
        if refused.status == 429 {
            break;
        }
        refused = search(&node, "many").await;
    }
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(node.page("/search").await.status, 200);
}

#[apply(both_databases)]
async fn an_old_database_is_indexed_after_an_upgrade(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    node.stop().await;
    // As the migration leaves it: entries that are not indexed.
    sql::run(
        &node.database_url,
        "INSERT INTO articles (slug, title, markdown) VALUES ('old', 'An old article', 'Dust.')",
    )
    .await;
    node.restart().await;
    finds(&node, "dust", &["old"]).await;
}
