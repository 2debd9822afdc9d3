//! `pamphlet reactions`: moderates likes, boosts, emoji reactions and quotes.

use crate::{
    cli::common::{
        Format, Options, Pagination, Yes, audit, lookup,
        output::{self, Listing, counted},
    },
    federation::outbox,
    node::{Inner, Node},
    store::{Conn, ListedReaction, ReactionFilter, ReactionKind, ReactionState, Tx},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// The number of reactions to remove in one transaction.
const BATCH: i64 = 100;

/// List, approve and remove reactions to articles and comments.
#[derive(Debug, Subcommand)]
pub(crate) enum Reactions {
    /// List reactions, newest first.
    #[command(after_help = "Examples:
  pamphlet reactions list --article on-reading
  pamphlet reactions list --state held --json")]
    List(List),
    /// Approve held reactions.
    #[command(after_help = "Examples:
  pamphlet reactions approve 7")]
    Approve {
        /// The reactions' IDs, as shown by `reactions list`.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
        #[command(flatten)]
        format: Format,
    },
    /// Remove reactions. Quotes are revoked, so that other servers stop showing them.
    #[command(after_help = "Examples:
  pamphlet reactions remove 7
  pamphlet reactions remove --host spam.example --dry-run")]
    Remove(Remove),
}

/// The reactions that a command is about. All given conditions must hold.
#[derive(Debug, Args)]
pub(crate) struct ReactionSelector {
    /// Only reactions to this article and its comments.
    #[arg(long, value_name = "SLUG")]
    article: Option<String>,
    /// Only reactions by this actor: a handle (@user@example.org) or an actor URL (https://...).
    #[arg(long, value_name = "HANDLE|URL")]
    actor: Option<String>,
    /// Only reactions from this host and its subdomains.
    #[arg(long)]
    host: Option<String>,
    /// Only reactions in this state.
    #[arg(long)]
    state: Option<State>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Shown to readers.
    Visible,
    /// Held for moderation.
    Held,
    /// By a blocked actor or host.
    Blocked,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    selector: ReactionSelector,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The reactions' IDs, as shown by `reactions list`. Alternatively, select reactions with options.
    #[arg(
        value_name = "ID",
        required_unless_present = "ReactionSelector",
        conflicts_with = "ReactionSelector"
    )]
    ids: Vec<i64>,
    #[command(flatten)]
    selector: ReactionSelector,
    /// Only print which reactions would be removed.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Reactions {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Reactions::List(list) => list.run(node).await,
            Reactions::Approve { ids, format } => approve(node, &ids, &format).await,
            Reactions::Remove(remove) => remove.run(node).await,
        };
        options.with_node(run).await
    }
}

impl ReactionSelector {
    async fn filter(&self, conn: &mut Conn) -> Result<ReactionFilter> {
        Ok(ReactionFilter {
            article_id: lookup::article_id(conn, self.article.as_deref()).await?,
            actor_id: lookup::actor_id(conn, self.actor.as_deref()).await?,
            hosts: lookup::hosts(conn, self.host.as_deref()).await?,
            state: self.state.map(State::stored),
        })
    }
}

impl State {
    fn stored(self) -> ReactionState {
        match self {
            State::Visible => ReactionState::Visible,
            State::Held => ReactionState::Held,
            State::Blocked => ReactionState::Blocked,
        }
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let filter = self.selector.filter(&mut conn).await?;
        let found = conn
            .listed_reactions(&filter, self.page.before(), self.page.limit)
            .await?;
        let list = Listing {
            items: &found,
            headings: &["ID", "SINCE", "STATE", "BY", "REACTION", "TO"],
            empty: "No reactions found.",
        };
        list.print(&self.format, to_json, |reaction| {
            vec![
                reaction.id.to_string(),
                output::time(reaction.created_at),
                reaction.state.to_string(),
                handle_of(reaction),
                kind_of(reaction),
                object_of(reaction),
            ]
        })
    }
}

async fn approve(node: &Node, ids: &[i64], format: &Format) -> Result<()> {
    let mut tx = node.store.begin().await?;
    for id in ids {
        let reaction = find(&mut tx, *id).await?;
        match reaction.state {
            ReactionState::Held => tx.show_reaction(*id).await?,
            ReactionState::Blocked => bail!("reaction {id} is by a blocked actor"),
            _ => bail!("reaction {id} is already visible"),
        };
        record(&mut tx, "approve reaction", &reaction).await?;
    }
    tx.commit().await?;
    let text = format!("Approved {}", counted(ids.len(), "reaction"));
    output::result(format, &json!({"approved": ids}), &text)
}

async fn find(conn: &mut Conn, id: i64) -> Result<ListedReaction> {
    let all = ReactionFilter::default();
    let next = conn.listed_reactions(&all, id.saturating_add(1), 1).await?;
    match next.into_iter().next().filter(|found| found.id == id) {
        Some(reaction) => Ok(reaction),
        None => {
            bail!("no reaction has the ID {id}: run `pamphlet reactions list` to list reactions")
        }
    }
}

impl Remove {
    async fn run(self, node: &Node) -> Result<()> {
        if !self.dry_run {
            self.yes.confirm(&self.question(node).await?)?;
        }
        let removed = if self.ids.is_empty() {
            self.remove_matching(node).await?
        } else {
            self.remove_named(node).await?
        };
        if self.format.json {
            let removed: Vec<Value> = removed.iter().map(to_json).collect();
            return output::json(&json!({"dry_run": self.dry_run, "removed": removed}));
        }
        let verb = if self.dry_run {
            "Would remove"
        } else {
            "Removed"
        };
        output::line(&format!("{verb} {}", counted(removed.len(), "reaction")))
    }

    async fn question(&self, node: &Node) -> Result<String> {
        let mut conn = node.store.read().await?;
        if self.ids.is_empty() {
            // Unknown articles and actors are mistakes, which are reported before anything is asked.
            self.selector.filter(&mut conn).await?;
            return Ok("Remove all selected reactions? `--dry-run` counts them.".to_owned());
        }
        for id in &self.ids {
            find(&mut conn, *id).await?;
        }
        Ok(format!("Remove {}?", counted(self.ids.len(), "reaction")))
    }

    /// Removes all of the given reactions, or none if one does not exist.
    async fn remove_named(&self, node: &Node) -> Result<Vec<ListedReaction>> {
        let mut tx = node.store.begin().await?;
        let mut found = Vec::new();
        for id in &self.ids {
            found.push(find(&mut tx, *id).await?);
        }
        self.remove(node, tx, &found).await?;
        Ok(found)
    }

    /// Removes the selected reactions, newest first, except those that arrive meanwhile.
    async fn remove_matching(&self, node: &Node) -> Result<Vec<ListedReaction>> {
        let filter = self.selector.filter(&mut node.store.read().await?).await?;
        let (mut all, mut before) = (Vec::new(), i64::MAX);
        loop {
            let mut tx = node.store.begin().await?;
            let found = tx.listed_reactions(&filter, before, BATCH).await?;
            let Some(last) = found.last() else {
                return Ok(all);
            };
            before = last.id;
            self.remove(node, tx, &found).await?;
            all.extend(found);
        }
    }

    async fn remove(&self, node: &Node, mut tx: Tx, found: &[ListedReaction]) -> Result<()> {
        if self.dry_run {
            return Ok(());
        }
        for reaction in found {
            if reaction.kind == ReactionKind::Quote {
                for quote in tx.find_quotes(-1, &reaction.uri).await? {
                    if quote.actor_id == reaction.actor_id && !quote.is_revoked() {
                        outbox::revoke_quote(node, &mut tx, &quote).await?;
                    }
                }
            }
            tx.delete_reaction(reaction.id).await?;
            record(&mut tx, "remove reaction", reaction).await?;
        }
        tx.commit().await?;
        node.store.wake();
        Ok(())
    }
}

async fn record(tx: &mut Tx, action: &str, reaction: &ListedReaction) -> Result<()> {
    let why = format!("{} to {}", kind_of(reaction), object_of(reaction));
    audit::record(tx, action, &reaction.actor_uri, Some(&why)).await
}

fn handle_of(reaction: &ListedReaction) -> String {
    Inner::remote_handle(&reaction.username, &reaction.handle_host)
}

fn kind_of(reaction: &ListedReaction) -> String {
    match reaction.kind {
        ReactionKind::Emoji => output::one_line(&reaction.emoji, 70),
        kind => kind.to_string(),
    }
}

fn object_of(reaction: &ListedReaction) -> String {
    match reaction.comment_number {
        Some(number) => format!("{}#comment-{number}", reaction.article_slug),
        None => reaction.article_slug.clone(),
    }
}

fn to_json(reaction: &ListedReaction) -> Value {
    json!({
        "id": reaction.id,
        "kind": reaction.kind,
        "emoji": reaction.emoji,
        "state": reaction.state,
        "article": reaction.article_slug,
        "comment": reaction.comment_number,
        "actor": reaction.actor_uri,
        "handle": handle_of(reaction),
        "uri": reaction.uri,
        "url": reaction.url,
        "since": output::timestamp(reaction.created_at),
    })
}
