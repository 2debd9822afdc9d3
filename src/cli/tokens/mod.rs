//! `pamphlet token`: the secrets by which programs use the API.

use crate::{
    cli::common::{
        Format, Options,
        confirm::Yes,
        output::{self, Listing},
    },
    content::clean_line,
    node::{
        Node,
        api_tokens::{Scopes, Secret},
    },
    store::{ApiToken, NewApiToken, StoreError, now},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest name of a token, in characters.
const MAX_NAME: usize = 100;

/// Make, list and revoke tokens, by which programs use the API and Micropub.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token. Its secret is shown this once.
    #[command(
        after_help = "Examples:\n  pamphlet token create --name laptop --scope all\n  \
                      pamphlet token create --name phone --scope create,update,media --expires 1y\n  \
                      pamphlet token create --name backup --scope articles:read,media:read --expires never"
    )]
    Create(Create),
    /// List the tokens, newest first, without their secrets.
    #[command(after_help = "Examples:\n  pamphlet token list\n  pamphlet token list --all --json")]
    List {
        /// Also list revoked tokens.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Revoke a token: it ends at once.
    #[command(
        after_help = "Examples:\n  pamphlet token revoke phone\n  pamphlet token revoke 3 --yes"
    )]
    Revoke {
        /// The token's name or ID, as shown by `token list`.
        #[arg(value_name = "NAME|ID")]
        token: String,
        #[command(flatten)]
        yes: Yes,
        #[command(flatten)]
        format: Format,
    },
}

/// The token to make.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// A name that says which program or machine has it.
    #[arg(long, value_parser = name)]
    name: String,
    /// The scopes, with commas between them: articles:read, articles:write, notes:read, notes:write, comments:read,
    /// comments:write, media:read, media:write, moderation:read, moderation:write, or all of these (all); for a
    /// Micropub client create, draft, update, delete, undelete, media.
    #[arg(long, value_name = "SCOPES", required = true)]
    scope: Vec<Scopes>,
    /// When it ends: a time such as 90d, or never.
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = lifetime)]
    expires: Lifetime,
    #[command(flatten)]
    format: Format,
}

/// The time for which a token is valid; `None` for ever.
#[derive(Debug, Clone, Copy)]
struct Lifetime(Option<Duration>);

/// The longest lifetime of a token that ends.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "never" {
        return Ok(Lifetime(None));
    }
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= MAX_LIFETIME => Ok(Lifetime(Some(time))),
        Ok(_) => Err("write a time of at most ten years, or never".to_owned()),
        Err(_) => Err("write a time such as 90d or \"6 months\", or never".to_owned()),
    }
}

fn name(text: &str) -> Result<String, String> {
    let name = clean_line(text, MAX_NAME + 1);
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(format!("write a name of 1 to {MAX_NAME} characters"));
    }
    if name.parse::<i64>().is_ok() {
        return Err("a number could be taken for the ID of another token".to_owned());
    }
    Ok(name)
}

impl Token {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Token::Create(create) => create.run(node).await,
            Token::List { all, format } => list(node, all, &format).await,
            Token::Revoke { token, yes, format } => revoke(node, &token, &yes, &format).await,
        };
        options.with_node(run).await
    }
}

impl Create {
    async fn run(self, node: &Node) -> Result<()> {
        let names: Vec<String> = self.scope.iter().map(Scopes::to_string).collect();
        // Reading them together removes repetitions.
        let scopes: Scopes = names.join(" ").parse()?;
        let lifetime = self.expires.0;
        let lifetime = lifetime.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        let secret = Secret::generate();
        let new = NewApiToken {
            name: &self.name,
            hash: &secret.hash(),
            scopes: &scopes.to_string(),
            expires_at: lifetime.map(|time| now().saturating_add(time)),
        };
        let mut tx = node.store.begin().await?;
        let token = match tx.add_api_token(&new).await {
            Err(StoreError::Duplicate(_)) => bail!(
                "a token named {0} already exists: choose another name, or run `pamphlet token revoke {0:?}` first",
                self.name
            ),
            other => other?,
        };
        tx.commit().await?;
        if self.format.json {
            let mut value = to_json(&token);
            value["token"] = json!(secret.reveal());
            return output::json(&value);
        }
        // Only the secret goes to stdout, so that a script can keep it.
        output::note(&format!(
            "Created the token {} ({}), {}.\nThis is its secret, which is not shown again:",
            token.name,
            token.scopes,
            expiry(&token)
        ));
        output::line(secret.reveal())
    }
}

fn expiry(token: &ApiToken) -> String {
    match token.expires_at {
        Some(at) => format!("valid until {}", output::time(at)),
        None => "valid until it is revoked".to_owned(),
    }
}

async fn list(node: &Node, all: bool, format: &Format) -> Result<()> {
    let tokens = node.store.read().await?.api_tokens(all).await?;
    let list = Listing {
        items: &tokens,
        headings: &[
            "ID",
            "NAME",
            "STATE",
            "CREATED",
            "EXPIRES",
            "LAST USED",
            "SCOPES",
        ],
        empty: "There are no tokens: run `pamphlet token create` to make one.",
    };
    list.print(format, to_json, |token| {
        let time = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), output::time);
        vec![
            token.id.to_string(),
            token.name.clone(),
            token.state().to_owned(),
            output::time(token.created_at),
            time(token.expires_at),
            time(token.last_used_at),
            token.scopes.clone(),
        ]
    })
}

fn to_json(token: &ApiToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "state": token.state(),
        "scopes": token.scopes.split_whitespace().collect::<Vec<_>>(),
        "created": output::timestamp(token.created_at),
        "expires": token.expires_at.map(output::timestamp),
        "last_used": token.last_used_at.map(output::timestamp),
        "revoked": token.revoked_at.map(output::timestamp),
    })
}

async fn revoke(node: &Node, text: &str, yes: &Yes, format: &Format) -> Result<()> {
    let known = node.store.read().await?.api_tokens(false).await?;
    let id = text.parse::<i64>().ok();
    let named = |token: &&ApiToken| token.name == text || Some(token.id) == id;
    let Some(token) = known.iter().find(named) else {
        bail!("no token is named {text}: run `pamphlet token list` to list tokens");
    };
    yes.confirm(&format!(
        "Revoke the token {}? The program that has it can do nothing more with it.",
        token.name
    ))?;
    let mut tx = node.store.begin().await?;
    tx.revoke_api_token(token.id).await?;
    tx.commit().await?;
    if format.json {
        return output::json(&json!({"id": token.id, "name": token.name, "state": "revoked"}));
    }
    output::line(&format!("Revoked: {}", token.name))
}
