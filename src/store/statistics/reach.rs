//! The reach of activities: how many servers got them, and what readers did with the articles.
//!
//! A delivery has no row after it is delivered, so ended deliveries are counted for each public activity. Waiting and
//! refused ones are counted from their rows.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, to_json};
use serde::Serialize;
use sqlx::FromRow;
use std::collections::BTreeMap;

/// The numbers of servers for an activity. They are inboxes: a server without a shared inbox counts once for each
/// follower.
#[derive(Debug, Clone, FromRow)]
pub struct ReachedBy {
    pub kind: String,
    pub created_at: i64,
    /// `None` if the activity is older than the counters, like `given_up`.
    pub delivered: Option<i64>,
    pub waiting: i64,
    pub refused: i64,
    pub given_up: Option<i64>,
}

/// An article with the numbers of its first activity and of its readers' reactions.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleReach {
    pub id: i64,
    pub uid: String,
    pub slug: String,
    pub title: String,
    pub published_at: i64,
    /// Whether the article was sent.
    pub is_sent: bool,
    pub delivered: Option<i64>,
    pub waiting: i64,
    pub refused: i64,
    pub given_up: Option<i64>,
    pub replies: i64,
    pub likes: i64,
    pub boosts: i64,
    pub quotes: i64,
}

/// A server that did not get an activity, or not yet.
#[derive(Debug, Clone, FromRow)]
pub struct TroubledServer {
    pub host: String,
    pub kind: String,
    /// `waiting` or `refused`.
    pub state: String,
    pub error: Option<String>,
    /// The time of the next attempt, if one is made.
    pub next_attempt_at: Option<i64>,
}

/// Deliveries of one activity that ended.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Ended {
    activity: i64,
    delivered: i64,
    refused: i64,
    given_up: i64,
}

/// Deliveries that ended in a transaction, by activity.
#[derive(Debug, Default)]
pub(in crate::store) struct EndedDeliveries(BTreeMap<i64, Ended>);

impl EndedDeliveries {
    pub(in crate::store) fn delivered(&mut self, activities: &[i64]) {
        for id in activities {
            self.of(*id).delivered += 1;
        }
    }

    /// Takes deliveries back that are made again.
    pub(in crate::store) fn repeated(&mut self, activities: &[i64]) {
        for id in activities {
            self.of(*id).delivered -= 1;
        }
    }

    pub(in crate::store) fn refused(&mut self, activities: &[i64]) {
        for id in activities {
            self.of(*id).refused += 1;
        }
    }

    pub(in crate::store) fn given_up(&mut self, activities: &[i64]) {
        for id in activities {
            self.of(*id).given_up += 1;
        }
    }

    fn of(&mut self, activity: i64) -> &mut Ended {
        self.0.entry(activity).or_insert(Ended {
            activity,
            ..Ended::default()
        })
    }
}

/// Selects an article with its reach. This is a macro, since sqlx takes literals.
macro_rules! select_articles {
    ($where:literal) => {
        concat!(
            "SELECT w.id, w.uid, w.slug, w.title, w.published_at, c.id IS NOT NULL AS is_sent, n.delivered, n.given_up,
                (SELECT COUNT(*) FROM deliveries d WHERE d.activity_id = c.id AND d.state = 'waiting') AS waiting,
                COALESCE(n.refused, 0)
                    + (SELECT COUNT(*) FROM deliveries d WHERE d.activity_id = c.id AND d.state = 'refused') AS refused,
                (SELECT COUNT(*) FROM comments r WHERE r.article_id = w.id AND r.state = 'visible') AS replies,
                (SELECT COUNT(*) FROM reactions r WHERE r.article_id = w.id AND r.comment_id IS NULL
                    AND r.kind = 'like') AS likes,
                (SELECT COUNT(*) FROM reactions r WHERE r.article_id = w.id AND r.comment_id IS NULL
                    AND r.kind = 'boost') AS boosts,
                (SELECT COUNT(*) FROM reactions r WHERE r.article_id = w.id AND r.comment_id IS NULL
                    AND r.kind = 'quote') AS quotes
             FROM articles w LEFT JOIN activities c ON c.id = (SELECT MAX(a.id) FROM activities a
                    WHERE a.object_uri = COALESCE((SELECT o.uri FROM object_uris o WHERE o.article_uid = w.uid),
                        CAST($1 AS TEXT) || w.uid) AND a.kind = 'Create')
                LEFT JOIN delivery_counts n ON n.activity_id = c.id
             WHERE w.status = 'published' AND ",
            $where
        )
    };
}

impl Conn {
    /// Returns the newest `limit` articles that were published between two times, with their reach. `ids` is the prefix
    /// of the ids of articles.
    pub async fn articles_with_reach(
        &mut self,
        ids: &str,
        since: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<ArticleReach>> {
        fetch_all!(
            self,
            select_articles!(
                "w.published_at >= $2 AND w.published_at <= $3 ORDER BY w.published_at DESC, w.id DESC LIMIT $4"
            ),
            ids,
            since,
            until,
            limit
        )
    }

    /// Returns an article with its reach.
    pub async fn article_with_reach(&mut self, ids: &str, id: i64) -> Result<Vec<ArticleReach>> {
        fetch_all!(self, select_articles!("w.id = $2"), ids, id)
    }

    /// Returns the activities about an object with their numbers of servers, oldest first.
    pub async fn reach_of_object(&mut self, object_uri: &str) -> Result<Vec<ReachedBy>> {
        fetch_all!(
            self,
            "SELECT a.kind, a.created_at, n.delivered, n.given_up,
                (SELECT COUNT(*) FROM deliveries d WHERE d.activity_id = a.id AND d.state = 'waiting') AS waiting,
                COALESCE(n.refused, 0)
                    + (SELECT COUNT(*) FROM deliveries d WHERE d.activity_id = a.id AND d.state = 'refused') AS refused
             FROM activities a LEFT JOIN delivery_counts n ON n.activity_id = a.id
             WHERE a.object_uri = $1 AND a.kind IN ('Create', 'Update', 'Delete', 'Announce') ORDER BY a.id",
            object_uri
        )
    }

    /// Returns up to `limit` servers that did not get an activity about an object, or not yet.
    pub async fn servers_without(
        &mut self,
        object_uri: &str,
        limit: i64,
    ) -> Result<Vec<TroubledServer>> {
        fetch_all!(
            self,
            "SELECT d.host, a.kind, w.state, COALESCE(w.error, d.last_error) AS error,
                CASE WHEN w.state = 'waiting' THEN d.next_attempt_at END AS next_attempt_at
             FROM activities a JOIN deliveries w ON w.activity_id = a.id JOIN destinations d ON d.id = w.destination_id
             WHERE a.object_uri = $1 AND a.kind IN ('Create', 'Update', 'Delete', 'Announce')
             ORDER BY w.state, w.id LIMIT $2",
            object_uri,
            limit
        )
    }
}

impl Tx {
    /// Adds to the counts of ended deliveries, in the order of their activities, so that two workers never wait for each
    /// other in a circle. Activities that are not counted are left out.
    pub(in crate::store) async fn count_ended(&mut self, ended: EndedDeliveries) -> Result<()> {
        if ended.0.is_empty() {
            return Ok(());
        }
        let rows: Vec<Ended> = ended.0.into_values().collect();
        execute!(
            self,
            [
                "UPDATE delivery_counts SET delivered = delivery_counts.delivered + s.delivered,
                    refused = delivery_counts.refused + s.refused, given_up = delivery_counts.given_up + s.given_up
                 FROM (SELECT value ->> 'activity' AS activity, value ->> 'delivered' AS delivered,
                    value ->> 'refused' AS refused, value ->> 'given_up' AS given_up FROM json_each($1)) s
                 WHERE delivery_counts.activity_id = s.activity",
                "WITH s AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json)
                        AS r (activity bigint, delivered bigint, refused bigint, given_up bigint)),
                    locked AS MATERIALIZED (SELECT activity_id FROM delivery_counts
                        WHERE activity_id IN (SELECT activity FROM s) ORDER BY activity_id FOR UPDATE)
                 UPDATE delivery_counts n SET delivered = n.delivered + s.delivered, refused = n.refused + s.refused,
                    given_up = n.given_up + s.given_up
                 FROM s JOIN locked ON locked.activity_id = s.activity WHERE n.activity_id = s.activity"
            ],
            to_json(&rows)
        )?;
        Ok(())
    }

    /// Begins to count the deliveries of a new activity.
    pub(in crate::store) async fn begin_count(&mut self, activity_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO delivery_counts (activity_id) VALUES ($1)",
            activity_id
        )?;
        Ok(())
    }

    /// Takes the deliveries back that an activity's followers' servers are about to get once more: those to servers
    /// that had followers when it was made, and that have no delivery of it now.
    pub(in crate::store) async fn uncount_repeats(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
        host: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE delivery_counts SET delivered = CASE WHEN delivered > s.repeats THEN delivered - s.repeats ELSE 0 END
             FROM (SELECT COUNT(*) AS repeats FROM destinations d WHERE d.id IN
                    (SELECT f.destination_id FROM followers f JOIN activities a ON a.id = $1
                     WHERE f.local_actor_id = $2 AND f.state = 'accepted' AND f.created_at <= a.created_at)
                AND CASE WHEN $3 IS NULL THEN d.state = 'alive' ELSE d.host = $3 AND d.state IN ('alive', 'dead') END
                AND NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.destination_id = d.id AND w.activity_id = $1)) s
             WHERE activity_id = $1",
            activity_id,
            local_actor_id,
            host
        )?;
        Ok(())
    }
}
