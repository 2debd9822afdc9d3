//! `--actor`: takes over the actors of the other site, with their keys, addresses and followers.

use crate::{
    adoption::{self, Adoption, Software, Step},
    cli::common::{output, progress::Progress},
    node::Node,
};
use anyhow::Result;
use clap::Args;
use std::{path::PathBuf, sync::Mutex};

/// The options of formats whose software has actors.
#[derive(Debug, Args)]
pub(super) struct Adopt {
    /// Take over the actors of this export, with their keys, addresses and followers (docs/adopting.md).
    #[arg(long, value_name = "EXPORT")]
    actor: Option<PathBuf>,
    /// The actor of the export that becomes the publication's. The others become authors.
    #[arg(long, value_name = "HANDLE", requires = "actor")]
    site_actor: Option<String>,
    /// A list of followers (CSV), for sites that give out nothing else.
    #[arg(long, value_name = "FILE", requires = "actor")]
    followers: Option<PathBuf>,
}

impl Adopt {
    /// Checks the export, before the articles are imported.
    ///
    /// # Errors
    /// If it can't be taken over by this publication.
    pub(super) async fn check(&self, node: &Node, software: Software) -> Result<()> {
        if let Some(export) = &self.actor {
            adoption::check(node, export, software, &self.options(false)).await?;
        }
        Ok(())
    }

    /// Takes over the actors. Returns `None` if that is not wanted.
    ///
    /// # Errors
    /// If they can't be taken over. Nothing of them is stored then.
    pub(super) async fn run(
        &self,
        node: &Node,
        software: Software,
        lacks_articles: bool,
    ) -> Result<Option<Adoption>> {
        let Some(export) = &self.actor else {
            return Ok(None);
        };
        let bar = Mutex::new(Progress::spinner("Taking over actors"));
        let progress = |step: Step| {
            if let Ok(bar) = bar.lock() {
                bar.set_message(&match step {
                    Step::Followers(number) => format!("Taking over: {number} followers"),
                    Step::Objects(number) => format!("Taking over: {number} posts"),
                });
            }
        };
        let options = self.options(lacks_articles);
        Ok(Some(
            adoption::adopt(node, export, software, &options, &progress).await?,
        ))
    }

    fn options(&self, lacks_articles: bool) -> adoption::Options {
        adoption::Options {
            site_actor: self.site_actor.clone(),
            followers: self.followers.clone(),
            lacks_articles,
        }
    }

    /// Prints what was taken over, for people.
    ///
    /// # Errors
    /// If the output is closed.
    pub(super) fn print(&self, adoption: &Adoption, is_dry_run: bool) -> Result<()> {
        for warning in &adoption.warnings {
            output::warn(warning);
        }
        for skipped in &adoption.skipped {
            let examples = skipped.examples.join(", ");
            output::warn(&format!(
                "left out: {} {}: {examples}",
                skipped.count, skipped.reason
            ));
        }
        let rows: Vec<Vec<String>> = adoption
            .actors
            .iter()
            .map(|actor| {
                let key = if actor.keeps_key { "as it was" } else { "new" };
                vec![actor.handle.clone(), actor.id.clone(), key.to_owned()]
            })
            .collect();
        output::table(&["ACTOR", "ID", "KEY"], &rows, "There are no actors.")?;
        let followers = match adoption.known_followers {
            0 => format!(
                "{} taken over",
                output::counted(adoption.followers as usize, "follower")
            ),
            known => format!(
                "{} taken over, {known} known before",
                output::counted(adoption.followers as usize, "follower")
            ),
        };
        let posts = match adoption.objects {
            1 => "1 post keeps its id".to_owned(),
            number => format!("{number} posts keep their ids"),
        };
        output::line(&format!("{followers}; {posts}."))?;
        if is_dry_run {
            return output::line("This was a dry run: nothing was stored.");
        }
        if let Some(export) = &self.actor
            && adoption.actors.iter().any(|actor| actor.keeps_key)
        {
            output::line(&format!(
                "Delete {} when all is well: whoever has it can write as you.",
                export.display()
            ))?;
        }
        Ok(())
    }
}
