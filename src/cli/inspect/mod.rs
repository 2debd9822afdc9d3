//! Commands that look at what other servers send and serve, and change nothing.

mod captured;
mod explain_activity;

pub(super) use explain_activity::ExplainActivity;
