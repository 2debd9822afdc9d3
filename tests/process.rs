//! The node as a process: killed, told to stop, started again.

use crate::support::{
    Crowd, Database, Peer, Program, both_databases, crowd::Arrival, eventually, http_client,
    peer::Canned, sql,
};
use rstest_reuse::apply;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

const TEXT: &str = "---\ntitle: News\n---\nSomething happened.\n";

async fn publish(program: &Program, text: &str) -> Value {
    let file = program.file("news.md", text).display().to_string();
    let shown = program.admin(&["post", "publish", &file, "--json"]).await;
    serde_json::from_str(&shown).unwrap()
}

/// Makes the leases of a killed node expire. If it is the only node, its next start takes them back.
async fn leases_run_out(program: &Program) {
    if program.database_url.starts_with("postgres") {
        let expire = "UPDATE destinations SET leased_until = 1 WHERE leased_until > 0";
        sql::run(&program.database_url, expire).await;
    }
}

fn by_server(arrivals: &[Arrival]) -> HashMap<&str, Vec<&Arrival>> {
    let mut all: HashMap<&str, Vec<&Arrival>> = HashMap::new();
    for arrival in arrivals {
        all.entry(arrival.name.as_str()).or_default().push(arrival);
    }
    all
}

/// Returns a document of the running program.
async fn document(program: &Program, path: &str) -> Value {
    let client = http_client().build().unwrap();
    let request = client.get(format!("{}{path}", program.origin));
    let answer = request.header("accept", "application/activity+json").send();
    serde_json::from_str(&answer.await.unwrap().text().await.unwrap()).unwrap()
}

#[apply(both_databases)]
async fn a_kill_in_the_middle_of_a_fan_out_loses_nothing(#[case] database: Database) {
    let mut program = Program::new(database).await;
    let config = program.file("pamphlet.toml", "[delivery]\nconcurrency = 32\n");
    program.set("PAMPHLET_CONFIG", &config.display().to_string());
    program.serve().await;
    let crowd = Crowd::start().await;
    crowd.set_delay(Duration::from_millis(20));
    let names: Vec<String> = (0..400).map(|number| format!("s{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    crowd.follow(&program.database_url, &names).await;
    let article = publish(&program, TEXT).await;
    let mut in_flight = HashSet::new();
    for count in [90, 220] {
        eventually("the fan-out is under way", || async {
            (crowd.arrivals().len() >= count).then_some(())
        })
        .await;
        program.kill();
        assert!(
            crowd.arrivals().len() < names.len(),
            "it was killed in the middle"
        );
        let leased = "SELECT host FROM destinations WHERE leased_until > 0";
        let leased = sql::texts(&program.database_url, leased).await;
        assert!(!leased.is_empty());
        in_flight.extend(
            leased
                .into_iter()
                .map(|host| host.split('.').next().unwrap().to_owned()),
        );
        leases_run_out(&program).await;
        program.serve().await;
    }
    eventually("nothing waits any more", || async {
        let waiting = "SELECT COUNT(*) FROM deliveries";
        (sql::number(&program.database_url, waiting).await == Some(0)).then_some(())
    })
    .await;
    let arrivals = crowd.arrivals();
    let servers = by_server(&arrivals);
    for name in &names {
        let got = servers
            .get(name)
            .unwrap_or_else(|| panic!("{name} did not get it"));
        assert!(
            got.len() == 1 || in_flight.contains(*name),
            "{name} got it {} times",
            got.len()
        );
        assert!(
            got.iter().all(|arrival| arrival.id() == got[0].id()),
            "{name} got two activities"
        );
        assert_eq!(got[0].activity["object"]["id"], article["id"]);
    }
    assert!(
        in_flight.len() <= 2 * 3 * 32,
        "{} were in flight",
        in_flight.len()
    );
}

#[apply(both_databases)]
async fn a_kill_right_after_a_command_loses_no_article(#[case] database: Database) {
    let mut program = Program::new(database).await;
    let crowd = Crowd::start().await;
    program.serve().await;
    crowd.follow(&program.database_url, &["reader"]).await;
    let mut expected = HashSet::new();
    for number in 0..4 {
        let article = publish(&program, &TEXT.replace("News", &format!("News {number}"))).await;
        expected.insert(article["id"].as_str().unwrap().to_owned());
        program.kill();
        leases_run_out(&program).await;
        program.serve().await;
    }
    let creates = eventually("every article arrives", || async {
        let arrivals = crowd.arrivals();
        let mut ids: HashMap<String, HashSet<String>> = HashMap::new();
        for arrival in &arrivals {
            let object = arrival.activity["object"]["id"].as_str().unwrap();
            ids.entry(object.to_owned())
                .or_default()
                .insert(arrival.id().to_owned());
        }
        (ids.len() == expected.len()).then_some(ids)
    })
    .await;
    for (article, activities) in creates {
        assert!(expected.contains(&article));
        assert_eq!(activities.len(), 1, "{article} was federated twice");
    }
}

#[apply(both_databases)]
async fn a_kill_while_replies_come_in_loses_none_that_was_accepted(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.serve().await;
    let peer = Peer::start("replier").await;
    let reader = peer.actor("reader").await;
    let article = publish(&program, TEXT).await;
    let article = article["id"].as_str().unwrap();
    let inbox = format!("{}/inbox", program.origin);
    reader
        .deliver(&inbox, &reader.activity("Like", article.into()))
        .await;
    let mut accepted = HashSet::new();
    let mut cut_off = Vec::new();
    for enough in [1, 10, 25] {
        let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..60 {
            let create = reader.activity("Create", reader.note(article, "<p>Well said.</p>"));
            let (reader, inbox, sender) = (reader.clone(), inbox.clone(), sender.clone());
            tokio::spawn(async move {
                let status = reader.send(&inbox, &create).await.status;
                sender.send((status, create)).unwrap();
            });
        }
        drop(sender);
        let mut killed = false;
        let mut taken = 0;
        while let Some((status, create)) = answers.recv().await {
            if status == 202 {
                taken += 1;
                accepted.insert(create["object"]["id"].as_str().unwrap().to_owned());
            } else {
                cut_off.push(create);
            }
            if taken >= enough && !killed {
                program.kill();
                killed = true;
            }
        }
        assert!(killed);
        leases_run_out(&program).await;
        program.serve().await;
    }
    let stored: HashSet<String> = sql::texts(&program.database_url, "SELECT uri FROM comments")
        .await
        .into_iter()
        .collect();
    let lost: Vec<_> = accepted.difference(&stored).collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");
    // The senders try again, as they do, also with what was stored before its answer was cut off.
    for create in cut_off.iter().take(40) {
        reader.deliver(&inbox, create).await;
        accepted.insert(create["object"]["id"].as_str().unwrap().to_owned());
    }
    let listed = program
        .admin(&["comments", "list", "--limit", "1000", "--json"])
        .await;
    let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    let shown = sql::texts(&program.database_url, "SELECT uri FROM comments").await;
    assert_eq!(listed.len(), shown.len(), "each once");
    let shown: HashSet<String> = shown.into_iter().collect();
    assert!(accepted.is_subset(&shown));
}

#[apply(both_databases)]
async fn a_stop_gives_back_what_it_can_not_finish(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.serve().await;
    let crowd = Crowd::start().await;
    let hangs = Canned {
        delay: Duration::from_secs(60),
        ..Canned::status(202)
    };
    crowd
        .follow(
            &program.database_url,
            &["hangs-1", "hangs-2", "slow", "well"],
        )
        .await;
    crowd.respond_next("hangs-1", vec![hangs.clone()]);
    crowd.respond_next("hangs-2", vec![hangs]);
    let slow = Canned {
        delay: Duration::from_secs(3),
        ..Canned::status(202)
    };
    crowd.respond_next("slow", vec![slow]);
    publish(&program, TEXT).await;
    for name in ["hangs-1", "hangs-2", "slow", "well"] {
        crowd.wait_at(name, 1).await;
    }
    let (status, took) = program.terminate().await;
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    let leased =
        "SELECT COUNT(*) FROM destinations WHERE leased_until > 0 OR lease_owner IS NOT NULL";
    assert_eq!(sql::number(&program.database_url, leased).await, Some(0));
    let waiting = "SELECT d.host FROM deliveries w JOIN destinations d ON d.id = w.destination_id ORDER BY d.host";
    let waiting = sql::texts(&program.database_url, waiting).await;
    assert_eq!(
        waiting,
        [crowd.host("hangs-1"), crowd.host("hangs-2")],
        "what was slow was finished"
    );
    let failed = "SELECT COUNT(*) FROM destinations WHERE failures > 0";
    assert_eq!(
        sql::number(&program.database_url, failed).await,
        Some(0),
        "a stop is no fault of theirs"
    );
    // The next start goes on at once.
    program.serve().await;
    crowd.wait_at("hangs-1", 2).await;
    crowd.wait_at("hangs-2", 2).await;
    assert_eq!(crowd.arrivals_at("slow").len(), 1);
    let (status, took) = program.terminate().await;
    assert!(status.success());
    assert!(
        took < Duration::from_secs(5),
        "with nothing to finish it took {took:?}"
    );
    assert!(program.output("serve.err").contains("stopped"));
}

#[apply(both_databases)]
async fn a_request_under_way_is_answered_before_the_end(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.serve().await;
    let peer = Peer::start("replier").await;
    let reader = peer.actor("reader").await;
    let article = publish(&program, TEXT).await;
    let inbox = format!("{}/inbox", program.origin);
    // Its sender has to be fetched first, which takes a while.
    peer.serve(
        "/users/reader",
        Canned {
            delay: Duration::from_secs(2),
            ..Canned::document(&reader.document())
        },
    );
    let note = reader.note(article["id"].as_str().unwrap(), "<p>Just in time.</p>");
    let create = reader.activity("Create", note);
    let sending = tokio::spawn(async move { reader.send(&inbox, &create).await });
    eventually("the sender is asked for", || async {
        (peer.get_count("/users/reader") > 0).then_some(())
    })
    .await;
    let (status, took) = program.terminate().await;
    assert!(status.success());
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert_eq!(sending.await.unwrap().status, 202);
    let stored = "SELECT COUNT(*) FROM comments";
    assert_eq!(sql::number(&program.database_url, stored).await, Some(1));
}

#[apply(both_databases)]
async fn a_restart_keeps_keys_followers_and_articles(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.serve().await;
    let peer = Peer::start("reader").await;
    let reader = peer.actor("reader").await;
    let blog = format!("{}/users/blog", program.origin);
    reader
        .follow(&format!("{}/inbox", program.origin), &blog)
        .await;
    let article = publish(&program, TEXT).await;
    peer.wait_for("Create").await;
    let before = (
        document(&program, "/users/blog").await,
        document(&program, "/users/blog/followers").await,
    );
    assert!(before.0["publicKey"]["publicKeyPem"].is_string());
    for how in ["SIGTERM", "SIGKILL"] {
        match how {
            "SIGTERM" => assert!(program.terminate().await.0.success()),
            _ => program.kill(),
        }
        program.serve().await;
        let after = (
            document(&program, "/users/blog").await,
            document(&program, "/users/blog/followers").await,
        );
        assert_eq!(after, before, "after {how}");
    }
    let path = article["id"]
        .as_str()
        .unwrap()
        .strip_prefix(&program.origin)
        .unwrap()
        .to_owned();
    assert_eq!(document(&program, &path).await["id"], article["id"]);
    publish(&program, &TEXT.replace("News", "More")).await;
    let second = eventually("the follower gets the next article", || async {
        peer.received_of("Create").into_iter().nth(1)
    })
    .await;
    assert_eq!(second.activity["object"]["name"], "More");
    assert!(second.verified.is_ok(), "{:?}", second.verified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_says_whether_it_is_in_development_mode() {
    let mut program = Program::new(Database::Sqlite).await;
    program.serve().await;
    assert!(program.output("serve.out").contains("DEVELOPMENT MODE"));
    program.terminate().await;
    let mut public = Program::new(Database::Sqlite).await;
    public.set("PAMPHLET_DEVELOPMENT", "0");
    public.set("PAMPHLET_PUBLIC_URL", "https://example.org");
    public.serve().await;
    let printed = public.output("serve.out");
    assert!(
        printed.contains("@blog@example.org") && !printed.contains("DEVELOPMENT"),
        "{printed}"
    );
    // A node without configuration is a trial on this machine.
    let mut trial = Program::new(Database::Sqlite).await;
    trial
        .environment
        .retain(|(name, _)| name != "PAMPHLET_DEVELOPMENT" && name != "PAMPHLET_PUBLIC_URL");
    trial.serve().await;
    assert!(trial.output("serve.out").contains("DEVELOPMENT MODE"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_node_does_not_start_with_the_dangerous_variable() {
    let mut program = Program::new(Database::Sqlite).await;
    program.set("PAMPHLET_DEVELOPMENT", "0");
    program.set("PAMPHLET_PUBLIC_URL", "https://example.org");
    program.set("DANGER_FEDERATION_ALLOW_LOCAL_IP", "1");
    let output = program.run(&["serve"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("DANGER_FEDERATION_ALLOW_LOCAL_IP"));
}
