//! `pamphlet reactions`: likes, boosts, emoji and quotes, in the admin's hands.

use super::{
    Options, log,
    output::{self, Format, Page},
    people,
};
use crate::{
    content::Host,
    federation::outbox,
    node::{Inner, Node},
    store::{Conn, ListedReaction, ReactionFilter, Tx},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Reactions that are changed in one transaction.
const BATCH: i64 = 100;

/// See the reactions to articles and comments, and remove them.
#[derive(Debug, Subcommand)]
pub enum Reactions {
    /// List reactions, the newest first.
    List(List),
    /// Show reactions that wait for approval.
    Approve {
        /// As `reactions list` shows them.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
    },
    /// Remove reactions. A quote is revoked: other servers are told to show it no more.
    Remove(Remove),
}

/// Which reactions a command is about; all that is given must hold.
#[derive(Debug, Args)]
pub struct Which {
    /// To this article and the comments under it.
    #[arg(long, value_name = "SLUG")]
    article: Option<String>,
    /// By this actor: a handle (@user@example.org) or an address (https://...).
    #[arg(long, value_name = "HANDLE|URL")]
    actor: Option<String>,
    /// From this host and its subdomains.
    #[arg(long)]
    host: Option<String>,
    /// In this state.
    #[arg(long)]
    state: Option<State>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Readers see them.
    Visible,
    /// They wait for approval.
    Held,
    /// Their actor or host is blocked.
    Blocked,
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// As `reactions list` shows them; or say which by the options.
    #[arg(
        value_name = "ID",
        required_unless_present = "Which",
        conflicts_with = "Which"
    )]
    ids: Vec<i64>,
    #[command(flatten)]
    which: Which,
    /// Only say which would be removed.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Reactions {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Reactions::List(list) => list.run(&node).await,
            Reactions::Approve { ids } => approve(&node, &ids).await,
            Reactions::Remove(remove) => remove.run(&node).await,
        };
        node.store.close().await;
        done
    }
}

impl Which {
    async fn filter(&self, conn: &mut Conn) -> Result<ReactionFilter> {
        let article_id = match &self.article {
            None => None,
            Some(slug) => match conn.article_gate_by_slug(slug).await? {
                Some(article) => Some(article.id),
                None => bail!("there is no article with the slug {slug}"),
            },
        };
        let actor_id = match &self.actor {
            None => None,
            Some(text) => Some(people::actor(conn, text).await?.id),
        };
        let hosts = match &self.host {
            None => None,
            Some(text) => Some(conn.hosts_below(&Host::parse(text)?.to_string()).await?),
        };
        Ok(ReactionFilter {
            article_id,
            actor_id,
            hosts,
            state: self.state.map(State::stored),
        })
    }
}

impl State {
    fn stored(self) -> &'static str {
        match self {
            State::Visible => "visible",
            State::Held => "held",
            State::Blocked => "blocked",
        }
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let filter = self.which.filter(&mut conn).await?;
        let found = conn
            .listed_reactions(&filter, self.page.before(), self.page.limit)
            .await?;
        if self.format.json {
            return output::json(&found.iter().map(to_json).collect::<Vec<_>>());
        }
        let row = |reaction: &ListedReaction| {
            vec![
                reaction.id.to_string(),
                output::time(reaction.created_at),
                reaction.state.clone(),
                handle_of(reaction),
                what_of(reaction),
                object_of(reaction),
            ]
        };
        output::table(
            &["ID", "SINCE", "STATE", "BY", "WHAT", "TO"],
            &found.iter().map(row).collect::<Vec<_>>(),
            "There are no such reactions.",
        )
    }
}

async fn approve(node: &Node, ids: &[i64]) -> Result<()> {
    let mut tx = node.store.begin().await?;
    for id in ids {
        let reaction = find(&mut tx, *id).await?;
        match reaction.state.as_str() {
            "held" => tx.show_reaction(*id).await?,
            "blocked" => bail!("the reaction {id} is by somebody who is blocked"),
            _ => bail!("readers see the reaction {id} already"),
        };
        decided(&mut tx, "approve reaction", &reaction).await?;
    }
    tx.commit().await?;
    output::line(&format!("Shown: {}", counted(ids.len())))
}

async fn find(conn: &mut Conn, id: i64) -> Result<ListedReaction> {
    let all = ReactionFilter::default();
    let next = conn.listed_reactions(&all, id.saturating_add(1), 1).await?;
    match next.into_iter().next().filter(|found| found.id == id) {
        Some(reaction) => Ok(reaction),
        None => bail!("there is no reaction {id}: `pamphlet reactions list` shows them all"),
    }
}

impl Remove {
    async fn run(self, node: &Node) -> Result<()> {
        let removed = match self.ids.is_empty() {
            true => self.remove_matching(node).await?,
            false => self.remove_named(node).await?,
        };
        if self.format.json {
            let removed: Vec<Value> = removed.iter().map(to_json).collect();
            return output::json(&json!({"dry_run": self.dry_run, "removed": removed}));
        }
        let verb = if self.dry_run {
            "Would be removed"
        } else {
            "Removed"
        };
        output::line(&format!("{verb}: {}", counted(removed.len())))
    }

    /// All or none of the named ones.
    async fn remove_named(&self, node: &Node) -> Result<Vec<ListedReaction>> {
        let mut tx = node.store.begin().await?;
        let mut found = Vec::new();
        for id in &self.ids {
            found.push(find(&mut tx, *id).await?);
        }
        self.remove(node, tx, &found).await?;
        Ok(found)
    }

    /// Those of the filters, the newest first; what comes in the meantime is left alone.
    async fn remove_matching(&self, node: &Node) -> Result<Vec<ListedReaction>> {
        let filter = self.which.filter(&mut node.store.read().await?).await?;
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
            if reaction.kind == "quote" {
                for quote in tx.find_quotes(-1, &reaction.uri).await? {
                    if quote.actor_id == reaction.actor_id && !quote.is_revoked() {
                        outbox::revoke_quote(node, &mut tx, &quote).await?;
                    }
                }
            }
            tx.delete_reaction(reaction.id).await?;
            decided(&mut tx, "remove reaction", reaction).await?;
        }
        tx.commit().await?;
        node.store.wake();
        Ok(())
    }
}

async fn decided(conn: &mut Conn, action: &str, reaction: &ListedReaction) -> Result<()> {
    let why = format!("{} to {}", what_of(reaction), object_of(reaction));
    log::decision(conn, action, &reaction.actor_uri, Some(&why)).await
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 reaction".to_owned(),
        count => format!("{count} reactions"),
    }
}

fn handle_of(reaction: &ListedReaction) -> String {
    Inner::remote_handle(&reaction.username, &reaction.handle_host)
}

fn what_of(reaction: &ListedReaction) -> String {
    match reaction.kind.as_str() {
        "emoji" => output::one_line(&reaction.emoji, 70),
        kind => kind.to_owned(),
    }
}

fn object_of(reaction: &ListedReaction) -> String {
    match reaction.comment_number {
        Some(number) => format!("{}#comment-{number}", reaction.article_slug),
        None => reaction.article_slug.clone(),
    }
}

/// As scripts read it.
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
