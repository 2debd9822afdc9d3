//! Many comments at once.

use crate::{
    protocol::address_key,
    store::{
        CommentState, GuestFields,
        database::{Conn, Result, Tx, execute, fetch_all, fetch_scalars, now, to_json},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A comment to be stored. Its parent is set later, because it may be stored later too.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedCommentRow {
    pub article_id: i64,
    pub number: i64,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub guest_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    /// Sanitized HTML.
    pub content: String,
    pub state: CommentState,
    pub reason: Option<String>,
    pub published_at: i64,
}

/// The parts of a comment that a later import may change.
#[derive(Debug, Clone)]
pub struct CommentChange<'a> {
    pub author_name: &'a str,
    pub author_url: Option<&'a str>,
    pub content: &'a str,
    pub state: CommentState,
}

impl Conn {
    /// Returns the ids of the guests with these mail addresses, which are in lower case, with their addresses.
    pub async fn guests_with_mails(&mut self, mails: &[String]) -> Result<Vec<(i64, String)>> {
        fetch_all!(
            self,
            texts(
                "SELECT MIN(id), LOWER(mail) FROM guests WHERE LOWER(mail) IN ",
                "$1",
                " GROUP BY LOWER(mail)"
            ),
            to_json(mails)
        )
    }

    /// Returns the ids of the comments with these uris, with the uris.
    pub async fn comments_with_uris(&mut self, uris: &[String]) -> Result<Vec<(i64, String)>> {
        fetch_all!(
            self,
            texts("SELECT id, uri FROM comments WHERE uri IN ", "$1", ""),
            to_json(uris)
        )
    }
}

impl Tx {
    /// Locks articles until the transaction ends, and returns the last numbers of their comments: id and number.
    pub async fn lock_comment_numbers(&mut self, article_ids: &[i64]) -> Result<Vec<(i64, i64)>> {
        let ids = to_json(article_ids);
        fetch_all!(
            self,
            [
                "SELECT id, last_comment_number FROM articles WHERE id IN (SELECT value FROM json_each($1))",
                "SELECT id, last_comment_number FROM articles
                 WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json)) ORDER BY id FOR UPDATE"
            ],
            ids
        )
    }

    /// Sets the last numbers of articles' comments: id and number.
    pub async fn set_comment_numbers(&mut self, numbers: &[(i64, i64)]) -> Result<()> {
        execute!(
            self,
            [
                "UPDATE articles SET last_comment_number = n.value ->> 1 FROM json_each($1) AS n
                 WHERE articles.id = n.value ->> 0",
                "UPDATE articles SET last_comment_number = (n ->> 1)::bigint FROM json_array_elements($1::json) AS n
                 WHERE articles.id = (n ->> 0)::bigint"
            ],
            to_json(numbers)
        )?;
        Ok(())
    }

    /// Adds guests who have never been here. Returns their ids, in the same order.
    pub async fn add_guests(&mut self, guests: &[GuestFields]) -> Result<Vec<i64>> {
        let mut ids = Vec::with_capacity(guests.len());
        let rows: Vec<_> = guests
            .iter()
            .map(|guest| (&guest.name, &guest.mail, &guest.site))
            .collect();
        if !rows.is_empty() {
            ids = fetch_scalars!(
                self,
                [
                    "INSERT INTO guests (name, mail, site, created_at)
                     SELECT value ->> 0, value ->> 1, value ->> 2, $2 FROM json_each($1) ORDER BY key RETURNING id",
                    "INSERT INTO guests (name, mail, site, created_at)
                     SELECT n ->> 0, n ->> 1, n ->> 2, $2
                     FROM json_array_elements($1::json) WITH ORDINALITY AS r(n, nth) ORDER BY nth RETURNING id"
                ],
                to_json(&rows),
                now()
            )?;
            ids.sort_unstable();
        }
        Ok(ids)
    }

    /// Adds comments, without parents. Returns the id and uri of each; those whose uris are stored already are left out.
    pub async fn add_imported_comments(
        &mut self,
        rows: &[ImportedCommentRow],
    ) -> Result<Vec<(i64, String)>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        fetch_all!(
            self,
            [
                "INSERT INTO comments (article_id, number, uri, url, actor_id, guest_id, author_name, author_handle,
                    author_url, content, state, reason, published_at, received_at)
                 SELECT value ->> 'article_id', value ->> 'number', value ->> 'uri', value ->> 'url',
                    value ->> 'actor_id', value ->> 'guest_id', value ->> 'author_name', value ->> 'author_handle',
                    value ->> 'author_url', value ->> 'content', value ->> 'state', value ->> 'reason',
                    value ->> 'published_at', $2
                 FROM json_each($1) WHERE TRUE ON CONFLICT (uri) DO NOTHING RETURNING id, uri",
                "INSERT INTO comments (article_id, number, uri, url, actor_id, guest_id, author_name, author_handle,
                    author_url, content, state, reason, published_at, received_at)
                 SELECT article_id, number, uri, url, actor_id, guest_id, author_name, author_handle, author_url,
                    content, state, reason, published_at, $2
                 FROM json_to_recordset($1::json) AS r(article_id bigint, number bigint, uri text, url text,
                    actor_id bigint, guest_id bigint, author_name text, author_handle text, author_url text,
                    content text, state text, reason text, published_at bigint)
                 ON CONFLICT (uri) DO NOTHING RETURNING id, uri"
            ],
            to_json(rows),
            now()
        )
    }

    /// Sets the parents of comments: id and parent.
    pub async fn set_comment_parents(&mut self, parents: &[(i64, i64)]) -> Result<()> {
        if parents.is_empty() {
            return Ok(());
        }
        execute!(
            self,
            [
                "UPDATE comments SET parent_id = n.value ->> 1 FROM json_each($1) AS n
                 WHERE comments.id = n.value ->> 0",
                "UPDATE comments SET parent_id = (n ->> 1)::bigint FROM json_array_elements($1::json) AS n
                 WHERE comments.id = (n ->> 0)::bigint"
            ],
            to_json(parents)
        )?;
        Ok(())
    }

    /// Lets addresses that comments had before lead to them, as [`Tx::add_address`] does: addresses with the ids of the
    /// comments.
    pub async fn add_comment_addresses(&mut self, addresses: &[(String, i64)]) -> Result<()> {
        // PostgreSQL refuses two rows for one address.
        let keys: BTreeMap<String, i64> = addresses
            .iter()
            .filter_map(|(address, id)| Some((address_key(address)?, *id)))
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        let keys: Vec<(&String, &i64)> = keys.iter().collect();
        execute!(
            self,
            [
                "INSERT INTO addresses (address, path)
                 SELECT n.value ->> 0, '/articles/' || a.uid || '#comment-' || c.number
                 FROM json_each($1) AS n JOIN comments AS c ON c.id = n.value ->> 1
                 JOIN articles AS a ON a.id = c.article_id WHERE TRUE
                 ON CONFLICT (address) DO UPDATE SET path = excluded.path",
                "INSERT INTO addresses (address, path)
                 SELECT n ->> 0, '/articles/' || a.uid || '#comment-' || c.number
                 FROM json_array_elements($1::json) AS n JOIN comments AS c ON c.id = (n ->> 1)::bigint
                 JOIN articles AS a ON a.id = c.article_id
                 ON CONFLICT (address) DO UPDATE SET path = excluded.path"
            ],
            to_json(&keys)
        )?;
        Ok(())
    }

    /// Replaces what an import stored of a comment.
    pub async fn change_imported_comment(
        &mut self,
        id: i64,
        change: &CommentChange<'_>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET author_name = $2, author_url = $3, content = $4, state = $5 WHERE id = $1",
            id,
            change.author_name,
            change.author_url,
            change.content,
            change.state.as_str()
        )?;
        Ok(())
    }
}
