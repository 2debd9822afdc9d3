//! `pamphlet mail`: whether mails go out, and what became of them.

use super::{
    Options,
    output::{self, Format, Page},
};
use crate::{
    mail::smtp::{Mailer, mailbox},
    node::Node,
    store::{self, Mail as Letter, Message},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// See whether mails go out.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send a mail, and say what the server said.
    Test {
        /// Whom to.
        address: String,
    },
    /// List mails and calls of the webhook that wait or were given up, the newest first.
    List {
        /// Only what was given up.
        #[arg(long)]
        failed: bool,
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        format: Format,
    },
    /// Try again what was given up.
    Retry(Retry),
}

#[derive(Debug, Args)]
pub struct Retry {
    /// As `mail list` shows it.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<i64>,
    /// All that were given up.
    #[arg(long)]
    all: bool,
}

impl Mail {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Mail::Test { address } => test(&node, &address).await,
            Mail::List {
                failed,
                page,
                format,
            } => list(&node, failed, &page, &format).await,
            Mail::Retry(retry) => retry.run(&node).await,
        };
        node.store.close().await;
        done
    }
}

async fn test(node: &Node, address: &str) -> Result<()> {
    if mailbox(address).is_none() {
        bail!("{address} is no mail address: write it as in admin@example.org");
    }
    let mailer = Mailer::new(&node.config)?.context(
        "no mail server is configured: set `server` and `from` in the table [mail] of the configuration",
    )?;
    let letter = Letter {
        to: address.to_owned(),
        subject: format!("A test from {}", node.config.site.name),
        text: format!("Mails from {} arrive.\n", node.config.public_url),
        unsubscribe: None,
    };
    let message = Message {
        id: 0,
        uid: store::new_uid(),
        channel: "mail".into(),
        recipient: letter.to.clone(),
        payload: serde_json::to_string(&letter)?,
        attempts: 1,
        next_attempt_at: None,
        error: None,
        created_at: store::now(),
    };
    match mailer.send(&message).await {
        Ok(said) => output::line(&format!("Sent: the mail server said {said}")),
        Err(failure) => bail!("the test mail was not sent: {}", failure.reason()),
    }
}

async fn list(node: &Node, only_failed: bool, page: &Page, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let messages = conn
        .messages(only_failed, page.before(), page.limit)
        .await?;
    if format.json {
        return output::json(&messages.iter().map(to_json).collect::<Vec<_>>());
    }
    let row = |message: &Message| {
        vec![
            message.id.to_string(),
            output::time(message.created_at),
            message.channel.clone(),
            message.recipient.clone(),
            message.attempts.to_string(),
            message
                .next_attempt_at
                .map_or("given up".into(), output::time),
            output::one_line(message.error.as_deref().unwrap_or(""), 80),
        ]
    };
    output::table(
        &["ID", "SINCE", "BY", "TO", "TRIES", "NEXT", "ERROR"],
        &messages.iter().map(row).collect::<Vec<_>>(),
        match only_failed {
            true => "Nothing was given up.",
            false => "Nothing waits.",
        },
    )
}

fn to_json(message: &Message) -> Value {
    json!({
        "id": message.id,
        "uid": message.uid,
        "channel": message.channel,
        "recipient": message.recipient,
        "attempts": message.attempts,
        "next_attempt": message.next_attempt_at.map(output::timestamp),
        "error": message.error,
        "since": output::timestamp(message.created_at),
    })
}

impl Retry {
    async fn run(&self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let count = tx.retry_messages(self.id).await?;
        tx.commit().await?;
        if let (Some(id), 0) = (self.id, count) {
            bail!("there is no message {id}: `pamphlet mail list` shows them all");
        }
        output::line(&format!("Tried again at once: {count}"))
    }
}
