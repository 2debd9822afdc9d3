//! Stores public posts as comments, one or many at a time.

use super::{
    budget, extras, quotes,
    text::{Content, warning_of},
};
use crate::{
    content::{CommentPolicy, Extras},
    federation::{
        remote::requests::{self, Cause},
        verified_activity::MAX_ID,
    },
    moderation::{self, Unclassified},
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target::Target,
        urls::{link_or_id, same_origin_text},
    },
    protocol::{Object, canonical_id},
    spam::CommentText,
    store::{
        self, CommentAdmission, CommentState, NewComment, NewRecheck, Severity, StoreError, Tx,
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// The parts of a public post that a comment shows, and its words as the spam filter sees them. They are made before the
/// transaction, since they take the most time.
#[derive(Debug, Default)]
pub struct PreparedText {
    content: Content,
    extras: Extras,
    words: CommentText,
}

impl PreparedText {
    /// Reads a post of an author.
    pub async fn of(object: &Object, content: Content, author: &RemoteActor) -> Self {
        let extras = extras::read(object, content.html.as_str());
        let warning = warning_of(object);
        let html = content.html.as_str();
        let words = moderation::text_of(author, warning.as_deref(), html, &extras).await;
        PreparedText {
            content,
            extras,
            words,
        }
    }
}

/// A public post to be stored as a comment on `target`.
#[derive(Debug)]
pub struct Draft<'a> {
    pub object: &'a Object,
    pub text: PreparedText,
    pub author: &'a RemoteActor,
    pub target: &'a Target,
    pub admission: CommentAdmission,
    /// The cause of the requests that its server gets.
    pub cause: Option<Arc<Cause>>,
}

/// The state of a stored comment, or `None` if the post was stored before; or the reason why it is not accepted.
pub type Stored = Result<Option<CommentState>, InboxError>;

/// Stores a public post as a comment: see [`store_comments`].
///
/// # Errors
/// [`InboxError::Dropped`] if the article does not accept it or it is empty; [`InboxError::Later`] if the author's
/// storage budget is spent for now.
pub async fn store_comment(tx: &mut Tx, draft: Draft<'_>, ctx: &Context) -> Stored {
    let mut stored = store_comments(tx, vec![draft], ctx).await?;
    stored.pop().unwrap_or(Ok(None))
}

/// Stores public posts that arrived together as comments, in their order: each statement is run once for all of them. A
/// post that is not accepted changes nothing for the others. A comment that had only vanished returns to its former
/// position.
///
/// # Errors
/// If something fails for any of them. Then the transaction must not be committed.
pub async fn store_comments(
    tx: &mut Tx,
    drafts: Vec<Draft<'_>>,
    ctx: &Context,
) -> Result<Vec<Stored>, InboxError> {
    let mut outcomes: Vec<Stored> = Vec::with_capacity(drafts.len());
    let mut accepted: Vec<Accepted<'_>> = Vec::with_capacity(drafts.len());
    let mut uris = HashSet::new();
    for (place, mut draft) in drafts.into_iter().enumerate() {
        let is_here = draft.admission.is_here && draft.admission.absent_id.is_none();
        let id = draft.object.id.as_deref().unwrap_or_default();
        if is_here || !uris.insert(canonical_id(id).into_owned()) {
            outcomes.push(Ok(None));
            continue;
        }
        outcomes.push(match accept(tx, &mut draft, ctx).await {
            Ok(comment) => {
                accepted.push(Accepted {
                    place,
                    draft,
                    comment,
                });
                Ok(None)
            }
            Err(InboxError::Store(error)) => return Err(error.into()),
            Err(refusal) => Err(refusal),
        });
    }
    if accepted.is_empty() {
        return Ok(outcomes);
    }
    let unclassified = accepted.iter_mut().map(Accepted::unclassified).collect();
    let checks = moderation::classify_all(tx, unclassified, ctx).await?;
    let added = add_all(tx, &mut accepted, ctx).await?;
    for ((it, check), added) in accepted.iter().zip(checks).zip(&added) {
        check.store(tx, *added).await?;
        if added.is_some() && it.comment.replies.is_some() {
            requests::write(it.draft.cause.as_deref(), tx).await?;
        }
    }
    let new: Vec<_> = accepted
        .iter()
        .zip(added)
        .filter_map(|(it, added)| added.map(|_| it))
        .collect();
    schedule_rechecks(tx, &new, ctx).await?;
    for it in new {
        store_quote(tx, it, ctx).await?;
        outcomes[it.place] = Ok(Some(it.comment.state));
    }
    Ok(outcomes)
}

/// A post that becomes a comment, and its place among all.
struct Accepted<'a> {
    place: usize,
    draft: Draft<'a>,
    comment: NewComment,
}

impl Accepted<'_> {
    fn unclassified(&mut self) -> Unclassified<'_> {
        Unclassified {
            comment: &mut self.comment,
            text: &self.draft.text.words,
            author: self.draft.author,
            gate: self.draft.admission,
        }
    }
}

/// Decides whether an article accepts a post. Returns the comment without its score.
async fn accept(
    tx: &mut Tx,
    draft: &mut Draft<'_>,
    ctx: &Context,
) -> Result<NewComment, InboxError> {
    let (author, target) = (draft.author, draft.target);
    let policy =
        moderation::policy::check_comment_policy(tx, ctx, &target.article, author.row.id).await?;
    let text = &mut draft.text;
    if extras::remove_rejected(&mut text.extras, tx, &author.row.uri).await? {
        let warning = warning_of(draft.object);
        let html = text.content.html.as_str();
        text.words = moderation::text_of(author, warning.as_deref(), html, &text.extras).await;
    }
    let mut comment = to_comment(draft, ctx);
    comment.author_handle = author.handle_now(tx, ctx).await?;
    if policy == CommentPolicy::Moderated {
        comment.state = CommentState::Held;
        comment.reason = Some("waits for approval".to_owned());
    }
    if draft.admission.severity == Severity::Hold {
        comment.state = CommentState::Held;
        comment.reason = Some("comments from there are held".to_owned());
    }
    if comment.content.is_empty() && comment.extras.is_none() {
        return Err(InboxError::Dropped(DropReason::EmptyComment));
    }
    budget::charge(&mut comment, &author.row.uri, ctx).await?;
    Ok(comment)
}

/// Stores the comments. Returns the row of each, or `None` for one that was stored meanwhile.
async fn add_all(
    tx: &mut Tx,
    accepted: &mut [Accepted<'_>],
    ctx: &Context,
) -> Result<Vec<Option<i64>>, StoreError> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for it in accepted.iter().filter(|it| it.is_new()) {
        *counts.entry(it.comment.article_id).or_default() += 1;
    }
    let mut numbers = HashMap::new();
    if !counts.is_empty() {
        numbers = ctx.store.count_comments(tx, &counts).await?;
    }
    // The next number of each article.
    for (article, last) in &mut numbers {
        *last += 1 - counts.get(article).copied().unwrap_or(0);
    }
    let mut new = Vec::with_capacity(accepted.len());
    for it in accepted.iter().filter(|it| it.is_new()) {
        // An article that was deleted meanwhile takes no comment.
        if let Some(next) = numbers.get_mut(&it.comment.article_id) {
            new.push((&it.comment, *next));
            *next += 1;
        }
    }
    let stored = tx.add_comments(&new).await?;
    let mut added = Vec::with_capacity(accepted.len());
    for it in accepted {
        added.push(match it.draft.admission.absent_id {
            Some(id) => {
                // The admin was already notified of it. Notify again only if it needs a decision.
                it.comment.notify_pending &= it.comment.state != CommentState::Visible;
                tx.restore_comment(id, &it.comment).await?.then_some(id)
            }
            None => stored.get(&it.comment.uri).copied(),
        });
    }
    Ok(added)
}

impl Accepted<'_> {
    /// Returns whether it gets a new row, rather than the one of a comment that vanished.
    fn is_new(&self) -> bool {
        self.draft.admission.absent_id.is_none()
    }
}

fn to_comment(draft: &Draft<'_>, ctx: &Context) -> NewComment {
    let (object, author, target) = (draft.object, draft.author, draft.target);
    let id = object.id.clone().unwrap_or_default();
    let now = store::now();
    NewComment {
        article_id: target.article.id,
        parent_id: target.comment_id(),
        url: Some(link_or_id(
            object.url.as_deref().filter(|url| url.len() <= MAX_ID),
            &id,
        )),
        uri: id,
        actor_id: Some(author.row.id),
        author_name: author.row.name.clone(),
        author_handle: author.handle(),
        author_url: Some(author.link()),
        content: draft.text.content.html.as_str().to_owned(),
        content_warning: warning_of(object),
        language: draft.text.content.language.clone(),
        state: CommentState::Visible,
        reason: None,
        published_at: object
            .published
            .map_or(now, |time| time.timestamp_millis().min(now)),
        updated_at: object.updated.map(|time| time.timestamp_millis().min(now)),
        replies: replies_of(object, now, ctx),
        caused_by: draft
            .cause
            .as_deref()
            .and_then(Cause::root)
            .map(str::to_owned),
        guest: None,
        extras: draft.text.extras.to_json(),
        score: None,
        score_reasons: None,
        text_hash: None,
        notify_pending: ctx.config.notifies_admin(),
        signin_required: object.requires_signin,
    }
}

/// Returns the id of the post's `replies` collection and the time of the first crawl. A collection on another host is
/// ignored.
fn replies_of(object: &Object, now: i64, ctx: &Context) -> Option<(String, i64)> {
    let config = &ctx.config.conversations;
    let id = object.id.as_deref()?;
    let replies = object.replies.clone().filter(|_| config.fetch)?;
    (replies.len() <= MAX_ID && same_origin_text(&replies, id))
        .then(|| (replies, now + config.first_crawl.milliseconds()))
}

/// Schedules rechecks of new comments and their authors.
async fn schedule_rechecks(
    tx: &mut Tx,
    new: &[&Accepted<'_>],
    ctx: &Context,
) -> Result<(), StoreError> {
    let first = store::now() + ctx.config.conversations.first_recheck.milliseconds();
    let rechecks = new.iter().flat_map(|it| {
        let author = &it.draft.author.row;
        let id = it.draft.object.id.as_deref().unwrap_or_default();
        [id, &author.uri].map(|uri| NewRecheck {
            uri,
            host: &author.host,
        })
    });
    let rechecks: Vec<_> = rechecks.collect();
    if rechecks.is_empty() {
        return Ok(());
    }
    tx.add_rechecks(&rechecks, first).await
}

/// Stores the quote of another article in a new comment, if it has one.
async fn store_quote(tx: &mut Tx, it: &Accepted<'_>, ctx: &Context) -> Result<(), InboxError> {
    let (draft, state) = (&it.draft, it.comment.state);
    let is_visible = state == CommentState::Visible;
    if !is_visible && state != CommentState::Held {
        return Ok(());
    }
    let (author, article) = (draft.author, &draft.target.article);
    let storing = quotes::receive_in_comment(draft.object, author, article, is_visible, tx, ctx);
    match &draft.cause {
        Some(cause) => cause.clone().scope(storing).await,
        None => storing.await,
    }
}
