//! Use of limits by strangers: requests that an activity caused, and limits that were reached.

mod activity_requests;
mod limit_hits;

pub use activity_requests::RootRequests;
pub use limit_hits::LimitHit;
