//! `pamphlet post pin` and `unpin`: the articles that the publication's profile shows first.

use super::{One, find, report};
use crate::{content::Federate, federation::objects::articles, node::Node, store::ChangeKind};
use anyhow::{Result, bail};

pub async fn pin(node: &Node, one: &One) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, &one.slug).await?;
    if !article.is_visible() {
        bail!(
            "{} is not published yet: only what readers see can be pinned",
            article.slug
        );
    }
    if articles::form_of(&article, &node.config) == Federate::No {
        bail!(
            "{} stays at home (federate: no), and a pin is for other servers",
            article.slug
        );
    }
    if !tx.pin(article.id).await? {
        bail!("{} is pinned already", article.slug);
    }
    tx.add_change(ChangeKind::Pin, &article.id.to_string())
        .await?;
    tx.commit().await?;
    report(node, article.id, "Pinned", &one.format).await
}

pub async fn unpin(node: &Node, one: &One) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, &one.slug).await?;
    if !tx.unpin(article.id).await? {
        bail!("{} is not pinned", article.slug);
    }
    tx.add_change(ChangeKind::Pin, &article.id.to_string())
        .await?;
    tx.commit().await?;
    report(node, article.id, "No longer pinned", &one.format).await
}
