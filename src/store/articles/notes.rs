//! Notes: short posts by the site, on their own or as replies.

use super::{ChangeKind, Cursor};
use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_one, fetch_optional, new_uid, now, text_enum,
    to_json,
};
use sqlx::FromRow;

text_enum! {
    /// Whether a note is published.
    pub enum NoteState ("state of a note") {
        /// It is to be sent.
        Waiting = "waiting",
        Live = "live",
        /// The admin withdrew it; the `Delete` is to be sent.
        Withdrawn = "withdrawn",
        /// It is deleted everywhere.
        Gone = "gone",
    }
}

/// A row of `notes`.
#[derive(Debug, Clone, FromRow)]
pub struct Note {
    pub id: i64,
    pub uid: String,
    pub local_actor_id: i64,
    pub markdown: String,
    pub content_warning: Option<String>,
    pub language: String,
    /// The id of the post that it replies to.
    pub in_reply_to: Option<String>,
    /// The author of that post; `None` if it is local.
    pub reply_actor_id: Option<i64>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    /// Whether it is published.
    pub state: NoteState,
    pub published_at: i64,
    pub gone_at: Option<i64>,
    /// The time of the last edit that readers see.
    pub edited_at: Option<i64>,
    /// Whether it is a guest's comment, whose text is in `comments`.
    pub by_guest: bool,
    /// Whether followers got it. Updates of another one go only to servers that have it: see `object_hosts`.
    pub announced: bool,
    /// The ActivityPub id on a former domain; `None` if the id is computed from the uid.
    pub uri: Option<String>,
}

impl Note {
    /// Returns whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.state == NoteState::Live
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

/// The parts of a note that the admin can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteEdit {
    pub markdown: String,
    pub content_warning: Option<String>,
    pub language: String,
    pub image_alt: Option<String>,
}

/// The notes that a list includes.
#[derive(Debug, Clone, Default)]
pub struct NoteFilter {
    pub state: Option<NoteState>,
    /// Only replies, or only notes that reply to nothing.
    pub replies: Option<bool>,
    /// A part of the text, whose case does not matter.
    pub text: Option<String>,
    /// The earliest date, in milliseconds.
    pub since: Option<i64>,
    /// The date before which they are published.
    pub until: Option<i64>,
}

impl Conn {
    pub async fn note_by_uid(&mut self, uid: &str) -> Result<Option<Note>> {
        fetch_optional!(self, "SELECT * FROM notes WHERE uid = $1", uid)
    }

    pub async fn note_by_id(&mut self, id: i64) -> Result<Option<Note>> {
        fetch_optional!(self, "SELECT * FROM notes WHERE id = $1", id)
    }

    /// Returns the notes with these ids, in no particular order.
    pub async fn notes_by_ids(&mut self, ids: &[i64]) -> Result<Vec<Note>> {
        let ids = to_json(ids);
        fetch_all!(
            self,
            ids(
                "SELECT * FROM notes
                 WHERE id IN ",
                "$1",
                ""
            ),
            ids
        )
    }

    /// Returns the next `limit` local notes with ids below `before`, newest first.
    pub async fn own_notes(
        &mut self,
        filter: &NoteFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Note>> {
        let escaped = |text: &str| {
            let text = text.to_lowercase().replace('\\', "\\\\");
            format!("%{}%", text.replace('%', "\\%").replace('_', "\\_"))
        };
        fetch_all!(
            self,
            "SELECT * FROM notes WHERE id < $1 AND NOT by_guest
                AND ($3 IS NULL OR state = $3)
                AND ($4 IS NULL OR (in_reply_to IS NOT NULL) = $4)
                AND ($5 IS NULL OR lower(markdown) LIKE $5 ESCAPE '\\')
                AND ($6 IS NULL OR published_at >= $6) AND ($7 IS NULL OR published_at < $7)
             ORDER BY id DESC LIMIT $2",
            before,
            limit,
            filter.state.map(NoteState::as_str),
            filter.replies,
            filter.text.as_deref().map(escaped),
            filter.since,
            filter.until
        )
    }
}

/// Selects the notes for the publication's list: public ones by the site and its authors that reply to nothing, or continue
/// one of these. A note is named by its `uid`, of 32 digits, at the end of its id.
macro_rules! listed {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM notes n JOIN local_actors l ON l.id = n.local_actor_id
             WHERE n.state = 'live' AND l.kind <> 'comments' AND NOT n.by_guest
                AND (n.in_reply_to IS NULL OR n.reply_actor_id IS NULL AND EXISTS (
                    SELECT 1 FROM notes p WHERE p.uid = substr(n.in_reply_to, length(n.in_reply_to) - 31)
                        AND NOT p.by_guest)) ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the next `limit` notes of the publication after `after`, newest first, without replies to others.
    pub async fn listed_notes(&mut self, after: Cursor, limit: i64) -> Result<Vec<Note>> {
        fetch_all!(
            self,
            listed!(
                "n.*",
                "AND (n.published_at, n.id) < ($1, $2) ORDER BY n.published_at DESC, n.id DESC LIMIT $3"
            ),
            after.at,
            after.id,
            limit
        )
    }

    /// Returns the cursor of the page before the one that begins after `after`; `None` if that is the first page.
    pub async fn listed_notes_page_before(
        &mut self,
        after: Cursor,
        limit: i64,
    ) -> Result<Option<Cursor>> {
        let found: Option<(i64, i64)> = fetch_optional!(
            self,
            listed!(
                "n.published_at, n.id",
                "AND (n.published_at, n.id) > ($1, $2) ORDER BY n.published_at, n.id LIMIT 1 OFFSET $3"
            ),
            after.at,
            after.id,
            limit - 1
        )?;
        Ok(found.map(|(at, id)| Cursor { at, id }))
    }
}

impl Tx {
    pub async fn add_note(&mut self, note: &NewNote) -> Result<Note> {
        fetch_one!(
            self,
            "INSERT INTO notes (uid, local_actor_id, markdown, content_warning, language, in_reply_to,
                reply_actor_id, image_url, image_alt, published_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *",
            new_uid(),
            note.local_actor_id,
            &note.markdown,
            &note.content_warning,
            &note.language,
            &note.in_reply_to,
            note.reply_actor_id,
            &note.image_url,
            &note.image_alt,
            now()
        )
    }

    /// Replaces the text of a note and what belongs to it. Readers see the time of the edit if the note was sent.
    pub async fn edit_note(&mut self, id: i64, edit: &NoteEdit) -> Result<()> {
        execute!(
            self,
            "UPDATE notes SET markdown = $2, content_warning = $3, language = $4, image_alt = $5,
                edited_at = CASE WHEN state = 'live' THEN $6 ELSE edited_at END WHERE id = $1",
            id,
            &edit.markdown,
            &edit.content_warning,
            &edit.language,
            &edit.image_alt,
            now()
        )?;
        Ok(())
    }

    /// Returns a note, and locks it until the transaction ends, so that nobody publishes or withdraws it meanwhile.
    pub async fn lock_note(&mut self, uid: &str) -> Result<Option<Note>> {
        fetch_optional!(
            self,
            [
                "SELECT * FROM notes WHERE uid = $1",
                "SELECT * FROM notes WHERE uid = $1 FOR UPDATE"
            ],
            uid
        )
    }

    /// Withdraws a note, which the outbox then deletes on other servers if it has published it. Returns false if it is
    /// withdrawn already.
    pub async fn withdraw_note(&mut self, uid: &str) -> Result<bool> {
        // The outbox may have published it since it was found.
        let Some(note) = self.lock_note(uid).await? else {
            return Ok(false);
        };
        match note.state {
            // No other server knows it.
            NoteState::Waiting => self.set_note_state(note.id, NoteState::Gone).await?,
            NoteState::Live => {
                self.set_note_state(note.id, NoteState::Withdrawn).await?;
                self.add_change(ChangeKind::Note, uid).await?;
            }
            NoteState::Withdrawn | NoteState::Gone => return Ok(false),
        }
        Ok(true)
    }

    /// Stores that a note was published without an announcement.
    pub async fn set_note_unannounced(&mut self, id: i64) -> Result<()> {
        execute!(self, "UPDATE notes SET announced = FALSE WHERE id = $1", id)?;
        Ok(())
    }

    /// Sets the state of a note. The time at which it is gone is kept for its tombstone.
    pub async fn set_note_state(&mut self, id: i64, state: NoteState) -> Result<()> {
        execute!(
            self,
            "UPDATE notes SET state = $2, gone_at = CASE WHEN $2 = 'gone' THEN $3 ELSE gone_at END WHERE id = $1",
            id,
            state.as_str(),
            now()
        )?;
        Ok(())
    }
}
