//! Quotes of our articles in remote posts (FEP-044f), with or without a `QuoteRequest`. The article's policy decides
//! about both.

use super::reactions;
use crate::{
    content::{QuotePolicy, clean_line},
    federation::objects::articles,
    moderation,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
        remote_actor::RemoteActor,
        target,
        urls::link_or_id,
    },
    protocol::Object,
    store::{self, ArticleHeader, NoticeKind, ReactionToAdmit, Tx},
};
use std::sync::Arc;

/// The storage charged for a quote besides its post's id, in bytes: the row and the notice.
const ROW: usize = 1024;

/// Returns the visible article with this id or address.
pub async fn find_article(
    tx: &mut Tx,
    id: &str,
    ctx: &Context,
) -> Result<Option<ArticleHeader>, InboxError> {
    let target = target::find(tx, ctx.urls(), id).await?;
    Ok(target
        .filter(|target| target.comment.is_none() && target.is_visible())
        .map(|target| target.article))
}

/// Returns whether a post quotes the article.
pub async fn quotes_article(
    post: &Object,
    article: &ArticleHeader,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let Some(quoted) = post.quoted() else {
        return Ok(false);
    };
    let quoted = find_article(tx, &quoted, ctx).await?;
    Ok(quoted.is_some_and(|quoted| quoted.id == article.id))
}

/// Returns the local actor that published an article to the fediverse, or `None` if it is not published there.
pub async fn author_of(
    article: &ArticleHeader,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<Arc<LocalActor>>, InboxError> {
    let publication = tx.publication(&article.uid).await?;
    let Some(publication) = publication.filter(|it| it.is_live() && it.form != "no") else {
        return Ok(None);
    };
    let author = ctx
        .local_actors
        .in_transaction(tx, publication.local_actor_id)
        .await;
    author.map(Some).map_err(InboxError::internal)
}

/// Decides about a quote by the article's policy, and notifies the admin of a new one. Returns the uid of its
/// authorization if it is allowed.
pub async fn admit(
    article: &ArticleHeader,
    author: &LocalActor,
    actor: &RemoteActor,
    post_id: &str,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<String>, InboxError> {
    if let Some(known) = tx.quote_by_post(article.id, post_id).await? {
        let is_valid = !known.is_revoked() && known.actor_id == actor.row.id;
        return Ok(is_valid.then_some(known.uid));
    }
    let is_allowed = match articles::quotes_of(article.quotes.as_deref(), &ctx.config) {
        QuotePolicy::Everyone => true,
        QuotePolicy::Followers => {
            let ours = [author.row.id, ctx.site_id()];
            tx.follows_any_of(actor.row.id, ours).await?
        }
        QuotePolicy::Nobody => false,
    };
    if !is_allowed || tx.has_tombstone(post_id, &actor.row.uri).await? {
        return Ok(None);
    }
    let sender = ctx
        .quota
        .sender(&actor.row.uri, &actor.row.host, &ctx.store);
    ctx.quota
        .charge_stored(&sender.await?, ROW + post_id.len())?;
    let uid = store::new_uid();
    tx.add_quote(&uid, article.id, actor.row.id, post_id)
        .await?;
    let text = format!("{} quotes “{}”.", actor.handle(), article.title);
    let subject = format!("{post_id} {}", article.uid);
    let event = NoticeEvent {
        kind: NoticeKind::Quote,
        object: Some(post_id),
        subject: Some(&subject),
        text: &text,
    };
    notices::add(tx, ctx, &actor.row, event).await?;
    Ok(Some(uid))
}

/// Lists a quote among the article's reactions. The rules for comments of its author apply: an article that is closed
/// for comments shows no quotes, and quotes wait for the admin where comments do.
pub async fn show(
    article: &ArticleHeader,
    actor: &RemoteActor,
    post: &Object,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let row = &actor.row;
    let admission = tx
        .reaction_admission(ReactionToAdmit {
            actor_id: row.id,
            actor_uri: &row.uri,
            host: &row.host,
            article_id: article.id,
            comment_id: None,
        })
        .await?;
    let policy = moderation::policy::check_reaction_policy(tx, ctx, article, row.id).await;
    let policy = match policy {
        Err(InboxError::Dropped(_)) => return Ok(()),
        other => other?,
    };
    if reactions::is_held(&admission)?
        || reactions::check_number(&admission, &row.uri, ctx).is_err()
    {
        return Ok(());
    }
    let id = post.id.as_deref().unwrap_or_default();
    let url = clean_line(&link_or_id(post.url.as_deref(), id), 2048);
    let shown = tx.add_quote_reaction(article.id, row.id, id, &url).await?;
    let is_withheld = reactions::is_moderated(policy, &admission);
    Ok(reactions::settle(tx, shown, is_withheld, &admission).await?)
}

/// Returns the article that a post quotes.
pub async fn target_of(
    tx: &mut Tx,
    post: &Object,
    ctx: &Context,
) -> Result<Option<ArticleHeader>, InboxError> {
    match post.quoted() {
        Some(quoted) => find_article(tx, &quoted, ctx).await,
        None => Ok(None),
    }
}

/// Stores that a public post quotes an article, with or without a request, and shows it on the article's page.
///
/// # Errors
/// [`InboxError::Dropped`] if the article does not allow it.
pub async fn receive(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    store_quote(post, actor, article, tx, ctx).await?;
    show(article, actor, post, tx, ctx).await
}

/// Stores a quote without showing it.
///
/// # Errors
/// [`InboxError::Dropped`] if the article does not allow it.
async fn store_quote(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let Some(author) = author_of(article, tx, ctx).await? else {
        return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
    };
    match admit(article, &author, actor, id, tx, ctx).await? {
        Some(_) => Ok(()),
        None => Err(InboxError::Dropped(DropReason::QuoteNotAllowed)),
    }
}

/// Stores and shows the quote in a comment on `article`, if it quotes another article. The comment stays even if the
/// quote is not allowed. A quote in an invisible comment is not shown.
pub async fn receive_in_comment(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    is_visible: bool,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let quoted = target_of(tx, post, ctx).await?;
    let Some(quoted) = quoted.filter(|quoted| quoted.id != article.id) else {
        return Ok(());
    };
    let result = if is_visible {
        receive(post, actor, &quoted, tx, ctx).await
    } else {
        store_quote(post, actor, &quoted, tx, ctx).await
    };
    match result {
        Err(InboxError::Dropped(_)) => Ok(()),
        other => other,
    }
}

/// Updates the quote of an edited comment.
pub async fn update_in_comment(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    is_visible: bool,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let quoted = if post.is_public() {
        target_of(tx, post, ctx).await?
    } else {
        None
    };
    let known = tx.find_quotes(0, id).await?;
    let is_same =
        |quote: &store::Quote| quoted.as_ref().is_some_and(|it| it.id == quote.article_id);
    if !known.iter().all(is_same) {
        tx.forget_quotes(actor.row.id, id).await?;
    }
    match quoted {
        Some(_) => receive_in_comment(post, actor, article, is_visible, tx, ctx).await,
        None => Ok(()),
    }
}

/// Deletes the quotes of a post that no longer quotes an article, or is no longer public. Returns false if nothing was
/// deleted.
pub async fn forget_if_ended(
    post: &Object,
    actor: &RemoteActor,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let still_quotes = !post.is_restricted() && target_of(tx, post, ctx).await?.is_some();
    if still_quotes {
        Ok(false)
    } else {
        Ok(tx.forget_quotes(actor.row.id, id).await?)
    }
}
