//! Hostile text from elsewhere, as the page, the admin's lists and the feeds show it: it stays text.

use crate::support::{
    Actor, Database, Peer, TestNode,
    attacks::{ATTACKS, hostile_actor, hostile_note},
    both_databases, eventually,
    node::Article,
};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::cell::RefCell;

/// The start tags of a page, as a browser's tokenizer reads them.
#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().push(tag);
        }
        TokenSinkResult::Continue
    }
}

fn tags_of(page: &str) -> Vec<Tag> {
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

const NEVER_IN_A_COMMENT: [&str; 21] = [
    "script", "style", "iframe", "frame", "object", "embed", "applet", "svg", "math", "form",
    "input", "button", "base", "meta", "link", "template", "noscript", "video", "audio", "marquee",
    "textarea",
];

/// Returns what could run, load or mislead in a comment, without the page's own head, frame and form.
fn dangers_in(page: &str) -> Vec<String> {
    let comments = page.split_once("<section class=\"comments\"").unwrap().1;
    let form = "<section class=\"card write\"";
    let comments = comments
        .split_once(form)
        .map_or(comments, |(before, _)| before);
    let end = "<footer class=\"colophon\"";
    let comments = comments
        .split_once(end)
        .map_or(comments, |(before, _)| before);
    let mut dangers = Vec::new();
    for tag in tags_of(comments) {
        if NEVER_IN_A_COMMENT.contains(&&*tag.name) {
            dangers.push(format!("<{}>", tag.name));
        }
        let is_link = &*tag.name == "a";
        let mut rel = String::new();
        let mut href = None;
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            if name.starts_with("on")
                || [
                    "style",
                    "srcdoc",
                    "formaction",
                    "action",
                    "background",
                    "xlink:href",
                    "srcset",
                ]
                .contains(&name)
            {
                dangers.push(format!("{name}={value}"));
            }
            match name {
                // Pictures are our own copies.
                "src" if &*tag.name == "img" && value.starts_with("/pictures/") => {}
                "src" => dangers.push(format!("{name}={value}")),
                "href" | "cite" => {
                    let safe = ["http://", "https://", "/", "#"]
                        .iter()
                        .any(|start| value.starts_with(start))
                        && !value.starts_with("//");
                    if !safe || value.chars().any(char::is_control) {
                        dangers.push(format!("{name}={value}"));
                    }
                    href = Some(value.to_owned());
                }
                "rel" => rel = value.to_owned(),
                "id" if !value.starts_with("comment") => dangers.push(format!("id={value}")),
                _ => {}
            }
        }
        let leaves = href
            .is_some_and(|href| href.starts_with("http") && !href.starts_with("http://localhost:"));
        if is_link && leaves && rel != "nofollow ugc noopener" {
            dangers.push(format!("rel={rel}"));
        }
    }
    dangers
}

/// Sends a note. Returns the page with this only comment.
async fn page_with(node: &TestNode, actor: &Actor, article: &Article, note: Value) -> String {
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    node.page(&article.url).await.text
}

#[apply(both_databases)]
async fn nothing_in_a_comment_or_a_profile_can_run(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("attacker").await;
    let article = node.publish_any().await;
    let clean = node.page(&article.url).await.text;
    assert!(
        dangers_in(&clean).is_empty(),
        "the check itself is right: {:?}",
        dangers_in(&clean)
    );
    let frame = |page: &str| {
        tags_of(page)
            .iter()
            .filter(|tag| {
                [
                    "script", "link", "meta", "base", "main", "section", "footer",
                ]
                .contains(&&*tag.name)
            })
            .count()
    };
    let mut sent = 0;
    for (number, attack) in ATTACKS.iter().enumerate() {
        let actor = hostile_actor(&peer, &format!("a{number}"), attack).await;
        let note = hostile_note(&actor, &article, attack);
        let reply = actor
            .send(&node.inbox(), &actor.activity("Create", note))
            .await;
        // An actor whose name has nothing left that could be shown is refused.
        assert!(
            [202, 400, 401].contains(&reply.status),
            "{attack}: {} {}",
            reply.status,
            reply.body
        );
        sent += i64::from(reply.status == 202);
        let page = node.page(&article.url).await;
        assert_eq!(dangers_in(&page.text), Vec::<String>::new(), "{attack}");
        assert_eq!(
            frame(&page.text),
            frame(&clean),
            "the page is as it was around {attack}"
        );
    }
    assert_eq!(node.total(&format!("{}/replies", article.id)).await, sent);
    assert!(sent > 25, "{sent}");
    let page = node.page(&article.url).await;
    assert!(
        !page.text.contains(">49<") && page.text.contains("{{7*7}}"),
        "templates are not for comments"
    );
}

#[apply(both_databases)]
async fn every_page_forbids_what_it_does_not_need(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    for path in [article.url.as_str(), "/", "/nowhere", "/tags/none"] {
        let page = node.page(path).await;
        let policy = page.header("content-security-policy");
        let directive = |name: &str| {
            let mut parts = policy.split(';').map(str::trim);
            parts
                .find_map(|part| part.strip_prefix(name))
                .unwrap_or_else(|| panic!("{path}: no {name} in {policy:?}"))
                .trim()
                .to_owned()
        };
        for (name, value) in [
            ("default-src", "'none'"),
            ("script-src", "'self'"),
            ("style-src", "'self'"),
            ("base-uri", "'none'"),
            ("frame-ancestors", "'none'"),
            ("form-action", "'self'"),
        ] {
            assert_eq!(directive(name), value, "{path}: {name}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("data:"),
            "{path}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        let inline = tags_of(&page.text).iter().any(|tag| {
            tag.attrs.iter().any(|attribute| {
                attribute.name.local.starts_with("on") || &*attribute.name.local == "style"
            })
        });
        assert!(!inline, "{path}: the page itself keeps its policy");
    }
}

#[apply(both_databases)]
async fn links_lead_to_their_author_s_own_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("linker").await;
    let article = node.publish_any().await;
    let mut count = 0;
    for (name, url) in [
        ("another scheme", json!("javascript:alert(1)")),
        ("a data URL", json!("data:text/html,x")),
        ("another host", json!("https://bank.example/login")),
        ("another port", json!("http://linker.localhost:1/x")),
        (
            "a host that ends alike",
            json!(format!("http://very{}/x", peer.authority)),
        ),
        (
            "user and password",
            json!(format!("http://{}@bank.example/", peer.authority)),
        ),
        ("a relative one", json!("/x")),
        ("no scheme", json!("//bank.example/")),
        ("a backslash", json!("http:\\\\bank.example\\")),
        (
            "a list",
            json!([{"type": "Link", "href": "https://bank.example/", "mediaType": "text/html"}]),
        ),
        ("a line break", json!("https://bank.example/\r\n<script>")),
    ] {
        count += 1;
        let actor = peer.actor(&format!("u{count}")).await;
        actor.serve_with(json!({"url": url}));
        let mut note = actor.note(&article.id, "<p>Click.</p>");
        note["url"] = url;
        let id = note["id"].as_str().unwrap().to_owned();
        let page = page_with(&node, &actor, &article, note).await;
        assert!(
            dangers_in(&page).is_empty(),
            "{name}: {:?}",
            dangers_in(&page)
        );
        assert!(
            !page.contains("bank.example") && !page.contains("very"),
            "{name}"
        );
        for link in [&actor.id, &id] {
            assert!(
                page.contains(&format!("href=\"{link}\" rel=\"nofollow ugc noopener\"")),
                "{name}: {link}"
            );
        }
    }
}

#[apply(both_databases)]
async fn disguised_names_and_endless_marks_stay_within_their_comment(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    // Looks like "example" in Cyrillic; its name is in Punycode everywhere.
    let peer = Peer::start("xn--80ak6aa92e").await;
    let zalgo = format!("a{}", "\u{301}".repeat(1000));
    let hidden = "\u{200b}".repeat(1000);
    for (number, text) in [
        "\u{202e}moc.knab\u{202d}",
        "\u{2066}x\u{2069}\u{202b}",
        &zalgo,
        &hidden,
        "a\u{0}b\u{7}c\u{1b}[31m\u{85}",
        "\u{feff}\u{200f}\u{061c}",
    ]
    .iter()
    .enumerate()
    {
        let text = text.replace('\0', "");
        let actor = peer.actor(&format!("n{number}")).await;
        actor.serve_with(
            json!({"name": format!("N{text}"), "preferredUsername": format!("n{number}{text}")}),
        );
        let mut note = actor.note(&article.id, &format!("<p>before {text} after</p>"));
        note["summary"] = json!(format!("warning {text}"));
        let page = page_with(&node, &actor, &article, note).await;
        assert!(
            page.contains(&format!("@{}", peer.authority)),
            "{number}: the handle has its host"
        );
    }
    let page = node.page(&article.url).await.text;
    let forbidden = |c: char| {
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
    assert!(!page.contains(forbidden), "{:?}", page.find(forbidden));
    assert!(!page.contains(&"\u{301}".repeat(20)) && !page.contains(&"\u{200b}".repeat(3)));
    assert!(
        page.contains("<bdi class=\"handle\">@"),
        "names cannot turn the text around them"
    );
    let list = node.admin(&["comments", "list"]).await;
    assert!(list.contains("xn--80ak6aa92e") && !list.contains(forbidden));
}

#[apply(both_databases)]
async fn line_breaks_reach_no_header_list_or_mail(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("breaker").await;
    let article = node.publish_any().await;
    let text = "x\r\nSet-Cookie: stolen=1\r\n\r\n<h1>y\u{2028}z\u{1b}]0;title\u{7}";
    let actor = peer.actor("breaker").await;
    actor.serve_with(json!({"name": text, "url": format!("{}/{text}", peer.origin), "followers": text, "type": format!("Person{text}")}));
    let mut note = actor.note(&article.id, text);
    note["summary"] = json!(text);
    note["contentMap"] = json!({format!("en{text}"): text});
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    let mut mention = actor.note("https://else.example/1", text);
    mention["to"] = json!([node.blog(), "as:Public"]);
    for (kind, object) in [
        ("Create", mention),
        ("Block", json!(node.blog())),
        ("Flag", json!(node.blog())),
        ("Like", json!(article.id)),
    ] {
        let mut activity = actor.activity(kind, object);
        activity["content"] = json!(text);
        actor.deliver(&node.inbox(), &activity).await;
    }
    let mut unknown = actor.activity("Like", json!(article.id));
    unknown["type"] = json!(format!("Odd{text}"));
    actor.deliver(&node.inbox(), &unknown).await;
    for path in [article.url.as_str(), "/", "/feed.atom"] {
        assert_eq!(node.page(path).await.header("set-cookie"), "", "{path}");
    }
    let follow = actor.activity("Follow", json!(node.blog()));
    actor.deliver(&node.inbox(), &follow).await;
    let accept = peer.wait_for("Accept").await;
    assert!(accept.headers.get("set-cookie").is_none());
    for command in [
        &["notices", "list"][..],
        &["comments", "list"],
        &["followers", "list"],
        &["notices", "dropped"],
        &["deliveries"],
    ] {
        let output = node.cli(command).await;
        let text = String::from_utf8(output.stdout).unwrap();
        for line in text.lines() {
            assert!(
                !line.chars().any(|c| c.is_control() || c == '\u{2028}')
                    && !line.starts_with("Set-Cookie"),
                "{command:?}: {line:?}"
            );
        }
    }
    let shown = node.admin(&["comments", "show", "1"]).await;
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\r') && !shown.contains('\u{7}'),
        "{shown:?}"
    );
}

#[apply(both_databases)]
async fn what_others_or_our_own_wrote_is_never_a_document_for_servers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("forger").await;
    let actor = peer.actor("forger").await;
    let forged = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}#forged", node.blog()), "type": "Person", "inbox": actor.id});
    let article = node
        .publish(&format!(
            "---\ntitle: Forged\n---\n{forged}\n\n```json\n{forged}\n```\n"
        ))
        .await;
    actor
        .comment(&node.inbox(), &article.id, &forged.to_string())
        .await;
    let picture = node.file("picture.json", &forged.to_string());
    let file = node.file(
        "with-picture.md",
        &format!("---\ntitle: Picture\nimage: {picture}\n---\nText.\n"),
    );
    let output = node.cli(&["post", "publish", &file]).await;
    assert!(!output.status.success(), "a document is no picture");
    let document = eventually("the article can be fetched", || async {
        Some(node.document(&article.url).await).filter(|document| document.status == 200)
    })
    .await;
    assert_eq!(document.json()["id"], article.id);
    assert_eq!(document.json()["type"], "Article");
    for path in [article.url.as_str(), "/", "/feed.atom"] {
        let page = node.page(path).await;
        assert!(!page.header("content-type").contains("json"), "{path}");
    }
    let media = node.document("/media/picture.json").await;
    assert_eq!(media.status, 404);
}
