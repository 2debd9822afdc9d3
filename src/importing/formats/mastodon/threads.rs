//! Threads of posts: a person's replies to their own posts are a thread, other replies belong to conversations
//! of others.

use super::{
    super::{
        json_items::{JsonError, JsonItem},
        json_values::text,
    },
    pixelfed,
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The maximum length of a thread. A circle of replies is one of endless length.
const MAX_LENGTH: usize = 1000;

/// The replies of an account.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// The posts that the posts reply to, by id.
    parents: HashMap<String, String>,
    /// The posts of the account that reply to nothing, and those that can be replied to.
    own: HashSet<String>,
}

/// The role of a post within its conversation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Thread<'a> {
    /// It replies to nothing.
    Start,
    /// It continues a post of the same author.
    Continues(&'a str),
    /// It replies to somebody else, or to such a reply.
    Reply,
}

impl Threads {
    /// Reads the replies from an outbox. What can't be read is left to the reader of the posts.
    pub(super) fn read(
        items: impl Iterator<Item = Result<JsonItem, JsonError>>,
        actor: &str,
    ) -> Threads {
        let mut threads = Threads::default();
        for item in items.filter_map(Result::ok) {
            let Ok(activity) = item.parse::<Value>().map(pixelfed::as_activity) else {
                continue;
            };
            let Some(object) = activity.get("object") else {
                continue;
            };
            let (Some(id), "Create") = (
                text(object, "id"),
                text(&activity, "type").unwrap_or_default().as_str(),
            ) else {
                continue;
            };
            if let Some(parent) = text(object, "inReplyTo") {
                threads.parents.insert(id.clone(), parent);
            }
            if text(object, "attributedTo").is_none_or(|author| author == actor) {
                threads.own.insert(id);
            }
        }
        threads
    }

    /// Returns what a post is within its conversation.
    pub(super) fn of(&self, id: &str) -> Thread<'_> {
        let Some(parent) = self.parents.get(id) else {
            return Thread::Start;
        };
        let mut post = parent;
        for _ in 0..MAX_LENGTH {
            if !self.own.contains(post) {
                return Thread::Reply;
            }
            match self.parents.get(post) {
                Some(next) => post = next,
                None => return Thread::Continues(parent),
            }
        }
        Thread::Reply
    }
}
