//! Who is still to be told of what: the admin of comments and notices, guests of the answers they got.

use super::notices::Notice;
use crate::store::database::{Conn, Raw, Result, now, on};
use sqlx::FromRow;

/// What waits to be told.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Waiting {
    /// Comments and notices of which nothing was said yet.
    pub news: bool,
    /// Answers to guests.
    pub answers: bool,
    /// Since when the oldest comment and notice wait for a mail to the admin.
    pub comment_since: Option<i64>,
    pub notice_since: Option<i64>,
}

/// A comment as somebody is told of it.
#[derive(Debug, Clone, FromRow)]
pub struct ToldComment {
    pub id: i64,
    pub number: i64,
    pub uri: String,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    pub content: String,
    pub content_warning: Option<String>,
    pub state: String,
    pub reason: Option<String>,
    pub received_at: i64,
    /// The time from which its author hides its text from strangers.
    pub hidden_from: Option<i64>,
    pub article_title: String,
    pub article_slug: String,
    pub article_published_at: i64,
}

impl ToldComment {
    /// Returns whether its author hides its text from strangers, and so from guests.
    pub fn is_hidden_by_author(&self) -> bool {
        self.hidden_from.is_some_and(|time| time <= now())
    }
}

/// A comment that answers a guest's, and that guest.
#[derive(Debug, Clone, FromRow)]
pub struct Answer {
    #[sqlx(flatten)]
    pub comment: ToldComment,
    pub guest_id: i64,
    pub guest_mail: String,
}

/// The columns of a [`ToldComment`].
macro_rules! told {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.number, c.uri, c.author_name, c.author_handle, c.author_url, c.content,
                c.content_warning, c.state, c.reason, c.received_at, c.hidden_from, a.title AS article_title,
                a.slug AS article_slug, a.published_at AS article_published_at",
            $rest
        )
    };
}
pub(in crate::store) use told;

/// Takes a mark off up to `$limit` rows; their ids.
macro_rules! claim {
    ($conn:expr, $statement:literal, $mailed:expr, $limit:expr) => {
        on!($conn, |c| sqlx::query_scalar($statement)
            .bind($limit)
            .bind($mailed)
            .fetch_all(c)
            .await)?
    };
}

impl Conn {
    /// What waits to be told, by indexes of just that.
    pub async fn waiting_to_be_told(&mut self) -> Result<Waiting> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT (EXISTS (SELECT 1 FROM comments WHERE untold AND state IN ('visible', 'held'))
                OR EXISTS (SELECT 1 FROM notices WHERE untold)) AS news,
                EXISTS (SELECT 1 FROM comments WHERE guest_untold AND state = 'visible') AS answers,
                (SELECT received_at FROM comments WHERE unmailed ORDER BY id LIMIT 1) AS comment_since,
                (SELECT created_at FROM notices WHERE unmailed ORDER BY id LIMIT 1) AS notice_since"
        )
        .fetch_one(c)
        .await
        })?)
    }

    /// Up to `limit` comments that the admin was not told of, which are told now; they wait for a mail if
    /// the admin gets one.
    pub async fn claim_untold_comments(
        &mut self,
        limit: i64,
        is_mailed: bool,
    ) -> Result<Vec<ToldComment>> {
        let ids: Vec<i64> = claim!(
            self,
            "UPDATE comments SET untold = FALSE, unmailed = $2 WHERE id IN (SELECT id FROM comments
                WHERE untold AND state IN ('visible', 'held') ORDER BY id LIMIT $1) RETURNING id",
            is_mailed,
            limit
        );
        self.told_comments(&ids).await
    }

    async fn told_comments(&mut self, ids: &[i64]) -> Result<Vec<ToldComment>> {
        let list = serde_json::to_string(ids).unwrap_or_default();
        Ok(match self.raw() {
            Raw::Sqlite(c) => {
                sqlx::query_as(told!(
                    " FROM comments c JOIN articles a ON a.id = c.article_id
                     WHERE c.id IN (SELECT value FROM json_each($1)) ORDER BY c.id"
                ))
                .bind(list)
                .fetch_all(c)
                .await?
            }
            Raw::Postgres(c) => {
                sqlx::query_as(told!(
                    " FROM comments c JOIN articles a ON a.id = c.article_id
                     WHERE c.id IN (SELECT value::bigint FROM json_array_elements_text($1::json)) ORDER BY c.id"
                ))
                .bind(list)
                .fetch_all(c)
                .await?
            }
        })
    }

    /// The same of notices.
    pub async fn claim_untold_notices(
        &mut self,
        limit: i64,
        is_mailed: bool,
    ) -> Result<Vec<Notice>> {
        let ids: Vec<i64> = claim!(
            self,
            "UPDATE notices SET untold = FALSE, unmailed = $2
             WHERE id IN (SELECT id FROM notices WHERE untold ORDER BY id LIMIT $1) RETURNING id",
            is_mailed,
            limit
        );
        let (first, last) = (ids.iter().min(), ids.iter().max());
        let rows: Vec<Notice> = on!(self, |c| sqlx::query_as(
            "SELECT * FROM notices WHERE id BETWEEN $1 AND $2 ORDER BY id"
        )
        .bind(first)
        .bind(last)
        .fetch_all(c)
        .await)?;
        Ok(rows
            .into_iter()
            .filter(|row| ids.contains(&row.id))
            .collect())
    }

    /// Takes up to `limit` visible comments that guests are to hear of, which they hear of now; those of them
    /// whose guest has a confirmed address, wants mails and did not write the comment.
    pub async fn claim_answers(&mut self, limit: i64) -> Result<Vec<Answer>> {
        let ids: Vec<i64> = claim!(
            self,
            "UPDATE comments SET guest_untold = $2 WHERE id IN (SELECT id FROM comments
                WHERE guest_untold AND state = 'visible' ORDER BY id LIMIT $1) RETURNING id",
            false,
            limit
        );
        let list = serde_json::to_string(&ids).unwrap_or_default();
        macro_rules! select {
            ($list:literal, $c:expr) => {
                sqlx::query_as(concat!(
                    told!(
                        ", g.id AS guest_id, g.mail AS guest_mail
                        FROM comments c JOIN articles a ON a.id = c.article_id
                        JOIN comments p ON p.id = c.parent_id JOIN guests g ON g.id = p.guest_id
                        WHERE p.wants_answers AND g.mail IS NOT NULL AND g.confirmed_at IS NOT NULL
                            AND NOT g.unsubscribed AND COALESCE(c.guest_id, 0) <> g.id AND c.id IN "
                    ),
                    $list,
                    " ORDER BY c.id"
                ))
                .bind(list)
                .fetch_all($c)
                .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => select!("(SELECT value FROM json_each($1))", c),
            Raw::Postgres(c) => select!(
                "(SELECT value::bigint FROM json_array_elements_text($1::json))",
                c
            ),
        })
    }
}
