//! Local actors: the site, its authors, the instance, and the one that posts for guests.

use super::addresses::ActorAddresses;
use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar, now,
    text_enum,
};
use sqlx::FromRow;

text_enum! {
    /// The role of a local actor.
    pub enum ActorKind ("kind of actor") {
        /// The publication itself, which people follow.
        Site = "site",
        /// An author with an actor of their own.
        Author = "author",
        /// The server, which signs fetches (FEP-2677).
        Instance = "instance",
        /// Posts the comments that guests write here without an account.
        Comments = "comments",
    }
}

/// A row of `local_actors`, with the author's profile where it has one.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LocalActorRow {
    pub id: i64,
    pub username: String,
    pub kind: ActorKind,
    pub author_id: Option<i64>,
    pub name: Option<String>,
    pub bio: Option<String>,
    pub picture_url: Option<String>,
    pub picture_alt: Option<String>,
    /// JSON list of the links of an author's profile: see [`ProfileLink::list`](crate::store::ProfileLink::list).
    pub links: Option<String>,
    pub created_at: i64,
    /// JSON list of other accounts of the same owner (`alsoKnownAs`).
    pub aliases: String,
    /// The account that this one moved to.
    pub moved_to: Option<String>,
    /// Changes whenever the actor's keys do.
    pub key_generation: i64,
    /// The time at which the actor was deleted. Its row and keys stay, because its `Delete` is signed with them.
    pub gone_at: Option<i64>,
    /// The handle on a former domain, `blog@old.example`, if the actor stayed there.
    pub former_handle: Option<String>,
    /// The addresses that other servers know from the software that served it before.
    #[sqlx(flatten)]
    pub addresses: ActorAddresses,
}

impl LocalActorRow {
    /// Returns whether the actor was deleted.
    pub fn is_gone(&self) -> bool {
        self.gone_at.is_some()
    }
}

/// Selects [`LocalActorRow`]s. This is a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.username, a.kind, a.author_id, COALESCE(w.name, a.former_name) AS name, w.bio, w.picture_url,
                w.picture_alt, w.links, a.created_at, a.aliases, a.moved_to, a.key_generation, a.gone_at, a.uri, a.handle,
                a.inbox, a.outbox, a.followers, a.following, a.featured, a.shared_inbox, a.former_handle
             FROM local_actors a LEFT JOIN authors w ON w.id = a.author_id ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the actor with this username, unless it was deleted.
    pub async fn local_actor(&mut self, username: &str) -> Result<Option<LocalActorRow>> {
        fetch_optional!(
            self,
            select!("WHERE a.username = $1 AND a.gone_at IS NULL"),
            username
        )
    }

    /// Returns the actor with the name `name` in its handle, which is in lower case, or else with this username, unless it
    /// was deleted.
    pub async fn local_actor_by_handle(&mut self, name: &str) -> Result<Option<LocalActorRow>> {
        fetch_optional!(
            self,
            select!(
                "WHERE (LOWER(a.handle) = $1 OR a.username = $1) AND a.gone_at IS NULL AND a.former_handle IS NULL
                 ORDER BY CASE WHEN LOWER(a.handle) = $1 THEN 0 ELSE 1 END LIMIT 1"
            ),
            name
        )
    }

    /// Returns the deleted actor that had this username, or else this name, which is in lower case, in its handle.
    pub async fn deleted_actor(&mut self, name: &str) -> Result<Option<LocalActorRow>> {
        fetch_optional!(
            self,
            select!(
                "WHERE (a.username = $1 OR LOWER(a.handle) = $1) AND a.gone_at IS NOT NULL
                 ORDER BY CASE WHEN a.username = $1 THEN 0 ELSE 1 END LIMIT 1"
            ),
            name
        )
    }

    /// Returns an actor, also one that was deleted.
    pub async fn local_actor_by_id(&mut self, id: i64) -> Result<Option<LocalActorRow>> {
        fetch_optional!(self, select!("WHERE a.id = $1"), id)
    }

    pub async fn local_actor_of_author(&mut self, author_id: i64) -> Result<Option<LocalActorRow>> {
        fetch_optional!(self, select!("WHERE a.author_id = $1"), author_id)
    }

    /// Returns all actors that were not deleted.
    pub async fn local_actors(&mut self) -> Result<Vec<LocalActorRow>> {
        fetch_all!(self, select!("WHERE a.gone_at IS NULL ORDER BY a.id"))
    }

    /// Returns all actors, also those that were deleted.
    pub async fn all_local_actors(&mut self) -> Result<Vec<LocalActorRow>> {
        fetch_all!(self, select!("ORDER BY a.id"))
    }

    /// Returns the hash of an actor's last published profile; `None` if none is stored.
    pub async fn published_profile_hash(&mut self, id: i64) -> Result<Option<String>> {
        let found: Option<Option<String>> =
            fetch_optional_scalar!(self, "SELECT told_hash FROM local_actors WHERE id = $1", id)?;
        Ok(found.flatten())
    }

    /// Returns the actors without a stored hash and without a pending change.
    pub async fn actors_without_profile_hash(&mut self) -> Result<Vec<LocalActorRow>> {
        fetch_all!(
            self,
            select!(
                "WHERE a.told_hash IS NULL AND a.gone_at IS NULL AND a.kind IN ('site', 'author')
                   AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.kind = 'author' AND c.uid = a.username)
                 ORDER BY a.id"
            )
        )
    }
}

impl Tx {
    /// Adds an actor. Returns its id.
    pub async fn add_local_actor(
        &mut self,
        username: &str,
        kind: ActorKind,
        author_id: Option<i64>,
    ) -> Result<i64> {
        fetch_scalar!(
            self,
            "INSERT INTO local_actors (username, kind, author_id, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
            username,
            kind.as_str(),
            author_id,
            now()
        )
    }

    pub async fn set_published_profile_hash(&mut self, id: i64, hash: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE local_actors SET told_hash = $2 WHERE id = $1",
            id,
            hash
        )?;
        Ok(())
    }

    /// Replaces an actor's list of aliases (JSON).
    pub async fn set_aliases(&mut self, id: i64, aliases: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE local_actors SET aliases = $2 WHERE id = $1",
            id,
            aliases
        )?;
        Ok(())
    }

    /// Stores the account that an actor moved to; `None` if it moved back.
    pub async fn set_moved_to(&mut self, id: i64, moved_to: Option<&str>) -> Result<()> {
        execute!(
            self,
            "UPDATE local_actors SET moved_to = $2 WHERE id = $1",
            id,
            moved_to
        )?;
        Ok(())
    }
}
