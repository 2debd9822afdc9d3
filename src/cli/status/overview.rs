//! `pamphlet status`: what matters, on one screen.

use super::{
    disk::{Space, bytes},
    running::{Running, Web},
    stats::{
        followers::{Change, change_since},
        reach,
    },
    warnings::{self, Warning},
};
use crate::{
    cli::common::{
        Format, Options, VERSION,
        output::{self, counted},
    },
    config::retention::DAY,
    node::Node,
    store::{self, ArticleReach, Conn, DeliveryHold, Overview, ScheduledArticle},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// The length of a line, so that the screen fits a terminal of 80 columns.
const WIDTH: usize = 79;
/// The number of warnings that are shown to people.
const WARNINGS: usize = 4;

/// Show the state of the publication on one screen.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet status
  pamphlet status --json | jq .warnings

The exit code is 0 even if there are warnings; `pamphlet doctor` checks more, and fails if something is wrong.")]
pub(crate) struct Status {
    #[command(flatten)]
    format: Format,
}

/// Everything that the command shows.
pub(super) struct State {
    pub(super) running: Running,
    pub(super) overview: Overview,
    pub(super) space: Option<Space>,
    pub(super) hold: Option<DeliveryHold>,
    change: Change,
    scheduled: Option<ScheduledArticle>,
    last: Option<ArticleReach>,
    database: i64,
}

impl Status {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            let mut conn = node.store.read().await?;
            let state = State::read(node, &mut conn).await?;
            let warnings = warnings::of(node, &state);
            if self.format.json {
                return output::json(&to_json(node, &state, &warnings).await?);
            }
            print(node, &state, &warnings).await
        };
        options.with_node(run).await
    }
}

impl State {
    async fn read(node: &Node, conn: &mut Conn) -> Result<State> {
        let week = store::now() - 7 * DAY;
        let last = match conn.last_article().await? {
            Some(last) => conn
                .article_with_reach(&node.urls().article(""), last.id)
                .await?
                .pop(),
            None => None,
        };
        Ok(State {
            running: Running::look(node, conn).await?,
            overview: conn.overview(week).await?,
            space: Space::of(&node.config.data),
            hold: conn.delivery_hold().await?,
            change: change_since(node, conn, week).await?,
            scheduled: conn.next_scheduled().await?,
            last,
            database: conn.database_size().await?,
        })
    }
}

async fn print(node: &Node, state: &State, warnings: &[Warning]) -> Result<()> {
    let handle = node.handle(&node.site().await?.row);
    let mut rows = vec![
        (
            "Publication",
            format!("{} ({handle})", node.config.site.name),
        ),
        ("Address", node.config.public_url.to_string()),
        ("Node", node_line(&state.running)),
        ("Worker", worker_line(&state.running)),
    ];
    rows.push(("", String::new()));
    rows.extend(readers(state));
    rows.push(("", String::new()));
    rows.extend([
        ("Deliveries", deliveries(&state.overview)),
        ("Disk", disk(node, state)),
        ("Version", VERSION.to_owned()),
    ]);
    for (label, value) in rows {
        let line = format!("{label:<12} {}", output::one_line(&value, WIDTH - 13));
        output::line(line.trim_end())?;
    }
    output::line("")?;
    if warnings.is_empty() {
        return output::line("Nothing needs your attention.");
    }
    for warning in warnings.iter().take(WARNINGS) {
        let line = format!("! {}: {}", warning.text, warning.command);
        output::line(&output::one_line(&line, WIDTH))?;
    }
    match warnings.len().saturating_sub(WARNINGS) {
        0 => Ok(()),
        more => output::line(&format!("! {more} more: pamphlet status --json")),
    }
}

fn node_line(running: &Running) -> String {
    match &running.web {
        Web::Running(_) => "running".to_owned(),
        Web::Unwell => "something answers, but it is no healthy node".to_owned(),
        Web::Silent => "not running on this machine".to_owned(),
    }
}

fn worker_line(running: &Running) -> String {
    match running.workers.as_slice() {
        [] => "not running: nothing is delivered".to_owned(),
        [worker] => format!("running since {}", output::time(worker.started_at)),
        [first, ..] => format!(
            "{} are running, the first since {}",
            running.workers.len(),
            output::time(first.started_at)
        ),
    }
}

fn readers(state: &State) -> Vec<(&'static str, String)> {
    let overview = &state.overview;
    let mut followers = format!("{} {}", overview.followers, state.change.text("this week"));
    if overview.requests > 0 {
        followers += &format!(", {} waiting", count(overview.requests, "request"));
    }
    let mut comments = format!("{}, {} this week", overview.comments, overview.new_comments);
    if overview.held > 0 {
        comments += &format!(", {} waiting for you", overview.held);
    }
    if overview.spam > 0 {
        comments += &format!(", {} in spam", overview.spam);
    }
    let mut rows = vec![
        ("Followers", followers),
        (
            "Articles",
            format!(
                "{} published, {}, {} scheduled",
                overview.articles,
                count(overview.drafts, "draft"),
                overview.scheduled
            ),
        ),
    ];
    if let Some(next) = &state.scheduled {
        let when = output::time(next.published_at);
        rows.push(("Next", format!("{when}, {}", next.title)));
    }
    if let Some(last) = &state.last {
        rows.push(("Last", last.title.clone()));
        let sentence = reach::sentence(last);
        if sentence.chars().count() <= WIDTH - 13 {
            rows.push(("", sentence));
        } else {
            rows.push(("", reach::sent(last)));
            rows.push(("", reach::reactions(last)));
        }
    }
    rows.push(("Comments", comments));
    rows.push((
        "Notices",
        format!("{}, {} this week", overview.notices, overview.new_notices),
    ));
    rows
}

fn deliveries(overview: &Overview) -> String {
    format!(
        "{} waiting, {} refused this week; {} failing, {} dead",
        overview.waiting,
        overview.refused,
        count(overview.failing, "server"),
        overview.dead
    )
}

fn disk(node: &Node, state: &State) -> String {
    let kind = if node.store.is_sqlite() {
        "SQLite"
    } else {
        "PostgreSQL"
    };
    let size = bytes(state.database.unsigned_abs());
    match state.space {
        Some(space) => format!(
            "{kind} {size}; {} of {} free",
            bytes(space.free),
            bytes(space.total)
        ),
        None => format!("{kind} {size}"),
    }
}

fn count(number: i64, noun: &str) -> String {
    counted(usize::try_from(number).unwrap_or_default(), noun)
}

async fn to_json(node: &Node, state: &State, warnings: &[Warning]) -> Result<Value> {
    let (overview, running) = (&state.overview, &state.running);
    let web = match &running.web {
        Web::Running(version) => json!({"state": "running", "version": version}),
        Web::Unwell => json!({"state": "unwell", "version": null}),
        Web::Silent => json!({"state": "silent", "version": null}),
    };
    let workers = running
        .workers
        .iter()
        .map(|worker| json!({"since": output::timestamp(worker.started_at)}));
    Ok(json!({
        "name": node.config.site.name,
        "handle": node.handle(&node.site().await?.row),
        "address": node.config.public_url,
        "version": VERSION,
        "node": web,
        "workers": workers.collect::<Value>(),
        "followers": {
            "total": overview.followers, "gained_this_week": state.change.gained,
            "lost_this_week": state.change.lost, "requests": overview.requests,
        },
        "articles": {
            "published": overview.articles, "drafts": overview.drafts, "scheduled": overview.scheduled,
            "next": state.scheduled.as_ref().map(|next| json!({
                "slug": next.slug, "title": next.title, "published": output::timestamp(next.published_at),
            })),
            "last": state.last.as_ref().map(reach::to_json),
        },
        "comments": {
            "visible": overview.comments, "this_week": overview.new_comments, "held": overview.held,
            "spam": overview.spam,
        },
        "notices": {"total": overview.notices, "this_week": overview.new_notices},
        "deliveries": {
            "waiting": overview.waiting, "refused_this_week": overview.refused, "failing_servers": overview.failing,
            "dead_servers": overview.dead,
        },
        "messages": {"waiting": overview.messages, "failed": overview.failed_messages},
        "disk": {
            "database": if node.store.is_sqlite() { "sqlite" } else { "postgres" },
            "database_bytes": state.database,
            "free_bytes": state.space.map(|space| space.free),
            "total_bytes": state.space.map(|space| space.total),
        },
        "warnings": warnings.iter().map(|warning| json!({
            "code": warning.code, "text": warning.text, "command": warning.command,
        })).collect::<Value>(),
    }))
}
