//! Comments without an account: the form, its submission, the confirmation of the email address, and what guests do with
//! their comments afterwards; and readers' reports of comments.

mod comment_target;
mod confirmation;
mod cookie;
mod edit;
mod form;
mod messages;
mod own;
mod pages;
mod report;
mod submission;
pub(super) mod unsubscribe;

pub(super) use confirmation::{confirm, show_confirmation};
pub(super) use edit::{show as show_edit, submit as submit_edit};
pub(super) use own::list as show_own;
pub(super) use pages::{redirect_to_form, show_form, show_mailed, show_reported, show_waiting};
pub(super) use report::{show as show_report, submit as submit_report};
pub(super) use submission::submit;
