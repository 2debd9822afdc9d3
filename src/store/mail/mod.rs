//! Notices to the admin and replies to guests, and the mails and webhook calls that carry them.

mod digest;
mod message_topics;
mod messages;
mod notice_kind;
mod notices;
mod notifications;

pub use digest::MailPending;
pub use messages::{Channel, Mail, Message};
pub use notice_kind::NoticeKind;
pub use notices::{NewNotice, Notice};
pub use notifications::{NotifiedComment, PendingNotifications, ReplyToGuest};
