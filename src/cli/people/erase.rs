//! `pamphlet actor erase`: nothing more is kept about somebody.

use super::{Named, person};
use crate::{
    cli::output::{self, Format},
    moderation::erasure,
    node::Node,
    store::Kept,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct Erase {
    /// A handle (@user@example.org), an actor's address (https://...), or the mail address of somebody who
    /// comments without an account.
    #[arg(value_name = "HANDLE|URL|MAIL")]
    who: String,
    /// Only say what would be erased.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Erase {
    pub async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let named = person(&mut conn, &self.who).await?;
        let kept = match &named {
            Named::Actor(actor) => conn.kept_of_actor(actor).await?,
            Named::Mail(mail) => conn.kept_of_mail(mail).await?,
        };
        drop(conn);
        let who = output::who();
        match &named {
            _ if self.dry_run => {}
            Named::Actor(actor) => erasure::erase_actor(node, actor, &who).await?,
            Named::Mail(mail) => erasure::erase_mail(node, mail, &who).await?,
        }
        if self.format.json {
            return output::json(&json!({"dry_run": self.dry_run, "erased": kept}));
        }
        output::line(&format!(
            "{}: {}.",
            match self.dry_run {
                true => "Would be erased",
                false => "Erased",
            },
            in_words(&kept)
        ))
    }
}

fn in_words(kept: &Kept) -> String {
    let words: Vec<String> = [
        (kept.comments, "comments"),
        (kept.reactions, "reactions"),
        (kept.follows, "follows"),
        (kept.interactions, "acts of ours towards them"),
        (kept.quotes, "quotes"),
        (kept.features, "collections"),
        (kept.approvals, "approvals"),
        (kept.mentions, "mentions"),
        (kept.notices, "notices"),
        (kept.keys, "keys"),
        (kept.names, "names"),
        (kept.mails, "mails"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    match words.is_empty() {
        true => "the profile".to_owned(),
        false => format!("the profile, {}", words.join(", ")),
    }
}
