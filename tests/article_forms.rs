//! What an article looks like in the fediverse: its forms, warning, picture, hashtags, language.

use crate::support::{Peer, TestNode, eventually, on_both_databases};
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
        let answer = node.document(&article.id).await;
        (answer.status == 200).then(|| answer.json())
    })
    .await
}

fn content(document: &Value) -> &str {
    document["content"].as_str().unwrap()
}

on_both_databases! {
    async fn an_article_has_its_text_and_a_preview(node) {
        let document = publish(&node, "one", "", TEXT).await;
        assert_eq!(document["type"], "Article");
        assert_eq!(document["attributedTo"], node.blog());
        assert_eq!(document["name"], "Books & <more>");
        assert_eq!(document["nameMap"], json!({"en": "Books & <more>"}));
        let summary = document["summary"].as_str().unwrap();
        assert!(summary.starts_with("The first paragraph."), "{summary}");
        assert_eq!(document["summaryMap"], json!({"en": summary}));
        assert!(content(&document).contains("<p>The <em>first</em> paragraph.</p>"));
        assert!(content(&document).contains(&format!("<a href=\"{}\"", node.url("/about"))), "links are absolute");
        assert_eq!(document["contentMap"], json!({"en": content(&document)}));
        assert_eq!(document["mediaType"], "text/html");
        assert_eq!(document["source"], json!({"content": TEXT, "mediaType": "text/markdown"}));
        assert_eq!(document["sensitive"], false);
        assert_eq!(document["commentsEnabled"], true);
        assert_eq!(document["attachment"], json!([]));
        assert!(document.get("updated").is_none());
        let preview = &document["preview"];
        assert_eq!(preview["type"], "Note");
        assert_eq!(preview["attributedTo"], node.blog());
        let teaser = content(preview);
        assert!(teaser.contains("<strong>Books &amp; &lt;more&gt;</strong>"), "{teaser}");
        assert!(teaser.contains(&format!("<a href=\"{0}\">{0}</a>", document["url"].as_str().unwrap())), "{teaser}");
        let anyone = json!(["https://www.w3.org/ns/activitystreams#Public"]);
        for right in ["canLike", "canReply", "canAnnounce"] {
            assert_eq!(document["interactionPolicy"][right]["automaticApproval"], anyone, "{right}");
        }
    }

    async fn a_note_is_the_whole_text_and_a_teaser_its_beginning(node) {
        let url = |document: &Value| document["url"].as_str().unwrap().to_owned();
        let note = publish(&node, "whole", "federate: note", TEXT).await;
        let teaser = publish(&node, "short", "federate: teaser\nsummary: Read <this>.", TEXT).await;
        for document in [&note, &teaser] {
            assert_eq!(document["type"], "Note");
            for absent in ["name", "nameMap", "summary", "summaryMap", "preview", "image"] {
                assert!(document.get(absent).is_none(), "{absent}");
            }
            assert!(content(document).starts_with("<p><strong>Books &amp; &lt;more&gt;</strong></p>"));
            assert!(content(document).ends_with(&format!("<p><a href=\"{0}\">{0}</a></p>", url(document))));
            assert_eq!(document["contentMap"]["en"], document["content"]);
        }
        assert!(content(&note).contains("The second one"));
        assert_eq!(note["source"]["content"], TEXT);
        assert!(content(&teaser).contains("<p>Read &lt;this&gt;.</p>"), "{}", content(&teaser));
        assert!(!teaser.to_string().contains("The second one"));
    }

    async fn an_article_that_stays_at_home_is_only_a_page(node) {
        let peer = Peer::start("follower").await;
        peer.actor("reader").await.follow(&node.inbox(), &node.blog()).await;
        let home = node.publish("---\ntitle: At home\nfederate: \"no\"\n---\nText.\n").await;
        node.publish("---\ntitle: Abroad\n---\nText.\n").await;
        assert_eq!(peer.wait_for("Create").await.activity["object"]["name"], "Abroad");
        for target in [&home.id, &home.url] {
            assert_eq!(node.document(target).await.status, 404, "{target}");
        }
        let page = node.page(&home.url).await;
        assert_eq!((page.status, page.header("link")), (200, ""));
        assert!(!page.text.contains("application/activity+json"));
        assert_eq!(node.document("/users/blog/outbox").await.json()["totalItems"], 1);
    }

    async fn what_is_called_home_and_sent_again_is_a_new_post(node) {
        let peer = Peer::start("follower").await;
        peer.actor("reader").await.follow(&node.inbox(), &node.blog()).await;
        let article = node.publish("---\ntitle: To and fro\n---\nText.\n").await;
        peer.wait_for("Create").await;
        let edit = async |form: &str| {
            let file = node.file("edited.md", &format!("---\ntitle: To and fro\nfederate: \"{form}\"\n---\nText.\n"));
            node.admin(&["post", "edit", &article.slug, &file]).await;
        };
        edit("no").await;
        assert_eq!(peer.wait_for("Delete").await.activity["object"]["id"], article.id);
        assert_eq!(node.document(&article.id).await.json()["type"], "Tombstone");
        assert_eq!(node.page(&article.url).await.status, 200);
        edit("note").await;
        let again = eventually("it is sent again", || async {
            peer.received_of("Create").into_iter().nth(1)
        }).await;
        assert_eq!(again.activity["object"]["type"], "Note");
        assert_ne!(again.activity["object"]["id"], article.id);
        assert_eq!(again.activity["object"]["url"], article.url);
        assert_eq!(peer.received_of("Update").len(), 0);
    }

    async fn a_content_warning_stands_before_the_text(node) {
        for form in ["article", "note", "teaser"] {
            let lines = format!("federate: {form}\ncontent_warning: Spoilers\nsummary: An abstract.");
            let document = publish(&node, form, &lines, TEXT).await;
            assert_eq!(document["summary"], "Spoilers", "{form}");
            assert_eq!(document["summaryMap"], json!({"en": "Spoilers"}), "{form}");
            assert_eq!(document["sensitive"], true, "{form}");
        }
        let pictures = publish(&node, "pictures", "sensitive: true\nfederate: note", TEXT).await;
        assert_eq!(pictures["sensitive"], true);
        assert!(pictures.get("summary").is_none());
    }

    async fn the_lead_picture_comes_with_its_description(node) {
        let given = "image: https://pictures.example/a.png?w=1\nimage_alt: A shelf\n";
        let first = "![A table](/media/b.jpg)\n\n![A chair](/media/c.jpg)\n";
        for (slug, lines, text, url, kind, alt) in [
            ("given", given, first, "https://pictures.example/a.png?w=1".to_owned(), "image/png", "A shelf"),
            ("first", "", first, node.url("/media/b.jpg"), "image/jpeg", "A table"),
        ] {
            let document = publish(&node, slug, lines, text).await;
            let picture = json!({"type": "Image", "url": url, "mediaType": kind, "name": alt});
            assert_eq!(document["attachment"], json!([picture]), "{slug}");
            assert_eq!(document["image"], picture, "{slug}");
        }
        let note = publish(&node, "note", &format!("{given}federate: note"), TEXT).await;
        assert_eq!(note["attachment"][0]["name"], "A shelf");
    }

    async fn each_hashtag_leads_to_the_articles_about_it(node) {
        let document = publish(&node, "tagged", "tags: [Books, Long Reads, Über Bücher, \"C++\", \"a/b\", \"!\"]", TEXT).await;
        let tags = document["tag"].as_array().unwrap();
        let mut names: Vec<&str> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["#Books", "#C", "#LongReads", "#ab", "#ÜberBücher"]);
        let page = node.page(document["url"].as_str().unwrap()).await.text;
        for tag in tags {
            assert_eq!(tag["type"], "Hashtag");
            let href = tag["href"].as_str().unwrap();
            assert!(href.is_ascii() && !href.contains(' '), "{href}");
            let list = node.page(href).await;
            assert_eq!(list.status, 200, "{href}");
            assert!(list.text.contains("Books &#38; &#60;more&#62;"), "{href}: {}", list.text);
            assert!(page.contains(href), "the page has the same link {href}");
        }
    }

    async fn a_text_in_another_language_says_so(node) {
        let document = publish(&node, "es", "language: es-MX", TEXT).await;
        for field in ["content", "name", "summary"] {
            let map = document[format!("{field}Map")].as_object().unwrap();
            assert_eq!(map.keys().collect::<Vec<_>>(), ["es-MX"], "{field}");
            assert_eq!(map["es-MX"], document[field], "{field}");
        }
    }

    async fn an_article_with_closed_comments_says_so(node) {
        let document = publish(&node, "closed", "comments: closed", TEXT).await;
        assert_eq!(document["commentsEnabled"], false);
        assert_eq!(document["interactionPolicy"]["canReply"]["automaticApproval"], json!([node.blog()]));
    }
}

on_both_databases! {
    configured "[site]\nfederate = \"note\"\nlanguage = \"de\"\n";

    async fn the_sites_choice_holds_where_an_article_makes_none(node) {
        let default = publish(&node, "default", "", TEXT).await;
        assert_eq!(default["type"], "Note");
        assert!(default["contentMap"]["de"].is_string());
        let own = publish(&node, "own", "federate: article\nlanguage: fr", TEXT).await;
        assert_eq!(own["type"], "Article");
        assert!(own["contentMap"]["fr"].is_string());
    }
}
