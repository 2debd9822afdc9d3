//! Quotes of articles (FEP-044f): asked for, admitted by the article's policy, shown, taken back.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{Canned, PUBLIC, ReceivedActivity},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns a post that quotes an object, and serves it.
fn quoting(actor: &Actor, property: &str, quoted: &str) -> Value {
    let mut note = actor.note("", "<p>Worth reading.</p>");
    note.as_object_mut().unwrap().remove("inReplyTo");
    note[property] = json!(quoted);
    serve(actor, &note);
    note
}

fn serve(actor: &Actor, note: &Value) {
    let path = note["id"]
        .as_str()
        .unwrap()
        .strip_prefix(&actor.peer.origin)
        .unwrap();
    actor.peer.serve(path, Canned::document(note));
}

fn request(actor: &Actor, quoted: &str, post: Value) -> Value {
    let mut request = actor.activity("QuoteRequest", json!(quoted));
    request["instrument"] = post;
    request
}

/// Sends a request; its answer.
async fn ask(node: &TestNode, actor: &Actor, quoted: &str, post: Value) -> ReceivedActivity {
    let request = request(actor, quoted, post);
    actor.deliver(&node.inbox(), &request).await;
    eventually("the request is answered", || async {
        let received = actor.peer.received();
        received
            .into_iter()
            .find(|answer| answer.activity["object"]["id"] == request["id"])
    })
    .await
}

/// Returns whether the article's page lists the post among the quotes.
async fn is_shown(node: &TestNode, article: &Article, post: &Value) -> bool {
    let page = node.page(&article.url).await.text;
    page.contains("Quoted by")
        && page.contains(&format!("href=\"{}\"", post["url"].as_str().unwrap()))
}

async fn reactions(node: &TestNode) -> Vec<String> {
    node.texts("SELECT kind || ' ' || uri FROM reactions ORDER BY id")
        .await
}

#[apply(both_databases)]
async fn a_quote_is_admitted_with_an_authorization_that_can_be_fetched(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let document = node.document(&article.id).await.json();
    assert_eq!(
        document["interactionPolicy"]["canQuote"]["automaticApproval"],
        json!([PUBLIC])
    );
    let peer = Peer::start("peer").await;
    let (first, second) = (peer.actor("first").await, peer.actor("second").await);
    let note = quoting(&first, "quote", &article.id);
    let embedded = quoting(&second, "quote", &article.url);
    for (actor, post, instrument) in [
        (&first, &note, note["id"].clone()),
        (&second, &embedded, embedded.clone()),
    ] {
        let answer = ask(&node, actor, &article.id, instrument.clone()).await;
        answer.verified.clone().unwrap();
        assert_eq!(
            (&answer.activity["type"], &answer.activity["actor"]),
            (&json!("Accept"), &json!(node.blog()))
        );
        assert_eq!(
            answer.activity["object"]["instrument"], post["id"],
            "by its id alone"
        );
        assert_eq!(answer.activity["object"]["type"], "QuoteRequest");
        let authorization = answer.activity["result"].as_str().unwrap();
        let stamp = node.document(authorization).await.json();
        assert_eq!(stamp["type"], "QuoteAuthorization");
        assert_eq!(
            (&stamp["id"], &stamp["attributedTo"]),
            (&json!(authorization), &json!(node.blog()))
        );
        assert_eq!(
            (&stamp["interactingObject"], &stamp["interactionTarget"]),
            (&post["id"], &json!(article.id))
        );
        assert!(is_shown(&node, &article, post).await);
        let again = ask(&node, actor, &article.id, instrument).await;
        assert_eq!(again.activity["result"], authorization);
    }
    assert_eq!(
        peer.get_count(
            note["id"]
                .as_str()
                .unwrap()
                .strip_prefix(&peer.origin)
                .unwrap()
        ),
        2
    );
    assert_eq!(
        peer.get_count(
            embedded["id"]
                .as_str()
                .unwrap()
                .strip_prefix(&peer.origin)
                .unwrap()
        ),
        0,
        "it was there"
    );
    let list = node.admin_json(&["quotes", "list"]).await;
    assert_eq!(
        (
            &list[0]["post"],
            &list[1]["post"],
            list.as_array().unwrap().len()
        ),
        (&embedded["id"], &note["id"], 2)
    );
    assert_eq!(node.notices().await[0]["kind"], "quote");
    // The post itself may come later than the request, and is shown only then.
    let third = peer.actor("third").await;
    let mut late = third.note("", "<p>Later.</p>");
    late["quote"] = json!(article.id);
    late["inReplyTo"] = Value::Null;
    peer.serve(
        late["id"]
            .as_str()
            .unwrap()
            .strip_prefix(&peer.origin)
            .unwrap(),
        Canned::status(404),
    );
    assert_eq!(
        ask(&node, &third, &article.id, late["id"].clone())
            .await
            .activity["type"],
        "Accept"
    );
    assert!(!is_shown(&node, &article, &late).await);
    third
        .deliver(&node.inbox(), &third.activity("Create", late.clone()))
        .await;
    assert!(is_shown(&node, &article, &late).await);
    assert!(node.comments().await.is_empty());
}

#[apply(both_databases)]
async fn the_articles_policy_decides(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let (friend, stranger) = (peer.actor("friend").await, peer.actor("stranger").await);
    friend.follow(&node.inbox(), &node.blog()).await;
    let article = node
        .publish("---\ntitle: For friends\nquotes: followers\n---\nText.\n")
        .await;
    peer.wait_for("Create").await;
    let can_quote = async || {
        node.document(&article.id).await.json()["interactionPolicy"]["canQuote"]["automaticApproval"].clone()
    };
    assert_eq!(
        can_quote().await,
        json!([format!("{}/followers", node.blog())])
    );
    let post = quoting(&stranger, "quote", &article.id);
    let answer = ask(&node, &stranger, &article.id, post.clone()).await;
    assert_eq!(
        (&answer.activity["type"], &answer.activity["result"]),
        (&json!("Reject"), &Value::Null)
    );
    stranger
        .deliver(&node.inbox(), &stranger.activity("Create", post.clone()))
        .await;
    assert!(reactions(&node).await.is_empty(), "not even without asking");
    let own = quoting(&friend, "quote", &article.id);
    assert_eq!(
        ask(&node, &friend, &article.id, own).await.activity["type"],
        "Accept"
    );
    // Any program may change the policy; followers' servers hear of it.
    node.sql("UPDATE articles SET quotes = 'nobody'").await;
    let update = peer.wait_for("Update").await;
    assert_eq!(
        update.activity["object"]["interactionPolicy"]["canQuote"]["automaticApproval"],
        json!([node.blog()])
    );
    assert_eq!(can_quote().await, json!([node.blog()]));
    let other = quoting(&friend, "quote", &article.id);
    assert_eq!(
        ask(&node, &friend, &article.id, other).await.activity["type"],
        "Reject"
    );
    let shown = node.admin(&["post", "show", &article.slug]).await;
    assert!(shown.contains("quotes: nobody"), "{shown}");
    let file = node.file("bad.md", "---\ntitle: Bad\nquotes: friends\n---\nText.\n");
    let output = node.cli(&["post", "publish", &file]).await;
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("line 3: quotes")
    );
}

#[apply(both_databases)]
async fn an_admission_can_be_taken_back_by_us_alone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    let (quoter, pest) = (peer.actor("quoter").await, peer.actor("pest").await);
    let follower = other.actor("follower").await;
    follower.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let post = quoting(&quoter, "quote", &article.id);
    let answer = ask(&node, &quoter, &article.id, post.clone()).await;
    let authorization = answer.activity["result"].as_str().unwrap().to_owned();
    for (actor, object) in [
        (&pest, json!(authorization)),
        (&quoter, json!(authorization)),
        (&pest, post["id"].clone()),
    ] {
        let reply = actor
            .send(&node.inbox(), &actor.activity("Delete", object))
            .await;
        assert!([202, 403].contains(&reply.status), "{}", reply.body);
    }
    assert_eq!(node.document(&authorization).await.status, 200);
    assert!(is_shown(&node, &article, &post).await);
    node.admin(&["quotes", "revoke", post["id"].as_str().unwrap(), "--yes"])
        .await;
    for peer in [&peer, &other] {
        let delete = peer.wait_for("Delete").await;
        delete.verified.unwrap();
        assert_eq!(
            (&delete.activity["object"], &delete.activity["actor"]),
            (&json!(authorization), &json!(node.blog()))
        );
    }
    assert_eq!(node.document(&authorization).await.status, 410);
    assert!(!is_shown(&node, &article, &post).await);
    // Neither asking nor posting again brings it back.
    assert_eq!(
        ask(&node, &quoter, &article.id, post.clone())
            .await
            .activity["type"],
        "Reject"
    );
    quoter
        .deliver(&node.inbox(), &quoter.activity("Create", post.clone()))
        .await;
    assert!(!is_shown(&node, &article, &post).await);
    for (text, sentence) in [
        (post["id"].as_str().unwrap(), "already revoked"),
        ("4711", "no such quote: 4711"),
    ] {
        let output = node.cli(&["quotes", "revoke", text, "--yes"]).await;
        assert!(
            String::from_utf8(output.stderr).unwrap().contains(sentence),
            "{text}"
        );
    }
    assert_eq!(node.document("/quotes/nothing").await.status, 404);
}

#[apply(both_databases)]
async fn posts_quote_in_many_spellings_and_stop_quoting(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    let mut posts = Vec::new();
    for (property, quoted) in [
        ("quoteUrl", &article.url),
        ("_misskey_quote", &article.id),
        ("quoteUri", &article.id),
        ("quote", &article.id),
    ] {
        let post = quoting(&actor, property, quoted);
        actor
            .deliver(&node.inbox(), &actor.activity("Create", post.clone()))
            .await;
        assert!(is_shown(&node, &article, &post).await, "{property}");
        posts.push(post);
    }
    let mut tagged = actor.note("", "<p>RE</p>");
    tagged["inReplyTo"] = Value::Null;
    tagged["tag"] = json!([{"type": "Link", "rel": "https://misskey-hub.net/ns#_misskey_quote", "href": article.id}]);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", tagged.clone()))
        .await;
    assert!(is_shown(&node, &article, &tagged).await);
    assert_eq!(reactions(&node).await.len(), 5);
    let notices = node.notices().await;
    assert_eq!(
        notices.len(),
        5,
        "the admin is told of each once: {notices:?}"
    );
    assert!(
        notices
            .iter()
            .all(|notice| notice["kind"] == "quote" && notice["actor"] == actor.id.as_str()),
        "{notices:?}"
    );
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
    // The post is deleted, no longer quotes, or is no longer public.
    actor
        .deliver(
            &node.inbox(),
            &actor.activity("Delete", posts[0]["id"].clone()),
        )
        .await;
    let mut changed = posts[1].clone();
    changed["_misskey_quote"] = Value::Null;
    actor
        .deliver(&node.inbox(), &actor.activity("Update", changed))
        .await;
    let mut private = posts[2].clone();
    (private["to"], private["cc"]) = (json!([format!("{}/followers", actor.id)]), json!([]));
    actor
        .deliver(&node.inbox(), &actor.activity("Update", private))
        .await;
    actor
        .deliver(&node.inbox(), &actor.activity("Update", posts[3].clone()))
        .await;
    let expected = [
        format!("quote {}", posts[3]["id"].as_str().unwrap()),
        format!("quote {}", tagged["id"].as_str().unwrap()),
    ];
    assert_eq!(reactions(&node).await, expected);
    // A reply that also quotes is a comment.
    let mut reply = actor.note(&article.id, "<p>And I answer.</p>");
    reply["quote"] = json!(article.id);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", reply))
        .await;
    assert_eq!(
        (
            node.replies(&article).await.len(),
            reactions(&node).await.len()
        ),
        (1, 2)
    );
}

#[apply(both_databases)]
async fn a_comment_that_quotes_another_article_counts_as_a_quote_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let actor = peer.actor("reader").await;
    let (article, other) = (
        node.publish_any().await,
        node.publish("---\ntitle: Other\n---\nText.\n").await,
    );
    let closed = node
        .publish("---\ntitle: Closed\nquotes: nobody\n---\nText.\n")
        .await;
    eventually("all are told", || async {
        (node.document(&closed.id).await.status == 200).then_some(())
    })
    .await;
    let answering = |quoted: &str| {
        let mut reply = actor.note(&article.id, "<p>As said elsewhere.</p>");
        (reply["quoteUrl"], reply["_misskey_quote"]) = (json!(quoted), json!(quoted));
        reply
    };
    let (mut quoting, refused) = (answering(&other.id), answering(&closed.id));
    for reply in [&quoting, &refused] {
        actor
            .deliver(&node.inbox(), &actor.activity("Create", reply.clone()))
            .await;
    }
    assert_eq!(node.replies(&article).await.len(), 2, "both are comments");
    assert!(is_shown(&node, &other, &quoting).await);
    let notices = node.notices().await;
    assert_eq!(
        (notices.len(), &notices[0]["kind"]),
        (1, &json!("quote")),
        "{notices:?}"
    );
    assert!(
        notices[0]["text"]
            .as_str()
            .unwrap()
            .contains("quotes “Other”"),
        "{notices:?}"
    );
    // An edit removes or adds the quote; the admin is notified once of each.
    actor
        .deliver(&node.inbox(), &actor.activity("Update", quoting.clone()))
        .await;
    assert_eq!(node.notices().await.len(), 1);
    (quoting["quoteUrl"], quoting["_misskey_quote"]) = (Value::Null, Value::Null);
    actor
        .deliver(&node.inbox(), &actor.activity("Update", quoting.clone()))
        .await;
    assert!(!is_shown(&node, &other, &quoting).await);
    quoting["quote"] = json!(other.url);
    actor
        .deliver(&node.inbox(), &actor.activity("Update", quoting.clone()))
        .await;
    assert!(is_shown(&node, &other, &quoting).await);
    assert_eq!(
        (node.notices().await.len(), reactions(&node).await.len()),
        (2, 1)
    );
    // The same applies to a reply below another server's unknown post.
    let mut elsewhere = actor.note(&peer.url("/notes/unknown"), "<p>Look there.</p>");
    elsewhere["quoteUri"] = json!(other.id);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", elsewhere.clone()))
        .await;
    assert!(is_shown(&node, &other, &elsewhere).await);
    actor
        .deliver(
            &node.inbox(),
            &actor.activity("Delete", quoting["id"].clone()),
        )
        .await;
    assert!(!is_shown(&node, &other, &quoting).await);
    assert_eq!(node.replies(&article).await.len(), 1);
}

#[apply(both_databases)]
async fn a_request_must_be_for_a_post_of_its_own_that_quotes_what_it_says(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    let (pest, neighbour, stranger) = (
        peer.actor("pest").await,
        peer.actor("neighbour").await,
        other.actor("stranger").await,
    );
    let article = node.publish_any().await;
    let second = node.publish("---\ntitle: Second\n---\nText.\n").await;
    let file = node.file("draft.md", "---\ntitle: Draft\n---\nText.\n");
    let draft = node.admin_json(&["post", "draft", &file]).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let away = node
        .publish("---\ntitle: At home\nfederate: no\n---\nText.\n")
        .await;
    eventually("both are told", || async {
        (node.document(&second.id).await.status == 200).then_some(())
    })
    .await;
    let own = |quoted: &str| quoting(&pest, "quote", quoted);
    let mut private = own(&article.id);
    (private["to"], private["cc"]) = (json!([node.blog()]), json!([]));
    let borrowed = quoting(&neighbour, "quote", &article.id);
    let foreign = quoting(&stranger, "quote", &article.id);
    let mut posing = borrowed.clone();
    posing["attributedTo"] = json!(pest.id);
    for (name, status, quoted, post) in [
        ("no post", 400, &article.id, Value::Null),
        ("on another host", 403, &article.id, foreign["id"].clone()),
        (
            "embedded from another host",
            403,
            &article.id,
            foreign.clone(),
        ),
        ("a neighbour's", 202, &article.id, borrowed["id"].clone()),
        ("of another article", 202, &article.id, own(&second.id)),
        (
            "of nothing",
            202,
            &article.id,
            pest.note("", "<p>No quote.</p>"),
        ),
        (
            "of what is unknown",
            202,
            &node.url("/articles/0123456789abcdef0123456789abcdef"),
            own(&article.id),
        ),
        ("of a draft", 202, &draft, own(&draft)),
        ("of what stays at home", 202, &away.id, own(&away.id)),
        ("of an actor", 202, &node.blog(), own(&node.blog())),
    ] {
        let reply = pest
            .send(&node.inbox(), &request(&pest, quoted, post))
            .await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
    }
    assert!(peer.received().is_empty(), "{:?}", peer.received());
    assert!(
        node.admin_json(&["quotes", "list"])
            .await
            .as_array()
            .unwrap()
            .is_empty()
    );
    // A quote in a post that is not public is not shown, nor is one of a limited server.
    assert_eq!(
        ask(&node, &pest, &article.id, private).await.activity["type"],
        "Accept"
    );
    node.admin(&["block", "add", "other.localhost", "--comments-held"])
        .await;
    assert_eq!(
        ask(&node, &stranger, &article.id, foreign.clone())
            .await
            .activity["type"],
        "Accept"
    );
    assert!(reactions(&node).await.is_empty());
    assert!(!node.page(&article.url).await.text.contains("Quoted by"));
    // A group's announcement does not bring back a blocked author.
    let club = peer.actor("club").await;
    club.serve_with(json!({"type": "Group"}));
    let hinted = quoting(&neighbour, "quote", &article.id);
    node.admin(&["block", "add", &neighbour.id]).await;
    club.deliver(
        &node.inbox(),
        &club.activity("Announce", hinted["id"].clone()),
    )
    .await;
    assert!(reactions(&node).await.is_empty());
    node.admin(&["block", "remove", &neighbour.id]).await;
    club.deliver(
        &node.inbox(),
        &club.activity("Announce", hinted["id"].clone()),
    )
    .await;
    assert!(
        is_shown(&node, &article, &hinted).await,
        "and believed of others"
    );
    // A blocked author is removed from the page.
    node.admin(&["block", "remove", "other.localhost"]).await;
    stranger
        .deliver(&node.inbox(), &stranger.activity("Create", foreign.clone()))
        .await;
    assert!(is_shown(&node, &article, &foreign).await);
    node.admin(&["block", "add", "other.localhost"]).await;
    assert!(!is_shown(&node, &article, &foreign).await);
}

#[apply(both_databases)]
async fn the_sites_choice_holds_where_an_article_makes_none(#[case] database: Database) {
    let node = TestNode::start_with(database, "[site]\nquotes = \"nobody\"\n").await;
    let actor = Peer::start("peer").await.actor("reader").await;
    let (closed, open) = (
        node.publish_any().await,
        node.publish("---\ntitle: Open\nquotes: everyone\n---\nText.\n")
            .await,
    );
    eventually("both are told", || async {
        (node.document(&open.id).await.status == 200).then_some(())
    })
    .await;
    for (article, answer) in [(&closed, "Reject"), (&open, "Accept")] {
        let post = quoting(&actor, "quote", &article.id);
        assert_eq!(
            ask(&node, &actor, &article.id, post).await.activity["type"],
            answer
        );
    }
}
