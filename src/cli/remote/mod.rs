//! `--remote`: does by the API of a publication on another machine what commands do here.

mod arguments;
mod articles;
mod client;
mod comments;
mod media;
mod notes;
mod posts;
mod sources;
mod tokens;

use crate::cli::common::UsageError;
use anyhow::Result;
use arguments::Arguments;
use clap::ArgMatches;
use client::Client;
pub(super) use tokens::Remote;

/// Runs a command at the publication with this address.
///
/// # Errors
/// If the command works on the server's machine only, or the error of the command.
pub(super) async fn run(address: &str, matches: &ArgMatches) -> Result<()> {
    let mut names = Vec::new();
    let mut innermost = matches;
    while let Some((name, matches)) = innermost.subcommand() {
        names.push(name);
        innermost = matches;
    }
    let arguments = Arguments::new(innermost);
    match names[..] {
        ["post", name] if posts::is_possible(name) => {
            posts::run(name, &Client::open(address).await?, &arguments).await
        }
        ["media", name] if media::is_possible(name) => {
            media::run(name, &Client::open(address).await?, &arguments).await
        }
        ["note"] => notes::publish(&Client::open(address).await?, &arguments).await,
        ["note", name] if notes::is_possible(name) => {
            notes::run(name, &Client::open(address).await?, &arguments).await
        }
        ["reply"] | ["comments", "reply"] => {
            notes::reply(&Client::open(address).await?, &arguments).await
        }
        ["comments", name] if comments::is_possible(name) => {
            comments::run(name, &Client::open(address).await?, &arguments).await
        }
        _ => Err(UsageError::new(format!(
            "`pamphlet {}` works on the server's machine only: run it there, without --remote",
            names.join(" ")
        ))
        .into()),
    }
}
