//! Our own actors: the site, its authors, and the instance.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// What a local actor stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// The publication itself, which people follow.
    Site,
    /// An author with an actor of their own.
    Author,
    /// The server, which signs fetches (FEP-2677).
    Instance,
    /// Speaks for those who comment here without an account.
    Comments,
}

impl ActorKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::Site => "site",
            ActorKind::Author => "author",
            ActorKind::Instance => "instance",
            ActorKind::Comments => "comments",
        }
    }
}

impl TryFrom<String> for ActorKind {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "site" => Ok(ActorKind::Site),
            "author" => Ok(ActorKind::Author),
            "instance" => Ok(ActorKind::Instance),
            "comments" => Ok(ActorKind::Comments),
            _ => Err(format!("unknown kind of actor: {text}")),
        }
    }
}

/// A row of `local_actors`, with the author's name and bio where it has one.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LocalActorRow {
    pub id: i64,
    pub username: String,
    #[sqlx(try_from = "String")]
    pub kind: ActorKind,
    pub author_id: Option<i64>,
    pub name: Option<String>,
    pub bio: Option<String>,
    pub created_at: i64,
    /// JSON list of other accounts of the same owner (`alsoKnownAs`).
    pub aliases: String,
    /// The account that took this one's place.
    pub moved_to: Option<String>,
    /// Another number whenever its keys have changed.
    pub key_generation: i64,
}

/// Begins every query of [`LocalActorRow`]s; a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.username, a.kind, a.author_id, w.name, w.bio, a.created_at, a.aliases,
                a.moved_to, a.key_generation
             FROM local_actors a LEFT JOIN authors w ON w.id = a.author_id ",
            $rest
        )
    };
}

impl Conn {
    pub async fn local_actor(&mut self, username: &str) -> Result<Option<LocalActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE a.username = $1"
        ))
        .bind(username)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn local_actor_by_id(&mut self, id: i64) -> Result<Option<LocalActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(select!("WHERE a.id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    pub async fn local_actor_of_author(&mut self, author_id: i64) -> Result<Option<LocalActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE a.author_id = $1"
        ))
        .bind(author_id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn local_actors(&mut self) -> Result<Vec<LocalActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(select!("ORDER BY a.id"))
            .fetch_all(c)
            .await)?)
    }

    /// Adds an actor; its id.
    pub async fn add_local_actor(
        &mut self,
        username: &str,
        kind: ActorKind,
        author_id: Option<i64>,
    ) -> Result<i64> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO local_actors (username, kind, author_id, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .bind(username)
        .bind(kind.as_str())
        .bind(author_id)
        .bind(now())
        .fetch_one(c)
        .await
        })?)
    }

    /// Returns the hash of an actor's last published profile; `None` if none is stored.
    pub async fn actor_told(&mut self, id: i64) -> Result<Option<String>> {
        let found: Option<Option<String>> = on!(self, |c| sqlx::query_scalar(
            "SELECT told_hash FROM local_actors WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?;
        Ok(found.flatten())
    }

    pub async fn set_actor_told(&mut self, id: i64, hash: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE local_actors SET told_hash = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(hash)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns the actors without a stored hash and without a pending change.
    pub async fn actors_to_compare(&mut self) -> Result<Vec<LocalActorRow>> {
        Ok(on!(self, |c| {
            sqlx::query_as(select!(
            "WHERE a.told_hash IS NULL AND a.kind IN ('site', 'author')
               AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.kind = 'author' AND c.uid = a.username)
             ORDER BY a.id"
        ))
        .fetch_all(c)
        .await
        })?)
    }

    /// Replaces an actor's list of aliases (JSON).
    pub async fn set_aliases(&mut self, id: i64, aliases: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE local_actors SET aliases = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(aliases)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Says where an actor moved, or that it is back.
    pub async fn set_moved_to(&mut self, id: i64, moved_to: Option<&str>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE local_actors SET moved_to = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(moved_to)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
