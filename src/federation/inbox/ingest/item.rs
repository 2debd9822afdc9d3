//! An activity that may be carried out with others, and what is made of it before: its texts are read and sanitized here,
//! beside other requests.

use crate::{
    federation::{
        comments::{
            admission::can_be_comment, budget, new_comment::PreparedText, text::content_of,
        },
        inbox::activities::own_object,
        remote::requests::{self, Cause},
        verified_activity::VerifiedActivity,
    },
    node::{Context, error::InboxError},
    protocol::Object,
};
use std::sync::Arc;

/// A usual activity.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) activity: VerifiedActivity,
    pub(super) action: Action,
    /// The cause of the requests to other servers that follow from it.
    pub(super) cause: Option<Arc<Cause>>,
}

/// An action on an article or comment, whose id or address it has, or on a local actor.
#[derive(Debug)]
pub(super) enum Action {
    Reply {
        to: String,
        object: Box<Object>,
        text: Box<PreparedText>,
    },
    Like {
        of: String,
    },
    Boost {
        of: String,
    },
    /// A follow of the local actor with this username.
    Follow {
        username: String,
    },
}

impl Action {
    /// Takes the text of a reply.
    pub(super) fn take_text(&mut self) -> PreparedText {
        match self {
            Action::Reply { text, .. } => std::mem::take(&mut **text),
            _ => PreparedText::default(),
        }
    }

    /// Returns the id or address of the article or comment.
    pub(super) fn target(&self) -> Option<&str> {
        match self {
            Action::Reply { to: target, .. }
            | Action::Like { of: target }
            | Action::Boost { of: target } => Some(target),
            Action::Follow { .. } => None,
        }
    }
}

/// Returns whether activities of this type can be usual.
pub(in crate::federation::inbox) fn takes(kind: &str) -> bool {
    matches!(
        kind,
        "Create" | "Like" | "Dislike" | "EmojiReact" | "Announce"
    )
}

/// Prepares an activity. Returns it as an `Err` if it is unusual.
///
/// # Errors
/// If the database can't say whether its actor's domain is known.
pub(super) async fn prepare(
    activity: VerifiedActivity,
    ctx: &Context,
) -> Result<Result<Item, Box<VerifiedActivity>>, InboxError> {
    if ctx.store.is_rehearsal() {
        return Ok(Err(Box::new(activity)));
    }
    let action = match activity.payload.kind() {
        "Create" => reply(&activity, ctx).await,
        "Like" | "Dislike" | "EmojiReact" => {
            activity.object_id().ok().map(|of| Action::Like { of })
        }
        "Announce" if activity.payload.is_public() => {
            activity.object_id().ok().map(|of| Action::Boost { of })
        }
        // A request waits for the admin.
        "Follow" if !ctx.config.followers.approve => follow(&activity, ctx).await?,
        _ => None,
    };
    let Some(action) = action else {
        return Ok(Err(Box::new(activity)));
    };
    // This caches whether the domain is known, so that nothing in the transaction needs another connection.
    budget::know(&activity.actor, ctx).await?;
    Ok(Ok(Item {
        activity,
        action,
        cause: requests::current(),
    }))
}

/// Reads a public reply that is embedded in its author's activity.
async fn reply(activity: &VerifiedActivity, ctx: &Context) -> Option<Action> {
    activity.object_id().ok()?;
    let mut object = own_object(activity)?;
    object.inherit_from(&activity.payload);
    if !can_be_comment(object.kind()) || !object.is_public() {
        return None;
    }
    let to = object.in_reply_to.clone()?;
    let content = content_of(&object, ctx).await;
    let text = PreparedText::of(&object, content, &activity.actor).await;
    Some(Action::Reply {
        to,
        object: Box::new(object),
        text: Box::new(text),
    })
}

async fn follow(activity: &VerifiedActivity, ctx: &Context) -> Result<Option<Action>, InboxError> {
    let Ok(id) = activity.object_id() else {
        return Ok(None);
    };
    let username = ctx.actor_at(&id).await?;
    Ok(username.map(|username| Action::Follow { username }))
}
