//! Articles and static pages from files: reading, completing, storing and publishing them, for the command line and the
//! API. Nothing here prints or asks.

pub(crate) mod advice;
mod announcement;
pub(crate) mod articles;
pub(crate) mod batch;
mod bylines;
mod error;
mod folders;
mod lifecycle;
pub(crate) mod notes;
pub(crate) mod pages;
mod pictures;
pub(crate) mod source;
pub(crate) mod sync;
pub(crate) mod tags;
mod unchanged;
pub(crate) mod uploads;
pub(crate) mod warnings;

pub(crate) use announcement::{Announced, Announcement, is_old};
pub(crate) use error::PublishError;
pub(crate) use lifecycle::{bin, history, rename, withdrawal};
pub(crate) use pictures::Leniency;
pub(crate) use source::{PageFile, Source};
