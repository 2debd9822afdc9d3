//! Writes to articles and their tags.

use super::article::ArticleFields;
use crate::{
    content::CommentPolicy,
    store::database::{Conn, Result, on},
};

impl Conn {
    /// Sets how an article takes comments, and for how many days after its date (0 is for ever); `None` is the
    /// site's choice.
    pub async fn set_comment_terms(
        &mut self,
        article_id: i64,
        policy: Option<CommentPolicy>,
        days: Option<i64>,
    ) -> Result<()> {
        let comments = match policy {
            Some(CommentPolicy::Closed) => "closed",
            _ => "open",
        };
        let policy = policy.filter(|policy| *policy != CommentPolicy::Closed);
        on!(self, |c| {
            sqlx::query(
                "UPDATE articles SET comments = $2, comment_policy = $3, comment_days = $4 WHERE id = $1",
            )
            .bind(article_id)
            .bind(comments)
            .bind(policy.map(CommentPolicy::as_str))
            .bind(days)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Adds an article; its id. The change log notices by itself.
    pub async fn add_article(&mut self, fields: &ArticleFields, status: &str) -> Result<i64> {
        let id = on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO articles (slug, title, markdown, author_id, byline, summary, language, image_url, image_alt,
                federate, comments, pings, sensitive, content_warning, published_at, updated_at, status, quotes,
                comment_policy, comment_days, federate_summary, pictures)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
             RETURNING id",
        )
        .bind(&fields.slug)
        .bind(&fields.title)
        .bind(&fields.markdown)
        .bind(fields.author_id)
        .bind(&fields.byline)
        .bind(&fields.summary)
        .bind(&fields.language)
        .bind(&fields.image_url)
        .bind(&fields.image_alt)
        .bind(&fields.federate)
        .bind(&fields.comments)
        .bind(&fields.pings)
        .bind(fields.sensitive)
        .bind(&fields.content_warning)
        .bind(fields.published_at)
        .bind(fields.updated_at)
        .bind(status)
        .bind(&fields.quotes)
        .bind(&fields.comment_policy)
        .bind(fields.comment_days)
        .bind(&fields.federate_summary)
        .bind(&fields.pictures)
        .fetch_one(c)
        .await
        })?;
        self.set_tags(id, &fields.tags).await?;
        Ok(id)
    }

    pub async fn update_article(&mut self, id: i64, fields: &ArticleFields) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE articles SET slug = $2, title = $3, markdown = $4, author_id = $5, byline = $6, summary = $7,
                language = $8, image_url = $9, image_alt = $10, federate = $11, comments = $12, pings = $13,
                sensitive = $14, content_warning = $15, published_at = $16, updated_at = $17,
                quotes = $18, comment_policy = $19, comment_days = $20, federate_summary = $21, pictures = $22
             WHERE id = $1",
        )
        .bind(id)
        .bind(&fields.slug)
        .bind(&fields.title)
        .bind(&fields.markdown)
        .bind(fields.author_id)
        .bind(&fields.byline)
        .bind(&fields.summary)
        .bind(&fields.language)
        .bind(&fields.image_url)
        .bind(&fields.image_alt)
        .bind(&fields.federate)
        .bind(&fields.comments)
        .bind(&fields.pings)
        .bind(fields.sensitive)
        .bind(&fields.content_warning)
        .bind(fields.published_at)
        .bind(fields.updated_at)
        .bind(&fields.quotes)
        .bind(&fields.comment_policy)
        .bind(fields.comment_days)
        .bind(&fields.federate_summary)
        .bind(&fields.pictures)
        .execute(c)
        .await
        .map(drop)
        })?;
        self.set_tags(id, &fields.tags).await
    }

    async fn set_tags(&mut self, article_id: i64, tags: &[String]) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM article_tags WHERE article_id = $1"
        )
        .bind(article_id)
        .execute(c)
        .await
        .map(drop))?;
        for tag in tags {
            on!(self, |c| sqlx::query(
                "INSERT INTO article_tags (article_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            )
            .bind(article_id)
            .bind(tag)
            .execute(c)
            .await
            .map(drop))?;
        }
        self.fold_spellings().await
    }

    /// `draft` or `published`.
    pub async fn set_article_status(&mut self, id: i64, status: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE articles SET status = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(status)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Gives an article a new uid, and so a new ActivityPub id.
    pub async fn set_article_uid(&mut self, id: i64, uid: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE articles SET uid = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(uid)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    pub async fn delete_article(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query("DELETE FROM articles WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
