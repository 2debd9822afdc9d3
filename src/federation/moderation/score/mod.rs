//! How much a comment looks like spam, in points, with reasons that a person can read.

use crate::{
    federation::{Node, NodeError},
    store::{ArticleGate, Conn, RemoteActorRow},
};
use serde::{Deserialize, Serialize};

/// A comment that is to be judged before it is stored.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub article: &'a ArticleGate,
    pub author: Author<'a>,
    /// The text, sanitized.
    pub content: &'a str,
}

/// Whose comment is judged.
#[derive(Debug)]
pub enum Author<'a> {
    Remote(&'a RemoteActorRow),
    Guest {
        name: &'a str,
        mail: Option<&'a str>,
        site: Option<&'a str>,
        /// The admin let a comment of theirs in, and the browser is the same.
        is_trusted: bool,
    },
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// More is more like spam; below 0 for what is trusted.
    pub points: i64,
    pub reasons: Vec<Reason>,
}

/// What gave or took points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub points: i64,
    /// A few words, as in "7 links".
    pub what: String,
}

/// Judges a comment by what is known here; asks no other server.
pub async fn judge(
    conn: &mut Conn,
    node: &Node,
    candidate: &Candidate<'_>,
) -> Result<Score, NodeError> {
    let _ = (conn, node, candidate);
    Ok(Score::default())
}
