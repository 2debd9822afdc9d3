//! `Flag`: a report from another server, for the admin to read.

use crate::{
    content::clean_line,
    federation::verified_activity::VerifiedActivity,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        notices::{self, NoticeEvent},
    },
    protocol::Reference,
    store::NoticeKind,
};
use serde_json::Value;

const MAX_TEXT: usize = 2000;
const MAX_OBJECTS: usize = 20;

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity)?;
    let objects = objects(activity);
    let mut tx = activity.begin(ctx).await?;
    let mut concerns_us = false;
    for object in &objects {
        concerns_us |= ctx.urls().is_ours(object) || tx.comment_by_uri(object).await?.is_some();
    }
    let actor = &activity.actor.row;
    if tx.rules_for(&actor.uri, &actor.host).await?.no_reports {
        return Err(InboxError::Dropped(DropReason::ReportsRejected));
    }
    if !concerns_us {
        return Err(InboxError::Dropped(DropReason::ReportOfUnknownObject));
    }
    // The reporter's words come first, because long notices are truncated.
    let text = match words(activity).as_str() {
        "" => format!(
            "{} reported, without a word, {}",
            activity.actor.handle(),
            objects.join(", ")
        ),
        words => format!(
            "{} reported: “{words}” ({})",
            activity.actor.handle(),
            objects.join(", ")
        ),
    };
    let subject = objects.join(" ");
    let event = NoticeEvent {
        kind: NoticeKind::Report,
        object: objects.first().map(String::as_str),
        subject: Some(&subject),
        text: &text,
    };
    if !notices::add(&mut tx, ctx, &activity.actor.row, event).await? {
        return Err(InboxError::TOO_MANY_NOTICES);
    }
    tx.commit().await?;
    Ok(())
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    match activity.payload.object {
        Reference::Nothing => Err(InboxError::malformed("the report names nothing")),
        _ => Ok(()),
    }
}

/// Returns the reason, in the spellings of Mastodon and its kin, of servers that state the language, and of
/// Lemmy.
fn words(activity: &VerifiedActivity) -> String {
    let raw = &activity.payload.raw;
    let of_map = |name: &str| raw.get(name)?.as_object()?.values().next()?.as_str();
    let of = |name: &str| raw.get(name)?.as_str();
    [
        activity.payload.content.as_deref(),
        of_map("contentMap"),
        of("summary"),
        of_map("summaryMap"),
        of("name"),
    ]
    .into_iter()
    .flatten()
    .map(|words| clean_line(words, MAX_TEXT))
    .find(|words| !words.is_empty())
    .unwrap_or_default()
}

/// All that is reported: Mastodon sends the actor and its posts in one list.
fn objects(activity: &VerifiedActivity) -> Vec<String> {
    let ids = match activity.payload.raw.get("object") {
        Some(Value::Array(list)) => list
            .iter()
            .take(MAX_OBJECTS)
            .filter_map(|entry| entry.as_str().or_else(|| entry.get("id")?.as_str()))
            .map(str::to_owned)
            .collect(),
        _ => activity.payload.object.id().into_iter().collect::<Vec<_>>(),
    };
    ids.iter()
        .map(|id| crate::federation::remote::fetch_error::shown(id))
        .collect()
}
