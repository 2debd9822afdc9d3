//! Numbers for the admin: followers by day, the reach of articles, servers, and what came in and went out lately.

mod activity;
mod events;
mod followers;
mod hosts;
mod overview;
mod reach;

pub use activity::{Happening, HappeningKind};
pub use events::{Event, EventDirection, KnownObject, NewEvent};
pub use followers::{FollowerCount, FollowerDay};
pub use hosts::HostStatistics;
pub use overview::{LastArticle, Overview, ScheduledArticle};
pub(in crate::store) use reach::EndedDeliveries;
pub use reach::{ArticleReach, ReachedBy, TroubledServer};
