//! `pamphlet actor erase`: erases all data about a person.

use crate::{
    cli::common::{
        Format, Yes,
        audit::operator,
        output,
        person::{Person, PersonArg},
    },
    moderation::erasure,
    node::Node,
    store::PersonalDataCounts,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    person: PersonArg,
    /// Only print what would be erased.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Erase {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let person = self.person.find(&mut conn).await?;
        let kept = match &person {
            Person::Actor(actor) => conn.counts_of_actor(actor).await?,
            Person::Mail(mail) => conn.counts_of_mail(mail).await?,
        };
        drop(conn);
        if !self.dry_run {
            let name = self.person.text();
            let question = format!("Erase {} of {name}?", summary(&kept));
            self.yes.confirm(&question)?;
        }
        match &person {
            _ if self.dry_run => {}
            Person::Actor(actor) => erasure::erase_actor(node, actor, &operator()).await?,
            Person::Mail(mail) => erasure::erase_mail(node, mail, &operator()).await?,
        }
        if self.format.json {
            return output::json(&json!({"dry_run": self.dry_run, "erased": kept}));
        }
        let verb = if self.dry_run {
            "Would erase"
        } else {
            "Erased"
        };
        output::line(&format!("{verb}: {}.", summary(&kept)))
    }
}

fn summary(kept: &PersonalDataCounts) -> String {
    let words: Vec<String> = [
        (kept.comments, "comments"),
        (kept.reactions, "reactions"),
        (kept.follows, "follows"),
        (kept.interactions, "interactions with them"),
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
    if words.is_empty() {
        "the profile".to_owned()
    } else {
        format!("the profile, {}", words.join(", "))
    }
}
