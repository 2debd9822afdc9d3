//! Comments without an account: the form, its submission, and the confirmation of the email address.

mod comment_target;
mod confirmation;
mod cookie;
mod form;
mod messages;
mod pages;
mod submission;
pub(super) mod unsubscribe;

pub(super) use confirmation::{confirm, show_confirmation};
pub(super) use pages::{redirect_to_form, show_form, show_mailed, show_waiting};
pub(super) use submission::submit;
