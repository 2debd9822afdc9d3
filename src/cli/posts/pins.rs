//! `pamphlet post pin` and `unpin`.

use super::{SlugArg, summary::print_changed};
use crate::{
    cli::common::lookup, content::FederatedForm, federation::objects::articles, node::Node,
    store::ChangeKind,
};
use anyhow::{Result, bail};

pub(crate) async fn pin(node: &Node, arg: &SlugArg) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = lookup::article(&mut tx, &arg.slug).await?;
    if !article.is_visible() {
        bail!(
            "{} is not published yet: only visible articles can be pinned",
            article.slug
        );
    }
    if articles::form_of(&article, &node.config) == FederatedForm::No {
        bail!(
            "{} is not federated (federate: no), and pins are for other servers",
            article.slug
        );
    }
    if !tx.pin(article.id).await? {
        bail!("{} is already pinned", article.slug);
    }
    tx.add_change(ChangeKind::Pin, &article.id.to_string())
        .await?;
    tx.commit().await?;
    print_changed(node, article.id, "Pinned", &arg.format).await
}

pub(crate) async fn unpin(node: &Node, arg: &SlugArg) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = lookup::article(&mut tx, &arg.slug).await?;
    if !tx.unpin(article.id).await? {
        bail!("{} is not pinned", article.slug);
    }
    tx.add_change(ChangeKind::Pin, &article.id.to_string())
        .await?;
    tx.commit().await?;
    print_changed(node, article.id, "Unpinned", &arg.format).await
}
