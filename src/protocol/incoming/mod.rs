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
pub use actor::{ActorDocument, ActorKey};
pub use attachments::{Attachment, CustomEmoji, Poll, custom_emoji};
pub use collections::{CollectionItems, embedded_parents};
pub use logged_out::HiddenFromLoggedOut;
pub use object::Object;
pub use reference::Reference;
pub use tag::Tag;
pub use text::{Format, Text};
