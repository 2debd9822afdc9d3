//! `pamphlet doctor`: reports problems on one page.

use crate::{
    cli::common::{
        Format, Options,
        options::open_existing,
        output,
        refusals::{RecentRefusals, RefusingHost},
    },
    config::{
        Config,
        permissions::{self, TooPermissive},
    },
    content::markdown,
    node::Node,
    store::{self, Conn, DestinationState, DestinationStatus},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// The maximum number of problems to print for each check.
const LINES: usize = 20;
/// The number of articles that are read at once.
const PAGE: i64 = 200;
/// The maximum number of servers to check.
const SERVERS: i64 = 10_000;

/// Check for problems: servers that refuse deliveries, are dead or unreachable, keys that can't be fetched, emails that
/// are not sent, files that other users can read. The exit code is 1 if there are any.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    format: Format,
}

/// The result of one check.
struct Check {
    name: &'static str,
    /// The summary, in one sentence.
    text: String,
    /// The problems, one per line; empty if all is well.
    problems: Vec<String>,
    /// The suggested remedy.
    hint: &'static str,
}

impl Check {
    fn new(name: &'static str, well: &str, problems: Vec<String>, hint: &'static str) -> Self {
        Check {
            name,
            text: well.to_owned(),
            problems,
            hint,
        }
    }

    fn is_well(&self) -> bool {
        self.problems.is_empty()
    }

    /// Replaces the summary if there are problems.
    fn or(mut self, text: impl FnOnce(usize) -> String) -> Self {
        if !self.is_well() {
            self.text = text(self.problems.len());
        }
        self
    }
}

impl Doctor {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        // Checked before the database is opened, which creates files beside it.
        let files = files(&config);
        let node = open_existing(config).await?;
        let mut checks = examine(&node).await?;
        checks.push(files);
        let findings = checks.iter().filter(|check| !check.is_well()).count();
        if self.format.json {
            output::json(&json!({
                "ok": findings == 0,
                "checks": checks.iter().map(to_json).collect::<Vec<_>>(),
            }))?
        } else {
            checks.iter().try_for_each(print)?
        }
        node.store.close().await;
        match findings {
            0 => Ok(()),
            1 => bail!("1 problem found"),
            more => bail!("{more} problems found"),
        }
    }
}

fn to_json(check: &Check) -> Value {
    json!({"check": check.name, "ok": check.is_well(), "text": check.text, "findings": check.problems})
}

fn print(check: &Check) -> Result<()> {
    let mark = if check.is_well() { "ok   " } else { "WRONG" };
    output::line(&format!("{mark}  {}", check.text))?;
    for line in check.problems.iter().take(LINES) {
        output::line(&format!("         {}", output::one_line(line, 200)))?;
    }
    if check.problems.len() > LINES {
        output::line(&format!(
            "         and {} more",
            check.problems.len() - LINES
        ))?;
    }
    if check.is_well() {
        Ok(())
    } else {
        output::line(&format!("       -> {}", check.hint))
    }
}

async fn examine(node: &Node) -> Result<Vec<Check>> {
    let mut conn = node.store.read().await?;
    let servers = conn.troubled_destinations(None, SERVERS).await?;
    Ok(vec![
        workers(&mut conn).await?,
        refusals(&mut conn, &servers).await?,
        dead(&servers),
        unreachable(&servers),
        keys(&mut conn).await?,
        messages(&mut conn).await?,
        pictures(&mut conn).await?,
    ])
}

/// Checks that only the node's user can read the files: the database contains keys and email addresses.
fn files(config: &Config) -> Check {
    let line = |open: TooPermissive| {
        let (path, mode) = (open.path.display(), open.mode);
        format!("{path} has mode {mode:04o}: `{}`", open.remedy)
    };
    let problems = permissions::too_permissive(config)
        .into_iter()
        .map(line)
        .collect();
    let well = "Only the node's user can read the database and the data directory.";
    let hint = "run these commands as the owner of the files";
    let check = Check::new("files", well, problems, hint);
    check.or(|paths| match paths {
        1 => "Other users of this machine can access 1 path.".into(),
        more => format!("Other users of this machine can access {more} paths."),
    })
}

/// Checks that articles name no files by relative addresses: other programs can't store files with an article.
async fn pictures(conn: &mut Conn) -> Result<Check> {
    let (mut problems, mut after) = (Vec::new(), 0);
    loop {
        let articles = conn.illustrated_articles(after, PAGE).await?;
        let Some((last, ..)) = articles.last() else {
            break;
        };
        after = *last;
        for (_, slug, text) in &articles {
            let named = markdown::pictures(text);
            let lost = named.iter().find(|file| file.is_required);
            problems.extend(lost.map(|file| format!("{slug} names {}", file.name)));
        }
    }
    let well = "Every file that an article names is on the site.";
    let hint = "run `pamphlet post edit` with the article's file, or use full addresses";
    let check = Check::new("pictures", well, problems, hint);
    Ok(check.or(|count| {
        format!(
            "{} may name a missing file.",
            output::counted(count, "article")
        )
    }))
}

async fn workers(conn: &mut Conn) -> Result<Check> {
    let workers = conn.delivery_overview().await?.workers;
    let problems = match workers {
        0 => vec!["published posts are not delivered".to_owned()],
        _ => Vec::new(),
    };
    let hint =
        "start the node with `pamphlet serve`, or only its deliveries with `pamphlet worker`";
    let check = Check::new(
        "worker",
        "A node is running and sends deliveries.",
        problems,
        hint,
    );
    Ok(check.or(|_| "No running node sends deliveries.".into()))
}

async fn refusals(conn: &mut Conn, servers: &[DestinationStatus]) -> Result<Check> {
    let refused = RecentRefusals::read(conn, None).await?;
    let line = |host: &RefusingHost| {
        let everything = if host.accepts_nothing() {
            ", and accepted nothing else"
        } else {
            ""
        };
        let (name, times, why) = (&host.host, host.deliveries, host.why());
        format!("{name} refused {times}{everything}: {why}")
    };
    let mut problems: Vec<String> = refused.hosts.iter().map(line).collect();
    problems.extend(servers.iter().filter_map(doubtful));
    let sentence = refused.summary();
    let hint = "run `pamphlet deliveries refused` to list refused deliveries, and `pamphlet deliveries retry --refused \
                --since TIME` to send them again once the cause is fixed";
    let check = Check::new(
        "refusals",
        "No delivery was refused in the last 24 hours.",
        problems,
        hint,
    );
    Ok(check.or(|count| {
        sentence.unwrap_or_else(|| format!("{count} inboxes did not accept the last delivery."))
    }))
}

/// Describes a server that responds but did not accept the last delivery, which will be retried.
fn doubtful(server: &DestinationStatus) -> Option<String> {
    let is_doubtful = server.state == DestinationState::Alive
        && server.failures > 0
        && server.failing_since.is_none()
        && server.waiting > 0;
    is_doubtful.then(|| {
        format!(
            "{}: {}; {} waiting to be retried",
            server.inbox,
            server.last_error.as_deref().unwrap_or_default(),
            server.waiting
        )
    })
}

fn dead(servers: &[DestinationStatus]) -> Check {
    let problems = servers
        .iter()
        .filter(|server| server.state == DestinationState::Dead);
    let hint = "they are retried once a day; run `pamphlet deliveries retry HOST` to retry now";
    let problems = problems.map(trouble).collect();
    Check::new("dead", "No server is dead.", problems, hint)
        .or(|count| format!("{count} inboxes are dead."))
}

fn unreachable(servers: &[DestinationStatus]) -> Check {
    let long_ago = store::now() - DAY;
    let is_failing = |server: &&DestinationStatus| {
        let failing = server.failing_since.is_some_and(|since| since < long_ago);
        server.state == DestinationState::Refused
            || (server.state == DestinationState::Alive && failing)
    };
    let problems = servers.iter().filter(is_failing).map(trouble).collect();
    let hint = "they are retried at growing intervals for a week";
    Check::new(
        "failing",
        "No server has been unreachable for 24 hours.",
        problems,
        hint,
    )
    .or(|count| format!("{count} inboxes have been unreachable for 24 hours."))
}

fn trouble(server: &DestinationStatus) -> String {
    let since = server.failing_since.map(output::time);
    format!(
        "{}: {} since {}, {} waiting",
        server.inbox,
        server.last_error.as_deref().unwrap_or("no response"),
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
    let problems = failures.into_iter().map(line).collect();
    let hint = "activities from these servers are refused until their keys can be fetched; check that this machine can reach them";
    let check = Check::new(
        "keys",
        "All keys of senders could be fetched.",
        problems,
        hint,
    );
    Ok(check.or(|count| format!("The keys of senders on {count} servers could not be fetched.")))
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
    let problems = failed.iter().map(line).collect();
    let hint =
        "run `pamphlet mail list` to list them, and `pamphlet mail retry` to send them again";
    let check = Check::new(
        "mail",
        "No email or webhook call has failed.",
        problems,
        hint,
    );
    Ok(check.or(|count| format!("{count} emails or webhook calls have failed.")))
}
