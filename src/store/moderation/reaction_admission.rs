//! The facts that decide whether readers see new reactions: one statement for as many as there are.

use super::blocks::{ActorNames, Severity, names_actor, names_host, severity};
use crate::store::database::{Conn, Result, fetch_all, is_id, to_json};
use serde::Serialize;
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

/// A reaction of an actor on a host (normalized, with or without a port) to an article or comment.
#[derive(Debug, Clone, Copy)]
pub struct ReactionToAdmit<'a> {
    pub actor_id: i64,
    pub actor_uri: &'a str,
    pub host: &'a str,
    pub article_id: i64,
    pub comment_id: Option<i64>,
}

#[derive(Serialize)]
struct Row<'a> {
    n: usize,
    actor_id: i64,
    article: i64,
    comment: i64,
    #[serde(flatten)]
    names: ActorNames<'a>,
}

/// A condition: a row is the same actor's reaction to the same object as the row `r`.
macro_rules! same {
    () => {
        "actor_id = r.actor_id AND article_id = r.article AND COALESCE(comment_id, 0) = r.comment"
    };
}

impl Conn {
    /// Returns the facts about a reaction.
    pub async fn reaction_admission(
        &mut self,
        reaction: ReactionToAdmit<'_>,
    ) -> Result<ReactionAdmission> {
        let mut found = self.reaction_admissions(&[reaction]).await?;
        found.pop().ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Returns the facts about each of some reactions, in their order.
    pub async fn reaction_admissions(
        &mut self,
        reactions: &[ReactionToAdmit<'_>],
    ) -> Result<Vec<ReactionAdmission>> {
        let rows = reactions.iter().enumerate().map(|(n, reaction)| Row {
            n,
            actor_id: reaction.actor_id,
            article: reaction.article_id,
            comment: reaction.comment_id.unwrap_or(0),
            names: ActorNames::of(reaction.actor_uri, reaction.host),
        });
        let rows = to_json(&rows.collect::<Vec<_>>());
        fetch_all!(
            self,
            rows(
                "$1",
                [n bigint, actor_id bigint, article bigint, comment bigint, actor text, host text, h0 text, h1 text,
                 h2 text, h3 text, h4 text, h5 text, h6 text, h7 text],
                concat!(
                    "SELECT ",
                    severity!(),
                    ", EXISTS (SELECT 1 FROM blocks WHERE no_media AND (",
                    names_actor!(),
                    " OR ",
                    names_host!(),
                    ")) AS no_media,
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
                    ") AS withheld
                     FROM r ORDER BY r.n"
                )
            ),
            rows
        )
    }
}
