//! The servers that have a post that was never announced.

use crate::store::{
    actors::RemoteActorRow,
    database::{Conn, Result, Tx, execute, fetch_all, now, to_json},
};
use serde::Serialize;

/// The number of servers that are remembered for each post.
const MOST_HOSTS: i64 = 1000;

/// A verified fetch of a post by a stored actor of another server.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectFetch {
    pub object_uid: String,
    pub actor_uri: String,
}

impl Conn {
    /// Returns actors of the servers that are known to have a post, one for each inbox: those that fetched it, and the
    /// authors of replies, reactions and quotes.
    pub async fn actors_with_object(&mut self, uid: &str) -> Result<Vec<RemoteActorRow>> {
        fetch_all!(
            self,
            "SELECT a.* FROM remote_actors a WHERE a.id IN
                (SELECT MIN(b.id) FROM remote_actors b WHERE b.id IN
                    (SELECT actor_id FROM object_hosts WHERE object_uid = $1
                     UNION SELECT c.actor_id FROM comments c JOIN articles x ON x.id = c.article_id
                        WHERE x.uid = $1 AND c.actor_id IS NOT NULL
                     UNION SELECT r.actor_id FROM reactions r JOIN articles x ON x.id = r.article_id WHERE x.uid = $1
                     UNION SELECT q.actor_id FROM quotes q JOIN articles x ON x.id = q.article_id WHERE x.uid = $1)
                 GROUP BY COALESCE(b.shared_inbox, b.inbox))
             ORDER BY a.id",
            uid
        )
    }
}

impl Tx {
    /// Stores that servers fetched posts, in one statement.
    pub async fn add_object_hosts(&mut self, fetches: &[ObjectFetch]) -> Result<()> {
        execute!(
            self,
            [
                "INSERT INTO object_hosts (object_uid, host, actor_id, seen_at)
                 SELECT f.value ->> 'object_uid', a.host, MIN(a.id), $2
                 FROM json_each($1) f JOIN remote_actors a ON a.uri = f.value ->> 'actor_uri'
                 WHERE (SELECT COUNT(*) FROM object_hosts o WHERE o.object_uid = f.value ->> 'object_uid') < $3
                 GROUP BY f.value ->> 'object_uid', a.host
                 ON CONFLICT (object_uid, host) DO UPDATE SET actor_id = excluded.actor_id, seen_at = excluded.seen_at",
                "INSERT INTO object_hosts (object_uid, host, actor_id, seen_at)
                 SELECT f.object_uid, a.host, MIN(a.id), $2
                 FROM json_to_recordset($1::json) AS f (object_uid text, actor_uri text)
                 JOIN remote_actors a ON a.uri = f.actor_uri
                 WHERE (SELECT COUNT(*) FROM object_hosts o WHERE o.object_uid = f.object_uid) < $3
                 GROUP BY f.object_uid, a.host
                 ON CONFLICT (object_uid, host) DO UPDATE SET actor_id = excluded.actor_id, seen_at = excluded.seen_at"
            ],
            to_json(fetches),
            now(),
            MOST_HOSTS
        )?;
        Ok(())
    }

    /// Stores that a local actor's followers on a host get a post that was not announced to the others.
    pub async fn add_object_host_of_followers(
        &mut self,
        object_uid: &str,
        local_actor_id: i64,
        host: &str,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO object_hosts (object_uid, host, actor_id, seen_at)
             SELECT $1, a.host, MIN(a.id), $4 FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.local_actor_id = $2 AND f.state = 'accepted' AND a.host = $3 GROUP BY a.host
             ON CONFLICT (object_uid, host) DO UPDATE SET seen_at = excluded.seen_at",
            object_uid,
            local_actor_id,
            host,
            now()
        )?;
        Ok(())
    }

    /// Stores that all followers got an article: its later updates go to all of them.
    pub async fn set_announced(&mut self, article_uid: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE publications SET announced = TRUE WHERE article_uid = $1 AND NOT announced",
            article_uid
        )?;
        Ok(())
    }

    /// Enqueues an activity to several destinations, in one statement.
    pub async fn enqueue_to_all(
        &mut self,
        activity_id: i64,
        destination_ids: &[i64],
    ) -> Result<u64> {
        let deliveries = execute!(
            self,
            ids(
                "INSERT INTO deliveries (destination_id, activity_id, created_at)
                 SELECT id, $2, $3 FROM destinations WHERE state = 'alive' AND id IN ",
                "$1",
                " ON CONFLICT DO NOTHING"
            ),
            to_json(destination_ids),
            activity_id,
            now()
        )?;
        self.wake_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Deletes what was not seen since a time, and what belongs to a post that is gone or was announced since.
    pub async fn forget_object_hosts(&mut self, time: i64) -> Result<()> {
        execute!(self, "DELETE FROM object_hosts WHERE seen_at < $1", time)?;
        execute!(
            self,
            "DELETE FROM object_hosts
             WHERE object_uid NOT IN (SELECT article_uid FROM publications WHERE NOT announced AND state = 'live')
                AND object_uid NOT IN (SELECT uid FROM notes WHERE NOT announced AND state <> 'gone')"
        )?;
        Ok(())
    }
}
