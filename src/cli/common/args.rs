//! Arguments that several commands take.

use crate::{
    content::{Handle, Host},
    node::Node,
    protocol::{canonical_id, is_http_url},
    store::{BlockKind, Conn},
};
use anyhow::{Result, bail};
use clap::Args;

/// The output format of a command that lists or shows.
#[derive(Debug, Args)]
pub(crate) struct Format {
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The part of a list to print.
#[derive(Debug, Args)]
pub(crate) struct Pagination {
    /// The maximum number of entries to list.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub(crate) limit: i64,
    /// Only list entries older than this ID.
    #[arg(long, value_name = "ID")]
    pub(crate) before: Option<i64>,
}

impl Pagination {
    /// Returns the id below which entries are listed.
    pub(crate) fn before(&self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }
}

/// A host or an actor, as an entry of the block list or the allow list.
#[derive(Debug, Args)]
pub(crate) struct HostOrActor {
    /// A host (example.org), a handle (@user@example.org) or an actor URL (https://...).
    #[arg(value_name = "HOST|HANDLE|URL")]
    target: String,
    #[command(flatten)]
    pub(crate) format: Format,
}

impl HostOrActor {
    /// Returns the argument as it was given.
    pub(crate) fn text(&self) -> &str {
        self.target.trim()
    }

    /// Returns the kind and value under which the entry is stored.
    ///
    /// # Errors
    /// If the argument is neither host, handle nor URL, or the handle is unknown.
    pub(crate) async fn resolve(&self, conn: &mut Conn) -> Result<(BlockKind, String)> {
        let text = self.text();
        if is_http_url(text) {
            return Ok((BlockKind::Actor, canonical_id(text).into_owned()));
        }
        if text.contains('@') {
            let handle: Handle = text.parse()?;
            let host = handle.host().to_string();
            return match conn.actor_by_handle(handle.user(), &host).await? {
                Some(uri) => Ok((BlockKind::Actor, uri)),
                None => bail!(
                    "{handle} is unknown to this node: use the actor's URL (https://...) or the host"
                ),
            };
        }
        Ok((BlockKind::Host, Host::parse(text)?.to_string()))
    }

    /// Returns whether the entry names this node: its host, the domain of its handles, or one of its actors.
    pub(crate) fn is_this_node(&self, node: &Node) -> bool {
        let text = self.text();
        if let Ok(url) = url::Url::parse(text)
            && url.has_host()
        {
            let own = Host::parse(&node.config.authority());
            return own.is_ok() && own == Host::of_url(&url);
        }
        match text.parse::<Handle>() {
            Ok(handle) => own_hosts(node).any(|own| own == *handle.host()),
            Err(_) => Host::parse(text).is_ok_and(|host| covers_this_node(node, &host)),
        }
    }
}

/// Returns whether a block of this host would block this node: it is the node's host, the domain of its handles, or a
/// parent of either.
pub(crate) fn covers_this_node(node: &Node, host: &Host) -> bool {
    own_hosts(node).any(|own| own.is_same_or_subdomain_of(host))
}

fn own_hosts(node: &Node) -> impl Iterator<Item = Host> {
    [node.config.authority(), node.config.domain.clone()]
        .into_iter()
        .filter_map(|own| Host::parse(&own).ok())
}
