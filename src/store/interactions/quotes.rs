//! Posts of others that quote an article, with what was answered to them (FEP-044f).

use super::reactions::ReactionKind;
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, now, on},
};
use sqlx::FromRow;

/// A row of `quotes`, with whose it is and of which article.
#[derive(Debug, Clone, FromRow)]
pub struct Quote {
    pub id: i64,
    /// Names its authorization.
    pub uid: String,
    pub article_id: i64,
    pub article_uid: String,
    pub slug: String,
    pub actor_id: i64,
    pub actor_uri: String,
    pub username: String,
    pub handle_host: String,
    pub post_uri: String,
    /// `accepted` or `revoked`.
    pub state: String,
    pub created_at: i64,
}

impl Quote {
    pub fn is_revoked(&self) -> bool {
        self.state == "revoked"
    }
}

/// A quote as the article's page shows it.
#[derive(Debug, Clone, FromRow)]
pub struct ShownQuote {
    pub username: String,
    pub handle_host: String,
    pub url: String,
}

/// Begins every query of [`Quote`]s; a macro, since sqlx takes literals.
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
    /// The quote of an article by a post.
    pub async fn quote_by_post(
        &mut self,
        article_id: i64,
        post_uri: &str,
    ) -> Result<Option<Quote>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE q.article_id = $1 AND ",
            is_id!("q.post_uri", "$2")
        ))
        .bind(article_id)
        .bind(canonical_id(post_uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    pub async fn quote_by_uid(&mut self, uid: &str) -> Result<Option<Quote>> {
        Ok(on!(self, |c| sqlx::query_as(select!("WHERE q.uid = $1"))
            .bind(uid)
            .fetch_optional(c)
            .await)?)
    }

    /// The quotes by a post, or the one of this row.
    pub async fn find_quotes(&mut self, id: i64, post_uri: &str) -> Result<Vec<Quote>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE q.id = $1 OR ",
            is_id!("q.post_uri", "$2")
        ))
        .bind(id)
        .bind(canonical_id(post_uri).as_ref())
        .fetch_all(c)
        .await)?)
    }

    /// The next `limit` quotes with ids below `before`, newest first.
    pub async fn quotes(&mut self, before: i64, limit: i64) -> Result<Vec<Quote>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE q.id < $1 ORDER BY q.id DESC LIMIT $2"
        ))
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Accepts a quote, which the article's page does not show yet.
    pub async fn add_quote(
        &mut self,
        uid: &str,
        article_id: i64,
        actor_id: i64,
        post_uri: &str,
    ) -> Result<()> {
        self.note_spelling(post_uri).await?;
        on!(self, |c| sqlx::query(
            "INSERT INTO quotes (uid, article_id, actor_id, post_uri, state, created_at)
             VALUES ($1, $2, $3, $4, 'accepted', $5)"
        )
        .bind(uid)
        .bind(article_id)
        .bind(actor_id)
        .bind(post_uri)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Shows a quote among the article's reactions. Returns the reaction's id, or `None` if it was there.
    pub async fn show_quote(
        &mut self,
        article_id: i64,
        actor_id: i64,
        post_uri: &str,
        url: &str,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "INSERT INTO reactions (actor_id, article_id, kind, uri, url, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id"
        )
        .bind(actor_id)
        .bind(article_id)
        .bind(ReactionKind::Quote.as_str())
        .bind(canonical_id(post_uri).as_ref())
        .bind(url)
        .bind(now())
        .fetch_optional(c)
        .await)?)
    }

    /// The newest `limit` quotes of an article that readers see.
    pub async fn shown_quotes(&mut self, article_id: i64, limit: i64) -> Result<Vec<ShownQuote>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT a.username, a.handle_host, r.url FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
             WHERE r.article_id = $1 AND r.kind = 'quote' AND r.url IS NOT NULL
             ORDER BY r.id DESC LIMIT $2"
        )
        .bind(article_id)
        .bind(limit)
        .fetch_all(c)
        .await
        })?)
    }

    /// Withdraws the admission of a quote; it is remembered, so that it is not given again.
    pub async fn revoke_quote(&mut self, quote: &Quote) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE quotes SET state = 'revoked' WHERE id = $1"
        )
        .bind(quote.id)
        .execute(c)
        .await
        .map(drop))?;
        self.hide_quotes(quote.actor_id, &quote.post_uri).await
    }

    /// Forgets the quotes by a post that its own actor deleted or changed. False if there were none.
    pub async fn forget_quotes(&mut self, actor_id: i64, post_uri: &str) -> Result<bool> {
        // A revoked one stays, since the same post could come back.
        let forgotten = on!(self, |c| sqlx::query(concat!(
            "DELETE FROM quotes WHERE actor_id = $1 AND state = 'accepted' AND ",
            is_id!("post_uri", "$2")
        ))
        .bind(actor_id)
        .bind(canonical_id(post_uri).as_ref())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?;
        if forgotten {
            self.close_notices_of_quote(actor_id, post_uri).await?;
        }
        self.hide_quotes(actor_id, post_uri).await?;
        Ok(forgotten)
    }

    async fn hide_quotes(&mut self, actor_id: i64, post_uri: &str) -> Result<()> {
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
            on!(self, |c| sqlx::query(statement)
                .bind(actor_id)
                .bind(canonical_id(post_uri).as_ref())
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }
}
