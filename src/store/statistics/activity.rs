//! What readers did, by time: replies, likes and boosts.

use crate::store::database::{Conn, Result, fetch_all, text_enum};
use sqlx::FromRow;

text_enum! {
    /// What a reader did.
    pub enum HappeningKind ("kind of happening") {
        Reply = "reply",
        Like = "like",
        Boost = "boost",
    }
}

/// The number of happenings of a kind in a quarter of an hour.
#[derive(Debug, Clone, FromRow)]
pub struct Happening {
    pub kind: HappeningKind,
    /// The beginning of the quarter.
    pub at: i64,
    pub count: i64,
}

impl Conn {
    /// Returns the visible replies, likes and boosts since a time, by quarters of an hour, so that they can be counted by
    /// the days of any time zone; only those of one article, if it is given.
    pub async fn happenings(
        &mut self,
        since: i64,
        article_id: Option<i64>,
    ) -> Result<Vec<Happening>> {
        fetch_all!(
            self,
            "SELECT kind, at * 900000 AS at, COUNT(*) AS count FROM (
                SELECT 'reply' AS kind, received_at / 900000 AS at FROM comments
                WHERE state = 'visible' AND received_at >= $1 AND article_id = COALESCE($2, article_id)
                UNION ALL SELECT kind, created_at / 900000 FROM reactions
                WHERE kind IN ('like', 'boost') AND comment_id IS NULL AND created_at >= $1
                    AND article_id = COALESCE($2, article_id)) h
             GROUP BY kind, at ORDER BY at",
            since,
            article_id
        )
    }
}
