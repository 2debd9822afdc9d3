//! The authors of articles.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_scalar, now, to_json,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// An author, with or without an actor of their own.
#[derive(Debug, Clone, FromRow)]
pub struct Author {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub bio: String,
    pub federated: bool,
    pub picture_url: Option<String>,
    pub picture_alt: Option<String>,
    /// A JSON list: see [`Author::links`].
    pub links: String,
}

/// A link of an author's profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileLink {
    pub label: String,
    pub url: String,
}

impl ProfileLink {
    /// Reads a stored JSON list. Other programs write it too, so that an unreadable entry is left out.
    pub fn list(json: &str) -> Vec<ProfileLink> {
        let list: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
        list.into_iter()
            .filter_map(|link| serde_json::from_value(link).ok())
            .collect()
    }
}

impl Author {
    /// Returns the links of the profile.
    pub fn links(&self) -> Vec<ProfileLink> {
        ProfileLink::list(&self.links)
    }
}

/// The properties of an author that the admin sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorFields {
    pub name: String,
    pub bio: String,
    pub federated: bool,
    pub picture_url: Option<String>,
    pub picture_alt: Option<String>,
    pub links: Vec<ProfileLink>,
}

/// An author with the number of their visible articles.
#[derive(Debug, Clone, FromRow)]
pub struct ListedAuthor {
    #[sqlx(flatten)]
    pub author: Author,
    pub articles: i64,
}

/// Selects [`Author`]s. This is a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, username, name, bio, federated, picture_url, picture_alt, links FROM authors ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the author that a byline names, by username or else by name.
    pub async fn author(&mut self, name: &str) -> Result<Option<Author>> {
        fetch_optional!(
            self,
            select!(
                "WHERE username = $1 OR name = $1
                 ORDER BY CASE WHEN username = $1 THEN 0 ELSE 1 END, id LIMIT 1"
            ),
            name
        )
    }

    pub async fn authors(&mut self) -> Result<Vec<Author>> {
        fetch_all!(self, select!("ORDER BY id"))
    }

    /// Returns whether there is an author.
    pub async fn has_authors(&mut self) -> Result<bool> {
        let found: Option<Author> = fetch_optional!(self, select!("LIMIT 1"))?;
        Ok(found.is_some())
    }

    /// Returns the next `limit` authors after one with this name and id, in the order of their names.
    pub async fn listed_authors(
        &mut self,
        after: (&str, i64),
        limit: i64,
    ) -> Result<Vec<ListedAuthor>> {
        fetch_all!(
            self,
            "SELECT w.id, w.username, w.name, w.bio, w.federated, w.picture_url, w.picture_alt, w.links,
                (SELECT COUNT(*) FROM articles a
                 WHERE a.author_id = w.id AND a.status = 'published' AND a.published_at <= $1) AS articles
             FROM authors w WHERE (w.name, w.id) > ($2, $3) ORDER BY w.name, w.id LIMIT $4",
            now(),
            after.0,
            after.1,
            limit
        )
    }
}

impl Conn {
    /// Returns the author with this username.
    pub async fn author_by_username(&mut self, username: &str) -> Result<Option<Author>> {
        fetch_optional!(self, select!("WHERE username = $1"), username)
    }

    /// Counts the articles and drafts of an author.
    pub async fn count_articles_of(&mut self, author_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM articles WHERE author_id = $1",
            author_id
        )
    }
}

impl Tx {
    pub async fn add_author(&mut self, username: &str, fields: &AuthorFields) -> Result<i64> {
        fetch_scalar!(
            self,
            "INSERT INTO authors (username, name, bio, federated, picture_url, picture_alt, links)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            username,
            &fields.name,
            &fields.bio,
            fields.federated,
            &fields.picture_url,
            &fields.picture_alt,
            to_json(&fields.links)
        )
    }

    /// Replaces an author's profile. A trigger adds the change to the log, so that followers learn of it.
    pub async fn update_author(&mut self, id: i64, fields: &AuthorFields) -> Result<()> {
        execute!(
            self,
            "UPDATE authors SET name = $2, bio = $3, federated = $4, picture_url = $5, picture_alt = $6, links = $7
             WHERE id = $1",
            id,
            &fields.name,
            &fields.bio,
            fields.federated,
            &fields.picture_url,
            &fields.picture_alt,
            to_json(&fields.links)
        )?;
        Ok(())
    }

    /// Removes an author without an actor. The articles keep the name as their byline.
    pub async fn remove_author(&mut self, author: &Author) -> Result<()> {
        execute!(
            self,
            "UPDATE articles SET author_id = NULL, byline = CASE WHEN byline = '' THEN $2 ELSE byline END
             WHERE author_id = $1",
            author.id,
            &author.name
        )?;
        execute!(self, "DELETE FROM authors WHERE id = $1", author.id)?;
        Ok(())
    }
}
