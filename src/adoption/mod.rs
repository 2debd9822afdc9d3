//! Takes over actors of other software with their ids, handles, keys, addresses, followers and posts, so that no follower
//! has to follow again.
//!
//! An export (`export/`) is made by the programs in `config/export/`, on the server of the other software. Everything is
//! stored in one transaction, and a second run changes nothing. Nothing is sent. No other server is asked, except for
//! followers of whom a list has only the handle.

mod actors;
mod discovery;
mod error;
mod export;
mod followers;
mod handles;
mod keys;
mod objects;
mod report;
mod usernames;

pub(crate) use error::AdoptionError;
pub(crate) use export::{Export, Software};
pub(crate) use report::Adoption;

use crate::node::Node;
use std::path::{Path, PathBuf};

/// The options of [`adopt`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The exported actor that becomes the publication's own: its key or its handle. The blog if `None`.
    pub(crate) site_actor: Option<String>,
    /// A list of followers (CSV), for software that gives out nothing else.
    pub(crate) followers: Option<PathBuf>,
    /// Whether the articles were only rehearsed, so that posts can't be found.
    pub(crate) lacks_articles: bool,
}

/// The work at the moment, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// This many followers are stored.
    Followers(u64),
    /// This many posts are looked at.
    Objects(u64),
}

/// Checks whether the actors of an export can be taken over, before anything else is done.
///
/// # Errors
/// If the export can't be used for this publication.
pub(crate) async fn check(
    node: &Node,
    path: &Path,
    software: Software,
    options: &Options,
) -> Result<(), AdoptionError> {
    refuse_while_running(node).await?;
    let export = Export::read(path, software)?;
    let mut adoption = Adoption::of(&export);
    actors::check(node, &export, options, &mut adoption).await?;
    Ok(())
}

/// Takes over the actors of an export.
///
/// # Errors
/// If the export can't be used for this publication. Nothing is stored then, unless the database fails meanwhile.
pub(crate) async fn adopt(
    node: &Node,
    path: &Path,
    software: Software,
    options: &Options,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Adoption, AdoptionError> {
    refuse_while_running(node).await?;
    let export = Export::read(path, software)?;
    let mut adoption = Adoption::of(&export);
    let checked = actors::check(node, &export, options, &mut adoption).await?;
    let listed = match &options.followers {
        Some(list) => followers::look_up(node, list, progress).await?,
        None => Vec::new(),
    };
    let mut tx = node.store.begin().await?;
    let mark = tx.mark_changes().await?;
    let adopted = actors::adopt(node, &mut tx, checked, &mut adoption).await?;
    discovery::adopt(&mut tx, &export).await?;
    followers::adopt(node, &mut tx, &export, &adopted, &mut adoption, progress).await?;
    followers::adopt_listed(node, &mut tx, listed, &export, &adopted, &mut adoption).await?;
    if options.lacks_articles {
        adoption.warn(
            "which posts keep their ids is only known when the articles are stored".to_owned(),
        );
    } else {
        objects::adopt(node, &mut tx, &export, &adopted, &mut adoption, progress).await?;
    }
    // The profiles are the ones that other servers know.
    tx.silence_changes(mark).await?;
    tx.commit().await?;
    Ok(adoption)
}

/// Refuses while a node works on this database: it would go on signing with the keys from before.
async fn refuse_while_running(node: &Node) -> Result<(), AdoptionError> {
    let mut conn = node.store.read().await?;
    if conn.running_workers(&node.store).await?.is_empty() {
        Ok(())
    } else {
        Err(AdoptionError::Running)
    }
}
