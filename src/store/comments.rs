//! Comments: the replies under the articles.

use super::{Conn, Result, conn::on, now, spellings::is_id};
use crate::protocol::canonical_id;
use sqlx::FromRow;

/// Earlier texts of one comment that are kept.
const MOST_EDITS: i64 = 100;

/// Who sees a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentState {
    Visible,
    /// Waits for the admin.
    Held,
    /// Waits until its author follows the link that was mailed to them.
    Unconfirmed,
    /// Hidden by the admin or by a block.
    Hidden,
    /// Hidden because it is spam.
    Spam,
    /// Deleted by its author; the empty row keeps the thread together.
    Deleted,
}

impl CommentState {
    pub fn as_str(self) -> &'static str {
        match self {
            CommentState::Visible => "visible",
            CommentState::Held => "held",
            CommentState::Unconfirmed => "unconfirmed",
            CommentState::Hidden => "hidden",
            CommentState::Spam => "spam",
            CommentState::Deleted => "deleted",
        }
    }
}

/// A row of `comments`.
#[derive(Debug, Clone, FromRow)]
pub struct Comment {
    pub id: i64,
    pub article_id: i64,
    pub number: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    /// Sanitized HTML.
    pub content: String,
    pub content_warning: Option<String>,
    pub language: Option<String>,
    pub state: String,
    pub reason: Option<String>,
    pub published_at: i64,
    pub received_at: i64,
    pub edited_at: Option<i64>,
    /// The time of the last change according to its author's server; an older update comes too late.
    pub updated_at: Option<i64>,
    /// Who wrote it here without an account.
    pub guest_id: Option<i64>,
    /// What a guest wrote.
    pub markdown: Option<String>,
    /// Whether a guest wants to hear of answers.
    pub wants_answers: bool,
    /// The hashed address that a guest wrote from.
    pub address_hash: Option<String>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    /// How much of a spam it looks like, in points, and a JSON list of the reasons.
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// `ham` or `spam`, as what the admin's decision taught it to the filter.
    pub trained: Option<String>,
    /// What became of the spam service's check: see [`super::ServiceState`].
    pub akismet: Option<String>,
    /// What admins write to themselves about it.
    pub admin_note: Option<String>,
    /// Somebody is still to be told of it.
    pub untold: bool,
    /// Whether its own object restricts it to readers who are signed in.
    pub signin_required: bool,
    /// The time from which its author hides its text from strangers.
    pub hidden_from: Option<i64>,
}

impl Comment {
    /// Returns whether its author hides its text from strangers, and so from a public page.
    pub fn is_hidden_by_author(&self) -> bool {
        self.hidden_from.is_some_and(|time| time <= now())
    }
}

/// A comment to be stored.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub article_id: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    pub content: String,
    pub content_warning: Option<String>,
    pub language: Option<String>,
    pub state: CommentState,
    pub reason: Option<String>,
    pub published_at: i64,
    /// The time of the last change according to its author's server.
    pub updated_at: Option<i64>,
    /// Where its own server lists the answers to it, and when they are first looked for.
    pub replies: Option<(String, i64)>,
    /// The activity that brought it.
    pub caused_by: Option<String>,
    pub guest: Option<GuestPart>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// Somebody is to be told of it.
    pub untold: bool,
    /// See [`Comment`].
    pub signin_required: bool,
}

/// The new values of an edited comment.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub content: &'a str,
    pub content_warning: Option<&'a str>,
    pub language: Option<&'a str>,
    pub extras: Option<&'a str>,
    /// The time of the edit for readers.
    pub edited_at: i64,
    /// The time of the edit according to its author's server, if given.
    pub updated_at: Option<i64>,
}

/// What only a comment has that was written here without an account.
#[derive(Debug, Clone)]
pub struct GuestPart {
    pub guest_id: i64,
    pub markdown: String,
    pub wants_answers: bool,
    pub address_hash: String,
}

/// Empties the comments that a condition finds; what answers them keeps its place. A macro, since sqlx takes
/// literals.
macro_rules! bury {
    ($condition:literal) => {
        concat!(
            "UPDATE comments SET state = 'deleted', reason = NULL, content = '', content_warning = NULL,
                language = NULL, author_name = '', author_handle = '', author_url = NULL, url = NULL,
                actor_id = NULL, guest_id = NULL, markdown = NULL, wants_answers = FALSE, address_hash = NULL,
                extras = NULL, score = NULL, score_reasons = NULL, text_hash = NULL, admin_note = NULL,
                replies_uri = NULL, next_crawl_at = NULL, caused_by = NULL, akismet = NULL, akismet_at = NULL,
                untold = FALSE, unmailed = FALSE, guest_untold = FALSE, signin_required = FALSE,
                hidden_from = NULL WHERE ",
            $condition
        )
    };
}
pub(super) use bury;

/// Computes, for the comments that match a condition, the time from which strangers may not see the text, from the
/// settings of the comment and of its author. This is a macro, since sqlx takes literals.
macro_rules! hide {
    ($condition:literal) => {
        concat!(
            "UPDATE comments SET hidden_from = CASE WHEN signin_required THEN 0 ELSE (
                SELECT CASE WHEN comments.published_at <= a.hidden_before THEN 0
                    ELSE comments.published_at + a.hidden_after END
                FROM remote_actors a WHERE a.id = comments.actor_id) END WHERE ",
            $condition
        )
    };
}

impl Conn {
    /// Stores a comment under a number that `Store::next_comment_number` gave. `None` if its uri is there
    /// already.
    pub async fn add_comment(&mut self, comment: &NewComment, number: i64) -> Result<Option<i64>> {
        self.note_spelling(&comment.uri).await?;
        if let Some(url) = &comment.url {
            self.note_spelling(url).await?;
        }
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO comments (article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
                author_url, content, content_warning, language, state, reason, published_at, received_at,
                replies_uri, next_crawl_at, guest_id, markdown, wants_answers, address_hash, extras, score,
                score_reasons, text_hash, untold, signin_required, updated_at, caused_by, guest_untold, hidden_from)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
                COALESCE((SELECT wants_answers FROM comments WHERE id = $3), FALSE),
                CASE WHEN $28 THEN 0 ELSE (SELECT CASE WHEN $15 <= a.hidden_before THEN 0
                    ELSE $15 + a.hidden_after END FROM remote_actors a WHERE a.id = $6) END)
             ON CONFLICT (uri) DO NOTHING RETURNING id",
        )
        .bind(comment.article_id)
        .bind(number)
        .bind(comment.parent_id)
        .bind(&comment.uri)
        .bind(&comment.url)
        .bind(comment.actor_id)
        .bind(&comment.author_name)
        .bind(&comment.author_handle)
        .bind(&comment.author_url)
        .bind(&comment.content)
        .bind(&comment.content_warning)
        .bind(&comment.language)
        .bind(comment.state.as_str())
        .bind(&comment.reason)
        .bind(comment.published_at)
        .bind(now())
        .bind(comment.replies.as_ref().map(|(uri, _)| uri))
        .bind(comment.replies.as_ref().map(|(_, time)| time))
        .bind(comment.guest.as_ref().map(|guest| guest.guest_id))
        .bind(comment.guest.as_ref().map(|guest| &guest.markdown))
        .bind(comment.guest.as_ref().is_some_and(|guest| guest.wants_answers))
        .bind(comment.guest.as_ref().map(|guest| &guest.address_hash))
        .bind(&comment.extras)
        .bind(comment.score)
        .bind(&comment.score_reasons)
        .bind(&comment.text_hash)
        .bind(comment.untold)
        .bind(comment.signin_required)
        .bind(comment.updated_at)
        .bind(&comment.caused_by)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Returns the comment with this id, or else the only one whose page has this address.
    pub async fn comment_by_uri(&mut self, uri: &str) -> Result<Option<Comment>> {
        let uri = canonical_id(uri);
        let named: Option<Comment> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM comments WHERE ",
            is_id!("uri", "$1")
        ))
        .bind(uri.as_ref())
        .fetch_optional(c)
        .await)?;
        if named.is_some() {
            return Ok(named);
        }
        let mut at: Vec<Comment> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM comments WHERE ",
            is_id!("url", "$1"),
            " LIMIT 2"
        ))
        .bind(uri.as_ref())
        .fetch_all(c)
        .await)?;
        match at.len() {
            1 => Ok(at.pop()),
            _ => Ok(None),
        }
    }

    pub async fn comment(&mut self, id: i64) -> Result<Option<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn comment_by_number(
        &mut self,
        article_id: i64,
        number: i64,
    ) -> Result<Option<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE article_id = $1 AND number = $2"
        )
        .bind(article_id)
        .bind(number)
        .fetch_optional(c)
        .await)?)
    }

    /// Replaces a comment's text and keeps the one before for the admin, of which the last [`MOST_EDITS`] are kept.
    pub async fn edit_comment(&mut self, id: i64, edit: &Edit<'_>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO comment_edits (comment_id, content, content_warning, replaced_at)
             SELECT id, content, content_warning, $2 FROM comments WHERE id = $1"
        )
        .bind(id)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
                "DELETE FROM comment_edits WHERE comment_id = $1 AND id <=
                    (SELECT id FROM comment_edits WHERE comment_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            )
            .bind(id)
            .bind(MOST_EDITS)
            .execute(c)
            .await
            .map(drop)
        })?;
        on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET content = $2, content_warning = $3, language = $4, extras = $5, edited_at = $6,
                updated_at = COALESCE($7, updated_at) WHERE id = $1",
        )
        .bind(id)
        .bind(edit.content)
        .bind(edit.content_warning)
        .bind(edit.language)
        .bind(edit.extras)
        .bind(edit.edited_at)
        .bind(edit.updated_at)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Replaces what hangs on a comment beside its text.
    pub async fn set_comment_extras(
        &mut self,
        id: i64,
        extras: Option<&str>,
        updated_at: Option<i64>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET extras = $2, updated_at = COALESCE($3, updated_at) WHERE id = $1"
        )
        .bind(id)
        .bind(extras)
        .bind(updated_at)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Stores whether a comment's own object restricts it to readers who are signed in.
    pub async fn set_signin_required(&mut self, id: i64, is_required: bool) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET signin_required = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(is_required)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(hide!("id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Applies an actor's changed wish to hide posts from strangers.
    pub async fn hide_comments_of(&mut self, actor_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(hide!("actor_id = $1"))
            .bind(actor_id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Empties a comment that its author deleted; its replies keep their place. Its text is no longer sent anywhere.
    pub async fn bury_comment(&mut self, id: i64) -> Result<()> {
        self.empty_forwards_of(id).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM comment_edits WHERE comment_id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(bury!("id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        // A concurrent notifier locks the comment's row, so its messages are visible only now.
        let waiting = self.messages_about(id).await?;
        self.take_messages_back(&waiting).await
    }

    /// Fills the empty row of a restored comment. Returns false if it belongs to another article, or was not empty.
    pub async fn revive_comment(&mut self, id: i64, comment: &NewComment) -> Result<bool> {
        let is_back = on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET url = $3, actor_id = $4, author_name = $5, author_handle = $6, author_url = $7,
                content = $8, content_warning = $9, language = $10, state = $11, reason = $12, published_at = $13,
                replies_uri = $14, next_crawl_at = $15, extras = $16, score = $17, score_reasons = $18,
                text_hash = $19, untold = $20, edited_at = NULL, trained = NULL, trained_at = NULL,
                updated_at = $21, signin_required = $22, caused_by = $23
             WHERE id = $1 AND article_id = $2 AND state = 'deleted'"
        )
        .bind(id)
        .bind(comment.article_id)
        .bind(&comment.url)
        .bind(comment.actor_id)
        .bind(&comment.author_name)
        .bind(&comment.author_handle)
        .bind(&comment.author_url)
        .bind(&comment.content)
        .bind(&comment.content_warning)
        .bind(&comment.language)
        .bind(comment.state.as_str())
        .bind(&comment.reason)
        .bind(comment.published_at)
        .bind(comment.replies.as_ref().map(|(uri, _)| uri))
        .bind(comment.replies.as_ref().map(|(_, time)| time))
        .bind(&comment.extras)
        .bind(comment.score)
        .bind(&comment.score_reasons)
        .bind(&comment.text_hash)
        .bind(comment.untold)
        .bind(comment.updated_at)
        .bind(comment.signin_required)
        .bind(&comment.caused_by)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?;
        if is_back {
            on!(self, |c| sqlx::query(hide!("id = $1"))
                .bind(id)
                .execute(c)
                .await
                .map(drop))?;
            on!(self, |c| sqlx::query(concat!(
                "DELETE FROM tombstones WHERE ",
                is_id!("uri", "$1"),
                " AND ended_by = 'absence'"
            ))
            .bind(canonical_id(&comment.uri).as_ref())
            .execute(c)
            .await
            .map(drop))?;
        }
        Ok(is_back)
    }

    /// Returns an actor's comments that were learned as good.
    pub async fn lessons_of(&mut self, actor_id: i64) -> Result<Vec<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE actor_id = $1 AND trained = 'ham'"
        )
        .bind(actor_id)
        .fetch_all(c)
        .await)?)
    }

    pub async fn set_comment_state(
        &mut self,
        id: i64,
        state: CommentState,
        reason: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET state = $2, reason = $3 WHERE id = $1"
        )
        .bind(id)
        .bind(state.as_str())
        .bind(reason)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The ids of the next `limit` visible comments of an article, after a number.
    pub async fn reply_uris(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT number, uri FROM comments
             WHERE article_id = $1 AND number > $2 AND state = 'visible' ORDER BY number LIMIT $3"
        )
        .bind(article_id)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Corrects what the comments of an actor show of them.
    pub async fn rename_commenter(
        &mut self,
        actor_id: i64,
        name: &str,
        handle: &str,
        url: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET author_name = $2, author_handle = $3, author_url = $4 WHERE actor_id = $1"
        )
        .bind(actor_id)
        .bind(name)
        .bind(handle)
        .bind(url)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }
}
