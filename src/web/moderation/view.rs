//! The moderation page of a comment: from rows to the view.

use super::{Action, Subject, host_of};
use crate::{
    content::Html,
    i18n::Locale,
    spam::Reason,
    store::{self, Comment, CommentState, RemoteActorRow},
    web::views::{
        Author, Avatar, DecisionButton, DecisionNotice, Link, ModeratedComment, NamedLink,
        Timestamp,
    },
};

/// Returns the comment with the decisions that can be made.
pub(super) fn comment(
    locale: Locale,
    token: &str,
    subject: &Subject,
    (content, is_shortened): (Html, bool),
    article: NamedLink,
    done: Option<Action>,
    problem: Option<String>,
) -> ModeratedComment {
    let comment = &subject.comment;
    let (is_deleted, is_visible) = (
        comment.state == CommentState::Deleted,
        comment.state == CommentState::Visible,
    );
    let reasons = comment.score_reasons.as_deref().unwrap_or("[]");
    let reasons: Vec<Reason> = serde_json::from_str(reasons).unwrap_or_default();
    let mut buttons = vec![
        (!is_visible).then(|| button("approve", locale.text("moderate-approve"))),
        is_visible.then(|| button("hide", locale.text("moderate-hide"))),
        (comment.state != CommentState::Spam).then(|| button("spam", locale.text("moderate-spam"))),
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
        state: describe_state(locale, comment),
        language: comment.language.clone(),
        content_warning: comment.content_warning.clone(),
        content,
        is_shortened,
        reasons: reasons
            .into_iter()
            .map(|reason| (reason.points, reason.what))
            .collect(),
        done: done.and_then(|done| notice_of(locale, done, subject)),
        problem,
        buttons: buttons.into_iter().flatten().collect(),
        block: subject.actor.as_ref().map(|actor| {
            let actor_args = [("handle", handle_of(actor).into())];
            let host_args = [("host", host_of(actor).into())];
            [
                button(
                    "block-actor",
                    locale.text_with("moderate-block-actor", &actor_args),
                ),
                button(
                    "block-host",
                    locale.text_with("moderate-block-host", &host_args),
                ),
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

fn button(value: &'static str, label: impl Into<String>) -> DecisionButton {
    DecisionButton {
        value,
        label: label.into(),
    }
}

/// Describes the state of a comment in a sentence, with the reason for it, which is in English.
fn describe_state(locale: Locale, comment: &Comment) -> String {
    let state = locale.text(match comment.state {
        CommentState::Visible if comment.is_hidden_by_author() => "moderate-state-textless",
        CommentState::Visible => "moderate-state-visible",
        CommentState::Held => "moderate-state-held",
        CommentState::Unconfirmed => "moderate-state-unconfirmed",
        CommentState::Hidden => "moderate-state-hidden",
        CommentState::Spam => "moderate-state-spam",
        _ => "moderate-state-deleted",
    });
    let state = ("state", state.into());
    match &comment.reason {
        Some(reason) => locale.text_with(
            "moderate-state-reason",
            &[state, ("reason", reason.as_str().into())],
        ),
        None => locale.text_with("moderate-state", &[state]),
    }
}

/// Describes a decision, with the button that revokes it.
fn notice_of(locale: Locale, action: Action, subject: &Subject) -> Option<DecisionNotice> {
    let actor = subject.actor.as_ref();
    let name = || match action {
        Action::BlockActor | Action::UnblockActor => actor.map(handle_of),
        _ => actor.map(|actor| host_of(actor).to_owned()),
    };
    let with_name = |key| Some(locale.text_with(key, &[("name", name()?.into())]));
    let plain = |key| Some(locale.text(key).into_owned());
    let text = match action {
        Action::Approve => plain("moderate-done-approve"),
        Action::Hide => plain("moderate-done-hide"),
        Action::Spam => plain("moderate-done-spam"),
        Action::Delete => plain("moderate-done-delete"),
        Action::Reply => plain("moderate-done-reply"),
        Action::BlockActor | Action::BlockHost => with_name("moderate-done-block"),
        Action::UnblockActor | Action::UnblockHost => with_name("moderate-done-unblock"),
    }?;
    let undo = match action {
        Action::Approve => Some(("hide", "moderate-undo-hide")),
        Action::Hide | Action::Spam => Some(("approve", "moderate-undo-show")),
        Action::BlockActor => Some(("unblock-actor", "moderate-undo-unblock")),
        Action::BlockHost => Some(("unblock-host", "moderate-undo-unblock")),
        _ => None,
    };
    Some(DecisionNotice {
        text,
        undo: undo.map(|(value, key)| button(value, locale.text(key))),
    })
}
