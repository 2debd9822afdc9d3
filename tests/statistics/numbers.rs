//! `pamphlet stats`: the reach of articles, followers over time, and the servers of readers.

use super::{publish_to, shown};
use crate::{
    assert_printed,
    support::{Crowd, Database, Peer, TestNode, both_databases, peer::Canned, terminal::Terminal},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the reach of the only article.
fn reach(articles: &Value) -> [&Value; 5] {
    ["servers", "delivered", "waiting", "refused", "given_up"].map(|name| &articles[0][name])
}

#[apply(both_databases)]
async fn the_reach_of_an_article_counts_each_server_once(#[case] database: Database) {
    let (node, crowd) = (TestNode::start(database).await, Crowd::start().await);
    let names = ["good", "strict", "down"];
    crowd.follow(&node.database_url, &names).await;
    crowd.follow_from_many(&node.database_url, "large", 3).await;
    crowd.respond_next("strict", vec![Canned::status(422)]);
    crowd.respond_next("down", vec![Canned::status(500)]);
    let article = publish_to(&node, &crowd, &["good", "strict", "down", "large"]).await;
    let articles = shown(&node, &["stats", "articles"], |json| {
        reach(json) == [&json!(4), &json!(2), &json!(1), &json!(1), &json!(0)]
    })
    .await;
    assert_eq!(articles[0]["slug"], json!(article.slug));
    let one = node.admin_json(&["stats", "article", &article.slug]).await;
    assert_eq!(one["activities"][0]["type"], "Create");
    let missing: Vec<_> = one["missing"].as_array().unwrap().iter().collect();
    assert_eq!(missing.len(), 2);
    assert!(
        missing
            .iter()
            .any(|server| server["host"] == json!(crowd.host("down"))
                && server["state"] == "waiting"
                && server["error"] == "it answered 500")
    );
    let filters = [(r"\.localhost:\d+", ".localhost:[PORT]")];
    assert_printed!(
        "stats_article",
        node.transcript(&["stats", "article", &article.slug]).await,
        &filters
    );

    // The server is back: the waiting one is delivered.
    node.admin(&["deliveries", "retry"]).await;
    shown(&node, &["stats", "articles"], |json| {
        reach(json) == [&json!(4), &json!(3), &json!(0), &json!(1), &json!(0)]
    })
    .await;
    // What is sent again is no further server.
    node.admin(&["deliveries", "resend", &article.slug]).await;
    crowd.wait_at("good", 2).await;
    shown(&node, &["stats", "articles"], |json| {
        json[0]["servers"] == 4 && json[0]["waiting"] == 0
    })
    .await;
    assert_printed!(
        "stats_articles_csv",
        node.transcript(&["stats", "articles", "--csv"]).await
    );
    let hosts = node.admin_json(&["stats", "hosts"]).await;
    assert_eq!(
        (&hosts[0]["host"], &hosts[0]["followers"]),
        (&json!(crowd.host("large")), &json!(3))
    );
    assert!(hosts[0]["delivered"].as_i64().unwrap() >= 1, "{hosts}");
}

#[apply(both_databases)]
async fn what_readers_do_is_counted_by_article(#[case] database: Database) {
    let (node, peer) = (TestNode::start(database).await, Peer::start("peer").await);
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>A reply.</p>")
        .await;
    for kind in ["Like", "Announce"] {
        let mut reaction = reader.activity(kind, json!(article.id));
        reaction["to"] = json!(["https://www.w3.org/ns/activitystreams#Public"]);
        reader.deliver(&node.inbox(), &reaction).await;
    }
    let articles = node.admin_json(&["stats", "articles"]).await;
    let counts = ["replies", "likes", "boosts"].map(|name| &articles[0][name]);
    assert_eq!(counts, [&json!(1), &json!(1), &json!(1)]);
    let one = node.admin_json(&["stats", "article", &article.slug]).await;
    let days = one["days"].as_array().unwrap();
    let last = days.last().unwrap();
    assert_eq!((&last["replies"], &last["likes"]), (&json!(1), &json!(1)));

    // Mistakes.
    for (command, message) in [
        (
            vec!["stats", "articles", "--since", "soon"],
            "is not a time",
        ),
        (vec!["stats", "--csv"], "name what the CSV is about"),
        (
            vec!["stats", "followers", "--csv", "--json"],
            "cannot be used with",
        ),
    ] {
        let output = node.cli(&command).await;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {errors}");
        assert!(
            errors.contains(message) && output.stdout.is_empty(),
            "{errors}"
        );
    }
    let output = node.cli(&["stats", "article", "nothing"]).await;
    assert_eq!(output.status.code(), Some(1));
}

#[apply(both_databases)]
async fn followers_are_counted_by_day(#[case] database: Database) {
    let (node, crowd) = (TestNode::start(database).await, Crowd::start().await);
    // The node counts when it starts.
    shown(&node, &["stats", "followers"], |json| {
        json["days"].as_array().is_some_and(|days| !days.is_empty())
    })
    .await;
    crowd.follow_from_many(&node.database_url, "large", 3).await;
    let (today, before) = (
        chrono::Utc::now().date_naive(),
        chrono::Utc::now().date_naive() - chrono::Days::new(3),
    );
    node.sql(&format!(
        "INSERT INTO follower_days (day, local_actor_id, followers, joined, estimated)
         SELECT '{before}', id, 5, 1, TRUE FROM local_actors WHERE kind = 'site';"
    ))
    .await;
    let followers = node
        .admin_json(&["stats", "followers", "--since", "30 days"])
        .await;
    let days = followers["days"].as_array().unwrap();
    assert_eq!(days.len(), 4, "{followers}");
    assert_eq!(
        days[0],
        json!({"day": before.to_string(), "followers": 5, "gained": 1, "lost": 0, "estimated": true})
    );
    assert_eq!(
        days[3],
        json!({"day": today.to_string(), "followers": 3, "gained": 0, "lost": 2, "estimated": false})
    );
    let csv = node.admin(&["stats", "followers", "--csv"]).await;
    assert!(csv.ends_with(&format!("{today},3,0,2,false\n")), "{csv}");
    let blog = node
        .admin_json(&["stats", "followers", "--actor", "blog"])
        .await;
    assert_eq!(
        blog["actors"],
        json!([{"username": "blog", "followers": 3}])
    );
    let terminal = Terminal::of_node(&node, &["stats"]).await;
    let (_, screen) = terminal.wait_for_end().await;
    assert!(
        screen.contains("3 followers (+1, -2 since") && screen.contains('█'),
        "{screen}"
    );
    let all = node.admin_json(&["stats"]).await;
    assert_eq!(all["hosts"][0]["followers"], 3);
}
