//! Comments of guests, who have no account: taken from the form, judged, and let in at once, after the
//! guest confirmed their mail address, or by the admin.

pub mod admission;
pub mod confirm;

use crate::{
    content::markdown,
    moderation::{akismet, guests::publish},
    node::{Node, NodeError},
    spam::{self, Author, Candidate, Score},
    store::{
        self, ArticleHeader, Comment, CommentState, Guest, GuestFields, GuestPart, NewComment, Tx,
    },
};
use admission::{Admission, count_links, is_reserved_name};

/// Texts below this length, in bytes, are rendered at once.
const SHORT_TEXT: usize = 4 * 1024;
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// A comment as the form brought it, cleaned.
#[derive(Debug)]
pub struct Submission {
    pub article: ArticleHeader,
    /// The comment that it answers.
    pub parent: Option<Comment>,
    /// The guest whose browser it is, if it is a known one.
    pub guest_id: Option<i64>,
    pub fields: GuestFields,
    pub markdown: String,
    pub wants_answers: bool,
    /// See [`address_hash`].
    pub address_hash: String,
    /// It filled in what people don't see.
    pub is_honeypot_filled: bool,
    /// What the form was shown with: the same form sent twice makes one comment.
    pub token: String,
}

/// What became of it.
#[derive(Debug)]
pub enum SubmissionOutcome {
    /// It is there, now or since it was sent before.
    Stored {
        state: CommentState,
        number: i64,
        guest_id: Option<i64>,
    },
    /// Too many come from this address, or under this article.
    TooMany,
}

/// What is kept of an address, for some days.
pub fn address_hash(node: &Node, address: &str) -> String {
    node.tokens.hash(&format!("address {address}"))
}

/// Takes a comment from the form, which the article must be open for.
pub async fn submit(node: &Node, submission: &Submission) -> Result<SubmissionOutcome, NodeError> {
    let content = render(&submission.markdown).await;
    let now = store::now();
    let mut tx = node.store.begin().await?;
    if let Some(comment) = find_duplicate(node, &mut tx, submission, now).await? {
        return Ok(stored(&comment));
    }
    let counts = tx
        .guest_posts(&submission.address_hash, submission.article.id, now - HOUR)
        .await?;
    let limits = &node.config.comments;
    if counts.of_address >= limits.per_address || counts.of_article >= limits.per_article {
        return Ok(SubmissionOutcome::TooMany);
    }
    let guest = guest_of(&mut tx, submission).await?;
    let score = score(node, &mut tx, submission, &guest, &content).await?;
    let (state, reason) =
        initial_state(node, &mut tx, submission, &guest, &score, &content).await?;
    let mut comment = NewComment {
        article_id: submission.article.id,
        parent_id: submission.parent.as_ref().map(|parent| parent.id),
        uri: node.urls().note(&uid_of(node, submission)),
        url: None,
        actor_id: None,
        author_name: guest.name.clone(),
        author_handle: String::new(),
        author_url: guest.site.clone(),
        content,
        content_warning: None,
        language: None,
        state,
        reason,
        published_at: now,
        updated_at: None,
        replies: None,
        caused_by: None,
        guest: Some(GuestPart {
            guest_id: guest.id,
            markdown: submission.markdown.clone(),
            wants_answers: submission.wants_answers && guest.mail.is_some(),
            address_hash: submission.address_hash.clone(),
        }),
        extras: None,
        score: Some(score.points),
        score_reasons: serde_json::to_string(&score.reasons).ok(),
        text_hash: score.text_hash.clone(),
        notify_pending: node.config.notifies_admin()
            && matches!(state, CommentState::Visible | CommentState::Held),
        signin_required: false,
    };
    let check = akismet::PendingCheck::of(&mut comment, &score, node);
    let state = comment.state;
    let number = node
        .store
        .next_comment_number(&mut tx, comment.article_id)
        .await?;
    let Some(id) = tx.add_comment(&comment, number).await? else {
        // The same form came twice at once.
        drop(tx);
        let there = node
            .store
            .read()
            .await?
            .comment_by_uri(&comment.uri)
            .await?;
        return Ok(there.as_ref().map_or(SubmissionOutcome::TooMany, stored));
    };
    check.store(&mut tx, Some(id)).await?;
    if state == CommentState::Unconfirmed {
        confirm::send_link(node, &mut tx, &guest, &submission.article.title).await?;
    }
    if state == CommentState::Visible
        && let Some(row) = tx.comment(id).await?
    {
        publish(node, &mut tx, &row).await?;
    }
    tx.commit().await?;
    node.store.wake();
    tracing::info!(comment = id, state = state.as_str(), "a guest commented");
    Ok(SubmissionOutcome::Stored {
        state,
        number,
        guest_id: Some(guest.id),
    })
}

/// Its first state, and why it is not shown, if it is not.
async fn initial_state(
    node: &Node,
    tx: &mut Tx,
    submission: &Submission,
    guest: &Guest,
    score: &Score,
    content: &str,
) -> Result<(CommentState, Option<String>), NodeError> {
    if submission.is_honeypot_filled {
        let reason = "it filled in a field that people don't see";
        return Ok((CommentState::Spam, Some(reason.to_owned())));
    }
    let admission = Admission {
        policy: submission
            .article
            .comment_policy(node.config.comments.terms()),
        score: score.clone(),
        links: count_links(content),
        is_trusted: guest.trusted,
        uses_reserved_name: is_reserved_name(node, tx, &guest.name).await?,
    };
    let decided = admission.decide(node);
    if decided.0 != CommentState::Spam && confirm::is_needed(node, guest) {
        let reason = "its author has not yet confirmed their mail address";
        return Ok((CommentState::Unconfirmed, Some(reason.to_owned())));
    }
    Ok(decided)
}

/// The text as HTML; a long one not on the threads that serve everyone.
pub async fn render(markdown: &str) -> String {
    if markdown.len() < SHORT_TEXT {
        return markdown::render_comment(markdown).into_string();
    }
    let markdown = markdown.to_owned();
    let rendered =
        tokio::task::spawn_blocking(move || markdown::render_comment(&markdown).into_string());
    // Only a panic in the renderer ends it early, and then there is no text that could be shown.
    rendered.await.unwrap_or_default()
}

/// The part of the comment's id that is its own. Not random: of the same form sent twice at once, the
/// database takes one.
fn uid_of(node: &Node, submission: &Submission) -> String {
    let parent = submission.parent.as_ref().map_or(0, |parent| parent.number);
    node.tokens.hash(&format!(
        "comment\n{}\n{parent}\n{}\n{}\n{}\n{}",
        submission.article.uid,
        submission.token,
        submission.address_hash,
        submission.fields.name,
        submission.markdown
    ))
}

async fn find_duplicate(
    node: &Node,
    tx: &mut Tx,
    submission: &Submission,
    now: i64,
) -> Result<Option<Comment>, NodeError> {
    let uri = node.urls().note(&uid_of(node, submission));
    if let Some(comment) = tx.comment_by_uri(&uri).await? {
        return Ok(Some(comment));
    }
    let parent = submission.parent.as_ref().map(|parent| parent.id);
    Ok(tx
        .same_guest_comment(
            &submission.address_hash,
            submission.article.id,
            parent,
            (&submission.fields.name, &submission.markdown),
            now - DAY,
        )
        .await?)
}

/// What its author is told of a comment that is there already: nothing of what the admin did with it.
fn stored(comment: &Comment) -> SubmissionOutcome {
    let state = match comment.state {
        CommentState::Visible => CommentState::Visible,
        CommentState::Unconfirmed => CommentState::Unconfirmed,
        _ => CommentState::Held,
    };
    SubmissionOutcome::Stored {
        state,
        number: comment.number,
        guest_id: None,
    }
}

/// The guest of this browser, as they call themselves now, or a new one.
async fn guest_of(tx: &mut Tx, submission: &Submission) -> Result<Guest, NodeError> {
    let known = match submission.guest_id {
        Some(id) => tx.guest(id).await?,
        None => None,
    };
    Ok(match known {
        Some(guest) => tx.update_guest(guest.id, &submission.fields).await?,
        None => tx.add_guest(&submission.fields).await?,
    })
}

async fn score(
    node: &Node,
    tx: &mut Tx,
    submission: &Submission,
    guest: &Guest,
    content: &str,
) -> Result<Score, NodeError> {
    let candidate = Candidate {
        article: &submission.article,
        author: Author::Guest {
            name: &guest.name,
            mail: guest.mail.as_deref(),
            site: guest.site.as_deref(),
            is_trusted: guest.trusted,
        },
        content,
    };
    Ok(spam::score(tx, &node.config, &node.spam_rules, &candidate).await?)
}
