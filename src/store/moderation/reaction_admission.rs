//! The facts that decide whether readers see a new reaction.

use super::blocks::{Severity, with_parents};
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, fetch_one, is_id},
};
use sqlx::FromRow;

/// The admin's rules for a reaction, and the number of its actor's reactions to the same object.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct ReactionAdmission {
    #[sqlx(try_from = "i64")]
    pub severity: Severity,
    /// Pictures from there are not shown.
    pub no_media: bool,
    /// Whether the admin allowed the actor, or its host.
    pub allows_actor: bool,
    pub allows_host: bool,
    /// The actor's reactions to the same object that readers see, and those that are withheld.
    pub shown: i64,
    pub withheld: i64,
}

impl Conn {
    /// Returns the facts about a reaction of an actor on `host` (normalized, with or without a port) to an article or
    /// comment.
    pub async fn reaction_admission(
        &mut self,
        (actor_id, actor_uri, host): (i64, &str, &str),
        article_id: i64,
        comment_id: Option<i64>,
    ) -> Result<ReactionAdmission> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        macro_rules! names_actor {
            () => {
                concat!("(kind = 'actor' AND ", is_id!("value", "$1"), ")")
            };
        }
        macro_rules! names_host {
            () => {
                "(kind = 'host' AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10))"
            };
        }
        macro_rules! same {
            () => {
                "actor_id = $11 AND article_id = $12 AND COALESCE(comment_id, 0) = $13"
            };
        }
        fetch_one!(
            self,
            concat!(
                "SELECT CAST(COALESCE((SELECT MAX(CASE severity WHEN 'block' THEN 2 WHEN 'hold' THEN 1 ELSE 0 END)
                 FROM blocks WHERE ",
                names_actor!(),
                " OR ",
                names_host!(),
                "), 0) AS BIGINT) AS severity,
                 EXISTS (SELECT 1 FROM blocks WHERE no_media AND (",
                names_actor!(),
                " OR ",
                names_host!(),
                "))
                     AS no_media,
                 EXISTS (SELECT 1 FROM allows WHERE ",
                names_actor!(),
                ") AS allows_actor,
                 EXISTS (SELECT 1 FROM allows WHERE ",
                names_host!(),
                ") AS allows_host,
                 (SELECT COUNT(*) FROM reactions WHERE ",
                same!(),
                ") AS shown,
                 (SELECT COUNT(*) FROM withheld_reactions WHERE ",
                same!(),
                ") AS withheld"
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
            h7,
            actor_id,
            article_id,
            comment_id.unwrap_or(0)
        )
    }
}
