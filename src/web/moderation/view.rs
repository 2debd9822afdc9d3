//! The moderation page of a comment: from rows to the view.

use super::{Action, Subject, host_of};
use crate::{
    content::Html,
    spam::Reason,
    store::{self, Comment, CommentState, RemoteActorRow},
    web::views::{
        Author, Avatar, DecisionButton, DecisionNotice, Link, ModeratedComment, NamedLink,
        Timestamp,
    },
};

/// Returns the comment with the decisions that can be made.
pub(super) fn comment(
    token: &str,
    subject: &Subject,
    (content, is_shortened): (Html, bool),
    article: NamedLink,
    done: Option<Action>,
    problem: Option<&str>,
) -> ModeratedComment {
    let comment = &subject.comment;
    let (is_deleted, is_visible) = (
        comment.state == CommentState::Deleted,
        comment.state == CommentState::Visible,
    );
    let reasons = comment.score_reasons.as_deref().unwrap_or("[]");
    let reasons: Vec<Reason> = serde_json::from_str(reasons).unwrap_or_default();
    let mut buttons = vec![
        (!is_visible).then_some(button("approve", "Approve")),
        is_visible.then_some(button("hide", "Hide")),
        (comment.state != CommentState::Spam).then_some(button("spam", "Spam")),
    ];
    if is_deleted {
        buttons.clear();
    }
    ModeratedComment {
        address: format!("/moderate/{token}"),
        author: Author {
            name: comment.author_name.clone(),
            handle: Some(comment.author_handle.clone()).filter(|handle| !handle.is_empty()),
            url: comment.author_url.as_deref().and_then(Link::parse),
            avatar: Avatar::initials(&comment.author_name, &comment.author_handle),
        },
        received: Timestamp::from(store::moment(comment.received_at)),
        original: comment.url.as_deref().and_then(Link::parse),
        state: describe_state(comment),
        language: comment.language.clone(),
        content_warning: comment.content_warning.clone(),
        content,
        is_shortened,
        reasons: reasons
            .into_iter()
            .map(|reason| (reason.points, reason.what))
            .collect(),
        done: done.and_then(|done| notice_of(done, subject)),
        problem: problem.map(str::to_owned),
        buttons: buttons.into_iter().flatten().collect(),
        block: subject.actor.as_ref().map(|actor| {
            let handle = handle_of(actor);
            [
                button("block-actor", &format!("Block {handle}")),
                button("block-host", &format!("Block all of {}", host_of(actor))),
            ]
        }),
        can_reply: is_visible,
        is_deleted,
        article,
    }
}

fn handle_of(actor: &RemoteActorRow) -> String {
    crate::node::Inner::remote_handle(&actor.username, &actor.handle_host)
}

fn button(value: &'static str, label: &str) -> DecisionButton {
    DecisionButton {
        value,
        label: label.to_owned(),
    }
}

/// Describes the state of a comment, with the reason for it.
fn describe_state(comment: &Comment) -> String {
    let words = match comment.state {
        CommentState::Visible if comment.is_hidden_by_author() => {
            "visible without its text, at its author's request"
        }
        CommentState::Visible => "visible",
        CommentState::Held => "held for approval",
        CommentState::Unconfirmed => "not confirmed by its author yet",
        CommentState::Hidden => "hidden",
        CommentState::Spam => "marked as spam",
        _ => "deleted",
    };
    match &comment.reason {
        Some(reason) => format!("{words}: {reason}"),
        None => words.to_owned(),
    }
}

/// Describes a decision, with the button that revokes it.
fn notice_of(action: Action, subject: &Subject) -> Option<DecisionNotice> {
    let actor = subject.actor.as_ref();
    let (text, undo) = match action {
        Action::Approve => (
            "The comment is visible.".to_owned(),
            Some(button("hide", "Undo: hide it")),
        ),
        Action::Hide => (
            "The comment is hidden.".to_owned(),
            Some(button("approve", "Undo: show it")),
        ),
        Action::Spam => (
            "The comment is marked as spam.".to_owned(),
            Some(button("approve", "Undo: show it")),
        ),
        Action::Delete => ("The comment is deleted.".to_owned(), None),
        Action::BlockActor => (
            format!("{} is blocked.", handle_of(actor?)),
            Some(button("unblock-actor", "Undo: unblock")),
        ),
        Action::BlockHost => (
            format!("{} is blocked.", host_of(actor?)),
            Some(button("unblock-host", "Undo: unblock")),
        ),
        Action::UnblockActor => (format!("{} is no longer blocked.", handle_of(actor?)), None),
        Action::UnblockHost => (format!("{} is no longer blocked.", host_of(actor?)), None),
        Action::Reply => ("Your reply is published.".to_owned(), None),
    };
    Some(DecisionNotice { text, undo })
}
