//! What came in and went out lately, in a table of bounded size.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, fetch_scalar, text_enum,
        to_json,
    },
};
use serde::Serialize;
use sqlx::FromRow;

text_enum! {
    /// The direction of an activity.
    pub enum EventDirection ("direction of an event") {
        In = "in",
        Out = "out",
    }
}

/// Something that came in or went out.
#[derive(Debug, Clone, Serialize)]
pub struct NewEvent {
    pub at: i64,
    pub direction: EventDirection,
    /// The type of the activity.
    pub kind: String,
    /// How it ended: `accepted`, `dropped`, `refused`; `delivered`, `refused`, `failed`.
    pub outcome: &'static str,
    pub reason: Option<String>,
    /// The remote actor of an incoming activity.
    pub actor_uri: Option<String>,
    pub object_uri: Option<String>,
    /// The servers, separated by blanks.
    pub hosts: String,
}

/// A row of `events`.
#[derive(Debug, Clone, FromRow)]
pub struct Event {
    pub id: i64,
    pub at: i64,
    pub direction: EventDirection,
    pub kind: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub actor_uri: Option<String>,
    pub object_uri: Option<String>,
    pub hosts: String,
    /// The actor's handle, in two parts, if the actor is stored.
    pub username: Option<String>,
    pub handle_host: Option<String>,
}

/// A comment or article that an event is about.
#[derive(Debug, Clone, FromRow)]
pub struct KnownObject {
    pub uri: String,
    pub title: String,
    pub slug: String,
    /// Number, state and author of a comment.
    pub comment_id: Option<i64>,
    pub comment_state: Option<String>,
    pub author_name: Option<String>,
    /// The handle of its author; empty for a guest.
    pub author_handle: Option<String>,
}

impl Conn {
    /// Returns up to `limit` events since a time with ids above `after`, oldest first.
    pub async fn events(&mut self, since: i64, after: i64, limit: i64) -> Result<Vec<Event>> {
        fetch_all!(
            self,
            "SELECT e.id, e.at, e.direction, e.kind, e.outcome, e.reason, e.actor_uri, e.object_uri, e.hosts,
                r.username, r.handle_host
             FROM events e LEFT JOIN remote_actors r ON r.uri = e.actor_uri
             WHERE e.id > $2 AND e.at >= $1 ORDER BY e.id LIMIT $3",
            since,
            after,
            limit
        )
    }

    /// Returns the id of the newest event; 0 if there is none.
    pub async fn last_event_id(&mut self) -> Result<i64> {
        fetch_scalar!(self, "SELECT COALESCE(MAX(id), 0) FROM events")
    }

    /// Returns the articles and comments with these ids. `articles` is the prefix of the ids of articles.
    pub async fn known_objects(
        &mut self,
        articles: &str,
        uris: &[String],
    ) -> Result<Vec<KnownObject>> {
        let uris = to_json(uris);
        macro_rules! select {
            ($list:literal) => {
                concat!(
                    "SELECT u.uri, w.title, w.slug, CAST(NULL AS BIGINT) AS comment_id, CAST(NULL AS TEXT) AS comment_state,
                        CAST(NULL AS TEXT) AS author_name, CAST(NULL AS TEXT) AS author_handle
                     FROM (",
                    $list,
                    ") u JOIN articles w ON CAST($2 AS TEXT) || w.uid = u.uri
                     UNION ALL SELECT u.uri, w.title, w.slug, NULL, NULL, NULL, NULL
                     FROM (",
                    $list,
                    ") u JOIN object_uris o ON o.uri = u.uri JOIN articles w ON w.uid = o.article_uid
                     UNION ALL SELECT c.uri, w.title, w.slug, c.id, c.state, c.author_name, c.author_handle
                     FROM (",
                    $list,
                    ") u JOIN comments c ON c.uri = u.uri JOIN articles w ON w.id = c.article_id"
                )
            };
        }
        fetch_all!(
            self,
            [
                select!("SELECT value AS uri FROM json_each($1)"),
                select!("SELECT value AS uri FROM json_array_elements_text($1::json)")
            ],
            uris,
            articles
        )
    }
}

impl Tx {
    /// Adds events, in one statement.
    pub async fn add_events(&mut self, events: &[NewEvent]) -> Result<()> {
        execute!(
            self,
            [
                "INSERT INTO events (at, direction, kind, outcome, reason, actor_uri, object_uri, hosts)
                 SELECT value ->> 'at', value ->> 'direction', value ->> 'kind', value ->> 'outcome',
                    value ->> 'reason', value ->> 'actor_uri', value ->> 'object_uri', value ->> 'hosts'
                 FROM json_each($1)",
                "INSERT INTO events (at, direction, kind, outcome, reason, actor_uri, object_uri, hosts)
                 SELECT at, direction, kind, outcome, reason, actor_uri, object_uri, hosts
                 FROM json_to_recordset($1::json) AS r (at bigint, direction text, kind text, outcome text,
                    reason text, actor_uri text, object_uri text, hosts text)"
            ],
            to_json(events)
        )?;
        Ok(())
    }

    /// Deletes the events that name a remote actor or one of their comments.
    pub(in crate::store) async fn forget_events_about(&mut self, actor_id: i64) -> Result<()> {
        let uri: Option<String> = fetch_optional_scalar!(
            self,
            "SELECT uri FROM remote_actors WHERE id = $1",
            actor_id
        )?;
        let uri = uri.unwrap_or_default();
        execute!(
            self,
            "DELETE FROM events WHERE actor_uri IN ($2, $3) OR object_uri IN ($2, $3)
                OR object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
            actor_id,
            canonical_id(&uri).as_ref(),
            &uri
        )?;
        Ok(())
    }

    /// Deletes the events before a time, and all but the newest `most`.
    pub async fn forget_events(&mut self, before: i64, most: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM events WHERE at < $1 OR id <= (SELECT MAX(id) FROM events) - $2",
            before,
            most
        )?;
        Ok(())
    }
}
