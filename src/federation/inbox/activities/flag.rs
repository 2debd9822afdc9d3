//! `Flag`: a report from another server. It becomes a notice for the admin.

use crate::{
    base::steps,
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

/// The maximum length of the reason in a notice, in characters.
const MAX_TEXT: usize = 2000;
/// The maximum number of reported objects that a notice lists.
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
    // The reason comes before the objects, because long notices are truncated.
    let text = match reason(activity).as_str() {
        "" => format!(
            "{} reported, without a word, {}",
            activity.actor.handle(),
            objects.join(", ")
        ),
        reason => format!(
            "{} reported: “{reason}” ({})",
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
    steps::note("effect", || {
        "the admin would get a notice of the report".into()
    });
    tx.commit().await?;
    Ok(())
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    match activity.payload.object {
        Reference::Nothing => Err(InboxError::malformed("the report names nothing")),
        _ => Ok(()),
    }
}

/// Returns the reason, or an empty string. Most servers, such as Mastodon, send it as `content`, and Lemmy as
/// `summary`. Servers that state the language send a map.
fn reason(activity: &VerifiedActivity) -> String {
    let raw = &activity.payload.raw;
    let map_field = |name: &str| raw.get(name)?.as_object()?.values().next()?.as_str();
    let field = |name: &str| raw.get(name)?.as_str();
    [
        activity.payload.content.as_deref(),
        map_field("contentMap"),
        field("summary"),
        map_field("summaryMap"),
        field("name"),
    ]
    .into_iter()
    .flatten()
    .map(|text| clean_line(text, MAX_TEXT))
    .find(|text| !text.is_empty())
    .unwrap_or_default()
}

/// Returns the ids of the reported objects. Mastodon sends the actor and its posts in one list.
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
