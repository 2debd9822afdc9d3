//! Comments under articles: stored, edited, redacted, and read for pages; and the guests who write some of them.

mod by_guest;
mod comment;
mod edit;
mod exported;
mod guests;
mod new;
mod numbers;
mod own;
mod pages;
mod redact;
mod replies;
mod visibility;

pub use by_guest::OwnGuestComment;
pub use comment::{Comment, CommentState, Commenter};
pub use edit::Edit;
pub use exported::{ExportedComment, ThreadedComment};
pub use guests::{Guest, GuestFields, GuestNote, GuestPosts};
pub use new::{GuestPart, NewComment};
pub use own::OwnComment;
pub use pages::PageComment;
pub(in crate::store) use redact::redact;
