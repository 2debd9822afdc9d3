//! `pamphlet doctor`: reports problems on one page.

use super::{
    Options,
    deliveries::refusals::{LatelyRefused, RefusingHost},
    output::{self, Format},
};
use crate::{
    config::{
        Config,
        permissions::{self, TooPermissive},
    },
    node::Node,
    store::{self, Conn, DestinationStatus},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// The maximum number of lines below each finding.
const LINES: usize = 20;
/// The maximum number of servers to check.
const SERVERS: i64 = 10_000;

/// Look for problems: servers that refuse, are dead or out of reach, keys that can't be fetched, mails that are not
/// sent, files that others can read. The exit code is 1 if there are any.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    format: Format,
}

/// The result of one check.
struct Check {
    name: &'static str,
    /// The summary, in one sentence.
    text: String,
    /// The problems, one per line; empty if all is well.
    wrong: Vec<String>,
    /// The suggested remedy.
    hint: &'static str,
}

impl Check {
    fn new(name: &'static str, well: &str, wrong: Vec<String>, hint: &'static str) -> Self {
        Check {
            name,
            text: well.to_owned(),
            wrong,
            hint,
        }
    }

    fn is_well(&self) -> bool {
        self.wrong.is_empty()
    }

    /// Replaces the summary if there are problems.
    fn or(mut self, text: impl FnOnce(usize) -> String) -> Self {
        if !self.is_well() {
            self.text = text(self.wrong.len());
        }
        self
    }
}

impl Doctor {
    pub async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        // Before the database is opened, which makes files beside it.
        let files = files(&config);
        let node = Options::node_of(config).await?;
        let mut checks = examine(&node).await?;
        checks.push(files);
        let findings = checks.iter().filter(|check| !check.is_well()).count();
        match self.format.json {
            true => output::json(&json!({
                "ok": findings == 0,
                "checks": checks.iter().map(as_json).collect::<Vec<_>>(),
            }))?,
            false => checks.iter().try_for_each(print)?,
        }
        node.store.close().await;
        match findings {
            0 => Ok(()),
            1 => bail!("one thing needs attention"),
            more => bail!("{more} things need attention"),
        }
    }
}

fn as_json(check: &Check) -> Value {
    json!({"check": check.name, "ok": check.is_well(), "text": check.text, "findings": check.wrong})
}

fn print(check: &Check) -> Result<()> {
    let mark = match check.is_well() {
        true => "ok   ",
        false => "WRONG",
    };
    output::line(&format!("{mark}  {}", check.text))?;
    for line in check.wrong.iter().take(LINES) {
        output::line(&format!("         {}", output::one_line(line, 200)))?;
    }
    if check.wrong.len() > LINES {
        output::line(&format!("         and {} more", check.wrong.len() - LINES))?;
    }
    match check.is_well() {
        true => Ok(()),
        false => output::line(&format!("       -> {}", check.hint)),
    }
}

async fn examine(node: &Node) -> Result<Vec<Check>> {
    let mut conn = node.store.read().await?;
    let servers = conn.troubled_destinations(None, SERVERS).await?;
    Ok(vec![
        workers(&mut conn).await?,
        refusals(&mut conn, &servers).await?,
        dead(&servers),
        out_of_reach(&servers),
        keys(&mut conn).await?,
        messages(&mut conn).await?,
    ])
}

/// Paths are too open if others than the node's user can read them: the database has keys and mail addresses.
fn files(config: &Config) -> Check {
    let line = |open: TooPermissive| {
        let (path, mode) = (open.path.display(), open.mode);
        format!("{path} has mode {mode:04o}: `{}`", open.remedy)
    };
    let wrong = permissions::too_permissive(config)
        .into_iter()
        .map(line)
        .collect();
    let well = "Nobody else can read the database and the data folder.";
    let hint = "run these commands, as the files' owner";
    let check = Check::new("files", well, wrong, hint);
    check.or(|paths| match paths {
        1 => "Other users of this machine can get at one path.".into(),
        more => format!("Other users of this machine can get at {more} paths."),
    })
}

async fn workers(conn: &mut Conn) -> Result<Check> {
    let workers = conn.delivery_overview().await?.workers;
    let wrong = match workers {
        0 => vec!["published posts wait for delivery".to_owned()],
        _ => Vec::new(),
    };
    let hint = "start the node with `pamphlet serve`, or deliveries alone with `pamphlet worker`";
    let check = Check::new("worker", "A node is running and delivers.", wrong, hint);
    Ok(check.or(|_| "No node is running that delivers.".into()))
}

async fn refusals(conn: &mut Conn, servers: &[DestinationStatus]) -> Result<Check> {
    let refused = LatelyRefused::read(conn, None).await?;
    let line = |host: &RefusingHost| {
        let everything = match host.takes_nothing() {
            true => ", and took nothing else",
            false => "",
        };
        let (name, times, why) = (&host.host, host.deliveries, host.why());
        format!("{name} refused {times}{everything}: {why}")
    };
    let mut wrong: Vec<String> = refused.hosts.iter().map(line).collect();
    wrong.extend(servers.iter().filter_map(doubtful));
    let sentence = refused.in_words();
    let hint = "`pamphlet deliveries refused` lists what was refused; when the cause is mended, `pamphlet deliveries \
                retry --refused --since TIME` sends it again";
    let check = Check::new(
        "refusals",
        "Nothing was refused in the last day.",
        wrong,
        hint,
    );
    Ok(check.or(|count| {
        sentence.unwrap_or_else(|| format!("{count} inboxes did not accept the last delivery."))
    }))
}

/// A server that responds but did not accept the last delivery, where the delivery is tried again.
fn doubtful(server: &DestinationStatus) -> Option<String> {
    let is_doubtful = server.state == "alive"
        && server.failures > 0
        && server.failing_since.is_none()
        && server.waiting > 0;
    is_doubtful.then(|| {
        format!(
            "{}: {}; {} waiting to be tried again",
            server.inbox,
            server.last_error.as_deref().unwrap_or_default(),
            server.waiting
        )
    })
}

fn dead(servers: &[DestinationStatus]) -> Check {
    let wrong = servers.iter().filter(|server| server.state == "dead");
    let hint = "they are tried once a day; `pamphlet deliveries retry HOST` tries at once";
    let wrong = wrong.map(trouble).collect();
    Check::new("dead", "No server counts as dead.", wrong, hint)
        .or(|count| format!("{count} inboxes count as dead."))
}

fn out_of_reach(servers: &[DestinationStatus]) -> Check {
    let long_ago = store::now() - DAY;
    let is_failing = |server: &&DestinationStatus| {
        let failing = server.failing_since.is_some_and(|since| since < long_ago);
        server.state == "refused" || (server.state == "alive" && failing)
    };
    let wrong = servers.iter().filter(is_failing).map(trouble).collect();
    let hint = "they are tried again at growing intervals, for a week";
    Check::new("failing", "No server has failed for a day.", wrong, hint)
        .or(|count| format!("{count} inboxes have been out of reach for a day."))
}

fn trouble(server: &DestinationStatus) -> String {
    let since = server.failing_since.map(output::time);
    format!(
        "{}: {} since {}, {} waiting",
        server.inbox,
        server.last_error.as_deref().unwrap_or("no answer"),
        since.as_deref().unwrap_or("some time"),
        server.waiting
    )
}

async fn keys(conn: &mut Conn) -> Result<Check> {
    let failures = conn.key_failures_since(store::now() - DAY, SERVERS).await?;
    let line = |failure: store::KeyFailure| {
        format!(
            "{}: {} ({} times since {})",
            failure.host,
            failure.reason,
            failure.times,
            output::time(failure.first_at)
        )
    };
    let wrong = failures.into_iter().map(line).collect();
    let hint = "activities from these servers are refused until their keys can be fetched; check that this machine reaches them";
    let check = Check::new("keys", "Every sender's key could be fetched.", wrong, hint);
    Ok(check.or(|count| format!("The keys of senders on {count} servers can't be fetched.")))
}

async fn messages(conn: &mut Conn) -> Result<Check> {
    let failed = conn.messages(true, i64::MAX, 100).await?;
    let line = |message: &store::Message| {
        format!(
            "{} to {}: {}",
            message.channel,
            message.recipient,
            message.error.as_deref().unwrap_or("no reason")
        )
    };
    let wrong = failed.iter().map(line).collect();
    let hint = "`pamphlet mail list` shows them, `pamphlet mail retry` sends them again";
    let check = Check::new("mail", "No mail or webhook call was given up.", wrong, hint);
    Ok(check.or(|count| format!("{count} mails or webhook calls were given up.")))
}
