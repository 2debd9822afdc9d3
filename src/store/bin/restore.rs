//! Restores articles and pages from the bin.

use super::{BinEntry, BinKind, tables::Dependent};
use crate::store::database::{Conn, Result, Tx, execute, fetch_scalar, fetch_scalars};
use sqlx::AssertSqlSafe;

impl Tx {
    /// Restores an article as a draft, with a new uid and this slug. It gets back its row id, its former addresses and
    /// what belongs to it.
    ///
    /// # Errors
    /// [`crate::store::StoreError::Duplicate`] if another article has the slug.
    pub async fn restore_article(&mut self, entry: &BinEntry, uid: &str, slug: &str) -> Result<()> {
        self.restore_row(entry, (Some(uid), slug)).await?;
        let restored = entry.row_id;
        let last: i64 = fetch_scalar!(
            self,
            "SELECT COALESCE(MAX(id), 0) FROM article_versions WHERE article_id = $1",
            restored
        )?;
        for dependent in BinKind::Article.dependents() {
            self.restore_rows(entry, dependent).await?;
        }
        // The version that the restoration made came first.
        execute!(
            self,
            "UPDATE article_versions SET number = number + COALESCE((SELECT MAX(v.number) FROM article_versions v
                WHERE v.article_id = $1 AND v.id < $2), 0)
             WHERE article_id = $1 AND id >= $2",
            restored,
            last
        )?;
        if let Some(former) = &entry.uid {
            self.move_article_paths(former, uid).await?;
        }
        self.end_bin_entry(entry.id).await?;
        Ok(())
    }

    /// Restores a page with this slug. It gets back its row id and its former addresses, except those of other pages.
    ///
    /// # Errors
    /// [`crate::store::StoreError::Duplicate`] if another page has the slug.
    pub async fn restore_page(&mut self, entry: &BinEntry, slug: &str) -> Result<()> {
        self.restore_row(entry, (None, slug)).await?;
        let last: i64 = fetch_scalar!(
            self,
            "SELECT COALESCE(MAX(id), 0) FROM page_versions WHERE page_id = $1",
            entry.row_id
        )?;
        for dependent in BinKind::Page.dependents() {
            self.restore_rows(entry, dependent).await?;
        }
        execute!(
            self,
            "UPDATE page_versions SET number = number + COALESCE((SELECT MAX(v.number) FROM page_versions v
                WHERE v.page_id = $1 AND v.id < $2), 0)
             WHERE page_id = $1 AND id >= $2",
            entry.row_id,
            last
        )?;
        execute!(
            self,
            "UPDATE page_slugs SET page_id = $2, gone_at = NULL WHERE page_id IS NULL
                AND slug IN (SELECT uri FROM bin_rows WHERE bin_id = $1 AND origin = 'page_slugs')",
            entry.id,
            entry.row_id
        )?;
        self.end_bin_entry(entry.id).await?;
        Ok(())
    }

    /// Restores the row of an article (with a new uid) or page.
    async fn restore_row(
        &mut self,
        entry: &BinEntry,
        (uid, slug): (Option<&str>, &str),
    ) -> Result<()> {
        let table = entry.kind.table();
        let stored: Vec<String> = fetch_scalars!(
            self,
            [
                "SELECT j.key FROM bin b, json_each(b.content) j WHERE b.id = $1",
                "SELECT jsonb_object_keys(CAST(content AS jsonb)) FROM bin WHERE id = $1"
            ],
            entry.id
        )?;
        let columns = self.common_columns(table, stored).await?;
        let change = |column: &str, value: String| match (column, entry.kind) {
            ("uid", _) => "$2".to_owned(),
            ("slug", _) => "$3".to_owned(),
            ("status", BinKind::Article) => "'draft'".to_owned(),
            ("author_id", _) => format!("(SELECT id FROM authors WHERE id = {value})"),
            _ => value,
        };
        // A page has no uid, and PostgreSQL wants each parameter to be used.
        let condition = "b.id = $1 AND CAST($2 AS TEXT) IS NOT DISTINCT FROM $2";
        let [sqlite, postgres] = insertion(table, &columns, change, "bin", condition);
        execute!(
            self,
            [AssertSqlSafe(sqlite), AssertSqlSafe(postgres)],
            entry.id,
            uid,
            slug
        )?;
        Ok(())
    }

    async fn restore_rows(&mut self, entry: &BinEntry, dependent: &Dependent) -> Result<()> {
        let table = dependent.table;
        let stored: Vec<String> = fetch_scalars!(
            self,
            [
                "SELECT j.key FROM (SELECT content FROM bin_rows WHERE bin_id = $1 AND origin = $2 LIMIT 1) b,
                    json_each(b.content) j",
                "SELECT jsonb_object_keys(CAST(content AS jsonb))
                 FROM (SELECT content FROM bin_rows WHERE bin_id = $1 AND origin = $2 LIMIT 1) b"
            ],
            entry.id,
            table
        )?;
        if stored.is_empty() {
            return Ok(());
        }
        let columns = self.common_columns(table, stored).await?;
        let change = |column: &str, value: String| {
            match column {
            // A person may have been forgotten in the meantime.
            "actor_id" => "b.actor_id".to_owned(),
            "guest_id" => "b.guest_id".to_owned(),
            "parent_id" => format!(
                "(SELECT p.row_id FROM bin_rows p WHERE p.bin_id = b.bin_id AND p.origin = 'comments'
                    AND p.row_id = {value} AND p.uri NOT IN (SELECT uri FROM comments))"
            ),
            _ => value,
        }
        };
        let condition = format!(
            "b.bin_id = $1 AND b.origin = '{table}' AND {} ORDER BY b.id",
            dependent.restored
        );
        let [sqlite, postgres] = insertion(table, &columns, change, "bin_rows", &condition);
        execute!(
            self,
            [AssertSqlSafe(sqlite), AssertSqlSafe(postgres)],
            entry.id
        )?;
        Ok(())
    }
}

impl Conn {
    /// Returns the columns of a table that are stored in the bin. Columns that were added since get their default.
    async fn common_columns(&mut self, table: &str, stored: Vec<String>) -> Result<Vec<String>> {
        let mut columns = self.columns_of(table).await?;
        columns.retain(|column| stored.contains(column));
        Ok(columns)
    }
}

/// Returns the statements that insert rows of the bin, `b`, into their table, for SQLite and PostgreSQL. `change` may
/// replace the expression for a column.
fn insertion(
    table: &str,
    columns: &[String],
    change: impl Fn(&str, String) -> String,
    bin: &str,
    condition: &str,
) -> [String; 2] {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{column}\""))
        .collect();
    let values = |value: &dyn Fn(&str) -> String| {
        let values = columns.iter().map(|column| change(column, value(column)));
        values.collect::<Vec<_>>().join(", ")
    };
    let names = names.join(", ");
    let sqlite = values(&|column| format!("json_extract(b.content, '$.\"{column}\"')"));
    let postgres = values(&|column| format!("r.\"{column}\""));
    [
        format!("INSERT INTO {table} ({names}) SELECT {sqlite} FROM {bin} b WHERE {condition}"),
        format!(
            "INSERT INTO {table} ({names}) SELECT {postgres} FROM {bin} b
             CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), CAST(b.content AS jsonb)) r
             WHERE {condition}"
        ),
    ]
}
