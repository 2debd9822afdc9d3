//! Comments as pages show them: the conversation under an article, addresses, and the form for guests.

mod comment;
mod discussion;
mod form;
mod links;
mod reactions;
mod size;
mod text;

pub(super) use comment::is_federated;
pub(super) use discussion::{CommentQuery, discussion, picture_of};
pub(super) use form::{FormTime, empty_form, form_time, is_open_to_guests};
pub(super) use links::{address_at, address_of, address_of_edited, address_of_new, path_of};
pub(super) use reactions::is_displayable;
pub(super) use text::{ParentAuthor, comment_text, name_with_emoji, show_emoji, shown_text};
