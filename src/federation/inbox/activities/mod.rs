//! The activity types, one file each. Each file checks that the activity is authorized, and applies its changes in one
//! transaction.

mod accept;
mod announce;
mod block;
mod collection_change;
mod create;
mod delete;
mod feature_request;
mod flag;
mod follow;
mod interaction_request;
mod like;
mod move_account;
mod quote_request;
mod undo;
mod update;

pub(super) use announce::boost_of;
pub(super) use create::{author_of_bare_object, is_bare_object, own_object};
pub(super) use follow::charged_accept;
pub(super) use like::reaction_of;

use crate::{
    base::heap::on_heap,
    federation::{remote::strangers, verified_activity::VerifiedActivity},
    node::{Context, drop_reason::DropReason, error::InboxError},
};

/// Processes an activity. A sender that is not stored yet is stored in the same transaction as the changes, and charged
/// for it.
pub(super) async fn dispatch(activity: VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let actor = activity.actor.clone();
    strangers::charged(&actor, ctx, Box::pin(dispatch_by_type(activity, ctx))).await
}

/// Processes an activity whose sender is charged.
pub(super) async fn dispatch_by_type(
    activity: VerifiedActivity,
    ctx: &Context,
) -> Result<(), InboxError> {
    let handled = match activity.payload.kind() {
        "Follow" => on_heap(|| follow::receive(&activity, ctx)),
        "Undo" => on_heap(|| undo::receive(&activity, ctx)),
        "Create" => on_heap(|| create::receive(&activity, ctx)),
        "Update" => on_heap(|| update::receive(&activity, ctx)),
        "Delete" => on_heap(|| delete::receive(&activity, ctx)),
        "Like" | "Dislike" | "EmojiReact" => on_heap(|| like::receive(&activity, ctx)),
        "Announce" => on_heap(|| announce::receive(&activity, ctx)),
        "Block" => on_heap(|| block::receive(&activity, ctx)),
        "Flag" => on_heap(|| flag::receive(&activity, ctx)),
        "Move" => on_heap(|| move_account::receive(&activity, ctx)),
        "QuoteRequest" => on_heap(|| quote_request::receive(&activity, ctx)),
        "FeatureRequest" => on_heap(|| feature_request::receive(&activity, ctx)),
        "ReplyRequest" | "LikeRequest" | "AnnounceRequest" => {
            on_heap(|| interaction_request::receive(&activity, ctx))
        }
        "Accept" | "Reject" | "TentativeAccept" | "TentativeReject" => {
            on_heap(|| accept::receive(&activity, ctx))
        }
        "Add" | "Remove" => on_heap(|| collection_change::receive(&activity, ctx)),
        _ if is_bare_object(&activity.payload) => on_heap(|| create::receive_bare(activity, ctx)),
        _ => return Err(InboxError::Dropped(DropReason::UnknownActivityType)),
    };
    handled.await
}
