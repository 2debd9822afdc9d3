//! What comments may cost: long ones are folded, many are held, stored text has its bounds, and pages have theirs.

use crate::support::{Database, Peer, TestNode, both_databases, node::Article};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the address of a link on a page, by its text.
fn link(page: &str, text: &str) -> Option<String> {
    let before = page.split(&format!("\">{text}</a>")).next()?;
    let address = before.rsplit("href=\"").next()?;
    (before.len() < page.len()).then(|| address.split('#').next().unwrap().to_owned())
}

/// Returns the numbers of the comments on a page, sorted.
fn numbers(page: &str) -> Vec<i64> {
    let anchors = page.split("id=\"comment-").skip(1);
    let mut numbers: Vec<i64> = anchors
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn comments_page(node: &TestNode, address: &str) -> String {
    node.page(address).await.text
}

async fn states(node: &TestNode) -> Vec<String> {
    node.texts("SELECT state || COALESCE(' ' || reason, '') FROM comments ORDER BY number")
        .await
}

/// Inserts visible comments of some bytes each.
async fn fill(node: &TestNode, article: &Article, count: i64, content: &str) {
    let numbers = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    );
    node.sql(&format!(
        "{numbers} INSERT INTO comments (article_id, number, uri, url, author_name, author_handle, content, state,
            published_at, received_at)
         SELECT a.id, i, 'https://x.example/' || i, 'https://x.example/@x/' || i, 'X', '@x@x.example', '{content}',
            'visible', 1, 1 FROM n, articles a WHERE a.slug = '{}'",
        article.slug
    ))
    .await;
}

#[apply(both_databases)]
async fn a_long_comment_is_folded_behind_its_original(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("verbose").await.actor("author").await;
    let article = node.publish_any().await;
    let long = |start: &str| {
        format!(
            "<p>{start}</p><p>{}<b>The end.</b></p>",
            "word &amp; ".repeat(9000)
        )
    };
    let mut note = author
        .comment(&node.inbox(), &article.id, &long("Begun."))
        .await;
    let page = comments_page(&node, &article.url).await;
    let original = note["url"].as_str().unwrap().to_owned();
    assert!(
        page.contains("Begun.") && page.contains("word &amp; word") && !page.contains("The end.")
    );
    assert!(page.contains(&format!("This comment is longer. <a href=\"{original}\" rel=\"nofollow ugc noopener\">Read all of it</a>")));
    let shown = page
        .split("lang=\"\">")
        .nth(1)
        .unwrap()
        .split("</div>")
        .next()
        .unwrap();
    let text = shown.replace("&amp;", "&");
    assert!((9900..10_050).contains(&text.len()), "{}", text.len());
    let stored = node
        .number("SELECT CAST(octet_length(content) AS BIGINT) FROM comments")
        .await
        .unwrap();
    assert!(stored < 20_000, "{stored}");
    let printed = node.admin(&["comments", "show", "1"]).await;
    assert!(
        printed.contains("Begun.")
            && printed.contains("The comment is shortened")
            && printed.contains(&original),
        "{printed}"
    );
    let listed = &node.comments().await[0];
    assert_eq!(listed["shortened"], true);
    assert!(listed["text"].as_str().unwrap().len() < 10_100);
    // A text that an older version stored whole is folded too.
    let whole = long("Old.");
    node.sql(&format!("UPDATE comments SET content = '{whole}'"))
        .await;
    let page = comments_page(&node, &article.url).await;
    assert!(
        page.contains("Old.")
            && !page.contains("The end.")
            && page.contains("This comment is longer.")
    );
    // A changed text counts as an edit; a repeated one does not.
    note["content"] = json!(long("Changed."));
    author
        .deliver(&node.inbox(), &author.activity("Update", note.clone()))
        .await;
    let edits = "SELECT COUNT(*) FROM comment_edits";
    let first = node.number(edits).await;
    assert!(
        comments_page(&node, &article.url)
            .await
            .contains("Changed.")
    );
    author
        .deliver(&node.inbox(), &author.activity("Update", note.clone()))
        .await;
    assert_eq!(node.number(edits).await, first);
    // A short one is whole.
    author
        .comment(
            &node.inbox(),
            &article.id,
            &format!("<p>{}Whole.</p>", "x".repeat(9900)),
        )
        .await;
    let page = comments_page(&node, &article.url).await;
    assert!(page.contains("Whole.") && page.matches("This comment is longer.").count() == 1);
    // Line breaks and links count as well.
    let author = Peer::start("tags").await.actor("author").await;
    author
        .comment(&node.inbox(), &article.id, &"<br>x".repeat(19_000))
        .await;
    let stored = "SELECT CAST(MAX(octet_length(content)) AS BIGINT) FROM comments";
    assert!(node.number(stored).await.unwrap() < 41_000);
}

#[apply(both_databases)]
async fn the_pages_of_a_conversation_are_bounded_in_bytes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    fill(
        &node,
        &article,
        100,
        &format!("<p>{}</p>", "long ".repeat(10_000)),
    )
    .await;
    let (mut seen, mut address) = (Vec::new(), Some(article.url.clone()));
    let first = comments_page(&node, &article.url).await;
    while let Some(next) = address.take() {
        let page = comments_page(&node, &next).await;
        assert!(page.len() < 1100 * 1024, "{}: {}", next, page.len());
        let numbers = numbers(&page);
        assert!(!numbers.is_empty() && numbers.len() < 100);
        seen.extend(numbers);
        address = link(&page, "Newer comments");
    }
    assert_eq!(
        seen,
        (1..=100).collect::<Vec<_>>(),
        "each comment is on one page"
    );
    let newest = link(&first, "Skip to the newest comments").unwrap();
    let mut last = comments_page(&node, &newest).await;
    let mut back = numbers(&last);
    assert_eq!(back.last(), Some(&100));
    assert!(link(&last, "Newer comments").is_none());
    while let Some(older) = link(&last, "Older comments") {
        last = comments_page(&node, &older).await;
        let mut page = numbers(&last);
        // The first page is as long as any, and may overlap with the next one.
        page.retain(|number| *number < back[0]);
        assert_eq!(
            page.last().unwrap() + 1,
            back[0],
            "nothing is left out on the way back"
        );
        back.splice(0..0, page);
    }
    assert_eq!(back.first(), Some(&1));
    // A comment's own address leads to a page that has it.
    for number in &back {
        let page = comments_page(&node, &format!("{}?after={}", article.url, number - 1)).await;
        assert!(page.contains(&format!("id=\"comment-{number}\"")));
        if *number > 3 {
            break;
        }
    }
}

#[apply(both_databases)]
async fn comments_past_the_hourly_number_are_held_and_none_is_lost(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[limits]\ncomments_of_actor = 3\ncomments_of_domain = 5\n",
    )
    .await;
    let (one, two) = (
        Peer::start("one.flood").await,
        Peer::start("two.flood").await,
    );
    let (first, second, third) = (
        one.actor("first").await,
        two.actor("second").await,
        two.actor("third").await,
    );
    let article = node.publish_any().await;
    for number in 0..5 {
        first
            .comment(
                &node.inbox(),
                &article.id,
                &format!("<p>First {number}.</p>"),
            )
            .await;
    }
    let held = "held its author sent more than 3 comments in an hour (limit comments_of_actor)";
    assert_eq!(
        states(&node).await,
        ["visible", "visible", "visible", held, held]
    );
    for (actor, number) in [(&second, 0), (&third, 1), (&third, 2)] {
        actor
            .comment(
                &node.inbox(),
                &article.id,
                &format!("<p>Other {number}.</p>"),
            )
            .await;
    }
    let held =
        "held its author's domain sent more than 5 comments in an hour (limit comments_of_domain)";
    assert_eq!(
        states(&node).await[5..],
        ["visible", "visible", held],
        "subdomains count together"
    );
    assert_eq!(node.replies(&article).await.len(), 5);
    let other = Peer::start("calm").await.actor("reader").await;
    other
        .comment(&node.inbox(), &article.id, "<p>Calm.</p>")
        .await;
    assert_eq!(
        states(&node).await[8],
        "visible",
        "another domain is not affected"
    );
    // The admin approves what waits; comments of allowed actors are never held.
    let id = node
        .comments()
        .await
        .iter()
        .find(|comment| comment["state"] == "held")
        .unwrap()["id"]
        .to_string();
    node.admin(&["comments", "approve", &id]).await;
    assert_eq!(node.replies(&article).await.len(), 7);
    node.admin(&["allow", "add", &first.id]).await;
    first
        .comment(&node.inbox(), &article.id, "<p>Allowed.</p>")
        .await;
    assert_eq!(states(&node).await[9], "visible");
}

#[apply(both_databases)]
async fn what_one_actor_has_stored_is_bounded_for_comments_and_edits(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\nstored_kilobytes_of_actor = 20\n").await;
    let peer = Peer::start("hoard").await;
    let (author, other) = (peer.actor("author").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let text = |number: usize| format!("<p>{number} {}</p>", "x".repeat(4000));
    let mut note: Value = author.comment(&node.inbox(), &article.id, &text(0)).await;
    let mut statuses = Vec::new();
    for number in 1..8 {
        note["content"] = json!(text(number));
        statuses.push(
            author
                .send(&node.inbox(), &author.activity("Update", note.clone()))
                .await
                .status,
        );
    }
    let taken = statuses.iter().filter(|status| **status == 202).count();
    assert!(
        (2..5).contains(&taken) && statuses[taken..].iter().all(|status| *status == 503),
        "{statuses:?}"
    );
    let created = author.note(&article.id, &text(9));
    assert_eq!(
        author
            .send(&node.inbox(), &author.activity("Create", created))
            .await
            .status,
        503
    );
    // A post that does not concern us costs nothing, and others are not affected.
    let unrelated = author.note("", &text(10));
    author
        .deliver(&node.inbox(), &author.activity("Create", unrelated))
        .await;
    other.comment(&node.inbox(), &article.id, &text(11)).await;
    assert_eq!(node.replies(&article).await.len(), 2);
}
