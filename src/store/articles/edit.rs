//! Writes to articles and their tags.

use super::article::{Article, ArticleFields, ArticleStatus};
use crate::{
    content::CommentPolicy,
    store::database::{Result, Tx, execute, fetch_optional_scalar, fetch_scalar, to_json},
};

impl From<&Article> for ArticleFields {
    fn from(article: &Article) -> Self {
        ArticleFields {
            slug: article.slug.clone(),
            title: article.title.clone(),
            markdown: article.markdown.clone(),
            author_id: article.author_id,
            byline: article.byline.clone(),
            summary: article.summary.clone(),
            language: article.language.clone(),
            image_url: article.image_url.clone(),
            image_alt: article.image_alt.clone(),
            federate: article.federate.clone(),
            federate_summary: article.federate_summary.clone(),
            pictures: article.pictures.clone(),
            comments: article.comments.clone(),
            comment_policy: article.comment_policy.clone(),
            comment_days: article.comment_days,
            pings: article.pings.clone(),
            quotes: article.quotes.clone(),
            sensitive: article.sensitive,
            content_warning: article.content_warning.clone(),
            published_at: article.published_at,
            updated_at: article.set_updated_at,
            tags: article.tags.clone(),
        }
    }
}

impl ArticleFields {
    /// Returns the fields with their tags sorted, to be compared.
    pub fn sorted(mut self) -> Self {
        self.tags.sort_unstable();
        self
    }
}

impl Tx {
    /// Locks an article until the transaction ends, so that what it reads of it stays true.
    pub async fn lock_article(&mut self, id: i64) -> Result<()> {
        let _: Option<i64> = fetch_optional_scalar!(
            self,
            [
                "SELECT id FROM articles WHERE id = $1",
                "SELECT id FROM articles WHERE id = $1 FOR UPDATE"
            ],
            id
        )?;
        Ok(())
    }

    /// Sets an article's comment policy, and for how many days after its date comments are open (0: without end).
    /// `None` is the site's default.
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
        execute!(
            self,
            "UPDATE articles SET comments = $2, comment_policy = $3, comment_days = $4 WHERE id = $1",
            article_id,
            comments,
            policy.map(CommentPolicy::as_str),
            days
        )?;
        Ok(())
    }

    /// Adds an article. Returns its id. A trigger adds the change to the log.
    pub async fn add_article(
        &mut self,
        fields: &ArticleFields,
        status: ArticleStatus,
    ) -> Result<i64> {
        let id = fetch_scalar!(
            self,
            "INSERT INTO articles (slug, title, markdown, author_id, byline, summary, language, image_url, image_alt,
                federate, comments, pings, sensitive, content_warning, published_at, updated_at, status, quotes,
                comment_policy, comment_days, federate_summary, pictures)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
             RETURNING id",
            &fields.slug,
            &fields.title,
            &fields.markdown,
            fields.author_id,
            &fields.byline,
            &fields.summary,
            &fields.language,
            &fields.image_url,
            &fields.image_alt,
            &fields.federate,
            &fields.comments,
            &fields.pings,
            fields.sensitive,
            &fields.content_warning,
            fields.published_at,
            fields.updated_at,
            status.as_str(),
            &fields.quotes,
            &fields.comment_policy,
            fields.comment_days,
            &fields.federate_summary,
            &fields.pictures
        )?;
        self.set_tags(id, &fields.tags).await?;
        Ok(id)
    }

    pub async fn update_article(&mut self, id: i64, fields: &ArticleFields) -> Result<()> {
        execute!(
            self,
            "UPDATE articles SET slug = $2, title = $3, markdown = $4, author_id = $5, byline = $6, summary = $7,
                language = $8, image_url = $9, image_alt = $10, federate = $11, comments = $12, pings = $13,
                sensitive = $14, content_warning = $15, published_at = $16, updated_at = $17,
                quotes = $18, comment_policy = $19, comment_days = $20, federate_summary = $21, pictures = $22
             WHERE id = $1",
            id,
            &fields.slug,
            &fields.title,
            &fields.markdown,
            fields.author_id,
            &fields.byline,
            &fields.summary,
            &fields.language,
            &fields.image_url,
            &fields.image_alt,
            &fields.federate,
            &fields.comments,
            &fields.pings,
            fields.sensitive,
            &fields.content_warning,
            fields.published_at,
            fields.updated_at,
            &fields.quotes,
            &fields.comment_policy,
            fields.comment_days,
            &fields.federate_summary,
            &fields.pictures
        )?;
        self.set_tags(id, &fields.tags).await
    }

    async fn set_tags(&mut self, article_id: i64, tags: &[String]) -> Result<()> {
        // Tags that stay are left alone: each change of one is a change of the article.
        execute!(
            self,
            [
                "DELETE FROM article_tags WHERE article_id = $1 AND tag NOT IN (SELECT value FROM json_each($2))",
                "DELETE FROM article_tags WHERE article_id = $1
                    AND tag NOT IN (SELECT value FROM json_array_elements_text($2::json))"
            ],
            article_id,
            to_json(tags)
        )?;
        for tag in tags {
            execute!(
                self,
                "INSERT INTO article_tags (article_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                article_id,
                tag
            )?;
        }
        self.fold_tag_spellings().await
    }

    pub async fn set_article_slug(&mut self, id: i64, slug: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE articles SET slug = $2 WHERE id = $1",
            id,
            slug
        )?;
        Ok(())
    }

    /// Publishes an article, or makes it a draft.
    pub async fn set_article_status(&mut self, id: i64, status: ArticleStatus) -> Result<()> {
        execute!(
            self,
            "UPDATE articles SET status = $2 WHERE id = $1",
            id,
            status.as_str()
        )?;
        Ok(())
    }

    /// Sets the date of an article: of its publication, or at which it is due.
    pub async fn set_article_date(&mut self, id: i64, published_at: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE articles SET published_at = $2 WHERE id = $1",
            id,
            published_at
        )?;
        Ok(())
    }

    /// Gives an article a new uid, and so a new ActivityPub id.
    pub async fn set_article_uid(&mut self, id: i64, uid: &str) -> Result<()> {
        execute!(self, "UPDATE articles SET uid = $2 WHERE id = $1", id, uid)?;
        Ok(())
    }

    pub async fn delete_article(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM articles WHERE id = $1", id)?;
        Ok(())
    }
}
