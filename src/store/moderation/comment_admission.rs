//! Facts that decide whether replies become comments. The inbox reads them for every reply, so they are one statement
//! for as many as there are.

use super::blocks::{ActorNames, Severity, names_actor, names_host, severity};
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, fetch_all, is_id, to_json},
};
use serde::Serialize;
use sqlx::FromRow;
use std::borrow::Cow;

/// The facts that speak against a reply.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct CommentAdmission {
    #[sqlx(try_from = "i64")]
    pub severity: Severity,
    /// Its author deleted it before it arrived.
    pub is_deleted: bool,
    /// It is stored already.
    pub is_here: bool,
    /// The redacted row of a comment that vanished.
    pub absent_id: Option<i64>,
}

/// A post, and its author on a host (normalized, with or without a port).
#[derive(Debug, Clone, Copy)]
pub struct PostToAdmit<'a> {
    pub uri: &'a str,
    pub actor_uri: &'a str,
    pub host: &'a str,
}

#[derive(Serialize)]
struct Row<'a> {
    n: usize,
    uri: Cow<'a, str>,
    #[serde(flatten)]
    author: ActorNames<'a>,
}

impl Conn {
    /// Returns the facts about each of some posts, in their order.
    pub async fn comment_admissions(
        &mut self,
        posts: &[PostToAdmit<'_>],
    ) -> Result<Vec<CommentAdmission>> {
        let rows = posts.iter().enumerate().map(|(n, post)| Row {
            n,
            uri: canonical_id(post.uri),
            author: ActorNames::of(post.actor_uri, post.host),
        });
        let rows = to_json(&rows.collect::<Vec<_>>());
        fetch_all!(
            self,
            rows(
                "$1",
                [n bigint, uri text, actor text, host text, h0 text, h1 text, h2 text, h3 text, h4 text, h5 text,
                 h6 text, h7 text],
                concat!(
                    "SELECT ",
                    severity!(),
                    ", EXISTS (SELECT 1 FROM tombstones WHERE ",
                    is_id!("uri", "r.uri"),
                    " AND ",
                    is_id!("actor_uri", "r.actor"),
                    " AND ended_by <> 'absence') AS is_deleted,
                     EXISTS (SELECT 1 FROM comments WHERE ",
                    is_id!("uri", "r.uri"),
                    ") AS is_here,
                     (SELECT MAX(c.id) FROM comments c WHERE ",
                    is_id!("c.uri", "r.uri"),
                    " AND c.state = 'deleted' AND EXISTS (SELECT 1 FROM tombstones t WHERE ",
                    is_id!("t.uri", "r.uri"),
                    " AND ",
                    is_id!("t.actor_uri", "r.actor"),
                    " AND t.ended_by = 'absence')) AS absent_id
                     FROM r ORDER BY r.n"
                )
            ),
            rows
        )
    }
}
