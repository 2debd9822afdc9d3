//! Remote posts that quote an article, with the decisions about them (FEP-044f).

use super::reactions::ReactionKind;
use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, is_id, now,
        text_enum,
    },
};
use sqlx::FromRow;

text_enum! {
    /// The decision about a quote, or about a collection that features a local actor.
    pub enum AuthorizationState ("state of an authorization") {
        Accepted = "accepted",
        Revoked = "revoked",
    }
}

/// A row of `quotes`, with its author and article.
#[derive(Debug, Clone, FromRow)]
pub struct Quote {
    pub id: i64,
    /// The uid of its authorization.
    pub uid: String,
    pub article_id: i64,
    pub article_uid: String,
    pub slug: String,
    pub actor_id: i64,
    pub actor_uri: String,
    pub username: String,
    pub handle_host: String,
    pub post_uri: String,
    /// The decision.
    pub state: AuthorizationState,
    pub created_at: i64,
}

impl Quote {
    pub fn is_revoked(&self) -> bool {
        self.state == AuthorizationState::Revoked
    }
}

/// A quote for the article's page.
#[derive(Debug, Clone, FromRow)]
pub struct ShownQuote {
    pub username: String,
    pub handle_host: String,
    pub url: String,
}

/// Selects [`Quote`]s. This is a macro, since sqlx takes literals.
macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "SELECT q.id, q.uid, q.article_id, w.uid AS article_uid, w.slug, q.actor_id, a.uri AS actor_uri,
                a.username, a.handle_host, q.post_uri, q.state, q.created_at
             FROM quotes q JOIN articles w ON w.id = q.article_id JOIN remote_actors a ON a.id = q.actor_id ",
            $($rest),+
        )
    };
}

impl Conn {
    /// Returns the quote of an article by a post.
    pub async fn quote_by_post(
        &mut self,
        article_id: i64,
        post_uri: &str,
    ) -> Result<Option<Quote>> {
        fetch_optional!(
            self,
            select!("WHERE q.article_id = $1 AND ", is_id!("q.post_uri", "$2")),
            article_id,
            canonical_id(post_uri).as_ref()
        )
    }

    pub async fn quote_by_uid(&mut self, uid: &str) -> Result<Option<Quote>> {
        fetch_optional!(self, select!("WHERE q.uid = $1"), uid)
    }

    /// Returns the quotes by a post, and the row with this id.
    pub async fn find_quotes(&mut self, id: i64, post_uri: &str) -> Result<Vec<Quote>> {
        fetch_all!(
            self,
            select!("WHERE q.id = $1 OR ", is_id!("q.post_uri", "$2")),
            id,
            canonical_id(post_uri).as_ref()
        )
    }

    /// Returns the next `limit` quotes with ids below `before`, newest first.
    pub async fn quotes(&mut self, before: i64, limit: i64) -> Result<Vec<Quote>> {
        fetch_all!(
            self,
            select!("WHERE q.id < $1 ORDER BY q.id DESC LIMIT $2"),
            before,
            limit
        )
    }

    /// Returns the newest `limit` quotes of an article that readers see.
    pub async fn shown_quotes(&mut self, article_id: i64, limit: i64) -> Result<Vec<ShownQuote>> {
        fetch_all!(
            self,
            "SELECT a.username, a.handle_host, r.url FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
             WHERE r.article_id = $1 AND r.kind = 'quote' AND r.url IS NOT NULL
             ORDER BY r.id DESC LIMIT $2",
            article_id,
            limit
        )
    }
}

impl Tx {
    /// Accepts a quote. The article's page does not show it yet.
    pub async fn add_quote(
        &mut self,
        uid: &str,
        article_id: i64,
        actor_id: i64,
        post_uri: &str,
    ) -> Result<()> {
        self.save_spelling(post_uri).await?;
        execute!(
            self,
            "INSERT INTO quotes (uid, article_id, actor_id, post_uri, state, created_at)
             VALUES ($1, $2, $3, $4, 'accepted', $5)",
            uid,
            article_id,
            actor_id,
            post_uri,
            now()
        )?;
        Ok(())
    }

    /// Shows a quote among the article's reactions. Returns the reaction's id, or `None` if it is shown already.
    pub async fn add_quote_reaction(
        &mut self,
        article_id: i64,
        actor_id: i64,
        post_uri: &str,
        url: &str,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "INSERT INTO reactions (actor_id, article_id, kind, uri, url, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            actor_id,
            article_id,
            ReactionKind::Quote.as_str(),
            canonical_id(post_uri).as_ref(),
            url,
            now()
        )
    }

    /// Revokes the authorization of a quote. The row stays, so that it is not granted again.
    pub async fn revoke_quote(&mut self, quote: &Quote) -> Result<()> {
        execute!(
            self,
            "UPDATE quotes SET state = 'revoked' WHERE id = $1",
            quote.id
        )?;
        self.delete_quote_reactions(quote.actor_id, &quote.post_uri)
            .await
    }

    /// Deletes the quotes by a post that its author deleted or changed. Returns false if there were none.
    pub async fn forget_quotes(&mut self, actor_id: i64, post_uri: &str) -> Result<bool> {
        // A revoked quote stays, since the same post could return.
        let forgotten = execute!(
            self,
            concat!(
                "DELETE FROM quotes WHERE actor_id = $1 AND state = 'accepted' AND ",
                is_id!("post_uri", "$2")
            ),
            actor_id,
            canonical_id(post_uri).as_ref()
        )? > 0;
        if forgotten {
            self.close_quote_notices(actor_id, post_uri).await?;
        }
        self.delete_quote_reactions(actor_id, post_uri).await?;
        Ok(forgotten)
    }

    async fn delete_quote_reactions(&mut self, actor_id: i64, post_uri: &str) -> Result<()> {
        for statement in [
            concat!(
                "DELETE FROM reactions WHERE actor_id = $1 AND kind = 'quote' AND ",
                is_id!("uri", "$2")
            ),
            concat!(
                "DELETE FROM withheld_reactions WHERE actor_id = $1 AND kind = 'quote' AND ",
                is_id!("uri", "$2")
            ),
        ] {
            execute!(self, statement, actor_id, canonical_id(post_uri).as_ref())?;
        }
        Ok(())
    }
}
