//! Commands about actors and posts of other servers: follows, likes, boosts, reports, quotes and collections.

mod features;
mod followers;
mod following;
mod interaction;
mod quotes;
mod undo;

pub(super) use features::Features;
pub(super) use followers::Followers;
pub(super) use following::{FollowTarget, Following};
pub(super) use interaction::{PostTarget, Report};
pub(super) use quotes::Quotes;
pub(super) use undo::Undo;
