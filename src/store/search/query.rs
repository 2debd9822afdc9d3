//! Searches, and the texts of results.

use super::SearchKind;
use crate::{
    content::search::{SearchQuery, SearchTerm},
    store::database::{Conn, PgSession, Raw, Result, fetch_all, now, to_json},
};
use sqlx::{Connection, FromRow, SqliteConnection};
use std::collections::HashMap;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Found {
    /// The id of the entry.
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: SearchKind,
    /// The id of the article or page.
    pub ref_id: i64,
}

/// A static page, as the index and the results of a search show it.
#[derive(Debug, Clone, FromRow)]
pub struct FoundPage {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub markdown: String,
    pub summary: Option<String>,
    pub language: Option<String>,
}

impl Conn {
    /// Returns the best results of a search among what readers can see: those with the terms in their titles come first,
    /// then tags, names and summaries, then texts. Of equally good ones, the newest is first.
    pub async fn search(&mut self, query: &SearchQuery, limit: i64) -> Result<Vec<Found>> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        match self.raw() {
            Raw::Sqlite(connection) => search_sqlite(connection, query, limit).await,
            Raw::Postgres(session) => search_postgres(session, query, limit).await,
        }
    }

    /// Returns the pages with these ids, in no particular order.
    pub async fn pages_for_search(&mut self, ids: &[i64]) -> Result<Vec<FoundPage>> {
        fetch_all!(
            self,
            ids(
                "SELECT id, slug, title, markdown, summary, language FROM pages WHERE id IN ",
                "$1",
                ""
            ),
            to_json(ids)
        )
    }

    /// Returns the texts of results by the ids of their entries.
    pub async fn search_bodies(&mut self, ids: &[i64]) -> Result<HashMap<i64, String>> {
        let rows: Vec<(i64, String)> = fetch_all!(
            self,
            ids("SELECT id, body FROM search_entries WHERE id IN ", "$1", ""),
            to_json(ids)
        )?;
        Ok(rows.into_iter().collect())
    }
}

async fn search_sqlite(
    connection: &mut SqliteConnection,
    query: &SearchQuery,
    limit: i64,
) -> Result<Vec<Found>> {
    let terms: Vec<String> = query
        .terms()
        .iter()
        .map(|term| quoted(term, '"', "*"))
        .collect();
    let found = sqlx::query_as(SEARCH_SQLITE)
        .bind(terms.join(" "))
        .bind(now())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(found)
}

/// Articles are read only for the best candidates, of which some may not be visible yet: their times stand behind their
/// texts, so that reading one takes several pages.
const SEARCH_SQLITE: &str = "
    WITH best AS MATERIALIZED (
        SELECT rowid AS id, bm25(search_index, 10.0, 6.0, 3.0, 3.0, 0.0) AS head,
            bm25(search_index, 0.0, 0.0, 0.0, 0.0, 1.0) AS body
        FROM search_index WHERE search_index MATCH $1
        ORDER BY head, body, rowid DESC LIMIT $3 + 200
    )
    SELECT e.id, e.kind, e.ref_id FROM best b
    CROSS JOIN search_entries e ON e.id = b.id
    LEFT JOIN articles a ON e.kind = 'article' AND a.id = e.ref_id
    LEFT JOIN pages p ON e.kind = 'page' AND p.id = e.ref_id
    WHERE e.indexed = e.version
      AND (p.id IS NOT NULL OR (a.status = 'published' AND a.published_at <= $2))
    ORDER BY b.head, b.body, COALESCE(a.published_at, p.created_at) DESC, e.id DESC
    LIMIT $3";

/// Returns a term as the query languages write it. It has only letters, marks and digits.
fn quoted(term: &SearchTerm, quote: char, prefix: &str) -> String {
    let suffix = if term.is_prefix { prefix } else { "" };
    format!("{quote}{}{quote}{suffix}", term.text)
}

async fn search_postgres(
    session: PgSession<'_>,
    query: &SearchQuery,
    limit: i64,
) -> Result<Vec<Found>> {
    let keeps_statements = session.keeps_statements;
    // Through a pooler, this is a savepoint in the transaction of the connection.
    let mut tx = session.connection.begin().await?;
    macro_rules! inside {
        () => {
            PgSession {
                connection: &mut tx,
                keeps_statements,
            }
        };
    }
    // The planner does not know how long it takes to read the words of a row, and prefers to read them all.
    sqlx::query(
        "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
            set_config('statement_timeout', '3000', true)",
    )
    .execute(inside!())
    .await?;
    let terms: Vec<String> = query
        .terms()
        .iter()
        .map(|term| quoted(term, '\'', ":*"))
        .collect();
    // The same words in each language in use, since nobody knows the language of the query.
    let combined: Option<String> = sqlx::query_scalar(
        "WITH used AS MATERIALIZED (
             SELECT config FROM search_entries WHERE config IS NOT NULL GROUP BY config
         )
         SELECT string_agg('(' || words || ')', ' | ') FROM (
             SELECT $1::tsquery::text AS words
             UNION SELECT plainto_tsquery(config::regconfig, $2)::text FROM used
         ) AS queries WHERE words <> ''",
    )
    .bind(terms.join(" & "))
    .bind(query.words())
    .fetch_one(inside!())
    .await?;
    let found = sqlx::query_as(SEARCH_POSTGRES)
        .bind(combined)
        .bind(now())
        .bind(limit)
        .fetch_all(inside!())
        .await?;
    // A rollback ends the settings also where the transaction goes on.
    tx.rollback().await?;
    Ok(found)
}

/// The conditions of the joins look up one row each. Reading all words of a row is slow: only the best by title, tags, names and summary are compared by their texts.
const SEARCH_POSTGRES: &str = "
    WITH found AS MATERIALIZED (
        SELECT e.id, e.kind, e.ref_id, e.words, COALESCE(a.published_at, p.created_at) AS at,
            ts_rank('{0, 0.3, 0.6, 1}', e.head, $1::tsquery) AS rank
        FROM search_entries e
        LEFT JOIN articles a ON a.id = CASE WHEN e.kind = 'article' THEN e.ref_id END
        LEFT JOIN pages p ON p.id = CASE WHEN e.kind = 'page' THEN e.ref_id END
        WHERE e.words @@ $1::tsquery AND e.indexed = e.version
          AND (p.id IS NOT NULL OR (a.status = 'published' AND a.published_at <= $2))
        ORDER BY rank DESC, at DESC LIMIT $3
    )
    SELECT id, kind, ref_id FROM found
    ORDER BY rank DESC, ts_rank('{1, 1, 1, 1}', words, $1::tsquery) DESC, at DESC, id DESC";
