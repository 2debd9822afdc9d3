//! Times for which things are kept that no option sets, in milliseconds. The page about privacy names them.

/// A day, in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;
/// The ids of received activities.
pub(crate) const RECEIPTS: i64 = 14 * DAY;
/// The ids of deleted posts.
pub(crate) const TOMBSTONES: i64 = 60 * DAY;
/// Deleted articles and pages, with their comments.
pub(crate) const BIN: i64 = 30 * DAY;
/// Mails and calls of the webhook that could not be delivered.
pub(crate) const MESSAGES: i64 = 30 * DAY;
/// The accounts and addresses that reached a limit.
pub(crate) const LIMIT_HITS: i64 = 7 * DAY;
/// What came in and went out, as `pamphlet tail` shows it.
pub(crate) const EVENTS: i64 = 3 * DAY;
/// The servers that fetched a post which was not announced.
pub(crate) const OBJECT_HOSTS: i64 = 365 * DAY;
/// The cookie of a guest.
pub(crate) const GUEST_COOKIE: i64 = 365 * DAY;
