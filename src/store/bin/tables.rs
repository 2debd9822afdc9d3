//! The rows that go to the bin with an article or a page, and the columns of their tables.

use super::BinKind;
use crate::store::database::{Conn, Result, fetch_scalars};

/// A column that the bin does not keep: the hash of a guest's address, which is kept for some days only.
const FORGOTTEN: &str = "address_hash";

/// The rows of a table that belong to an article or a page. Its texts are SQL; the row is `t`, and `$2` the id of the
/// article or page.
pub(super) struct Dependent {
    pub(super) table: &'static str,
    row_id: &'static str,
    uri: &'static str,
    actor: &'static str,
    guest: &'static str,
    condition: &'static str,
    /// The condition for a row of the bin, `b`, to be restored.
    pub(super) restored: &'static str,
}

const NONE: &str = "CAST(NULL AS BIGINT)";
const NO_URI: &str = "CAST(NULL AS TEXT)";

/// A table without people and ids.
const fn plain(table: &'static str, condition: &'static str) -> Dependent {
    Dependent {
        table,
        row_id: NONE,
        uri: NO_URI,
        actor: NONE,
        guest: NONE,
        condition,
        restored: "TRUE",
    }
}

/// In the order in which they are restored.
const OF_ARTICLES: &[Dependent] = &[
    Dependent {
        row_id: "t.id",
        uri: "t.uri",
        actor: "t.actor_id",
        guest: "t.guest_id",
        restored: "b.uri NOT IN (SELECT uri FROM comments)",
        ..plain("comments", "t.article_id = $2")
    },
    Dependent {
        row_id: "t.comment_id",
        actor: "(SELECT c.actor_id FROM comments c WHERE c.id = t.comment_id)",
        guest: "(SELECT c.guest_id FROM comments c WHERE c.id = t.comment_id)",
        restored: "b.row_id IN (SELECT id FROM comments)",
        ..plain(
            "comment_edits",
            "t.comment_id IN (SELECT id FROM comments WHERE article_id = $2)",
        )
    },
    Dependent {
        row_id: "t.comment_id",
        uri: "t.uri",
        actor: "t.actor_id",
        restored: "(b.row_id IS NULL OR b.row_id IN (SELECT id FROM comments))",
        ..plain("reactions", "t.article_id = $2")
    },
    Dependent {
        row_id: "t.comment_id",
        uri: "t.uri",
        actor: "t.actor_id",
        restored: "(b.row_id IS NULL OR b.row_id IN (SELECT id FROM comments))",
        ..plain("withheld_reactions", "t.article_id = $2")
    },
    Dependent {
        uri: "t.post_uri",
        actor: "t.actor_id",
        ..plain("quotes", "t.article_id = $2")
    },
    plain("pins", "t.article_id = $2"),
    plain("draft_links", "t.article_id = $2"),
    plain("undated_drafts", "t.article_id = $2"),
    Dependent {
        row_id: "t.id",
        ..plain("article_versions", "t.article_id = $2")
    },
    plain("article_tags", "t.article_id = $2"),
];

const OF_PAGES: &[Dependent] = &[
    Dependent {
        row_id: "t.id",
        ..plain("page_versions", "t.page_id = $2")
    },
    Dependent {
        // Their rows stay, for the addresses that are gone: see `restore_page`.
        uri: "t.slug",
        restored: "FALSE",
        ..plain("page_slugs", "t.page_id = $2")
    },
];

impl BinKind {
    pub(super) fn table(self) -> &'static str {
        match self {
            BinKind::Article => "articles",
            BinKind::Page => "pages",
        }
    }

    pub(super) fn dependents(self) -> &'static [Dependent] {
        match self {
            BinKind::Article => OF_ARTICLES,
            BinKind::Page => OF_PAGES,
        }
    }
}

impl Dependent {
    /// Returns the statements that copy the rows of `$2` to the entry `$1`, for SQLite and PostgreSQL.
    pub(super) fn copy(&self, columns: &[String]) -> [String; 2] {
        let Dependent {
            table,
            row_id,
            uri,
            actor,
            guest,
            condition,
            ..
        } = self;
        as_json(columns).map(|json| {
            format!(
                "INSERT INTO bin_rows (bin_id, origin, row_id, uri, actor_id, guest_id, content)
                 SELECT $1, '{table}', {row_id}, {uri}, {actor}, {guest}, {json} FROM {table} t WHERE {condition}"
            )
        })
    }
}

/// Returns the expression for the row `t` as JSON, for SQLite and PostgreSQL.
pub(super) fn as_json(columns: &[String]) -> [String; 2] {
    let pairs: Vec<String> = columns
        .iter()
        .filter(|column| *column != FORGOTTEN)
        .map(|column| format!("'{column}', t.\"{column}\""))
        .collect();
    [
        format!("json_object({})", pairs.join(", ")),
        format!("CAST(to_jsonb(t) - '{FORGOTTEN}' AS TEXT)"),
    ]
}

impl Conn {
    /// Returns the columns of a table.
    pub(super) async fn columns_of(&mut self, table: &str) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            [
                "SELECT name FROM pragma_table_info($1)",
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = $1"
            ],
            table
        )
    }
}
