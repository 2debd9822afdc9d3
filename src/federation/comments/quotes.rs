//! Quotes of our articles in posts of others (FEP-044f): `QuoteRequest`s, answered by the article's
//! policy, and posts that quote without asking.

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
    store::{self, ArticleHeader, NoticeKind, Tx},
};
use std::sync::Arc;

/// The size of a quote beside its post's id, in bytes: its row and the notice.
const ROW: usize = 1024;

/// The article that readers see under this id or address.
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

/// The actor that the fediverse knows as the article's author; `None` if it was told nothing of it.
pub async fn author_of(
    article: &ArticleHeader,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<Arc<LocalActor>>, InboxError> {
    let told = tx.publication(&article.uid).await?;
    let Some(told) = told.filter(|told| told.is_live() && told.form != "no") else {
        return Ok(None);
    };
    let author = ctx
        .local_actors
        .in_transaction(tx, told.local_actor_id)
        .await;
    author.map(Some).map_err(InboxError::internal)
}

/// Decides about a quote by the article's policy. Returns the uid of its authorization, if it is allowed. Notifies
/// the admin of a new quote.
pub async fn admit(
    article: &ArticleHeader,
    author: &LocalActor,
    actor: &RemoteActor,
    post_id: &str,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<String>, InboxError> {
    if let Some(known) = tx.quote_by_post(article.id, post_id).await? {
        let stands = !known.is_revoked() && known.actor_id == actor.row.id;
        return Ok(stands.then_some(known.uid));
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

/// Lists a quote among the article's reactions, as far as the article and the admin's rules take comments of its author:
/// an article that is closed for comments shows no quotes, and where comments wait for the admin, quotes wait.
pub async fn show(
    article: &ArticleHeader,
    actor: &RemoteActor,
    post: &Object,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let row = &actor.row;
    let who = (row.id, row.uri.as_str(), row.host.as_str());
    let gate = tx.reaction_admission(who, article.id, None).await?;
    let policy = moderation::policy::check_reaction_policy(tx, ctx, article, row.id).await;
    let policy = match policy {
        Err(InboxError::Dropped(_)) => return Ok(()),
        other => other?,
    };
    if reactions::is_held(&gate)? || reactions::check_number(&gate, &row.uri, ctx).is_err() {
        return Ok(());
    }
    let id = post.id.as_deref().unwrap_or_default();
    let url = clean_line(&link_or_id(post.url.as_deref(), id), 2048);
    let shown = tx.add_quote_reaction(article.id, row.id, id, &url).await?;
    let waits = reactions::is_moderated(policy, &gate);
    reactions::settle(tx, shown, waits, &gate).await
}

/// The article of ours that a post quotes.
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
    note(post, actor, article, tx, ctx).await?;
    show(article, actor, post, tx, ctx).await
}

async fn note(
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

/// Does the same for a comment under `article` that quotes another article. The comment stays even if the quote is
/// not allowed; a quote in an invisible comment is not shown.
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
    let noted = match is_visible {
        true => receive(post, actor, &quoted, tx, ctx).await,
        false => note(post, actor, &quoted, tx, ctx).await,
    };
    match noted {
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
    let quoted = match post.is_public() {
        true => target_of(tx, post, ctx).await?,
        false => None,
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

/// Forgets the quotes by a post that no longer quotes, or is no longer public. False if there were none.
pub async fn forget_if_ended(
    post: &Object,
    actor: &RemoteActor,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let stands = !post.is_restricted() && target_of(tx, post, ctx).await?.is_some();
    match stands {
        true => Ok(false),
        false => Ok(tx.forget_quotes(actor.row.id, id).await?),
    }
}
