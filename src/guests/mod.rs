//! Comments of guests, who have no account. A submitted comment is scored, and becomes visible at once, after the guest
//! has confirmed their mail address, or after the admin has approved it.

mod admission;
pub mod confirm;
pub mod own;
pub mod report;

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

/// Texts below this length, in bytes, are rendered on the calling thread.
const SHORT_TEXT: usize = 4 * 1024;
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// A comment from the form, with cleaned fields.
#[derive(Debug)]
pub struct Submission {
    pub article: ArticleHeader,
    /// The comment that it replies to.
    pub parent: Option<Comment>,
    /// The guest that the browser's cookie names.
    pub guest_id: Option<i64>,
    pub fields: GuestFields,
    pub markdown: String,
    pub wants_answers: bool,
    /// See [`address_hash`].
    pub address_hash: String,
    /// Whether the hidden field, which only programs fill in, has a value.
    pub is_honeypot_filled: bool,
    /// The token of the form: a form that is sent twice makes one comment.
    pub token: String,
}

/// The outcome of a submission.
#[derive(Debug)]
pub enum SubmissionOutcome {
    /// It is stored, by this submission or an earlier one.
    Stored {
        state: CommentState,
        number: i64,
        guest_id: Option<i64>,
    },
    /// Too many comments came from this address or on this article.
    TooMany,
}

/// Returns the hash of an IP address, which is stored for some days instead of the address.
pub fn address_hash(node: &Node, address: &str) -> String {
    node.tokens.hash(&format!("address {address}"))
}

/// Stores a comment from the form. The caller has checked that the article accepts comments.
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
    let score = score(node, &mut tx, &guest, &content).await?;
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
        // The same form was sent twice concurrently.
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
    node.events.record_comment("Comment", &comment.uri, None);
    node.store.wake();
    tracing::info!(comment = id, state = state.as_str(), "a guest commented");
    Ok(SubmissionOutcome::Stored {
        state,
        number,
        guest_id: Some(guest.id),
    })
}

/// Returns the state of a new comment, and the reason if it is not visible.
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

/// Renders Markdown to HTML. A long text is rendered on a blocking thread.
pub async fn render(markdown: &str) -> String {
    if markdown.len() < SHORT_TEXT {
        return markdown::render_comment(markdown).into_string();
    }
    let markdown = markdown.to_owned();
    let rendered =
        tokio::task::spawn_blocking(move || markdown::render_comment(&markdown).into_string());
    // Only a panic in the renderer ends the task early, and then there is no text to show.
    rendered.await.unwrap_or_default()
}

/// Returns the uid of the comment. It is a hash, not random: if the same form is sent twice concurrently, the database
/// accepts one of them.
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

/// Returns the outcome for a comment that is already stored. Its author does not learn what the admin decided.
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

/// Returns the browser's guest, updated with the fields of the form, or a new guest.
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

async fn score(node: &Node, tx: &mut Tx, guest: &Guest, content: &str) -> Result<Score, NodeError> {
    let candidate = Candidate {
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
