//! Decisions about other servers, actors, comments and reactions: blocks, allows, what they permit, and the log.

mod allows;
mod blocking;
mod blocks;
mod comment_admission;
mod comment_lists;
mod log;
mod reaction_admission;
mod withheld_reactions;

pub use allows::Allow;
pub(in crate::store) use blocks::{ActorNames, names_actor, names_host};
pub use blocks::{Block, BlockKind, BlockRules, NewBlock, Severity};
pub use comment_admission::{CommentAdmission, PostToAdmit};
pub use comment_lists::{CommentEdit, CommentFilter, ListedComment};
pub use log::{Decision, LogEntry};
pub use reaction_admission::{ReactionAdmission, ReactionToAdmit};
pub use withheld_reactions::{ListedReaction, ReactionFilter, ReactionState};
