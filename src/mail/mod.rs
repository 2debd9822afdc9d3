//! What is told to people by mail: notices to the admin, answers to guests; and the admin's webhook.
//!
//! `telling.rs` finds whom to tell of what and queues messages, in the transaction that marks it as told;
//! `letters.rs` writes them; `courier.rs` carries them, by `smtp.rs` and `webhook.rs`.

mod courier;
mod letters;
pub mod smtp;
mod telling;
mod webhook;

use crate::{config::Config, node::Node};
use courier::Carrier;
use smtp::Mailer;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use webhook::Webhook;

/// What can be wrong with the configuration of mails and the webhook. Never with a password in it.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(
        "mail.server is not the address of a mail server: it must be written as in \
         \"smtps://user:password@mail.example.org\" or \"smtp://mail.example.org:587?tls=required\""
    )]
    Server,
    #[error(
        "mail.server has a user without a password, or a password without a user: it needs both or neither, \
         with special characters percent-encoded"
    )]
    HalfLogin,
    #[error(
        "mail.server would send its password in the clear: let it begin with smtps://, or add ?tls=required"
    )]
    OpenPassword,
    #[error("TLS for mails can't be used: {0}")]
    Tls(String),
    #[error(
        "mail.server is set, but not mail.from: say who mails come from, as in \"Pamphlet <blog@example.org>\""
    )]
    NoFrom,
    #[error(
        "{0} has {1:?}, which is no mail address: it must be written as in \"admin@example.org\""
    )]
    Address(&'static str, String),
    #[error("notices.webhook can't be called: {0}")]
    Webhook(String),
    #[error("notices.webhook is set, but not notices.webhook_secret, which signs what it gets")]
    NoSecret,
}

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The same may arrive later.
    Passing(String),
    /// It never will.
    Lasting(String),
}

impl Failure {
    /// What was wrong, in one line.
    pub fn reason(&self) -> &str {
        match self {
            Failure::Passing(reason) | Failure::Lasting(reason) => reason,
        }
    }
}

/// What sends mails and calls the webhook, as far as the configuration wants either.
pub struct Post {
    carriers: Vec<Carrier>,
}

impl Post {
    /// Checks the configuration.
    ///
    /// # Errors
    /// A [`SettingsError`] that says what is wrong with it.
    pub fn new(config: &Config) -> Result<Post, SettingsError> {
        let mails = Mailer::new(config)?.map(|mailer| Carrier::Mail(Box::new(mailer)));
        let calls = Webhook::new(config)?.map(|hook| Carrier::Webhook(Box::new(hook)));
        Ok(Post {
            carriers: mails.into_iter().chain(calls).collect(),
        })
    }

    /// Tells and sends, until `stop`.
    pub async fn run(self, node: Node, stop: CancellationToken) {
        let loops = TaskTracker::new();
        loops.spawn(telling::run(node.clone(), stop.clone()));
        for carrier in self.carriers {
            loops.spawn(courier::run(node.clone(), carrier, stop.clone()));
        }
        loops.close();
        loops.wait().await;
    }
}
