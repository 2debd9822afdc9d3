//! Confirmation of a guest's mail address by a link in a mail.

use super::admission::{Admission, count_links, is_reserved_name};
use crate::{
    i18n::Locale,
    moderation::guests::publish,
    node::{Node, NodeError, tokens::Purpose},
    spam::{Score, stored_reasons},
    store::{self, CommentState, Guest, Mail, Tx},
};

/// Comments that wait for one mail address; more cause no further mails to it.
const MAX_UNCONFIRMED: i64 = 3;
/// The maximum number of comments that one confirmation releases.
const MAX_AT_ONCE: i64 = 100;
/// How long a guest can confirm their mail address, in milliseconds. Unconfirmed comments are deleted afterwards.
pub const CONFIRM_WITHIN: i64 = 7 * 24 * 60 * 60 * 1000;

/// Returns whether a guest must confirm their mail address before their comments are considered.
pub(super) fn is_needed(node: &Node, guest: &Guest) -> bool {
    node.config.mail.server.is_some() && guest.mail.is_some() && guest.confirmed_at.is_none()
}

/// Mails a confirmation link to a guest, unless too many comments already wait for the same address.
pub(super) async fn send_link(
    node: &Node,
    tx: &mut Tx,
    guest: &Guest,
    title: &str,
) -> Result<(), NodeError> {
    let Some(mail) = &guest.mail else {
        return Ok(());
    };
    if tx.count_unconfirmed(mail).await? > MAX_UNCONFIRMED {
        return Ok(());
    }
    let token = node.tokens.sign(
        Purpose::Confirm,
        &format!("{} {mail}", guest.id),
        store::now() + CONFIRM_WITHIN,
    );
    let link = node.urls().at(&format!("/comments/confirm?token={token}"));
    let own = super::own::list_link(node, guest.id, mail);
    let locale = Locale::from_tag(&node.config.site.language);
    let names = [
        ("article", title.into()),
        ("site", node.config.site.name.as_str().into()),
    ];
    let text = format!(
        "{}\n\n{}\n\n{link}\n\n{}\n\n{own}\n\n{}\n",
        locale.text_with("mail-confirm-lead", &names),
        locale.text("mail-confirm-link"),
        locale.text("mail-confirm-own"),
        locale.text("mail-confirm-not-you"),
    );
    tx.add_mail(&Mail {
        to: mail.clone(),
        subject: locale.text_with("mail-confirm-subject", &names[..1]),
        text,
        unsubscribe: None,
    })
    .await?;
    Ok(())
}

/// Returns the guest id and mail address in a confirmation token, if it is valid.
pub fn read(node: &Node, token: &str) -> Option<(i64, String)> {
    let text = node.tokens.read(Purpose::Confirm, token, store::now())?;
    let (id, mail) = text.split_once(' ')?;
    Some((id.parse().ok()?, mail.to_owned()))
}

/// Confirms a guest's mail address: each waiting comment becomes visible or waits for the admin. Returns `None` if the
/// guest was deleted or has another address by now.
pub async fn confirm(
    node: &Node,
    guest_id: i64,
    mail: &str,
) -> Result<Option<Confirmed>, NodeError> {
    let mut tx = node.store.begin().await?;
    let Some(guest) = tx.confirm_guest(guest_id, mail).await? else {
        return Ok(None);
    };
    let mut confirmed = Confirmed::default();
    for comment in tx.unconfirmed_comments(guest.id, MAX_AT_ONCE).await? {
        let Some(article) = tx.article_header_by_id(comment.article_id).await? else {
            continue;
        };
        let admission = Admission {
            policy: article.comment_policy(node.config.comments.terms()),
            score: Score {
                points: comment.score.unwrap_or(0),
                reasons: stored_reasons(comment.score_reasons.as_deref()),
                ..Score::default()
            },
            links: count_links(&comment.content),
            is_trusted: guest.trusted,
            uses_reserved_name: is_reserved_name(node, &mut tx, &guest.name).await?,
        };
        let (state, reason) = admission.decide(node);
        tx.confirm_comment(comment.id, state, reason.as_deref())
            .await?;
        if state == CommentState::Visible {
            publish(node, &mut tx, &comment).await?;
            confirmed.shown = Some((article.uid, comment.number));
        }
    }
    tx.commit().await?;
    node.store.wake();
    Ok(Some(confirmed))
}

/// The result of a confirmation.
#[derive(Debug, Default)]
pub struct Confirmed {
    /// The article's uid and the number of the last comment that became visible.
    pub shown: Option<(String, i64)>,
}
