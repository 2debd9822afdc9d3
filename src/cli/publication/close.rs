//! `pamphlet publication close`: says goodbye.

use crate::{
    cli::common::{
        Format, Options, UsageError, Yes, audit, confirm,
        output::{self, counted},
        site_export,
    },
    exporting::{Overwrite, site::SiteOptions},
    federation::account::closing::{self, ClosingPlan},
    node::Node,
    store::{ActorKind, Closing},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Close the publication for ever: its actors are deleted on all servers, and every address responds with 410.
///
/// Other servers delete the actors with all their articles and followers, and nobody can bring them back: these names on
/// this domain can't be used again. The database, the media and the drafts stay here, and can be exported and backed up.
/// Keep `pamphlet serve` running until `--status` says that every server knows.
#[derive(Debug, Args)]
pub(crate) struct Close {
    /// Export the publication first, without its keys, as `pamphlet export site --with-private` does. If that fails,
    /// nothing is closed.
    #[arg(long, value_name = "FILE.tar.gz|FOLDER")]
    export: Option<PathBuf>,
    /// You have an export or a backup of today already, and have seen that it can be read.
    #[arg(long, conflicts_with = "export")]
    exported: bool,
    /// The domain of the publication, typed to confirm that it is the right one.
    #[arg(long, value_name = "DOMAIN")]
    confirm: Option<String>,
    /// Show what would end, and change nothing.
    #[arg(long, conflicts_with = "status")]
    dry_run: bool,
    /// Show how many servers have yet to learn of the end.
    #[arg(long, conflicts_with_all = ["export", "exported", "confirm", "yes"])]
    status: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Close {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            if self.status {
                return show_status(node, &self.format).await;
            }
            let plan = closing::plan(node).await?;
            if self.dry_run {
                let text = format!("{} Nothing was changed.", describe(node, &plan));
                return output::result(&self.format, &document(node, &plan, true), &text);
            }
            self.require_export()?;
            refuse_while_held(node).await?;
            self.ask(node, &plan)?;
            self.export_site(node).await?;
            let closed = closing::close(node).await?;
            let mut tx = node.store.begin().await?;
            audit::record(&mut tx, "close", node.config.domain.as_str(), None).await?;
            tx.commit().await?;
            let mut document = document(node, &plan, false);
            document["servers"] = json!(closed.servers);
            document["export"] = json!(self.export.as_ref().map(|path| path.display().to_string()));
            let text = format!(
                "Closed. The end is on its way to {}. Keep `pamphlet serve` running until `pamphlet publication close --status` \
                 says that all have it.",
                servers(closed.servers)
            );
            output::result(&self.format, &document, &text)
        };
        options.with_node(run).await
    }

    /// Refuses to close what was never exported.
    fn require_export(&self) -> Result<()> {
        if self.export.is_none() && !self.exported {
            return Err(UsageError::new(
                "closing can't be undone: add --export FILE.tar.gz to take everything along, or --exported if you have done \
                 so today",
            )
            .into());
        }
        Ok(())
    }

    /// Writes the export that is wanted.
    async fn export_site(&self, node: &Node) -> Result<()> {
        let Some(target) = &self.export else {
            return Ok(());
        };
        let options = SiteOptions {
            with_keys: false,
            with_private: true,
        };
        let report = site_export::write(node, target, Overwrite::No, options).await?;
        output::note(&site_export::summary(&report, target));
        Ok(())
    }

    /// Asks twice: whether it is meant, and which publication is meant.
    fn ask(&self, node: &Node, plan: &ClosingPlan) -> Result<()> {
        let domain = node.config.domain.clone();
        if let Some(confirmed) = &self.confirm
            && !confirmed.trim().eq_ignore_ascii_case(&domain)
        {
            return Err(UsageError::new(format!(
                "--confirm names {confirmed}, but this publication is {domain}: nothing was changed"
            ))
            .into());
        }
        if self.confirm.is_none() && !confirm::can_ask() {
            return Err(UsageError::new(format!(
                "{} Nobody can answer without a terminal: add --yes --confirm {domain}",
                describe(node, plan)
            ))
            .into());
        }
        self.yes.confirm(&format!(
            "{} This can't be undone. Close it?",
            describe(node, plan)
        ))?;
        if self.confirm.is_none() {
            let typed = confirm::ask_line(&format!("Type {domain} to close it for ever: "))?;
            if !typed.is_some_and(|typed| typed.eq_ignore_ascii_case(&domain)) {
                bail!("nothing was changed");
            }
        }
        Ok(())
    }
}

/// Refuses while the end of the publication would not be sent.
async fn refuse_while_held(node: &Node) -> Result<()> {
    if node.store.read().await?.delivery_hold().await?.is_some() {
        bail!("deliveries are held: run `pamphlet deliveries resume` first");
    }
    Ok(())
}

/// Says what ends.
fn describe(node: &Node, plan: &ClosingPlan) -> String {
    let names: Vec<String> = named(plan).map(|row| node.handle(row)).collect();
    format!(
        "{} will be deleted on {}, with all articles there and {}, and every address here will respond with 410.",
        names.join(", "),
        servers(plan.servers.unsigned_abs()),
        counted(
            usize::try_from(plan.followers).unwrap_or_default(),
            "follower"
        ),
    )
}

/// Returns the actors that people know.
fn named(plan: &ClosingPlan) -> impl Iterator<Item = &crate::store::LocalActorRow> {
    let is_known = |row: &&crate::store::LocalActorRow| row.kind != ActorKind::Instance;
    plan.actors.iter().filter(is_known)
}

fn servers(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or_default(), "server")
}

fn document(node: &Node, plan: &ClosingPlan, dry_run: bool) -> serde_json::Value {
    let actors: Vec<String> = named(plan).map(|row| node.handle(row)).collect();
    json!({
        "domain": node.config.domain.clone(),
        "dry_run": dry_run,
        "actors": actors,
        "servers": plan.servers,
        "followers": plan.followers,
    })
}

async fn show_status(node: &Node, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let Some(closing) = conn.closing().await? else {
        let document = json!({"closed_at": null});
        return output::result(format, &document, "The publication is open.");
    };
    let progress = conn.closing_progress().await?;
    let is_held = conn.delivery_hold().await?.is_some();
    let document = json!({
        "closed_at": output::timestamp(closing.at),
        "servers": closing.servers,
        "waiting": progress.waiting,
        "dead": progress.dead,
        "refused": progress.refused,
        "held": is_held,
    });
    let mut text = format!("Closed on {}. ", output::time(closing.at));
    text.push_str(&match progress.waiting {
        0 => all_have_it(&closing),
        waiting => format!(
            "{} of {} have yet to learn of it; {} of them did not respond for days. Keep `pamphlet serve` running.",
            waiting,
            servers(closing.servers),
            progress.dead
        ),
    });
    if progress.refused > 0 {
        let refused = servers(progress.refused.unsigned_abs());
        text.push_str(&format!(
            " {refused} refused it: see `pamphlet deliveries list`."
        ));
    }
    if is_held {
        text.push_str(" Deliveries are held: run `pamphlet deliveries resume`.");
    }
    output::result(format, &document, &text)
}

fn all_have_it(closing: &Closing) -> String {
    format!(
        "{} have been informed. `pamphlet serve` is needed only to respond with 410; after that, the domain should stay \
         without a fediverse server for some months.",
        servers(closing.servers)
    )
}
