//! `pamphlet publication move`: changes the publication's own domain.

use crate::{
    cli::common::{
        Format, Options, Yes, audit,
        output::{self, counted},
    },
    config::Config,
    federation::account::domain_move::{self, Succession},
    node::Node,
    store::LocalActorRow,
};
use anyhow::{Result, anyhow};
use clap::Args;
use serde_json::{Value, json};
use url::{Position, Url};

/// Change the publication's own domain: its actors get successors, and their followers are asked to follow these.
///
/// It takes two steps, since the new address must work before anybody is asked to go there. First, while `pamphlet serve` is
/// stopped, `--to URL` prepares the database and prints what to set in the configuration. Then, while it runs again, with
/// both names leading to it, `--send` checks that and sends the `Move`s.
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// The new public URL, such as https://new.example.
    #[arg(
        long,
        value_name = "URL",
        required_unless_present_any = ["send", "status"],
        conflicts_with_all = ["send", "status"]
    )]
    to: Option<Url>,
    /// The new domain of handles [default: the host of the new public URL].
    #[arg(long, value_name = "DOMAIN", requires = "to")]
    handles: Option<String>,
    /// Ask the servers of all who still follow the actors on the former domain to follow their successors.
    #[arg(long, conflicts_with_all = ["status", "dry_run"])]
    send: bool,
    /// Show who still follows the actors on the former domain.
    #[arg(long, conflicts_with = "dry_run")]
    status: bool,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Move {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let to = self.to.as_ref();
        let to = to.map(|url| configuration(options, url, self.handles.as_deref()));
        let to = to.transpose()?;
        let run = async |node: &Node| match &to {
            Some(to) => self.prepare(node, to).await,
            None if self.send => self.send(node).await,
            None => show_status(node, &self.format).await,
        };
        options.with_node(run).await
    }

    async fn prepare(&self, node: &Node, to: &Config) -> Result<()> {
        let actors = domain_move::plan(node, to).await?;
        let settings = settings(to);
        let summary = format!(
            "{} will stay at {}, with all that was published there, and get successors at {}.",
            handles(node, &actors).join(", "),
            node.config.public_url,
            to.public_url
        );
        let document = |dry_run: bool| {
            json!({
                "from": node.config.public_url,
                "to": to.public_url,
                "actors": handles(node, &actors),
                "settings": settings,
                "dry_run": dry_run,
            })
        };
        if self.dry_run {
            let text = format!("{summary} Nothing was changed.");
            return output::result(&self.format, &document(true), &text);
        }
        self.yes.confirm(&format!(
            "{summary} Both names must lead to this node from now on. It can't go back. Go on?"
        ))?;
        domain_move::prepare(node, to).await?;
        let mut tx = node.store.begin().await?;
        audit::record(&mut tx, "move", to.public_url.as_str(), None).await?;
        tx.commit().await?;
        let text = format!(
            "Prepared. Set in the configuration:\n\n{}\n\nLet both names lead to this node, start `pamphlet serve`, and run \
             `pamphlet publication move --send`.",
            settings.join("\n")
        );
        output::result(&self.format, &document(false), &text)
    }

    async fn send(&self, node: &Node) -> Result<()> {
        let moving = domain_move::successions(node).await?;
        let followers: i64 = moving.iter().map(|one| one.followers).sum();
        self.yes.confirm(&format!(
            "Ask the servers of {} to follow the actors at {}? They can't be moved back.",
            count(followers),
            node.config.public_url
        ))?;
        let sent = domain_move::send(node).await?;
        let text = format!(
            "Sent to the servers of {}. `pamphlet publication move --status` shows who still follows the former actors.",
            count(sent.iter().map(|one| one.followers).sum())
        );
        output::result(&self.format, &json!({"actors": list(node, &sent)}), &text)
    }
}

/// Returns the configuration with the new address.
fn configuration(options: &Options, url: &Url, handles: Option<&str>) -> Result<Config> {
    let mut overrides = options.overrides();
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    overrides.public_url = Some(url.to_string());
    overrides.domain = Some(handles.unwrap_or(authority).to_owned());
    Config::load(&overrides).map_err(|error| anyhow!("the new address can't be used: {error:#}"))
}

/// Returns the lines of the configuration that must change.
fn settings(to: &Config) -> Vec<String> {
    let mut lines = vec![format!("public_url = \"{}\"", to.public_url)];
    if to.domain != to.authority() {
        lines.push(format!("domain = \"{}\"", to.domain));
    }
    lines
}

fn handles(node: &Node, actors: &[LocalActorRow]) -> Vec<String> {
    actors.iter().map(|row| node.handle(row)).collect()
}

fn count(followers: i64) -> String {
    counted(usize::try_from(followers).unwrap_or_default(), "follower")
}

fn list(node: &Node, successions: &[Succession]) -> Vec<Value> {
    let one = |one: &Succession| {
        json!({
            "former": node.handle(&one.former.row),
            "successor": node.handle(&one.successor.row),
            "followers": one.followers,
            "moved": one.former.row.moved_to.is_some(),
        })
    };
    successions.iter().map(one).collect()
}

async fn show_status(node: &Node, format: &Format) -> Result<()> {
    let moved = node.store.read().await?.domain_move().await?;
    let Some(moved) = moved else {
        let document = json!({"from": null, "actors": []});
        return output::result(
            format,
            &document,
            "The publication has not changed its domain.",
        );
    };
    let successions = domain_move::successions(node).await?;
    let document = json!({
        "from": moved.from,
        "to": moved.to,
        "prepared_at": output::timestamp(moved.at),
        "sent_at": moved.sent_at.map(output::timestamp),
        "actors": list(node, &successions),
    });
    let mut text = format!("From {} to {}.", moved.from, moved.to);
    match moved.sent_at {
        Some(at) => text.push_str(&format!(
            " Followers' servers were asked on {}.",
            output::time(at)
        )),
        None => text
            .push_str(" Nobody was asked to follow yet: run `pamphlet publication move --send`."),
    }
    for one in &successions {
        text.push_str(&format!(
            "\n{} has {} left; {} takes its place",
            node.handle(&one.former.row),
            count(one.followers),
            node.handle(&one.successor.row)
        ));
    }
    output::result(format, &document, &text)
}
