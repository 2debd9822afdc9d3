//! What an article looks like in the fediverse: its forms, warning, picture, hashtags, language.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

const TEXT: &str = "The *first* paragraph.\n\nThe second one, with [a link](/about).\n";

/// Publishes an article with these lines of front matter; its slug and document.
async fn publish(node: &TestNode, slug: &str, lines: &str, text: &str) -> Value {
    let article = node
        .publish(&format!(
            "---\ntitle: \"Books & <more>\"\nslug: {slug}\n{lines}\n---\n{text}"
        ))
        .await;
    eventually(&format!("{slug} can be fetched"), || async {
        let response = node.document(&article.id).await;
        (response.status == 200).then(|| response.json())
    })
    .await
}

/// Returns the title as the first link of a text.
fn heading(document: &Value) -> String {
    let url = document["url"].as_str().unwrap();
    format!("<p><strong><a href=\"{url}\">Books &amp; &lt;more&gt;</a></strong></p>")
}

/// Stores a picture as if it had been imported. Returns its address.
fn picture(node: &TestNode, name: &str) -> String {
    let folder = node.folder.path().join("media");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), "a picture").unwrap();
    node.url(&format!("/media/{name}"))
}

fn content(document: &Value) -> &str {
    document["content"].as_str().unwrap()
}

#[apply(both_databases)]
async fn an_article_has_its_text_and_a_preview(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(&node, "one", "summary: What <one> sees.", TEXT).await;
    assert_eq!(document["type"], "Article");
    assert_eq!(document["attributedTo"], node.blog());
    // An HTML reader sees the same text.
    assert_eq!(document["name"], "Books & <\u{2060}more>");
    assert_eq!(document["nameMap"], json!({"en": "Books & <\u{2060}more>"}));
    assert_eq!(document["summary"], "What <\u{2060}one> sees.");
    assert_eq!(
        document["summaryMap"],
        json!({"en": "What <\u{2060}one> sees."})
    );
    let about = node.url("/about");
    assert_eq!(
        content(&document),
        format!(
            "<p>The <em>first</em> paragraph.</p><p>The second one, with <a href=\"{about}\">a link</a>.</p>"
        ),
    );
    assert_eq!(document["contentMap"], json!({"en": content(&document)}));
    assert_eq!(document["mediaType"], "text/html");
    let source = TEXT.replace("/about", &about);
    assert_eq!(
        document["source"],
        json!({"content": source, "mediaType": "text/markdown"})
    );
    assert_eq!(document["sensitive"], false);
    assert_eq!(document["commentsEnabled"], true);
    assert_eq!(document["attachment"], json!([]));
    assert!(document.get("updated").is_none());
    let preview = &document["preview"];
    assert_eq!(preview["type"], "Note");
    assert_eq!(preview["attributedTo"], node.blog());
    let teaser = content(preview);
    assert!(teaser.starts_with(&heading(&document)), "{teaser}");
    assert!(teaser.contains("<p>What &lt;one&gt; sees.</p>"), "{teaser}");
    let anyone = json!(["https://www.w3.org/ns/activitystreams#Public"]);
    for right in ["canLike", "canReply", "canAnnounce"] {
        assert_eq!(
            document["interactionPolicy"][right]["automaticApproval"], anyone,
            "{right}"
        );
    }
}

#[apply(both_databases)]
async fn a_note_is_the_whole_text_and_a_teaser_its_beginning(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let url = |document: &Value| document["url"].as_str().unwrap().to_owned();
    let note = publish(&node, "whole", "federate: note", TEXT).await;
    let teaser = publish(
        &node,
        "short",
        "federate: teaser\nsummary: Read <this>.",
        TEXT,
    )
    .await;
    for document in [&note, &teaser] {
        assert_eq!(document["type"], "Note");
        for absent in [
            "name",
            "nameMap",
            "summary",
            "summaryMap",
            "preview",
            "image",
        ] {
            assert!(document.get(absent).is_none(), "{absent}");
        }
        assert!(
            content(document).starts_with(&heading(document)),
            "{document}"
        );
        assert!(
            content(document).ends_with(&format!("<p><a href=\"{0}\">{0}</a></p>", url(document)))
        );
        assert_eq!(document["contentMap"]["en"], document["content"]);
    }
    assert!(content(&note).contains("The second one"));
    let (title, text) = (
        r"Books \& \<more\>",
        TEXT.replace("/about", &node.url("/about")),
    );
    let source = format!("**[{title}]({0})**\n\n{text}\n<{0}>\n", url(&note));
    assert_eq!(note["source"]["content"], source);
    assert!(teaser.get("source").is_none());
    assert!(
        content(&teaser).contains("<p>Read &lt;this&gt;.</p>"),
        "{}",
        content(&teaser)
    );
    assert!(!teaser.to_string().contains("The second one"));
}

#[apply(both_databases)]
async fn an_article_that_stays_at_home_is_only_a_page(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let home = node
        .publish("---\ntitle: At home\nfederate: \"no\"\n---\nText.\n")
        .await;
    node.publish("---\ntitle: Abroad\n---\nText.\n").await;
    assert_eq!(
        peer.wait_for("Create").await.activity["object"]["name"],
        "Abroad"
    );
    for target in [&home.id, &home.url] {
        assert_eq!(node.document(target).await.status, 404, "{target}");
    }
    let page = node.page(&home.url).await;
    assert_eq!((page.status, page.header("link")), (200, ""));
    assert!(!page.text.contains("application/activity+json"));
    assert_eq!(
        node.document("/users/blog/outbox").await.json()["totalItems"],
        1
    );
}

#[apply(both_databases)]
async fn what_is_called_home_and_sent_again_is_a_new_post(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node.publish("---\ntitle: To and fro\n---\nText.\n").await;
    peer.wait_for("Create").await;
    let edit = async |form: &str| {
        let file = node.file(
            "edited.md",
            &format!("---\ntitle: To and fro\nfederate: \"{form}\"\n---\nText.\n"),
        );
        node.admin(&["post", "edit", &article.slug, &file]).await;
    };
    edit("no").await;
    assert_eq!(
        peer.wait_for("Delete").await.activity["object"]["id"],
        article.id
    );
    assert_eq!(node.document(&article.id).await.json()["type"], "Tombstone");
    assert_eq!(node.page(&article.url).await.status, 200);
    edit("note").await;
    let again = eventually("it is sent again", || async {
        peer.received_of("Create").into_iter().nth(1)
    })
    .await;
    assert_eq!(again.activity["object"]["type"], "Note");
    assert_ne!(again.activity["object"]["id"], article.id);
    assert_eq!(again.activity["object"]["url"], article.url);
    assert_eq!(peer.received_of("Update").len(), 0);
}

#[apply(both_databases)]
async fn a_content_warning_stands_before_the_text(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for form in ["article", "note", "teaser"] {
        let lines = format!("federate: {form}\ncontent_warning: Spoilers\nsummary: An abstract.");
        let document = publish(&node, form, &lines, TEXT).await;
        assert_eq!(
            document["type"],
            if form == "article" { "Article" } else { "Note" }
        );
        assert_eq!(document["summary"], "Spoilers", "{form}");
        assert_eq!(document["summaryMap"], json!({"en": "Spoilers"}), "{form}");
        assert_eq!(document["sensitive"], true, "{form}");
        if form == "article" {
            let preview = &document["preview"];
            assert_eq!(
                (&preview["summary"], &preview["sensitive"]),
                (&json!("Spoilers"), &json!(true))
            );
            assert_eq!(
                content(preview),
                heading(&document),
                "what the warning hides is not in it"
            );
        }
    }
    let pictures = publish(&node, "pictures", "sensitive: true\nfederate: note", TEXT).await;
    assert_eq!(pictures["sensitive"], true);
    assert!(pictures.get("summary").is_none());
}

#[apply(both_databases)]
async fn an_article_with_a_warning_goes_out_as_a_note_that_is_folded(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(
        &node,
        "warned",
        "content_warning: Spoilers\nsummary: An <abstract>.",
        TEXT,
    )
    .await;
    assert_eq!(
        (&document["type"], &document["summary"]),
        (&json!("Note"), &json!("Spoilers"))
    );
    assert_eq!(document["sensitive"], true);
    assert!(document.get("name").is_none() && document.get("preview").is_none());
    let start = format!(
        "{}<p>An &lt;abstract&gt;.</p><p>The <em>first</em> paragraph.</p>",
        heading(&document)
    );
    assert!(
        content(&document).starts_with(&start),
        "{}",
        content(&document)
    );
    assert!(
        document["source"]["content"]
            .as_str()
            .unwrap()
            .contains(r"An \<abstract\>\.")
    );
    // A blank from another program is no warning.
    node.sql("INSERT INTO articles (slug, title, markdown, content_warning, summary) VALUES ('blank', 'Blank', 'Text.', ' ', '')").await;
    let blank = eventually("it is told", || async {
        let uid = node.texts("SELECT a.uid FROM articles a JOIN publications p ON p.article_uid = a.uid WHERE a.slug = 'blank'").await;
        Some(node.document(&format!("/articles/{}", uid.first()?)).await.json())
    }).await;
    assert_eq!(
        (&blank["type"], &blank["sensitive"]),
        (&json!("Article"), &json!(false))
    );
    assert!(blank.get("summary").is_none());
}

#[apply(both_databases)]
async fn an_id_keeps_the_type_that_it_was_first_sent_as(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let edit = async |slug: &str, lines: &str| {
        let text = format!("---\ntitle: Second\nslug: {slug}\n{lines}\n---\nText.\n");
        let file = node.file("edited.md", &text);
        let printed = node.admin_json(&["post", "edit", slug, &file]).await;
        let document = eventually("the edit is told", || async {
            let document = node.document(printed["id"].as_str().unwrap()).await.json();
            document.get("updated").is_some().then_some(document)
        })
        .await;
        (document, printed["advice"].to_string())
    };
    for (slug, before, after, kind) in [
        ("article-note", "", "federate: note", "Article"),
        ("article-warned", "", "content_warning: Spoilers", "Article"),
        (
            "note-article",
            "federate: note",
            "federate: article",
            "Note",
        ),
        ("note-teaser", "federate: note", "federate: teaser", "Note"),
        ("warned-article", "content_warning: Spoilers", "", "Note"),
    ] {
        let first = publish(&node, slug, before, TEXT).await;
        assert_eq!(first["type"], kind, "{slug}");
        let (second, advice) = edit(slug, after).await;
        assert_eq!(
            (&second["type"], &second["id"]),
            (&json!(kind), &first["id"]),
            "{slug}"
        );
        assert_eq!(
            advice.contains("was first sent as"),
            slug != "note-teaser",
            "{advice}"
        );
        let is_shown = match kind {
            "Article" => second["name"] == "Second",
            _ => content(&second).contains(">Second</a>"),
        };
        assert!(is_shown, "{second}");
    }
}

#[apply(both_databases)]
async fn the_lead_picture_comes_with_its_description(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (lead, other) = (picture(&node, "aa1.jpg"), picture(&node, "bb2.png"));
    let given = "image: /media/aa1.jpg\nimage_alt: A shelf\n";
    let text = "![A table](/media/bb2.png)\n\n![A shelf](/media/aa1.jpg)\n\n![Lost](/media/cc3.png)\n\n![There](https://pictures.example/a.png)\n";
    let image = |url: &str, kind: &str, alt: &str| json!({"type": "Image", "url": url, "mediaType": kind, "name": alt});
    let (shelf, table) = (
        image(&lead, "image/jpeg", "A shelf"),
        image(&other, "image/png", "A table"),
    );
    // Mastodon shows no card for an article with a picture in `attachment`.
    for (slug, lines, expected) in [("given", given, &shelf), ("first", "", &table)] {
        let document = publish(&node, slug, lines, text).await;
        assert_eq!(document["attachment"], json!([]), "{slug}");
        assert_eq!(document["image"], *expected, "{slug}");
        assert!(content(&document).contains(&other));
    }
    // Only local pictures are attached: other servers may drop a post because of its pictures.
    for (slug, lines, expected) in [
        ("attached", "pictures: attached", json!([shelf, table])),
        ("note", "federate: note", json!([shelf, table])),
        ("inline", "federate: note\npictures: inline", json!([])),
        ("teaser", "federate: teaser", json!([])),
    ] {
        let document = publish(&node, slug, &format!("{given}{lines}"), text).await;
        assert_eq!(document["attachment"], expected, "{slug}");
    }
    let elsewhere = "image: https://pictures.example/a.png?w=1\nimage_alt: A shelf";
    let document = publish(&node, "elsewhere", elsewhere, TEXT).await;
    assert_eq!(
        document["image"],
        image("https://pictures.example/a.png?w=1", "image/png", "A shelf")
    );
    let note = publish(
        &node,
        "elsewhere-note",
        &format!("{elsewhere}\nfederate: note"),
        TEXT,
    )
    .await;
    assert_eq!(note["attachment"], json!([]));
    node.sql("INSERT INTO articles (slug, title, markdown, image_url) VALUES ('lost', 'Lost', 'Text.', '/media/cc3.png')").await;
    let lost = eventually("it is told", || async {
        let uid = node.texts("SELECT a.uid FROM articles a JOIN publications p ON p.article_uid = a.uid WHERE a.slug = 'lost'").await;
        Some(node.document(&format!("/articles/{}", uid.first()?)).await.json())
    }).await;
    assert!(
        lost.get("image").is_none() && lost["attachment"] == json!([]),
        "{lost}"
    );
}

#[apply(both_databases)]
async fn the_summary_is_the_authors_and_never_a_cut_of_the_text(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let given = "summary: An abstract.";
    for (slug, lines, summary) in [
        ("none", "", None),
        ("written", given, Some("An abstract.")),
        (
            "excerpt",
            "federate_summary: excerpt",
            Some("The first paragraph. The second one, with a link."),
        ),
        (
            "both",
            "federate_summary: excerpt\nsummary: An abstract.",
            Some("An abstract."),
        ),
        (
            "never",
            "federate_summary: never\nsummary: An abstract.",
            None,
        ),
    ] {
        let document = publish(&node, slug, lines, TEXT).await;
        assert_eq!(
            document.get("summary").and_then(Value::as_str),
            summary,
            "{slug}"
        );
        assert_eq!(
            document.get("summaryMap").is_some(),
            summary.is_some(),
            "{slug}"
        );
        let shown = node
            .admin(&[
                "post",
                "edit",
                slug,
                &node.file(
                    "same.md",
                    &format!("---\ntitle: Same\n{lines}\n---\n{TEXT}"),
                ),
            ])
            .await;
        assert_eq!(
            shown.contains("GoToSocial, Hollo, Misskey"),
            summary.is_some(),
            "{shown}"
        );
    }
}

#[apply(both_databases)]
async fn names_and_summaries_end_where_every_server_can_store_them(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (long, longer) = ("A title ".repeat(40), "Words & <more> ".repeat(50));
    let file = format!("---\ntitle: \"{long}\"\nslug: long\nsummary: {longer}\n---\n{TEXT}");
    let printed = node
        .admin_json(&["post", "publish", &node.file("long.md", &file)])
        .await;
    let advice = printed["advice"].to_string();
    assert!(
        advice.contains("the title has 319 characters")
            && advice.contains("the summary has 749 characters"),
        "{advice}"
    );
    let document = eventually("it is told", || async {
        let response = node.document(printed["id"].as_str().unwrap()).await;
        (response.status == 200).then(|| response.json())
    })
    .await;
    let length = |field: &str| document[field].as_str().unwrap().chars().count();
    assert!(
        (240..=250).contains(&length("name")),
        "{}",
        document["name"]
    );
    assert!(
        (480..=500).contains(&length("summary")),
        "{}",
        document["summary"]
    );
    assert!(
        document["name"].as_str().unwrap().ends_with("title A…"),
        "{}",
        document["name"]
    );
    let page = node.page(document["url"].as_str().unwrap()).await.text;
    assert!(page.contains(long.trim()), "the page has all of it");
    let warned = publish(&node, "warned", &format!("content_warning: {longer}"), TEXT).await;
    assert!(warned["summary"].as_str().unwrap().chars().count() <= 500);
}

#[apply(both_databases)]
async fn answers_stand_in_the_activities_and_documents_of_what_they_answer(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish("---\ntitle: Answered\n---\nText.\n").await;
    let create = peer.wait_for("Create").await.activity;
    let empty = |id: &str| {
        json!({"id": format!("{id}/replies"), "type": "OrderedCollection", "totalItems": 0,
        "first": {"id": format!("{id}/replies?page=first"), "type": "OrderedCollectionPage",
            "partOf": format!("{id}/replies"), "orderedItems": []}})
    };
    assert_eq!(create["object"]["replies"], empty(&article.id));
    let question = reader
        .comment(&node.inbox(), &article.id, "<p>Why?</p>")
        .await;
    let printed = node.admin_json(&["reply", "1", "Because."]).await;
    let note = eventually("the answer is sent", || async {
        peer.received_of("Create")
            .into_iter()
            .find(|one| one.activity["object"]["id"] == printed["url"])
    })
    .await
    .activity["object"]
        .clone();
    let id = note["id"].as_str().unwrap();
    assert_eq!(note["replies"], empty(id));
    let thanks = reader.comment(&node.inbox(), id, "<p>Thanks.</p>").await;
    let with = |mut replies: Value, items: Value| {
        replies["totalItems"] = json!(items.as_array().unwrap().len());
        replies["first"]["orderedItems"] = items;
        replies
    };
    let answered = with(empty(id), json!([thanks["id"]]));
    assert_eq!(node.document(id).await.json()["replies"], answered);
    let page = node
        .document(answered["first"]["id"].as_str().unwrap())
        .await
        .json();
    assert_eq!(page["orderedItems"], json!([thanks["id"]]));
    assert_eq!(node.total(&format!("{id}/replies")).await, 1);
    let all = with(
        empty(&article.id),
        json!([question["id"], id, thanks["id"]]),
    );
    assert_eq!(node.document(&article.id).await.json()["replies"], all);
    let file = node.file("edited.md", "---\ntitle: Answered\n---\nAnother text.\n");
    node.admin(&["post", "edit", &article.slug, &file]).await;
    assert_eq!(
        peer.wait_for("Update").await.activity["object"]["replies"],
        all
    );
    assert_eq!(node.document("/notes/unknown/replies").await.status, 404);
}

#[apply(both_databases)]
async fn a_teaser_names_people_with_their_host_and_ends_at_a_word(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("friends").await;
    let friend = peer.actor("mika").await;
    let text = format!(
        "![A cat](/media/cat.png)\n\nTo {}: {}\n",
        friend.handle(),
        "lorem ".repeat(100)
    );
    let document = publish(&node, "teaser", "federate: teaser", &text).await;
    let excerpt = content(&document)
        .strip_prefix(&heading(&document))
        .unwrap();
    assert!(
        excerpt.starts_with(&format!("<p>To {}: lorem ", friend.handle())),
        "{excerpt}"
    );
    assert!(
        excerpt.contains("lorem…</p>") && !excerpt.contains("cat"),
        "{excerpt}"
    );
}

#[apply(both_databases)]
async fn hashtags_in_the_text_are_told_from_links(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(&node, "lab", "federate: note", "About #lab.\n").await;
    let link = format!(
        "<a href=\"{}\" class=\"mention hashtag\" rel=\"tag\">",
        node.url("/tags/lab")
    );
    assert!(content(&document).contains(&link), "{}", content(&document));
}

#[apply(both_databases)]
async fn each_hashtag_leads_to_the_articles_about_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(
        &node,
        "tagged",
        "tags: [Books, Long Reads, Über Bücher, \"C++\", \"a/b\", \"!\"]",
        TEXT,
    )
    .await;
    let tags = document["tag"].as_array().unwrap();
    let mut names: Vec<&str> = tags
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["#Books", "#LongReads", "#ÜberBücher"]);
    let page = node.page(document["url"].as_str().unwrap()).await.text;
    for tag in tags {
        assert_eq!(tag["type"], "Hashtag");
        let href = tag["href"].as_str().unwrap();
        assert!(href.is_ascii() && !href.contains(' '), "{href}");
        let list = node.page(href).await;
        assert_eq!(list.status, 200, "{href}");
        assert!(
            list.text.contains("Books &#38; &#60;more&#62;"),
            "{href}: {}",
            list.text
        );
        assert!(page.contains(href), "the page has the same link {href}");
    }
}

#[apply(both_databases)]
async fn a_text_in_another_language_says_so(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(&node, "es", "language: es-MX", TEXT).await;
    for field in ["content", "name"] {
        let map = document[format!("{field}Map")].as_object().unwrap();
        assert_eq!(map.keys().collect::<Vec<_>>(), ["es-MX"], "{field}");
        assert_eq!(map["es-MX"], document[field], "{field}");
    }
}

#[apply(both_databases)]
async fn an_article_with_closed_comments_says_so(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let document = publish(&node, "closed", "comments: closed", TEXT).await;
    assert_eq!(document["commentsEnabled"], false);
    assert_eq!(
        document["interactionPolicy"]["canReply"]["automaticApproval"],
        json!([node.blog()])
    );
}

#[apply(both_databases)]
async fn the_sites_choice_holds_where_an_article_makes_none(#[case] database: Database) {
    let node =
        TestNode::start_with(database, "[site]\nfederate = \"note\"\nlanguage = \"de\"\n").await;
    let default = publish(&node, "default", "", TEXT).await;
    assert_eq!(default["type"], "Note");
    assert!(default["contentMap"]["de"].is_string());
    let own = publish(&node, "own", "federate: article\nlanguage: fr", TEXT).await;
    assert_eq!(own["type"], "Article");
    assert!(own["contentMap"]["fr"].is_string());
}

#[apply(both_databases)]
async fn the_site_says_which_summaries_and_pictures_go_along(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[federation]\nsummary = \"excerpt\"\npictures = \"attached\"\n",
    )
    .await;
    let url = picture(&node, "aa1.png");
    let text = format!("{TEXT}\n![A shelf](/media/aa1.png)\n");
    let document = publish(&node, "default", "", &text).await;
    assert_eq!(
        document["summary"],
        "The first paragraph. The second one, with a link."
    );
    assert_eq!(document["attachment"][0]["url"], url);
    assert_eq!(document["image"], document["attachment"][0]);
    let own = publish(
        &node,
        "own",
        "federate_summary: never\npictures: inline",
        &text,
    )
    .await;
    assert!(own.get("summary").is_none());
    assert_eq!(own["attachment"], json!([]));
}
