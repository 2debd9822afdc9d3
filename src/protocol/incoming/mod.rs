//! Documents of other servers, as far as this node reads them.

mod activity;
mod actor;
mod attachments;
mod collections;
mod logged_out;
mod object;
mod reference;
mod tag;
mod text;

pub use activity::Activity;
pub use actor::ActorDocument;
pub(crate) use actor::ActorKey;
pub(crate) use attachments::{Attachment, CustomEmoji, Poll};
pub use collections::CollectionItems;
pub(crate) use collections::embedded_parents;
pub use object::Object;
pub(crate) use reference::Reference;
pub(crate) use text::{Format, Text};
