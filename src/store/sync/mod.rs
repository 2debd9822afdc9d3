//! The files of folders that the admin syncs, and the lock of the process that syncs.

mod files;
mod lock;

pub use files::{SyncedFile, SyncedKind, SyncedPicture};
pub use lock::SyncLock;
