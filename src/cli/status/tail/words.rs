//! Events in plain words.

use crate::{
    cli::common::output::one_line,
    node::{Inner, Node},
    store::{Event, EventDirection, KnownObject},
};

/// The longest title or id in a line, in characters.
const LONGEST: usize = 60;

/// An event with what is known about its object.
pub(super) struct Words<'a> {
    pub(super) node: &'a Node,
    pub(super) event: &'a Event,
    pub(super) object: Option<&'a KnownObject>,
}

impl Words<'_> {
    /// Returns the event in a line, for one of its servers.
    pub(super) fn text(&self, host: &str) -> String {
        let event = self.event;
        if event.outcome == "left-out" {
            let count = event.reason.as_deref().unwrap_or_default();
            return format!("{count} more, which came too fast, are left out");
        }
        match event.direction {
            EventDirection::Out => self.outgoing(host),
            EventDirection::In => self.incoming(host),
        }
    }

    /// Returns the handle of the remote actor, if it is stored.
    pub(super) fn handle(&self) -> Option<String> {
        let username = self.event.username.as_deref()?;
        let host = self.event.handle_host.as_deref()?;
        Some(Inner::remote_handle(username, host))
    }

    fn outgoing(&self, host: &str) -> String {
        let what = match self.event.object_uri {
            Some(_) => format!("{} of {}", self.event.kind, self.named()),
            None => self.event.kind.clone(),
        };
        let reason = self.event.reason.as_deref().unwrap_or("no reason is known");
        match self.event.outcome.as_str() {
            "delivered" => format!("{what} delivered to {host}"),
            "refused" => format!("{what} refused by {host}: {reason}"),
            _ => format!("{what} not yet delivered to {host}: {reason}"),
        }
    }

    fn incoming(&self, host: &str) -> String {
        let event = self.event;
        let reason = event.reason.as_deref().unwrap_or("no reason is known");
        let kind = match event.kind.as_str() {
            "" => "request",
            kind => kind,
        };
        match event.outcome.as_str() {
            "accepted" => self.accepted(host),
            "dropped" => format!("{kind} from {} changes nothing: {reason}", self.who(host)),
            "refused" if host.is_empty() => format!("{kind} refused: {reason}"),
            "refused" => format!("{kind} from {} refused: {reason}", self.who(host)),
            _ => format!("{kind} from {} failed: {reason}", self.who(host)),
        }
    }

    fn accepted(&self, host: &str) -> String {
        let who = self.who(host);
        let named = self.named();
        let is_comment = self
            .object
            .is_some_and(|object| object.comment_id.is_some());
        match self.event.kind.as_str() {
            "Create" | "Note" | "Article" | "Page" if is_comment => {
                self.replied(&who, "replied to")
            }
            "Create" => format!("{who} sent a post that is no comment here"),
            "Fetch" => self.replied(&self.author().unwrap_or(who), "is found to have replied to"),
            "Comment" => {
                let author = self.author().unwrap_or_else(|| "somebody".to_owned());
                self.replied(&format!("{author}, without an account,"), "commented on")
            }
            "Update" if is_comment => format!("{who} edited {named}"),
            "Update" if self.event.object_uri == self.event.actor_uri => {
                format!("{who} changed their profile")
            }
            "Delete" if is_comment => format!("{who} deleted {named}"),
            "Delete Account" => format!("an account on {host} deleted itself"),
            "Delete" => format!("{who} deleted a post"),
            "Like" => format!("{who} liked {named}"),
            "Dislike" => format!("{who} disliked {named}"),
            "EmojiReact" => format!("{who} reacted to {named}"),
            "Announce" => format!("{who} boosted {named}"),
            "Follow" => format!("{who} followed {named}"),
            "Undo Follow" => format!("{who} unfollowed {named}"),
            "Undo" => format!("{who} undid {named}"),
            "Flag" => format!("{who} reported {named}"),
            "Block" => format!("{who} blocked {named}"),
            "Move" => format!("{who} moved to another account"),
            "QuoteRequest" => format!("{who} asked to quote {named}"),
            kind => match kind.strip_prefix("Undo ") {
                Some(undone) => format!("{who} took back: {undone} of {named}"),
                None => format!("{who} sent {kind} of {named}"),
            },
        }
    }

    /// Returns a sentence about a comment, with its number and state.
    fn replied(&self, who: &str, verb: &str) -> String {
        let Some(object) = self.object else {
            return format!("{who} {verb} something that is gone");
        };
        format!(
            "{who} {verb} {} (comment {}, {})",
            title(object),
            object.comment_id.unwrap_or_default(),
            object.comment_state.as_deref().unwrap_or_default()
        )
    }

    /// Returns the author of a comment: the handle, or the name of a guest.
    fn author(&self) -> Option<String> {
        let object = self.object?;
        let handle = object
            .author_handle
            .clone()
            .filter(|handle| !handle.is_empty());
        let author = handle.or_else(|| object.author_name.clone());
        author
            .filter(|author| !author.is_empty())
            .map(|author| one_line(&author, LONGEST))
    }

    fn who(&self, host: &str) -> String {
        let actor = self.event.actor_uri.as_deref();
        let actor = actor.map(|uri| one_line(uri, LONGEST));
        self.handle()
            .or(actor)
            .unwrap_or_else(|| format!("somebody on {host}"))
    }

    /// Returns the object: the title of an article, a comment, the handle of a local actor, or its id.
    fn named(&self) -> String {
        if let Some(object) = self.object {
            return match object.comment_id {
                Some(id) => format!("comment {id} on {}", title(object)),
                None => title(object),
            };
        }
        let Some(uri) = self.event.object_uri.as_deref() else {
            return "something".to_owned();
        };
        match self.node.urls().actor_at(uri) {
            Some(username) => format!("@{username}@{}", self.node.config.domain),
            None => one_line(uri, LONGEST),
        }
    }
}

fn title(object: &KnownObject) -> String {
    format!("\"{}\"", one_line(&object.title, LONGEST))
}
