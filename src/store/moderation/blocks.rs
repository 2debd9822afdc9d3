//! Blocked and limited hosts and actors.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, fetch_all, fetch_scalars, is_id, text_enum, to_json},
};
use serde::Serialize;
use sqlx::FromRow;
use std::borrow::Cow;

text_enum! {
    /// The kind of name in a block.
    pub enum BlockKind ("kind of block") {
        Host = "host",
        Actor = "actor",
    }
}

text_enum! {
    /// The severity of a block, in ascending order.
    #[derive(PartialOrd, Ord)]
    pub enum Severity ("severity") {
        /// Only its other rules apply.
        None = "none",
        /// Comments from there wait for the admin's decision.
        Hold = "hold",
        /// Nothing is accepted from there, sent there, or shown.
        Block = "block",
    }
}

/// The rules of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct BlockRules {
    pub severity: Severity,
    /// Pictures from there are not shown.
    pub no_media: bool,
    /// Reports from there are rejected.
    pub no_reports: bool,
    /// The name is obfuscated in shared lists.
    pub obfuscate: bool,
}

impl BlockRules {
    /// No rules.
    pub const NONE: BlockRules = BlockRules {
        severity: Severity::None,
        no_media: false,
        no_reports: false,
        obfuscate: false,
    };

    /// A full block.
    pub const BLOCK: BlockRules = BlockRules {
        severity: Severity::Block,
        ..BlockRules::NONE
    };

    /// Returns the stricter of each rule.
    pub fn and(self, other: BlockRules) -> BlockRules {
        BlockRules {
            severity: self.severity.max(other.severity),
            no_media: self.no_media || other.no_media,
            no_reports: self.no_reports || other.no_reports,
            obfuscate: self.obfuscate || other.obfuscate,
        }
    }
}

/// A row of `blocks`.
#[derive(Debug, Clone, FromRow)]
pub struct Block {
    pub id: i64,
    pub kind: BlockKind,
    pub value: String,
    pub reason: Option<String>,
    pub created_at: i64,
    #[sqlx(flatten)]
    pub rules: BlockRules,
}

/// A block to be stored.
#[derive(Debug, Clone)]
pub struct NewBlock {
    pub kind: BlockKind,
    pub value: String,
    pub reason: Option<String>,
    pub rules: BlockRules,
}

/// The maximum number of domains that are looked up for a host, including itself.
const PARENTS: usize = 8;

impl From<i64> for Severity {
    fn from(rank: i64) -> Self {
        match rank {
            0 => Severity::None,
            1 => Severity::Hold,
            _ => Severity::Block,
        }
    }
}

impl Conn {
    pub async fn blocks(&mut self) -> Result<Vec<Block>> {
        fetch_all!(
            self,
            "SELECT id, kind, value, reason, created_at, severity, no_media, no_reports, obfuscate
             FROM blocks ORDER BY id"
        )
    }

    /// Returns the rules for an actor: its own, those of its host (normalized, with or without a port), and of the
    /// domains above.
    pub async fn rules_for(&mut self, actor_uri: &str, host: &str) -> Result<BlockRules> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        let found: Vec<BlockRules> = fetch_all!(
            self,
            concat!(
                "SELECT severity, no_media, no_reports, obfuscate FROM blocks
                 WHERE (kind = 'actor' AND ",
                is_id!("value", "$1"),
                ")
                    OR (kind = 'host' AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10))"
            ),
            canonical_id(actor_uri).as_ref(),
            host,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7
        )?;
        Ok(found.into_iter().fold(BlockRules::NONE, BlockRules::and))
    }

    /// Returns whether an actor, its host (normalized, with or without a port), or a domain above is blocked.
    pub async fn is_blocked(&mut self, actor_uri: &str, host: &str) -> Result<bool> {
        let rules = self.rules_for(actor_uri, host).await?;
        Ok(rules.severity == Severity::Block)
    }
}

impl Conn {
    /// Returns whether each of some actors is blocked, as [`Conn::is_blocked`] does, in their order.
    pub async fn are_blocked(&mut self, actors: &[(&str, &str)]) -> Result<Vec<bool>> {
        let rows = actors
            .iter()
            .enumerate()
            .map(|(n, (actor_uri, host))| NumberedActor {
                n,
                names: ActorNames::of(actor_uri, host),
            });
        let rows = to_json(&rows.collect::<Vec<_>>());
        let severities: Vec<i64> = fetch_scalars!(
            self,
            rows(
                "$1",
                [n bigint, actor text, host text, h0 text, h1 text, h2 text, h3 text, h4 text, h5 text, h6 text, h7 text],
                concat!("SELECT ", severity!(), " FROM r ORDER BY r.n")
            ),
            rows
        )?;
        let blocked = severities.into_iter();
        Ok(blocked
            .map(|severity| Severity::from(severity) == Severity::Block)
            .collect())
    }
}

#[derive(Serialize)]
struct NumberedActor<'a> {
    n: usize,
    #[serde(flatten)]
    names: ActorNames<'a>,
}

/// An actor, its host (normalized, with or without a port), and the domains above, as a statement about many reads them.
#[derive(Debug, Serialize)]
pub(in crate::store) struct ActorNames<'a> {
    actor: Cow<'a, str>,
    host: &'a str,
    h0: &'a str,
    h1: &'a str,
    h2: &'a str,
    h3: &'a str,
    h4: &'a str,
    h5: &'a str,
    h6: &'a str,
    h7: &'a str,
}

impl<'a> ActorNames<'a> {
    pub(in crate::store) fn of(actor_uri: &'a str, host: &'a str) -> Self {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        ActorNames {
            actor: canonical_id(actor_uri),
            host,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7,
        }
    }
}

/// A condition: a row of `blocks` or `allows` names the actor of the row `r`.
macro_rules! names_actor {
    () => {
        concat!("(kind = 'actor' AND ", is_id!("value", "r.actor"), ")")
    };
}
pub(in crate::store) use names_actor;

/// A condition: a row of `blocks` or `allows` names the host of the row `r`, or a domain above.
macro_rules! names_host {
    () => {
        "(kind = 'host' AND value IN (r.host, r.h0, r.h1, r.h2, r.h3, r.h4, r.h5, r.h6, r.h7))"
    };
}
pub(in crate::store) use names_host;

/// Selects the severity of the rules about the actor of the row `r`.
macro_rules! severity {
    () => {
        concat!(
            "CAST(COALESCE((SELECT MAX(CASE severity WHEN 'block' THEN 2 WHEN 'hold' THEN 1 ELSE 0 END) FROM blocks WHERE ",
            names_actor!(),
            " OR ",
            names_host!(),
            "), 0) AS BIGINT) AS severity"
        )
    };
}
pub(in crate::store) use severity;

/// Returns a host without its port and the domains above it, the highest first. A block of any of them applies to it.
pub(in crate::store) fn with_parents(host: &str) -> [&str; PARENTS] {
    let name = host.split(':').next().unwrap_or(host);
    let mut list = [name; PARENTS];
    let starts = name.rmatch_indices('.').map(|(dot, _)| &name[dot + 1..]);
    for (place, parent) in list.iter_mut().skip(1).zip(starts) {
        *place = parent;
    }
    list
}
