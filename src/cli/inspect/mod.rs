//! Commands that look at what other servers send and serve, and change nothing.

mod captured;
mod explain_activity;
mod fetch;

pub(super) use explain_activity::ExplainActivity;
pub(super) use fetch::Fetch;
