//! `kill -9` at random points while articles are written, told and answered.
//!
//! For a long run: `PAMPHLET_TEST_KILLS=500 tests/run.sh faults::kills`. A run that failed can be repeated, as
//! far as chance allows, with the `PAMPHLET_TEST_SEED` that it printed.

use super::{Sent, counts, in_flight, servers};
use crate::support::{
    Commands, Crowd, Database, Peer, Program, both_databases, crowd::Arrival, eventually_within,
    peer::Actor, sql,
};
use rstest_reuse::apply;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const KILLS: u64 = 50;
const SERVERS: usize = 20;

#[apply(both_databases)]
async fn no_kill_loses_reorders_or_repeats_anything(#[case] database: Database) {
    let kills = from_environment("PAMPHLET_TEST_KILLS").unwrap_or(KILLS);
    let seed = from_environment("PAMPHLET_TEST_SEED").unwrap_or_else(rand_seed);
    println!("PAMPHLET_TEST_SEED={seed}");
    let mut program = Program::new(database).await;
    let config = program.file("pamphlet.toml", "[delivery]\nconcurrency = 24\n");
    program.set("PAMPHLET_CONFIG", &config.display().to_string());
    program.serve().await;
    let crowd = Crowd::start().await;
    crowd.set_delay(Duration::from_millis(5));
    let servers = servers(SERVERS);
    for name in &servers {
        crowd.follow_from_many(&program.database_url, name, 3).await;
    }
    let mut author = Author::new(program.commands(), Dice(seed));
    let first = author.publish_first().await;
    let stop = CancellationToken::new();
    let writing = tokio::spawn(author.write_on(stop.clone()));
    let reader = Peer::start("replier").await.actor("reader").await;
    let inbox = format!("{}/inbox", program.origin);
    let replying = tokio::spawn(reply(reader, inbox, first, stop.clone()));

    let mut may_come_again: HashMap<Sent, usize> = HashMap::new();
    let mut dice = Dice(seed + 1);
    let mut hits = 0;
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(dice.below(800))).await;
        program.kill();
        let cut_off = in_flight(&program.database_url).await;
        hits += usize::from(!cut_off.is_empty());
        for sent in cut_off {
            *may_come_again.entry(sent).or_default() += 1;
        }
        match dice.below(4) {
            // The next kill comes while it starts.
            0 => program.spawn_node(program.commands().command(&["serve"])),
            _ => program.serve().await,
        }
    }
    stop.cancel();
    let author = writing.await.unwrap();
    let replies = replying.await.unwrap();
    program.wait_until_healthy().await;
    let patience = Duration::from_secs(90);
    eventually_within(patience, "nothing waits any more", || async {
        let waiting = "SELECT (SELECT COUNT(*) FROM changes) + (SELECT COUNT(*) FROM deliveries)";
        (sql::number(&program.database_url, waiting).await == Some(0)).then_some(())
    })
    .await;

    let arrivals = crowd.arrivals();
    let told = told(&program).await;
    println!(
        "{kills} kills, {hits} in the middle of deliveries; {} activities, {} arrivals, {} accepted replies",
        told.len(),
        arrivals.len(),
        replies.len()
    );
    assert!(hits > 0, "no kill came in the middle of deliveries");
    everyone_got_all_in_order(&arrivals, &servers, &told);
    let miscounted = format!(
        "SELECT COUNT(*) FROM activities a LEFT JOIN delivery_counts n ON n.activity_id = a.id
         WHERE a.public AND COALESCE(n.delivered, 0) <> {SERVERS}"
    );
    let miscounted = sql::number(&program.database_url, &miscounted).await;
    assert_eq!(
        miscounted,
        Some(0),
        "activities whose deliveries were miscounted"
    );
    repeats_were_in_flight(&arrivals, &may_come_again);
    every_article_is_told(&program, &author, &told).await;
    no_reply_is_missing(&program, &replies).await;
}

/// Returns all activities, in the order in which they were created.
async fn told(program: &Program) -> Vec<Value> {
    let rows = sql::texts(
        &program.database_url,
        "SELECT body FROM activities ORDER BY id",
    )
    .await;
    rows.iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect()
}

fn everyone_got_all_in_order(arrivals: &[Arrival], servers: &[String], told: &[Value]) {
    let told: Vec<&str> = told.iter().map(|a| a["id"].as_str().unwrap()).collect();
    let mut first: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut seen = HashSet::new();
    for arrival in arrivals {
        if seen.insert((arrival.name.as_str(), arrival.id())) {
            first
                .entry(arrival.name.as_str())
                .or_default()
                .push(arrival.id());
        }
    }
    for name in servers {
        assert_eq!(first[name.as_str()], told, "what {name} got first");
    }
}

/// Checks that only what was in flight when the node was killed arrived again, once for each kill.
fn repeats_were_in_flight(arrivals: &[Arrival], may_come_again: &HashMap<Sent, usize>) {
    for (sent, count) in counts(arrivals) {
        let allowed = 1 + may_come_again.get(&sent).unwrap_or(&0);
        assert!(count <= allowed, "{sent:?} came {count} times");
    }
}

/// Checks that the database has what the commands printed, and that followers received it.
async fn every_article_is_told(program: &Program, author: &Author, told: &[Value]) {
    let rows = sql::texts(
        &program.database_url,
        "SELECT slug || ' ' || uid || ' ' || markdown FROM articles WHERE status = 'published'",
    )
    .await;
    let stored: HashMap<&str, (&str, &str)> = rows
        .iter()
        .map(|row| {
            let mut parts = row.splitn(3, ' ');
            let mut next = || parts.next().unwrap();
            (next(), (next(), next()))
        })
        .collect();
    let mut of_object: HashMap<&str, Vec<&Value>> = HashMap::new();
    for activity in told {
        let object = activity["object"]["id"].as_str().unwrap();
        of_object.entry(object).or_default().push(activity);
    }
    for (slug, states) in &author.articles {
        let version = stored.get(slug.as_str()).map(|(_, text)| version_in(text));
        assert!(
            states.contains(&version),
            "{slug} is {version:?}, not {states:?}"
        );
    }
    for (slug, (uid, text)) in &stored {
        assert!(author.articles.contains_key(*slug));
        let id = format!("{}/articles/{uid}", program.origin);
        let last = of_object[id.as_str()].last().unwrap();
        let content = last["object"]["content"].as_str().unwrap();
        assert_eq!(version_in(content), version_in(text), "{slug}");
    }
    for (object, activities) in of_object {
        let kinds: Vec<&str> = activities
            .iter()
            .map(|a| a["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds[0], "Create", "{object}: {kinds:?}");
        let (last, before) = kinds[1..].split_last().unwrap_or((&"Update", &[]));
        assert!(
            before.iter().all(|kind| *kind == "Update"),
            "{object}: {kinds:?}"
        );
        let is_gone = !stored.values().any(|(uid, _)| object.ends_with(uid));
        assert_eq!(*last == "Delete", is_gone, "{object}: {kinds:?}");
    }
}

async fn no_reply_is_missing(program: &Program, accepted: &[String]) {
    assert!(!accepted.is_empty());
    let stored = sql::texts(&program.database_url, "SELECT uri FROM comments").await;
    let stored: HashSet<&str> = stored.iter().map(String::as_str).collect();
    let lost: Vec<_> = accepted
        .iter()
        .filter(|uri| !stored.contains(uri.as_str()))
        .collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");
}

/// Returns the number in "Version 7."
fn version_in(text: &str) -> u64 {
    let (_, rest) = text.split_once("Version ").unwrap();
    rest.split('.').next().unwrap().parse().unwrap()
}

/// Sends replies as long as the node runs. Returns the accepted ones.
async fn reply(
    reader: Actor,
    inbox: String,
    article: String,
    stop: CancellationToken,
) -> Vec<String> {
    let mut accepted = Vec::new();
    while !stop.is_cancelled() {
        let note = reader.note(&article, "<p>Well said.</p>");
        let id = note["id"].as_str().unwrap().to_owned();
        match reader
            .send(&inbox, &reader.activity("Create", note))
            .await
            .status
        {
            202 => accepted.push(id),
            // Cut off, nobody there, or busy.
            0 | 503 => {}
            other => panic!("a reply was answered {other}"),
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    accepted
}

/// An author who writes without a pause, and whose commands are killed too.
struct Author {
    commands: Commands,
    dice: Dice,
    /// The possible versions of each article; `None` is deleted. An article that a killed command was
    /// changing may have several.
    articles: HashMap<String, Vec<Option<u64>>>,
    version: u64,
}

impl Author {
    fn new(commands: Commands, dice: Dice) -> Self {
        Author {
            commands,
            dice,
            articles: HashMap::new(),
            version: 0,
        }
    }

    /// Publishes the article that stays unchanged. Returns its id.
    async fn publish_first(&mut self) -> String {
        let file = self.text("the-first");
        let shown = self
            .commands
            .admin(&["post", "publish", &file, "--json"])
            .await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        self.articles
            .insert("the-first".into(), vec![Some(self.version)]);
        shown["id"].as_str().unwrap().to_owned()
    }

    /// Writes a file with the next version of an article.
    fn text(&mut self, slug: &str) -> String {
        self.version += 1;
        let text = format!(
            "---\ntitle: {slug}\nslug: {slug}\n---\nVersion {}.\n",
            self.version
        );
        let path = self.commands.file(&format!("{slug}.md"), text);
        path.display().to_string()
    }

    async fn write_on(mut self, stop: CancellationToken) -> Author {
        while !stop.is_cancelled() {
            match (self.dice.below(8), self.any_article()) {
                (0, Some(slug)) => {
                    let arguments = ["post", "delete", &slug, "--yes"];
                    self.run(&arguments, &slug, None).await;
                }
                (1..5, Some(slug)) => {
                    let file = self.text(&slug);
                    let arguments = ["post", "edit", &slug, &file];
                    self.run(&arguments, &slug, Some(self.version)).await;
                }
                _ => {
                    let slug = format!("article-{}", self.version);
                    let file = self.text(&slug);
                    self.articles.insert(slug.clone(), vec![None]);
                    self.run(&["post", "publish", &file], &slug, Some(self.version))
                        .await;
                }
            }
            tokio::time::sleep(Duration::from_millis(self.dice.below(80))).await;
        }
        self
    }

    /// Returns an article that certainly exists.
    fn any_article(&mut self) -> Option<String> {
        let there = |(slug, states): (&String, &Vec<Option<u64>>)| {
            (*slug != "the-first" && !states.contains(&None)).then(|| slug.clone())
        };
        let mut slugs: Vec<String> = self.articles.iter().filter_map(there).collect();
        slugs.sort_unstable();
        (!slugs.is_empty()).then(|| slugs.swap_remove(self.dice.below(slugs.len() as u64) as usize))
    }

    /// Runs a command to its end, or kills it on the way there, one in four.
    async fn run(&mut self, arguments: &[&str], slug: &str, then: Option<u64>) {
        let states = self.articles.get_mut(slug).unwrap();
        if self.dice.below(4) > 0 {
            self.commands.admin(arguments).await;
            *states = vec![then];
            return;
        }
        let mut command = tokio::process::Command::from(self.commands.command(arguments));
        let mut child = command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let longest = Duration::from_millis(self.dice.below(60));
        if tokio::time::timeout(longest, child.wait()).await.is_err() {
            child.kill().await.unwrap();
        }
        states.push(then);
    }
}

/// A pseudorandom number generator (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn rand_seed() -> u64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.subsec_nanos().into()
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
