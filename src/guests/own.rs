//! Edits and withdrawals of guests' comments by the guests themselves.

use super::{
    admission::{Admission, count_links, is_reserved_name},
    render, score,
};
use crate::{
    content::CommentPolicy,
    moderation::{self, By, Verdict, about_comment},
    node::{Node, NodeError, tokens::Purpose},
    quota::Limit,
    store::{self, ArticleHeader, Comment, CommentState, Decision, Guest, Tx},
};

/// The name of guests in the moderation log.
const WHO: &str = "guest";
/// The lifetime of the link in an email that lists a guest's comments, in milliseconds.
const LIST_LIFETIME: i64 = 365 * 24 * 60 * 60 * 1000;

/// The outcome of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditOutcome {
    /// The new text is stored. The state is what its author may know: see [`state_for_author`].
    Stored(CommentState),
    /// The comment was written too long ago.
    TooLate,
    /// It was edited too often within an hour.
    TooMany,
    /// The comment is gone.
    Gone,
}

/// Returns the link in an email that lists a guest's comments. It works once the guest has confirmed the address.
pub fn list_link(node: &Node, guest_id: i64, mail: &str) -> String {
    let until = store::now() + LIST_LIFETIME;
    let text = format!("{guest_id} {mail}");
    let token = node.tokens.sign(Purpose::OwnComments, &text, until);
    node.urls().at(&format!("/comments/mine?token={token}"))
}

/// Returns the guest id and the mail address in the token of such a link, if it is valid.
pub fn read_list_token(node: &Node, token: &str) -> Option<(i64, String)> {
    let text = node
        .tokens
        .read(Purpose::OwnComments, token, store::now())?;
    let (id, mail) = text.split_once(' ')?;
    Some((id.parse().ok()?, mail.to_owned()))
}

/// Returns whether a guest can still edit a comment.
pub fn is_editable(node: &Node, comment: &Comment) -> bool {
    let limit = node.config.comments.guest_edits.milliseconds();
    comment.state != CommentState::Deleted
        && comment.received_at.saturating_add(limit) > store::now()
}

/// Returns the state of a comment as its author may know it: the author of spam is not told about it, and neither is the
/// author of a hidden comment.
pub fn state_for_author(state: CommentState) -> CommentState {
    match state {
        CommentState::Visible | CommentState::Unconfirmed | CommentState::Deleted => state,
        CommentState::Held | CommentState::Hidden | CommentState::Spam => CommentState::Held,
    }
}

/// Replaces the text of a guest's comment. It is judged again: an edit can hide a comment, but never make one visible.
pub async fn edit(
    node: &Node,
    comment_id: i64,
    guest_id: i64,
    markdown: &str,
) -> Result<EditOutcome, NodeError> {
    let content = render(markdown).await;
    let mut tx = node.store.begin().await?;
    let Some((comment, guest)) = find(&mut tx, comment_id, guest_id).await? else {
        return Ok(EditOutcome::Gone);
    };
    if !is_editable(node, &comment) {
        return Ok(EditOutcome::TooLate);
    }
    if comment.markdown.as_deref() == Some(markdown) {
        return Ok(EditOutcome::Stored(state_for_author(comment.state)));
    }
    let Some(article) = tx.article_header_by_id(comment.article_id).await? else {
        return Ok(EditOutcome::Gone);
    };
    let key = comment.id.to_string();
    if node
        .quota
        .charge_account(Limit::GuestEdits, &key, 1)
        .is_err()
    {
        return Ok(EditOutcome::TooMany);
    }
    tx.edit_guest_comment(comment.id, &content, markdown)
        .await?;
    let state = judge_again(node, &mut tx, &comment, &article, &guest, &content).await?;
    if state == CommentState::Visible {
        moderation::guests::update(node, &mut tx, &comment).await?;
    }
    tx.commit().await?;
    node.store.wake();
    tracing::info!(
        comment = comment.id,
        state = state.as_str(),
        "a guest edited a comment"
    );
    Ok(EditOutcome::Stored(state_for_author(state)))
}

/// Deletes a guest's comment, here and on other servers. Returns false if it is gone already.
pub async fn withdraw(node: &Node, comment_id: i64, guest_id: i64) -> Result<bool, NodeError> {
    let mut tx = node.store.begin().await?;
    let Some((comment, _)) = find(&mut tx, comment_id, guest_id).await? else {
        return Ok(false);
    };
    moderation::unlearn_good(&mut tx, &comment).await?;
    let by = By {
        who: WHO,
        why: Some("withdrawn by its author"),
    };
    moderation::decide(node, &mut tx, &comment, Verdict::Delete, by).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(true)
}

async fn find(
    tx: &mut Tx,
    comment_id: i64,
    guest_id: i64,
) -> Result<Option<(Comment, Guest)>, NodeError> {
    let comment = tx.comment(comment_id).await?;
    let is_own = |comment: &Comment| {
        comment.guest_id == Some(guest_id) && comment.state != CommentState::Deleted
    };
    let Some(comment) = comment.filter(is_own) else {
        return Ok(None);
    };
    let guest = tx.guest(guest_id).await?;
    Ok(guest.map(|guest| (comment, guest)))
}

/// Scores an edited comment and applies the policies. Returns its state.
async fn judge_again(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
    article: &ArticleHeader,
    guest: &Guest,
    content: &str,
) -> Result<CommentState, NodeError> {
    let score = score(node, tx, guest, content).await?;
    let (reasons, hash) = (score.reasons_json(), score.text_hash.as_deref());
    tx.set_score(comment.id, score.points, reasons.as_deref(), hash)
        .await?;
    let admission = Admission {
        policy: match article.comment_policy(node.config.comments.terms()) {
            // The comment was accepted while comments were open.
            CommentPolicy::Closed | CommentPolicy::Followers => CommentPolicy::Open,
            policy => policy,
        },
        score,
        links: count_links(content),
        is_trusted: guest.trusted,
        uses_reserved_name: is_reserved_name(node, tx, &comment.author_name).await?,
    };
    let (state, reason) = admission.decide(node);
    let is_changed = match comment.state {
        CommentState::Visible => state != CommentState::Visible,
        CommentState::Held | CommentState::Unconfirmed => state == CommentState::Spam,
        _ => false,
    };
    if !is_changed {
        return Ok(comment.state);
    }
    let why = format!("edited, and {}", reason.unwrap_or_default());
    tx.set_comment_state(comment.id, state, Some(&why)).await?;
    moderation::guests::withdraw(node, tx, comment).await?;
    if state == CommentState::Held && node.config.notifies_admin() {
        tx.notify_again(comment.id).await?;
    }
    tx.log(&Decision {
        who: WHO,
        action: match state {
            CommentState::Spam => "spam",
            _ => "hold",
        },
        about: &about_comment(comment.id),
        why: Some(&why),
        before: Some(comment.state.as_str()),
        before_reason: comment.reason.as_deref(),
    })
    .await?;
    Ok(state)
}
