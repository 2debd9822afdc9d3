//! Activities of our actors, in the form that Mastodon gives them.

use crate::{
    texts,
    world::{Actor, World},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::SystemTime;

const CONTEXT: &str = "https://www.w3.org/ns/activitystreams";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// What an actor does.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Act {
    Follow,
    Reply,
    Like,
    Announce,
    UndoFollow,
    UndoLike,
    UndoAnnounce,
}

/// What the actors of one run do.
pub(crate) struct Plan<'a> {
    pub(crate) act: Act,
    /// The actor that is followed, or the object that is replied to, liked or announced.
    pub(crate) object: &'a str,
    /// The author whom a reply mentions.
    pub(crate) author: &'a str,
    /// Part of all ids, so that no two runs have the same. What is undone has the ids of the run that did it.
    pub(crate) run: &'a str,
}

impl Plan<'_> {
    /// Returns the JSON of an actor's Nth activity of the run. A reply is kept for those who fetch it.
    pub(crate) fn activity(&self, world: &World, actor: Actor, number: u32) -> String {
        let serial = format!("{}-{number}", self.run);
        let me = world.id(actor);
        let mut activity = match self.act {
            Act::Follow | Act::UndoFollow => self.simple("Follow", &me, &serial),
            Act::Like | Act::UndoLike => self.simple("Like", &me, &serial),
            Act::Announce | Act::UndoAnnounce => {
                let mut announce = self.simple("Announce", &me, &serial);
                announce["to"] = json!([PUBLIC]);
                announce["cc"] = json!([format!("{me}/followers")]);
                announce["published"] = now().into();
                announce
            }
            Act::Reply => {
                let note = self.note(world, actor, &serial, number);
                let create = json!({
                    "id": format!("{me}/notes/{serial}/activity"),
                    "type": "Create",
                    "actor": me,
                    "published": note["published"],
                    "to": note["to"],
                    "cc": note["cc"],
                    "object": note,
                });
                let mut kept = note;
                kept["@context"] = CONTEXT.into();
                world.keep_note(format!("{me}/notes/{serial}"), kept.to_string());
                create
            }
        };
        if matches!(
            self.act,
            Act::UndoFollow | Act::UndoLike | Act::UndoAnnounce
        ) {
            activity = json!({
                "id": format!("{me}#undo/{serial}"),
                "type": "Undo",
                "actor": me,
                "object": activity,
            });
        }
        activity["@context"] = CONTEXT.into();
        activity.to_string()
    }

    fn simple(&self, kind: &str, me: &str, serial: &str) -> Value {
        json!({
            "id": format!("{me}#{}s/{serial}", kind.to_ascii_lowercase()),
            "type": kind,
            "actor": me,
            "object": self.object,
        })
    }

    fn note(&self, world: &World, actor: Actor, serial: &str, number: u32) -> Value {
        let me = world.id(actor);
        let Self { object, author, .. } = self;
        let text = texts::text(seed(self.run) ^ u64::from(number));
        let name = author.rsplit('/').next().unwrap_or("author");
        let content = format!(
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"{author}\" class=\"u-url mention\">@<span>{name}</span>\
             </a></span> {text}</p>"
        );
        json!({
            "id": format!("{me}/notes/{serial}"),
            "type": "Note",
            "summary": null,
            "inReplyTo": object,
            "published": now(),
            "url": format!("{}/@u{}/{serial}", world.origin(actor.host), actor.user),
            "attributedTo": me,
            "to": [PUBLIC],
            "cc": [format!("{me}/followers"), author],
            "sensitive": false,
            "content": content,
            "contentMap": {"en": content},
            "attachment": [],
            "tag": [{"type": "Mention", "href": author, "name": format!("@{name}")}],
        })
    }
}

/// A number for a run's texts, so that no two runs have the same.
fn seed(run: &str) -> u64 {
    run.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) << 32
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
