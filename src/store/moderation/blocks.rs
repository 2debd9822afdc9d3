//! Hosts and actors that the admin wants nothing, or less, to do with.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, on},
};
use serde::Serialize;
use sqlx::FromRow;

/// What a block names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    Host,
    Actor,
}

impl BlockKind {
    pub fn as_str(self) -> &'static str {
        match self {
            BlockKind::Host => "host",
            BlockKind::Actor => "actor",
        }
    }
}

/// How much a block keeps out; more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Only what its other rules say.
    None,
    /// Comments from there wait for the admin.
    Hold,
    /// Nothing comes in from there, nothing goes there, nothing of it is shown.
    Block,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::None => "none",
            Severity::Hold => "hold",
            Severity::Block => "block",
        }
    }
}

impl TryFrom<String> for Severity {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        [Severity::None, Severity::Hold, Severity::Block]
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| format!("unknown severity: {text}"))
    }
}

/// What a block rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct BlockRules {
    #[sqlx(try_from = "String")]
    pub severity: Severity,
    /// Pictures from there are not shown.
    pub no_media: bool,
    /// Reports from there are not taken.
    pub no_reports: bool,
    /// Of shared lists: the name is not to be published in full.
    pub obfuscate: bool,
}

impl BlockRules {
    /// No rule at all.
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

    /// All that either of two rules.
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
    pub kind: String,
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

/// Domains above a host that are asked for, the host itself included.
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
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT id, kind, value, reason, created_at, severity, no_media, no_reports, obfuscate
             FROM blocks ORDER BY id"
        )
        .fetch_all(c)
        .await)?)
    }

    /// All that is ruled of an actor, its host (normalized, with or without a port), and the domains above.
    pub async fn rules_for(&mut self, actor_uri: &str, host: &str) -> Result<BlockRules> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        let found: Vec<BlockRules> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT severity, no_media, no_reports, obfuscate FROM blocks
                 WHERE (kind = 'actor' AND ",
            is_id!("value", "$1"),
            ")
                    OR (kind = 'host' AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10))"
        ))
        .bind(canonical_id(actor_uri).as_ref())
        .bind(host)
        .bind(h0)
        .bind(h1)
        .bind(h2)
        .bind(h3)
        .bind(h4)
        .bind(h5)
        .bind(h6)
        .bind(h7)
        .fetch_all(c)
        .await)?;
        Ok(found.into_iter().fold(BlockRules::NONE, BlockRules::and))
    }

    /// Whether an actor, or a host (normalized, with or without a port), or a domain above it is blocked.
    pub async fn is_blocked(&mut self, actor_uri: &str, host: &str) -> Result<bool> {
        let rules = self.rules_for(actor_uri, host).await?;
        Ok(rules.severity == Severity::Block)
    }
}

/// A host without its port and the domains above it, the highest first; a block of any concerns it.
pub(in crate::store) fn with_parents(host: &str) -> [&str; PARENTS] {
    let name = host.split(':').next().unwrap_or(host);
    let mut list = [name; PARENTS];
    let starts = name.rmatch_indices('.').map(|(dot, _)| &name[dot + 1..]);
    for (place, parent) in list.iter_mut().skip(1).zip(starts) {
        *place = parent;
    }
    list
}
