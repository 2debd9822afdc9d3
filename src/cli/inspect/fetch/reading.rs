//! Reads a fetched document as the node does: an actor, or a post and the article that it would comment on.

use super::Report;
use crate::{
    content::{Handle, Host},
    federation::{
        comments::admission::can_be_comment,
        remote::{actors, fetch_error::shown, webfinger},
    },
    node::{
        Context,
        caches::key_cache::read_key,
        target,
        urls::{host_of, same_origin_text},
    },
    protocol::{ActorDocument, Object, same_id},
};
use anyhow::Result;
use serde_json::Value;
use url::Url;

/// Reads a document, and checks what the node would check.
pub(super) async fn read(document: &Value, report: &mut Report, ctx: &Context) -> Result<()> {
    let kind = document["type"]
        .as_str()
        .unwrap_or("nothing that has a type");
    report.say("type", shown(kind));
    if document.get("inbox").is_some() {
        read_actor(document, report, ctx).await
    } else {
        read_post(document, report, ctx).await
    }
}

async fn read_actor(value: &Value, report: &mut Report, ctx: &Context) -> Result<()> {
    let id = value["id"].as_str().unwrap_or_default().to_owned();
    let Ok(document) = serde_json::from_value::<ActorDocument>(value.clone()) else {
        report.step("actor", false, "its document can't be read");
        return Ok(());
    };
    note_keys(&document, report);
    match actors::get(&id, ctx).await {
        Ok(actor) => {
            report.step("actor", true, "its document is that of an actor");
            let row = &actor.row;
            report.say("name", row.name.clone());
            report.say("user name", row.username.clone());
            report.say("inbox", row.inbox.clone());
            report.say(
                "shared inbox",
                row.shared_inbox.clone().unwrap_or_else(|| "none".into()),
            );
            report.say("page", actor.link());
            if let Some(moved) = &row.moved_to {
                report.say("moved to", moved.clone());
            }
            let is_stored = actor.stranger().is_none();
            report.say("known here", if is_stored { "yes" } else { "no" });
        }
        Err(error) => report.step("actor", false, error.to_string()),
    }
    check_handle(&id, &document, report, ctx).await;
    Ok(())
}

fn note_keys(document: &ActorDocument, report: &mut Report) {
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    for key in document.keys() {
        let id = shown(&key.id);
        match read_key(&key.text) {
            Some(read) if same_origin_text(&key.id, document.id.as_deref().unwrap_or_default()) => {
                usable.push(format!("{id} ({:?})", read.algorithm()));
            }
            Some(_) => unusable.push(format!("{id} is on another host")),
            None => unusable.push(format!("{id} is in no known form, or too short")),
        }
    }
    if usable.is_empty() {
        let why = if unusable.is_empty() {
            "it publishes no key".into()
        } else {
            unusable.join("; ")
        };
        report.step(
            "key",
            false,
            format!("{why}, so nothing that it sends is believed"),
        );
    } else {
        report.step("key", true, format!("it publishes {}", usable.join(", ")));
    }
}

/// Checks the handle both ways: the domain names the actor, and the actor names the domain.
async fn check_handle(id: &str, document: &ActorDocument, report: &mut Report, ctx: &Context) {
    let host = Url::parse(id)
        .ok()
        .and_then(|url| host_of(&url))
        .unwrap_or_default();
    let name = document.preferred_username.clone().unwrap_or_default();
    let claim = document
        .webfinger
        .as_deref()
        .and_then(|claim| claim.parse::<Handle>().ok());
    let own = Host::parse(&host)
        .ok()
        .and_then(|host| Handle::new(&name, host).ok());
    let Some(handle) = claim.or(own) else {
        report.step("handle", false, "it has no user name that makes a handle");
        return;
    };
    let found = match webfinger::look_up(&handle, ctx).await {
        Ok(found) => found,
        Err(error) => {
            report.step("handle", false, error.to_string());
            return;
        }
    };
    if !same_id(found.actor.as_str(), id) {
        let other = shown(found.actor.as_str());
        report.step(
            "handle",
            false,
            format!("WebFinger says that {handle} is {other}"),
        );
        return;
    }
    let agreed = match found.subject {
        Some(subject) if subject != handle => match webfinger::look_up(&subject, ctx).await {
            Ok(other) if same_id(other.actor.as_str(), id) => subject,
            _ => {
                let text = format!(
                    "{} calls it {subject}, whose domain does not agree",
                    handle.host()
                );
                report.step("handle", false, text);
                return;
            }
        },
        _ => handle,
    };
    report.step("handle", true, format!("{agreed} is confirmed both ways"));
    report.say("handle", agreed.to_string());
}

async fn read_post(value: &Value, report: &mut Report, ctx: &Context) -> Result<()> {
    let Some(object) = Object::read(value.clone()) else {
        report.step("post", false, "it is no object");
        return Ok(());
    };
    let id = object.id.clone().unwrap_or_default();
    if !can_be_comment(object.kind()) {
        report.say("comment", "no: this type never becomes a comment");
        return Ok(());
    }
    let author = object.attributed_to.clone().unwrap_or_default();
    if author.is_empty() {
        report.step("author", false, "it has no author");
    } else if !same_origin_text(&author, &id) {
        let text = format!(
            "its author {} is on another server, so it is not believed",
            shown(&author)
        );
        report.step("author", false, text);
    } else {
        check_author(&author, report, ctx).await?;
    }
    report.say(
        "visibility",
        if object.is_public() {
            "public"
        } else {
            "not public: never shown on a page"
        },
    );
    if let Some(time) = object.published {
        report.say(
            "published",
            time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        );
    }
    let mut conn = ctx.store.read().await?;
    if let Some(comment) = conn.comment_by_uri(&id).await? {
        let state = comment.state.as_str();
        report.say(
            "stored",
            format!("as comment {}, which is {state}", comment.id),
        );
    }
    let Some(parent) = &object.in_reply_to else {
        report.say("replies to", "nothing");
        return Ok(());
    };
    report.say("replies to", shown(parent));
    match target::find(&mut conn, ctx.urls(), parent).await? {
        Some(target) => {
            let policy = target.article.comment_policy(ctx.config.comments.terms());
            let policy = format!("{policy:?}").to_lowercase();
            let title = &target.article.title;
            report.say(
                "comment",
                format!("on the article “{title}”, whose comments are {policy}"),
            );
        }
        None => report.say("comment", "no: it replies to nothing that is stored here"),
    }
    Ok(())
}

async fn check_author(author: &str, report: &mut Report, ctx: &Context) -> Result<()> {
    match actors::get(author, ctx).await {
        Ok(actor) => {
            let mut conn = ctx.store.read().await?;
            let is_blocked = ctx
                .is_blocked(&mut conn, &actor.row.uri, &actor.row.host)
                .await?;
            let handle = actor.handle();
            let text = if is_blocked {
                format!("{handle} is blocked")
            } else {
                format!("{handle} can be fetched and is not blocked")
            };
            report.step("author", !is_blocked, text);
            report.say("author", format!("{} ({handle})", actor.row.name));
        }
        Err(error) => report.step("author", false, error.to_string()),
    }
    Ok(())
}
