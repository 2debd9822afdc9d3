//! Lists of comments for the admin, by article, author, host, state and words; and their earlier texts.

use super::blocks::with_parents;
use crate::store::{
    comments::{Comment, CommentState, Commenter},
    database::{Conn, Raw, Result, fetch_all, fetch_scalars, on, to_json},
};
use sqlx::{FromRow, QueryBuilder};

/// A filter for lists of comments. All conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct CommentFilter {
    pub article_id: Option<i64>,
    pub author: Option<Commenter>,
    /// The hosts of their authors: see [`Conn::hosts_below`].
    pub hosts: Option<Vec<String>>,
    /// Only comments by guests.
    pub by_guests: bool,
    pub state: Option<CommentState>,
    /// Words in lower case. The database selects candidates only, since it folds only ASCII letters and its texts are
    /// HTML.
    pub words: Vec<String>,
}

/// A comment with its article, parent and author.
#[derive(Debug, Clone, FromRow)]
pub struct ListedComment {
    #[sqlx(flatten)]
    pub comment: Comment,
    pub article_slug: String,
    pub article_title: String,
    pub article_published_at: i64,
    /// The number of the comment that it replies to.
    pub parent_number: Option<i64>,
    pub actor_uri: Option<String>,
    pub guest_site: Option<String>,
}

/// The text of a comment before an edit.
#[derive(Debug, Clone, FromRow)]
pub struct CommentEdit {
    pub comment_id: i64,
    /// Sanitized HTML.
    pub content: String,
    pub content_warning: Option<String>,
    pub replaced_at: i64,
}

const SELECT: &str = "SELECT c.*, a.slug AS article_slug, a.title AS article_title,
        a.published_at AS article_published_at, p.number AS parent_number, r.uri AS actor_uri, g.site AS guest_site
    FROM comments c LEFT JOIN articles a ON a.id = c.article_id LEFT JOIN comments p ON p.id = c.parent_id
        LEFT JOIN remote_actors r ON r.id = c.actor_id LEFT JOIN guests g ON g.id = c.guest_id WHERE c.id < ";

impl Conn {
    /// Returns the next `limit` comments with ids below `before`, newest first.
    pub async fn comments(
        &mut self,
        filter: &CommentFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<ListedComment>> {
        let (list, end) = match self.raw() {
            Raw::Sqlite(_) => ("(SELECT value FROM json_each(", "))"),
            Raw::Postgres(_) => ("(SELECT json_array_elements_text(", "::json))"),
        };
        Ok(on!(self, |c| {
            let mut query = QueryBuilder::new(SELECT);
            query.push_bind(before);
            if let Some(id) = filter.article_id {
                query.push(" AND c.article_id = ").push_bind(id);
            }
            match &filter.author {
                Some(Commenter::Actor(id)) => {
                    query.push(" AND c.actor_id = ").push_bind(*id);
                }
                Some(Commenter::Mail(mail)) => {
                    query
                        .push(
                            " AND c.guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER(",
                        )
                        .push_bind(mail.clone())
                        .push("))");
                }
                None => {}
            }
            if let Some(hosts) = &filter.hosts {
                query
                    .push(" AND c.actor_id IN (SELECT id FROM remote_actors WHERE host IN ")
                    .push(list)
                    .push_bind(to_json(hosts))
                    .push(end)
                    .push(")");
            }
            if filter.by_guests {
                query.push(" AND c.guest_id IS NOT NULL");
            }
            if let Some(state) = filter.state {
                query.push(" AND c.state = ").push_bind(state.as_str());
            }
            for word in &filter.words {
                for (joint, column) in [
                    (" AND (", "c.content"),
                    (" OR ", "c.content_warning"),
                    (" OR ", "c.author_name"),
                    (" OR ", "c.author_handle"),
                ] {
                    query
                        .push(joint)
                        .push("LOWER(")
                        .push(column)
                        .push(") LIKE ");
                    query.push_bind(pattern(word));
                }
                query.push(")");
            }
            query.push(" ORDER BY c.id DESC LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?)
    }

    /// A comment with its article, parent and author.
    pub async fn listed_comment(&mut self, id: i64) -> Result<Option<ListedComment>> {
        let all = CommentFilter::default();
        let mut next = self.comments(&all, id.saturating_add(1), 1).await?;
        Ok(next.pop().filter(|found| found.comment.id == id))
    }

    /// Returns the hosts of all actors. Each is one look into an index, because there are many actors on a host.
    pub(super) async fn actor_hosts(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "WITH RECURSIVE known (host) AS (SELECT MIN(host) FROM remote_actors
             UNION ALL SELECT (SELECT MIN(host) FROM remote_actors WHERE host > known.host) FROM known
                WHERE known.host IS NOT NULL)
             SELECT host FROM known WHERE host IS NOT NULL"
        )
    }

    /// Returns the known hosts that are this one, on any port, or subdomains of it.
    pub async fn hosts_below(&mut self, host: &str) -> Result<Vec<String>> {
        let known = self.actor_hosts().await?;
        let is_below = |known: &String| known == host || with_parents(known).contains(&host);
        Ok(known.into_iter().filter(is_below).collect())
    }

    /// Returns the earlier texts of comments, the oldest first.
    pub async fn comment_edits(&mut self, ids: &[i64]) -> Result<Vec<CommentEdit>> {
        let ids = to_json(ids);
        fetch_all!(
            self,
            ids(
                "SELECT comment_id, content, content_warning, replaced_at FROM comment_edits
                 WHERE comment_id IN ",
                "$1",
                " ORDER BY id"
            ),
            ids
        )
    }
}

/// Returns a `LIKE` pattern that matches every text with this word: ASCII letters and digits stand for themselves,
/// everything else for anything.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for sign in word.chars() {
        if sign.is_ascii_alphanumeric() {
            pattern.push(sign);
        } else if !pattern.ends_with('%') {
            pattern.push('%');
        }
    }
    if !pattern.ends_with('%') {
        pattern.push('%');
    }
    pattern
}
