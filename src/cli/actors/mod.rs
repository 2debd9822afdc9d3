//! Commands about local actors and authors, and about the personal data of remote actors and guests.

mod actor;
mod alias;
mod author;
mod erase;

pub(super) use actor::Actor;
pub(super) use author::Author;
