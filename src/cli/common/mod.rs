//! Code that several commands share: options, arguments, output, lookups and the log of decisions.
//!
//! Nothing here imports a command, and no command imports another one.

pub(super) mod args;
pub(super) mod audit;
pub(super) mod comments;
pub(super) mod exit;
pub(super) mod lookup;
pub(super) mod note_content;
pub(super) mod note_text;
pub(super) mod options;
pub(super) mod output;
pub(super) mod person;
pub(super) mod pictures;
pub(super) mod refusals;
pub(super) mod site_export;
pub(super) mod telling;
pub(super) mod terminal;
pub(super) mod when;
pub(super) mod withdrawal;

pub(super) use args::{Format, HostOrActor, Pagination};
pub(super) use exit::UsageError;
pub(super) use options::{Options, VERSION};
pub(super) use output::{progress, screen};
pub(super) use terminal::{confirm, confirm::Yes, editor};
