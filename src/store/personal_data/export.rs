//! Everything stored about a remote actor or under a guest's mail address.

use crate::store::{
    actors::RemoteActorRow,
    database::{Conn, Result, fetch_all},
    moderation::LogEntry,
};
use sqlx::FromRow;

/// A row about an actor, from any table.
#[derive(Debug, Clone, FromRow)]
pub struct PersonalDataRow {
    /// The table, or the part of it.
    pub kept_in: String,
    pub kind: Option<String>,
    /// The object of the row.
    pub object: Option<String>,
    pub text: Option<String>,
    pub uri: Option<String>,
    pub at: Option<i64>,
}

/// A row of `guests`.
#[derive(Debug, Clone, FromRow)]
pub struct GuestProfile {
    pub id: i64,
    pub name: String,
    pub mail: Option<String>,
    pub site: Option<String>,
    pub confirmed_at: Option<i64>,
    pub trusted: bool,
    pub unsubscribed: bool,
    pub created_at: i64,
}

/// The maximum number of log entries that an export contains.
const MOST_ENTRIES: i64 = 10_000;

impl Conn {
    /// Returns what is stored about an actor beside their comments and profile.
    pub async fn rows_about_actor(
        &mut self,
        actor: &RemoteActorRow,
    ) -> Result<Vec<PersonalDataRow>> {
        fetch_all!(
            self,
            "SELECT 'reactions' AS kept_in, r.kind AS kind, w.slug || COALESCE('#comment-' || c.number, '') AS object,
                r.emoji AS text, r.uri AS uri, r.created_at AS at
             FROM reactions r JOIN articles w ON w.id = r.article_id LEFT JOIN comments c ON c.id = r.comment_id
             WHERE r.actor_id = $1
             UNION ALL SELECT 'reactions', r.kind, w.slug || COALESCE('#comment-' || c.number, ''), r.emoji, r.uri,
                r.created_at
             FROM withheld_reactions r JOIN articles w ON w.id = r.article_id
                LEFT JOIN comments c ON c.id = r.comment_id WHERE r.actor_id = $1
             UNION ALL SELECT 'follows', f.state, l.username, CAST(NULL AS TEXT), f.follow_uri, f.created_at
             FROM followers f JOIN local_actors l ON l.id = f.local_actor_id WHERE f.actor_id = $1
             UNION ALL SELECT 'interactions', kind, object_uri, text, CAST(NULL AS TEXT), created_at
             FROM interactions WHERE actor_id = $1
             UNION ALL SELECT 'quotes', q.state, w.slug, CAST(NULL AS TEXT), q.post_uri, q.created_at
             FROM quotes q JOIN articles w ON w.id = q.article_id WHERE q.actor_id = $1
             UNION ALL SELECT 'features', f.state, l.username, f.name, f.collection_uri, f.created_at
             FROM features f JOIN local_actors l ON l.id = f.local_actor_id WHERE f.actor_id = $1
             UNION ALL SELECT 'approvals', state, target_uri, kind, object_uri, created_at
             FROM approvals WHERE actor_id = $1
             UNION ALL SELECT 'mentions', CAST(NULL AS TEXT), post_uid, CAST(NULL AS TEXT), CAST(NULL AS TEXT),
                CAST(NULL AS BIGINT) FROM mentions WHERE actor_id = $1
             UNION ALL SELECT 'keys', CAST(NULL AS TEXT), key_id, public_key, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
             FROM remote_keys WHERE actor_id = $1
             UNION ALL SELECT 'notices', kind, object_uri, text, CAST(NULL AS TEXT), created_at
             FROM notices WHERE actor_uri = $2 OR object_uri = $2
                OR object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)
             UNION ALL SELECT 'events', kind, object_uri, outcome, CAST(NULL AS TEXT), at
             FROM events WHERE actor_uri = $2 OR object_uri = $2
             UNION ALL SELECT 'bin', b.origin, e.slug, b.content, b.uri, e.deleted_at
             FROM bin_rows b JOIN bin e ON e.id = b.bin_id WHERE b.actor_id = $1
             UNION ALL SELECT 'blocks', severity, value, reason, CAST(NULL AS TEXT), created_at
             FROM blocks WHERE kind = 'actor' AND value IN ($2, (SELECT id FROM spellings WHERE spelling = $2))
             UNION ALL SELECT 'allows', CAST(NULL AS TEXT), value, reason, CAST(NULL AS TEXT), created_at
             FROM allows WHERE kind = 'actor' AND value IN ($2, (SELECT id FROM spellings WHERE spelling = $2))
             ORDER BY 1, 6",
            actor.id,
            &actor.uri
        )
    }

    /// Returns the log of decisions about an actor and their comments.
    pub async fn log_of_actor(&mut self, actor: &RemoteActorRow) -> Result<Vec<LogEntry>> {
        fetch_all!(
            self,
            "SELECT * FROM log WHERE about = $2
                OR about IN (SELECT 'comment ' || id FROM comments WHERE actor_id = $1)
             ORDER BY id DESC LIMIT $3",
            actor.id,
            &actor.uri,
            MOST_ENTRIES
        )
    }

    /// Returns the log of decisions about the comments under a mail address.
    pub async fn log_of_mail(&mut self, mail: &str) -> Result<Vec<LogEntry>> {
        fetch_all!(
            self,
            "SELECT * FROM log WHERE about IN (SELECT 'comment ' || id FROM comments
                WHERE guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)))
             ORDER BY id DESC LIMIT $2",
            mail,
            MOST_ENTRIES
        )
    }

    /// Returns the guests with a mail address, one row for each browser.
    pub async fn guests_of_mail(&mut self, mail: &str) -> Result<Vec<GuestProfile>> {
        fetch_all!(
            self,
            "SELECT id, name, mail, site, confirmed_at, trusted, unsubscribed, created_at FROM guests
             WHERE LOWER(mail) = LOWER($1) ORDER BY id",
            mail
        )
    }

    /// Returns what is in the bin of the guests with a mail address: the slug of the article, the row, and the time of the
    /// article's deletion.
    pub async fn bin_of_mail(&mut self, mail: &str) -> Result<Vec<(String, String, i64)>> {
        fetch_all!(
            self,
            "SELECT e.slug, b.content, e.deleted_at FROM bin_rows b JOIN bin e ON e.id = b.bin_id
             WHERE b.guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)) ORDER BY b.id",
            mail
        )
    }

    /// Returns the mails to an address that are not sent yet, or could not be: content and time.
    pub async fn mails_to(&mut self, mail: &str) -> Result<Vec<(String, i64)>> {
        fetch_all!(
            self,
            "SELECT payload, created_at FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)
             ORDER BY id",
            mail
        )
    }
}
