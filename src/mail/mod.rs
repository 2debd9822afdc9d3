//! Emails to the admin and to guests, and calls of the admin's webhook.
//!
//! `notifier` finds new comments and notices and queues messages about them, in the transaction that marks them as
//! notified. `templates` writes the messages. `dispatcher` sends them, through `smtp` and `webhook`.

mod dispatcher;
mod notifier;
pub(crate) mod smtp;
mod templates;
mod webhook;

use crate::{config::Config, node::Node};
use dispatcher::Transport;
use smtp::Mailer;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use webhook::Webhook;

/// An error in the configuration of emails or the webhook. Its text never contains a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error(
        "mail.server is not the URL of a mail server: expected one like \
         \"smtps://user:password@mail.example.org\" or \"smtp://mail.example.org:587?tls=required\""
    )]
    Server,
    #[error(
        "mail.server has a user without a password, or a password without a user: set both or neither, \
         with special characters percent-encoded"
    )]
    IncompleteCredentials,
    #[error("mail.server would send its password unencrypted: use smtps:// or add ?tls=required")]
    UnencryptedPassword,
    #[error("cannot use TLS for emails: {0}")]
    Tls(String),
    #[error(
        "mail.server is set, but not mail.from: set the sender, such as \"Pamphlet <blog@example.org>\""
    )]
    NoFrom,
    #[error("{0}: {1:?} is not an email address: expected one like \"admin@example.org\"")]
    Address(&'static str, String),
    #[error("notices.webhook is invalid: {0}")]
    Webhook(String),
    #[error("notices.webhook is set, but not notices.webhook_secret, which signs its calls")]
    NoSecret,
}

/// The reason why a message was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A later attempt may succeed.
    Transient(String),
    /// No later attempt can succeed.
    Permanent(String),
}

impl Failure {
    /// Returns the reason, in one line.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Failure::Transient(reason) | Failure::Permanent(reason) => reason,
        }
    }
}

/// Sends emails and calls the webhook, as far as they are configured.
pub(crate) struct MailService {
    transports: Vec<Transport>,
}

impl MailService {
    /// Creates the service.
    ///
    /// # Errors
    /// If the configuration is invalid.
    pub(crate) fn new(config: &Config) -> Result<MailService, SettingsError> {
        let mails = Mailer::new(config)?.map(|mailer| Transport::Mail(Box::new(mailer)));
        let calls = Webhook::new(config)?.map(|hook| Transport::Webhook(Box::new(hook)));
        Ok(MailService {
            transports: mails.into_iter().chain(calls).collect(),
        })
    }

    /// Queues and sends messages until `stop`.
    pub(crate) async fn run(self, node: Node, stop: CancellationToken) {
        let loops = TaskTracker::new();
        loops.spawn(notifier::run(node.clone(), stop.clone()));
        for transport in self.transports {
            loops.spawn(dispatcher::run(node.clone(), transport, stop.clone()));
        }
        loops.close();
        loops.wait().await;
    }
}
