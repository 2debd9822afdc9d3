//! Commands that set up, run and check a node.

mod config;
mod init;
mod keys;
mod limits;
mod logging;
mod mail;
mod media;
mod runner;
mod serve;

pub(super) use config::Config;
pub(super) use init::Init;
pub(super) use keys::Keys;
pub(super) use limits::Limits;
pub(super) use logging::{Logged, log_if_asked};
pub(super) use mail::Mail;
pub(super) use media::Media;
pub use runner::run_node;
pub use serve::import_site_pictures;
pub(super) use serve::{Serve, Worker};
