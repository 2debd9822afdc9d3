//! Notes: short posts of the site, standing alone or in a conversation.

use crate::store::database::{Conn, Raw, Result, new_uid, now, on};
use sqlx::FromRow;

/// A row of `notes`.
#[derive(Debug, Clone, FromRow)]
pub struct Note {
    pub id: i64,
    pub uid: String,
    pub local_actor_id: i64,
    pub markdown: String,
    pub content_warning: Option<String>,
    pub language: String,
    /// The post that it answers.
    pub in_reply_to: Option<String>,
    /// Whose that post is; `None` if it is ours.
    pub reply_actor_id: Option<i64>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    /// `waiting` to be sent, `live`, `withdrawn` by the admin, or `gone` everywhere.
    pub state: String,
    pub published_at: i64,
    pub gone_at: Option<i64>,
    /// Whether it holds a guest's words, whose text is in the comment.
    pub by_guest: bool,
}

impl Note {
    /// Whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.state == "live"
    }
}

/// A note to be stored.
#[derive(Debug, Clone)]
pub struct NewNote {
    pub local_actor_id: i64,
    pub markdown: String,
    pub content_warning: Option<String>,
    pub language: String,
    pub in_reply_to: Option<String>,
    pub reply_actor_id: Option<i64>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
}

impl Conn {
    pub async fn add_note(&mut self, note: &NewNote) -> Result<Note> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "INSERT INTO notes (uid, local_actor_id, markdown, content_warning, language, in_reply_to,
                    reply_actor_id, image_url, image_alt, published_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *",
            )
            .bind(new_uid())
            .bind(note.local_actor_id)
            .bind(&note.markdown)
            .bind(&note.content_warning)
            .bind(&note.language)
            .bind(&note.in_reply_to)
            .bind(note.reply_actor_id)
            .bind(&note.image_url)
            .bind(&note.image_alt)
            .bind(now())
            .fetch_one(c)
            .await
        })?)
    }

    pub async fn note_by_uid(&mut self, uid: &str) -> Result<Option<Note>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM notes WHERE uid = $1"
        )
        .bind(uid)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn note_by_id(&mut self, id: i64) -> Result<Option<Note>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM notes WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Returns the notes with these ids, in no particular order.
    pub async fn notes_by_ids(&mut self, ids: &[i64]) -> Result<Vec<Note>> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        Ok(match self.raw() {
            Raw::Sqlite(c) => {
                sqlx::query_as("SELECT * FROM notes WHERE id IN (SELECT value FROM json_each($1))")
                    .bind(ids)
                    .fetch_all(c)
                    .await?
            }
            Raw::Postgres(c) => {
                sqlx::query_as(
                    "SELECT * FROM notes
                     WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json))",
                )
                .bind(ids)
                .fetch_all(c)
                .await?
            }
        })
    }

    /// Of a note that is `gone`, the time of that is kept for its tombstone.
    pub async fn set_note_state(&mut self, id: i64, state: &str) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE notes SET state = $2, gone_at = CASE WHEN $2 = 'gone' THEN $3 ELSE gone_at END WHERE id = $1"
        )
        .bind(id)
        .bind(state)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Returns the next `limit` local notes with ids below `before`, newest first.
    pub async fn own_notes(&mut self, before: i64, limit: i64) -> Result<Vec<Note>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM notes WHERE id < $1 AND NOT by_guest ORDER BY id DESC LIMIT $2"
        )
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
