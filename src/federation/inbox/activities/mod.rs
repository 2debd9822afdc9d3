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

pub(super) use create::{author_of_bare_object, is_bare_object};

use crate::{
    federation::{remote::strangers, verified_activity::VerifiedActivity},
    node::{Context, drop_reason::DropReason, error::InboxError},
};

/// Processes an activity. A sender that is not stored yet is stored in the same transaction as the changes, and charged
/// for it.
pub(super) async fn dispatch(activity: VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let actor = activity.actor.clone();
    strangers::charged(&actor, ctx, Box::pin(dispatch_by_type(activity, ctx))).await
}

async fn dispatch_by_type(activity: VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    match activity.payload.kind() {
        "Follow" => follow::receive(&activity, ctx).await,
        "Undo" => undo::receive(&activity, ctx).await,
        "Create" => create::receive(&activity, ctx).await,
        "Update" => update::receive(&activity, ctx).await,
        "Delete" => delete::receive(&activity, ctx).await,
        "Like" | "Dislike" | "EmojiReact" => like::receive(&activity, ctx).await,
        "Announce" => announce::receive(&activity, ctx).await,
        "Block" => block::receive(&activity, ctx).await,
        "Flag" => flag::receive(&activity, ctx).await,
        "Move" => move_account::receive(&activity, ctx).await,
        "QuoteRequest" => quote_request::receive(&activity, ctx).await,
        "FeatureRequest" => feature_request::receive(&activity, ctx).await,
        "ReplyRequest" | "LikeRequest" | "AnnounceRequest" => {
            interaction_request::receive(&activity, ctx).await
        }
        "Accept" | "Reject" | "TentativeAccept" | "TentativeReject" => {
            accept::receive(&activity, ctx).await
        }
        "Add" | "Remove" => collection_change::receive(&activity, ctx).await,
        _ if is_bare_object(&activity.payload) => create::receive_bare(activity, ctx).await,
        _ => Err(InboxError::Dropped(DropReason::UnknownActivityType)),
    }
}
