//! Likes, boosts, quotes and other interactions: those that arrive, those that our actors send, and the approvals that
//! remote servers ask for.

mod approvals;
mod features;
mod new_reactions;
mod outgoing;
mod quotes;
mod reactions;

pub use approvals::{Approval, ApprovalKind, ApprovalState, NewApproval};
pub use features::{Feature, NewFeature};
pub use new_reactions::NewReaction;
pub use outgoing::{FollowedActor, Interaction, InteractionKind, InteractionState};
pub use quotes::{AuthorizationState, Quote, ShownQuote};
pub use reactions::{Reaction, ReactionCount, ReactionKind, ReactionTotals};
