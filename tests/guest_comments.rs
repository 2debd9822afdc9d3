//! Comments without an account: the form, its preview, who is let in at once, and what it withstands.

use crate::support::{Database, Guest, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::Value;

const MAIL: &str = "reader@mail.example";

/// The state, and why, of each comment, the oldest first.
async fn states(node: &TestNode) -> Vec<String> {
    let states = "SELECT state || ': ' || COALESCE(reason, '') FROM comments ORDER BY id";
    node.texts(states).await
}

/// Everything that the public can read of an article.
async fn public(node: &TestNode, article: &str, id: &str) -> String {
    let mut all = String::new();
    for target in [article, "/", "/feed.atom", "/users/blog", "/nodeinfo/2.1"] {
        all += &node.page(target).await.text;
    }
    for path in ["", "/replies?page=first", "/context?page=first"] {
        all += &node.document(&format!("{id}{path}")).await.text;
    }
    all
}

#[apply(both_databases)]
async fn a_guest_previews_a_comment_posts_it_and_is_trusted_once_it_was_approved(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Comment without an account") && page.contains("name=\"token\""),
        "{page}"
    );
    let guest = Guest::at(&node, "192.0.2.1");
    let token = guest.token(&article, 60);
    let filled = [
        ("token", token.as_str()),
        ("name", "Première Lectrice"),
        ("mail", MAIL),
        ("site", "lectrice.example"),
        (
            "text",
            "Why *slowly*?\n\n# Loud\n\n![x](https://pictures.example/x.png) <b>bold</b>",
        ),
    ];

    let mut previewed = filled.to_vec();
    previewed.push(("do", "preview"));
    let preview = guest.send(&article, &previewed, &[]).await;
    assert_eq!(
        (preview.status, preview.header("cache-control")),
        (200, "no-store")
    );
    assert!(
        preview
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    for part in [
        "Preview of your comment",
        "<em>slowly</em>",
        "<strong>Loud</strong>",
        "value=\"Première Lectrice\"",
        "value=\"reader@mail.example\"",
        "Why *slowly*?",
        &token,
    ] {
        assert!(preview.text.contains(part), "{part} in {}", preview.text);
    }
    assert!(
        !preview.text.contains("<b>") && !preview.text.contains("<img"),
        "{}",
        preview.text
    );

    let wrong = guest
        .write(
            &article,
            &[
                ("name", " \u{202E} "),
                ("mail", "reader"),
                ("site", "javascript:alert(1)"),
                ("answers", "yes"),
                ("text", "Kept"),
            ],
        )
        .await;
    assert_eq!(wrong.status, 422);
    for part in [
        "href=\"#write-name\"",
        "id=\"write-mail-problem\"",
        "not a website",
        ">\nKept</textarea>",
    ] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
    assert!(states(&node).await.is_empty() && guest.cookie.lock().unwrap().is_none());

    let mut posted = filled.to_vec();
    posted.push(("do", "post"));
    let thanks = guest.send(&article, &posted, &[]).await;
    assert_eq!(thanks.status, 303);
    let cookie = thanks.header("set-cookie");
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict") && cookie.contains("Path=/"),
        "{cookie}"
    );
    let waiting = node.page(thanks.header("location")).await;
    assert!(
        waiting.text.contains("awaits approval") && waiting.header("cache-control") == "no-store"
    );
    // Sent twice, from a new form too, it is one comment.
    assert_eq!(
        guest.send(&article, &posted, &[]).await.header("location"),
        thanks.header("location")
    );
    assert_eq!(guest.write(&article, &filled[1..]).await.status, 303);
    assert_eq!(
        states(&node).await,
        ["held: the first comment of this guest"]
    );
    assert!(!node.page(&article.url).await.text.contains("Première"));

    node.admin(&["comments", "approve", "1"]).await;
    let page = node.page(&article.url).await.text;
    for part in [
        "href=\"https://lectrice.example/\" rel=\"nofollow ugc noopener\"><bdi>Première Lectrice</bdi>",
        ">PL</span>",
        "<em>slowly</em>",
        "rel=\"nofollow ugc noopener\">x</a>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(
        !page.contains("class=\"handle\"") && !page.contains("<h1>Loud"),
        "{page}"
    );

    // The page for an answer quotes the comment and knows the browser.
    let path = format!("{}/reply/1", article.url);
    let cookie = guest.cookie.lock().unwrap().clone().unwrap();
    assert!(
        page.contains(path.strip_prefix(&node.origin).unwrap()),
        "{page}"
    );
    let known = node
        .get_with(&path, &[("accept", "text/html"), ("cookie", &cookie)])
        .await;
    assert_eq!(known.header("cache-control"), "no-store");
    for part in [
        "Reply to a comment",
        "<em>slowly</em>",
        "value=\"Première Lectrice\"",
        "name=\"parent\" value=\"1\"",
    ] {
        assert!(known.text.contains(part), "{part} in {}", known.text);
    }
    assert!(
        !node
            .page(&path)
            .await
            .text
            .contains("value=\"Première Lectrice\"")
    );
    assert_eq!(
        node.page(&format!("{}/reply/9", article.url)).await.status,
        404
    );

    let answer = [
        ("parent", "1"),
        ("name", "Première Lectrice"),
        ("text", "To *whom*?"),
    ];
    let shown = guest.write(&article, &answer).await;
    assert!(
        shown.header("location").ends_with("#comment-2"),
        "{}",
        shown.header("location")
    );
    assert!(node.page(&article.url).await.text.contains("<em>whom</em>"));
    assert_eq!(
        node.number("SELECT p.number FROM comments c JOIN comments p ON p.id = c.parent_id")
            .await,
        Some(1)
    );
    // Nobody is known by what they type, nor by a cookie that we did not sign.
    for cookie in [
        None,
        Some(cookie.replace("guest=1", "guest=2")),
        Some("guest=1.MQ.x".to_owned()),
    ] {
        let other = Guest::at(&node, "192.0.2.2");
        let text = format!("It is me: {cookie:?}");
        *other.cookie.lock().unwrap() = cookie;
        let held = other
            .write(
                &article,
                &[
                    ("name", "Première Lectrice"),
                    ("mail", MAIL),
                    ("text", &text),
                ],
            )
            .await;
        assert!(
            held.header("location").starts_with("/comments/waiting"),
            "{text}"
        );
    }
    let text = public(&node, &article.url, &article.id).await;
    assert!(text.contains("whom") && !text.contains(MAIL) && !text.contains("192.0.2"));
    assert!(
        node.texts("SELECT about FROM log")
            .await
            .iter()
            .all(|about| about.starts_with("comment "))
    );
}

#[apply(both_databases)]
async fn the_form_withstands_what_programs_do_to_it(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[comments]\nguests = \"open\"\nper_address = 3\nper_article = 9\n",
    )
    .await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let name = ("name", "Reader");
    let before = node.rows().await;

    // Sent too soon, too late, for another article, or from another site.
    for (token, printed) in [
        (guest.token(&article, 0), "very quick"),
        (guest.token(&article, 24 * 3600 + 1), "open for too long"),
        (
            guest.token(&article, 60).replace('.', ".x"),
            "open for too long",
        ),
        (String::new(), "open for too long"),
    ] {
        let answer = guest
            .send(
                &article,
                &[("token", &token), name, ("text", "Hi"), ("do", "post")],
                &[],
            )
            .await;
        assert_eq!(answer.status, 422, "{token}");
        assert!(
            answer.text.contains(printed) && answer.text.contains(">\nHi</textarea>"),
            "{printed}: {}",
            answer.text
        );
    }
    let token = guest.token(&article, 60);
    let fields = [
        ("token", token.as_str()),
        name,
        ("text", "Hi"),
        ("do", "post"),
    ];
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(
            guest.send(&article, &fields, &[header]).await.status,
            403,
            "{header:?}"
        );
    }
    let large = "x".repeat(70_000);
    for (body, kind, status) in [
        (large.as_bytes(), "application/x-www-form-urlencoded", 413),
        (&b"{}"[..], "application/json", 400),
        (
            &b"text=%00%FF&name=%ED%A0%80&do=post&&=&%"[..],
            "application/x-www-form-urlencoded",
            422,
        ),
    ] {
        let path = article.id.strip_prefix(&node.origin).unwrap().to_owned() + "/comments";
        let headers = [("content-type", kind), ("x-forwarded-for", "192.0.2.9")];
        assert_eq!(
            guest.raw(&path, &headers, body.to_vec()).await.status,
            status,
            "{kind}"
        );
    }
    assert_eq!(node.rows().await, before, "nothing of all that is kept");

    // A field that nobody sees; many links; the site's own name; hostile text.
    let bot = Guest::at(&node, "192.0.2.2");
    let trapped = bot
        .write(&article, &[("subject", "x"), name, ("text", "Buy")])
        .await;
    assert!(trapped.header("location").starts_with("/comments/waiting"));
    let links = "https://a.example/ https://b.example/ https://c.example/";
    assert!(
        bot.write(&article, &[name, ("text", links)])
            .await
            .header("location")
            .starts_with("/comments/waiting")
    );
    assert!(
        bot.write(
            &article,
            &[("name", "PAMPHLET"), ("text", "I am the site.")]
        )
        .await
        .header("location")
        .starts_with("/comments/waiting")
    );
    let hostile = [
        ("name", "\u{202E}Eve<script>alert(1)</script>\r\nX: y"),
        (
            "text",
            "[x](javascript:alert(3))\u{202E}\n\n<script>alert(2)</script> <iframe>",
        ),
    ];
    assert!(
        guest
            .write(&article, &hostile)
            .await
            .header("location")
            .ends_with("#comment-4")
    );
    let list = states(&node).await;
    assert!(
        list[0].starts_with("spam: ") && list[0].contains("people don't see"),
        "{list:?}"
    );
    assert_eq!(
        list[1..],
        [
            "held: it has 3 links",
            "held: its author uses the name of the site or of one of its authors",
            "visible: "
        ]
    );
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Eve&lt;script&gt;alert(1)&lt;/script&gt; X: y</bdi>"),
        "{page}"
    );
    assert!(
        page.contains("&lt;script&gt;alert(2)")
            && !page.contains("<iframe")
            && !page.contains("javascript:")
            && !page.contains('\u{202E}'),
        "{page}"
    );

    // Three an hour from one address, whatever it says of others; nine under one article.
    let fourth = bot.write(&article, &[name, ("text", "Once more")]).await;
    assert_eq!(fourth.status, 429);
    assert!(
        fourth.text.contains(">\nOnce more</textarea>"),
        "{}",
        fourth.text
    );
    for forged in [
        "203.0.113.77, 192.0.2.2",
        "192.0.2.2, 127.0.0.1",
        "x, 192.0.2.2",
    ] {
        let token = bot.token(&article, 60);
        let fields = [
            ("token", token.as_str()),
            name,
            ("text", forged),
            ("do", "post"),
        ];
        assert_eq!(
            bot.send(&article, &fields, &[("x-forwarded-for", forged)])
                .await
                .status,
            429,
            "{forged}"
        );
    }
    for number in 1..=6 {
        let other = Guest::at(&node, &format!("2001:db8:0:{number}::1"));
        let status = other
            .write(&article, &[name, ("text", "Six of us")])
            .await
            .status;
        assert_eq!(status, if number <= 5 { 303 } else { 429 }, "{number}");
    }
    // A flood is not even looked at.
    eventually("the outbox has handled what was written before", || async {
        (node.number("SELECT COUNT(*) FROM changes").await == Some(0)).then_some(())
    })
    .await;
    let flood = Guest::at(&node, "192.0.2.3");
    let rows = node.rows().await;
    let mut refused = 0;
    for _ in 0..60 {
        refused += i32::from(
            flood
                .post("/articles/x/comments", &fields, &[])
                .await
                .status
                == 429,
        );
    }
    assert_eq!((refused, node.rows().await == rows), (30, true));

    let closed = node
        .publish("---\ntitle: Closed\ncomments: closed\n---\nA text.\n")
        .await;
    let followed = node
        .publish("---\ntitle: Followed\ncomments: followers\n---\nA text.\n")
        .await;
    for article in [&closed, &followed] {
        assert!(
            !node
                .page(&article.url)
                .await
                .text
                .contains("name=\"token\"")
        );
        assert_eq!(
            node.page(&format!("{}/reply/0", article.url)).await.status,
            403
        );
        assert_eq!(
            guest.write(article, &[name, ("text", "Hi")]).await.status,
            403
        );
    }
}

#[apply(both_databases)]
async fn a_mail_address_is_confirmed_before_a_comment_goes_on(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"first\"\n[mail]\nserver = \"smtp://localhost:9\"\nfrom = \"Blog <blog@example.org>\"\nadmin = [\"admin@example.org\"]\n").await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let fields = |text| {
        [
            ("name", "Reader"),
            ("mail", MAIL),
            ("answers", "yes"),
            ("text", text),
        ]
    };
    assert!(
        guest
            .write(&article, &fields("First"))
            .await
            .header("location")
            .starts_with("/comments/mailed")
    );
    assert_eq!(
        states(&node).await[0],
        "unconfirmed: its author has not yet confirmed their mail address"
    );
    let mails = "SELECT payload FROM messages WHERE channel = 'mail' ORDER BY id";
    let mail: Value = serde_json::from_str(&node.texts(mails).await[0]).unwrap();
    assert_eq!(mail["to"], MAIL);
    let link = mail["text"]
        .as_str()
        .unwrap()
        .split_whitespace()
        .find(|word| word.contains("/comments/confirm?token="))
        .unwrap();

    let asked = node.page(link).await;
    assert!(
        asked
            .text
            .contains("<button type=\"submit\">Confirm</button>")
            && asked.header("cache-control") == "no-store"
    );
    assert_eq!(
        states(&node).await[0],
        "unconfirmed: its author has not yet confirmed their mail address",
        "a program that looks at links confirms nothing"
    );
    let (_, token) = link.split_once("token=").unwrap();
    let press = [("token", token)];
    let path = "/comments/confirm";
    assert_eq!(
        guest
            .post(path, &press, &[("origin", "https://evil.example")])
            .await
            .status,
        403
    );
    for bad in ["x", &token.replace('.', ".x")] {
        assert_eq!(guest.post(path, &[("token", bad)], &[]).await.status, 410);
        assert_eq!(node.page(&format!("{path}?token={bad}")).await.status, 410);
    }
    assert!(
        guest
            .post(path, &press, &[])
            .await
            .text
            .contains("is confirmed")
    );
    assert_eq!(
        states(&node).await,
        ["held: the first comment of this guest"]
    );
    assert_eq!(node.page(path).await.status, 410);
    assert_eq!(
        guest.post(path, &press, &[]).await.status,
        200,
        "twice is as once"
    );
    node.admin(&["comments", "approve", "1"]).await;
    // Confirmed and approved: from now on at once. Another address is confirmed anew.
    assert!(
        guest
            .write(&article, &fields("Second"))
            .await
            .header("location")
            .ends_with("#comment-2")
    );
    let other = [
        ("name", "Reader"),
        ("mail", "new@mail.example"),
        ("text", "Third"),
    ];
    assert!(
        guest
            .write(&article, &other)
            .await
            .header("location")
            .starts_with("/comments/mailed")
    );
    assert_eq!(
        guest.post(path, &press, &[]).await.status,
        410,
        "the link was for the former address"
    );
    let link = node.texts(mails).await[1]
        .split("token=")
        .nth(1)
        .unwrap()
        .split('\\')
        .next()
        .unwrap()
        .to_owned();
    assert!(
        guest
            .post(path, &[("token", &link)], &[])
            .await
            .header("location")
            .ends_with("#comment-3")
    );

    // Nobody's mailbox is filled by this.
    for number in 1..=5 {
        let other = Guest::at(&node, &format!("198.51.100.{number}"));
        other
            .write(
                &article,
                &[
                    ("name", "Reader"),
                    ("mail", "victim@mail.example"),
                    ("text", "Hi"),
                ],
            )
            .await;
    }
    assert_eq!(
        node.number("SELECT COUNT(*) FROM messages WHERE recipient = 'victim@mail.example'")
            .await,
        Some(3)
    );
    let text = public(&node, &article.url, &article.id).await;
    assert!(text.contains("Second") && !text.contains("mail.example"));
    assert_eq!(
        node.admin_json(&["comments", "list"])
            .await
            .to_string()
            .matches("mail.example")
            .count(),
        0
    );

    // What nobody confirms is forgotten, with its guest.
    let mut node = node;
    let week = 8 * 24 * 60 * 60 * 1000_i64;
    node.sql(&format!("UPDATE comments SET received_at = received_at - {week}; UPDATE guests SET created_at = created_at - {week}")).await;
    node.restart().await;
    eventually("unconfirmed comments are forgotten", || async {
        (node.number("SELECT COUNT(*) FROM comments").await == Some(3)).then_some(())
    })
    .await;
    eventually("so are their guests", || async {
        (node.number("SELECT COUNT(*) FROM guests").await == Some(1)).then_some(())
    })
    .await;
    assert_eq!(
        states(&node)
            .await
            .iter()
            .filter(|state| *state == "visible: ")
            .count(),
        3
    );
}
