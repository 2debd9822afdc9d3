//! `pamphlet mail`: tests, lists and retries emails and webhook calls.

use crate::{
    cli::common::{
        Format, Options, Pagination,
        output::{self, Listing},
    },
    mail::smtp::{Mailer, mailbox},
    node::Node,
    store::{self, Mail as Content, Message},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Test, list and retry emails and webhook calls.
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Send a test email, and print the server's reply.
    #[command(after_help = "Examples:
  pamphlet mail test admin@example.org")]
    Test {
        /// The recipient's address.
        address: String,
        #[command(flatten)]
        format: Format,
    },
    /// List pending and failed emails and webhook calls, newest first.
    #[command(after_help = "Examples:
  pamphlet mail list
  pamphlet mail list --failed")]
    List {
        /// Only list failed ones.
        #[arg(long)]
        failed: bool,
        #[command(flatten)]
        page: Pagination,
        #[command(flatten)]
        format: Format,
    },
    /// Retry failed emails and webhook calls.
    #[command(after_help = "Examples:
  pamphlet mail retry 5
  pamphlet mail retry --all")]
    Retry(Retry),
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The message's ID, as shown by `mail list`.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<i64>,
    /// Retry all failed messages.
    #[arg(long)]
    all: bool,
    /// Only print how many would be retried.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Mail {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Mail::Test { address, format } => test(node, &address, &format).await,
            Mail::List {
                failed,
                page,
                format,
            } => list(node, failed, &page, &format).await,
            Mail::Retry(retry) => retry.run(node).await,
        };
        options.with_node(run).await
    }
}

async fn test(node: &Node, address: &str, format: &Format) -> Result<()> {
    if mailbox(address).is_none() {
        bail!("{address:?} is not an email address: expected one like admin@example.org");
    }
    let mailer = Mailer::new(&node.config)?.context(
        "no mail server is configured: set `server` and `from` in the table [mail] of the configuration",
    )?;
    let mail = Content {
        to: address.to_owned(),
        subject: format!("Test message from {}", node.config.site.name),
        text: format!("Emails from {} arrive.\n", node.config.public_url),
        unsubscribe: None,
    };
    let message = Message {
        id: 0,
        uid: store::new_uid(),
        channel: "mail".into(),
        recipient: mail.to.clone(),
        payload: serde_json::to_string(&mail)?,
        attempts: 1,
        next_attempt_at: None,
        error: None,
        created_at: store::now(),
    };
    match mailer.send(&message).await {
        Ok(reply) => {
            let document = json!({"recipient": address, "reply": reply});
            let text = format!("Sent: the mail server replied {reply}");
            output::result(format, &document, &text)
        }
        Err(failure) => bail!("cannot send the test email: {}", failure.reason()),
    }
}

async fn list(node: &Node, only_failed: bool, page: &Pagination, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let messages = conn
        .messages(only_failed, page.before(), page.limit)
        .await?;
    let list = Listing {
        items: &messages,
        headings: &["ID", "SINCE", "BY", "TO", "ATTEMPTS", "NEXT", "ERROR"],
        empty: if only_failed {
            "There are no failed messages."
        } else {
            "There are no pending or failed messages."
        },
    };
    list.print(format, to_json, |message| {
        vec![
            message.id.to_string(),
            output::time(message.created_at),
            message.channel.clone(),
            message.recipient.clone(),
            message.attempts.to_string(),
            message
                .next_attempt_at
                .map_or("failed".into(), output::time),
            output::one_line(message.error.as_deref().unwrap_or(""), 80),
        ]
    })
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
        if !self.dry_run {
            tx.commit().await?;
        }
        if let (Some(id), 0) = (self.id, count) {
            bail!("no message has the ID {id}: run `pamphlet mail list` to list messages");
        }
        let messages = output::counted(count as usize, "message");
        let text = match self.dry_run {
            true => format!("Would retry {messages}."),
            false => format!("Retrying {messages} now."),
        };
        let document = json!({"retried": count, "dry_run": self.dry_run});
        output::result(&self.format, &document, &text)
    }
}
