//! Fetches the missing ancestors of a reply, up to an article or comment that is stored here. The fetched posts become
//! comments, oldest first.

use crate::{
    content::CommentPolicy,
    federation::{
        comments::{
            admission::{admit, can_be_comment},
            budget,
            new_comment::{Draft, PreparedText, store_comment},
            text::content_of,
        },
        remote::{actors, fetch, fetch_error::FetchError, requests, strangers},
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target,
        urls::{host_of, same_origin_text},
    },
    protocol::{Object, same_id},
};
use moka::future::Cache;
use url::Url;

/// Fetches a post with all of its missing ancestors, and stores them as comments.
///
/// `stored` counts the stored comments, even if a later step fails.
///
/// # Errors
/// [`InboxError::Later`] if a server is unreachable or this attempt has used up its requests. [`InboxError::Dropped`] if
/// the post belongs to no article here, or to one that accepts no comments.
pub(super) async fn fetch_ancestors(
    uri: &str,
    unrelated_ancestors: &Cache<String, ()>,
    stored: &mut usize,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut chain = Vec::new();
    let collected = collect_chain(uri, unrelated_ancestors, &mut chain, ctx).await;
    if let Err(InboxError::Dropped(_)) = &collected {
        for id in chain.iter().filter_map(|post| post.id.clone()) {
            unrelated_ancestors.insert(id, ()).await;
        }
        unrelated_ancestors.insert(uri.to_owned(), ()).await;
    }
    collected?;
    for post in chain.into_iter().rev() {
        let author = author_of(&post, ctx).await?;
        strangers::charged(&author, ctx, store(&post, &author, ctx)).await?;
        *stored += 1;
    }
    Ok(())
}

/// Fetches a post from a comment's `replies`, and stores it as a comment. It must reply to a post that is stored here: its
/// own ancestors are not fetched.
///
/// # Errors
/// See [`fetch_ancestors`].
pub(super) async fn store_listed_reply(
    uri: &str,
    unrelated_replies: &Cache<String, ()>,
    ctx: &Context,
) -> Result<(), InboxError> {
    let taken = async {
        let post = fetch_post(uri, ctx).await?;
        let parent = post.in_reply_to.as_deref().unwrap_or_default();
        if !is_stored(parent, ctx).await? {
            return Err(InboxError::Dropped(DropReason::UnrelatedListedReply));
        }
        let author = author_of(&post, ctx).await?;
        store(&post, &author, ctx).await
    }
    .await;
    if let Err(InboxError::Dropped(_)) = &taken {
        unrelated_replies.insert(uri.to_owned(), ()).await;
    }
    taken
}

/// Fetches a post that had vanished from its server, and restores its comment.
///
/// # Errors
/// See [`fetch_ancestors`].
pub(super) async fn refetch_absent(uri: &str, ctx: &Context) -> Result<(), InboxError> {
    let post = fetch_post(uri, ctx).await?;
    if !post.id.as_deref().is_some_and(|id| same_id(id, uri)) {
        return Err(InboxError::Dropped(DropReason::IdMismatch));
    }
    let author = author_of(&post, ctx).await?;
    strangers::charged(&author, ctx, store(&post, &author, ctx)).await
}

/// Fetches the posts from `uri` up to one that replies to a post stored here. Adds them to `chain`, newest first.
async fn collect_chain(
    uri: &str,
    unrelated_ancestors: &Cache<String, ()>,
    chain: &mut Vec<Object>,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut next = uri.to_owned();
    while chain.len() <= ctx.config.conversations.depth {
        let post = fetch_post(&next, ctx).await?;
        if chain.iter().any(|below| below.id == post.id) {
            return Err(InboxError::Dropped(DropReason::CircularReply));
        }
        // The parent's id may differ from the address in `inReplyTo`.
        if let Some(below) = chain.last_mut() {
            below.in_reply_to.clone_from(&post.id);
        }
        if is_stored(post.id.as_deref().unwrap_or_default(), ctx).await? {
            return Ok(());
        }
        let parent = post.in_reply_to.clone();
        chain.push(post);
        let parent = parent.ok_or(InboxError::Dropped(DropReason::UnrelatedReply))?;
        if is_stored(&parent, ctx).await? {
            return Ok(());
        }
        if ctx.urls().is_ours(&parent) || unrelated_ancestors.contains_key(&parent) {
            return Err(InboxError::Dropped(DropReason::UnrelatedReply));
        }
        next = parent;
    }
    Err(InboxError::Dropped(DropReason::ReplyTooDeep))
}

/// Returns whether an id is that of a stored article or comment.
///
/// # Errors
/// [`InboxError::Dropped`] if comments are closed there.
async fn is_stored(id: &str, ctx: &Context) -> Result<bool, InboxError> {
    let mut conn = ctx.store.read().await?;
    let terms = ctx.config.comments.terms();
    match target::find(&mut conn, ctx.urls(), id).await? {
        Some(found) if found.article.comment_policy(terms) == CommentPolicy::Closed => {
            Err(InboxError::Dropped(DropReason::CommentsClosed))
        }
        found => Ok(found.is_some()),
    }
}

/// Fetches a public post from its own host.
async fn fetch_post(uri: &str, ctx: &Context) -> Result<Object, InboxError> {
    check_budget(ctx)?;
    let document = fetch::document(uri, ctx)
        .await
        .map_err(|error| match error {
            FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. } => {
                InboxError::Later(reason)
            }
            _ => InboxError::Dropped(DropReason::ParentUnavailable),
        })?;
    let post = Object::read(document).ok_or(InboxError::Dropped(DropReason::UnreadableObject))?;
    let (Some(id), Some(author)) = (&post.id, &post.attributed_to) else {
        return Err(InboxError::Dropped(DropReason::MissingIdOrAuthor));
    };
    if !same_origin_text(id, author) {
        return Err(InboxError::Dropped(DropReason::AuthorOnOtherHost));
    }
    if !can_be_comment(post.kind()) || !post.is_public() {
        return Err(InboxError::Dropped(DropReason::ParentNotPublic));
    }
    let host = Url::parse(author).ok().and_then(|url| host_of(&url));
    let host = host.unwrap_or_default();
    let mut conn = ctx.store.read().await?;
    if ctx.is_blocked(&mut conn, author, &host).await? {
        return Err(InboxError::Dropped(DropReason::ParentBlocked));
    }
    Ok(post)
}

async fn author_of(post: &Object, ctx: &Context) -> Result<RemoteActor, InboxError> {
    check_budget(ctx)?;
    match actors::get(post.attributed_to.as_deref().unwrap_or_default(), ctx).await {
        Err(InboxError::Later(reason) | InboxError::Busy(reason)) => Err(InboxError::Later(reason)),
        Err(InboxError::Store(error)) => Err(InboxError::Store(error)),
        Err(_) => Err(InboxError::Dropped(DropReason::AuthorUnavailable)),
        found => found,
    }
}

/// Checks that this attempt may make another request.
fn check_budget(ctx: &Context) -> Result<(), InboxError> {
    if ctx.request_count() < ctx.config.federation.fetch_limit {
        return Ok(());
    }
    Err(InboxError::Later(
        "the conversation takes too many requests at once".into(),
    ))
}

async fn store(post: &Object, author: &RemoteActor, ctx: &Context) -> Result<(), InboxError> {
    let content = content_of(post, ctx).await;
    budget::know(author, ctx).await?;
    let mut tx = ctx.store.begin().await?;
    let parent = post.in_reply_to.as_deref().unwrap_or_default();
    let target = target::find(&mut tx, ctx.urls(), parent)
        .await?
        .ok_or(InboxError::Dropped(DropReason::UnrelatedReply))?;
    author.store_in(&mut tx).await?;
    let gate = admit(&mut tx, post, author, ctx).await?;
    let draft = Draft {
        object: post,
        text: PreparedText::of(post, content, author).await,
        author,
        target: &target,
        admission: gate,
        cause: requests::current(),
    };
    store_comment(&mut tx, draft, ctx).await?;
    tx.finish_lookup(post.id.as_deref().unwrap_or_default())
        .await?;
    tx.commit().await?;
    let from = (author.row.uri.as_str(), author.row.host.as_str());
    let id = post.id.as_deref().unwrap_or_default();
    ctx.events.record_comment("Fetch", id, Some(from));
    Ok(())
}
