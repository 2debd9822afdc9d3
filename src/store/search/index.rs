//! The index: the texts that are to be indexed, and their words.

use super::SearchKind;
use crate::{
    content::search::index_terms,
    store::database::{Conn, Raw, Result, Tx, execute, fetch_all, fetch_scalar},
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// The longest text that is indexed, in bytes. The rest of a longer one is not found.
const MAX_BODY: usize = 200_000;
/// The size of all words of a text in PostgreSQL, in bytes. Together with those of a language's dictionary, they must stay
/// below 1 MiB.
const MAX_WORDS: usize = 500_000;
/// The number of positions of a word that PostgreSQL stores.
const MAX_POSITIONS: usize = 255;
/// The last position that PostgreSQL stores.
const LAST_POSITION: usize = 16_383;

/// A text that is to be indexed.
#[derive(Debug, Clone, FromRow)]
pub struct SearchPending {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: SearchKind,
    /// The id of the article or page.
    pub ref_id: i64,
    /// The version that this is about.
    pub version: i64,
}

/// The plain texts by which something is found. All are empty for a draft.
#[derive(Debug, Clone, Default)]
pub struct SearchDocument {
    pub title: String,
    pub tags: String,
    /// The byline, or the author's name.
    pub names: String,
    pub summary: String,
    pub body: String,
    /// BCP 47 tag.
    pub language: Option<String>,
}

/// Texts with the words under which they are found.
#[derive(Debug, Clone)]
pub struct SearchableDocument {
    document: SearchDocument,
    /// The words of title, tags, names, summary and body.
    parts: [Vec<String>; 5],
}

impl SearchDocument {
    /// Divides the texts into the words that are indexed. This takes a while for a long text.
    pub fn divided(mut self) -> SearchableDocument {
        self.body.truncate(self.body.floor_char_boundary(MAX_BODY));
        let texts = [
            &self.title,
            &self.tags,
            &self.names,
            &self.summary,
            &self.body,
        ];
        SearchableDocument {
            parts: texts.map(|text| index_terms(text)),
            document: self,
        }
    }
}

impl SearchableDocument {
    /// Returns the words as a text that PostgreSQL reads as a `tsvector`, with the weights of their parts.
    fn vector(&self, parts: usize) -> String {
        let weights = ['A', 'B', 'C', 'C', 'D'];
        let mut positions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut position = 0;
        let mut size = 0;
        for (words, weight) in self.parts.iter().zip(weights).take(parts) {
            for word in words {
                position = (position + 1).min(LAST_POSITION);
                let known = positions.len();
                let places = positions.entry(word).or_default();
                if places.len() < MAX_POSITIONS {
                    places.push(format!("{position}{weight}"));
                }
                size += 4;
                if positions.len() > known {
                    size += word.len() + 4;
                }
                if size > MAX_WORDS {
                    break;
                }
            }
        }
        let lexeme = |(word, places): (&str, Vec<String>)| format!("'{word}':{}", places.join(","));
        let lexemes: Vec<String> = positions.into_iter().map(lexeme).collect();
        lexemes.join(" ")
    }
}

impl Conn {
    /// Returns the oldest texts that are to be indexed.
    pub async fn pending_search_entries(&mut self, limit: i64) -> Result<Vec<SearchPending>> {
        fetch_all!(
            self,
            "SELECT id, kind, ref_id, version FROM search_entries WHERE indexed <> version ORDER BY id LIMIT $1",
            limit
        )
    }

    /// Returns the number of texts that are to be indexed.
    pub async fn count_pending_search_entries(&mut self) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM search_entries WHERE indexed <> version"
        )
    }
}

impl Tx {
    /// Indexes a text, unless it has changed since it was read. `None` removes the entry of one that no longer exists.
    pub async fn index_search_entry(
        &mut self,
        pending: &SearchPending,
        document: Option<&SearchableDocument>,
    ) -> Result<()> {
        if let Raw::Sqlite(connection) = self.raw() {
            sqlx::query("DELETE FROM search_index WHERE rowid = $1")
                .bind(pending.id)
                .execute(connection)
                .await?;
        }
        let Some(document) = document else {
            execute!(
                self,
                "DELETE FROM search_entries WHERE id = $1 AND version = $2",
                pending.id,
                pending.version
            )?;
            return Ok(());
        };
        if !document.document.title.is_empty() {
            self.write_words(pending, document).await?;
        }
        // Waiting for a writer's lock while holding others could end in a deadlock.
        execute!(
            self,
            [
                "UPDATE search_entries SET indexed = version, body = $3 WHERE id = $1 AND version = $2",
                "UPDATE search_entries SET indexed = version, body = $3 WHERE id = (
                     SELECT id FROM search_entries WHERE id = $1 AND version = $2 FOR UPDATE SKIP LOCKED)"
            ],
            pending.id,
            pending.version,
            &document.document.body
        )?;
        Ok(())
    }

    async fn write_words(
        &mut self,
        pending: &SearchPending,
        searchable: &SearchableDocument,
    ) -> Result<()> {
        let document = &searchable.document;
        match self.raw() {
            Raw::Sqlite(connection) => {
                let [title, tags, names, summary, body] = &searchable.parts;
                sqlx::query(
                    "INSERT INTO search_index (rowid, title, tags, names, summary, body)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(pending.id)
                .bind(title.join(" "))
                .bind(tags.join(" "))
                .bind(names.join(" "))
                .bind(summary.join(" "))
                .bind(body.join(" "))
                .execute(connection)
                .await?;
            }
            Raw::Postgres(connection) => {
                sqlx::query(INDEX_IN_POSTGRES)
                    .bind(pending.id)
                    .bind(pending.version)
                    .bind(document.language.as_deref().and_then(configuration))
                    .bind(searchable.vector(4))
                    .bind(searchable.vector(5))
                    .bind(&document.title)
                    .bind(&document.tags)
                    .bind(format!("{} {}", document.names, document.summary))
                    .bind(&document.body)
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Adds the words as the language's dictionary reduces them to those that the node found. An older PostgreSQL lacks some
/// languages.
const INDEX_IN_POSTGRES: &str = "
    WITH known AS (
        SELECT cfgname::text AS name, oid::regconfig AS config FROM pg_ts_config
        WHERE cfgname = $3 AND cfgnamespace = 'pg_catalog'::regnamespace
    ), made AS (
        SELECT (SELECT name FROM known) AS name,
            $4::tsvector || COALESCE((SELECT setweight(to_tsvector(config, $6), 'A')
                || setweight(to_tsvector(config, $7), 'B') || setweight(to_tsvector(config, $8), 'C')
                FROM known), '') AS head,
            $5::tsvector || COALESCE((SELECT to_tsvector(config, $6) || to_tsvector(config, $7)
                || to_tsvector(config, $8) || to_tsvector(config, $9) FROM known), '') AS words
    )
    UPDATE search_entries e SET config = made.name, head = made.head, words = made.words
    FROM made WHERE e.id = (
        SELECT id FROM search_entries WHERE id = $1 AND version = $2 FOR UPDATE SKIP LOCKED)";

/// Returns PostgreSQL's text search configuration for a language.
fn configuration(language: &str) -> Option<&'static str> {
    let primary = language.split(['-', '_']).next()?.to_ascii_lowercase();
    Some(match primary.as_str() {
        "ar" => "arabic",
        "hy" => "armenian",
        "eu" => "basque",
        "ca" => "catalan",
        "da" => "danish",
        "nl" => "dutch",
        "en" => "english",
        "et" => "estonian",
        "fi" => "finnish",
        "fr" => "french",
        "de" => "german",
        "el" => "greek",
        "hi" => "hindi",
        "hu" => "hungarian",
        "id" => "indonesian",
        "ga" => "irish",
        "it" => "italian",
        "lt" => "lithuanian",
        "ne" => "nepali",
        "no" | "nb" | "nn" => "norwegian",
        "pl" => "polish",
        "pt" => "portuguese",
        "ro" => "romanian",
        "ru" => "russian",
        "sr" => "serbian",
        "es" => "spanish",
        "sv" => "swedish",
        "ta" => "tamil",
        "tr" => "turkish",
        "yi" => "yiddish",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_text_fit_into_a_vector() {
        let many: String = (0..60_000).map(|number| format!("w{number} ")).collect();
        let document = SearchDocument {
            title: "The night, the train".into(),
            body: many + &"same ".repeat(60_000),
            ..SearchDocument::default()
        }
        .divided();
        assert_eq!(document.vector(1), "'night':2A 'the':1A,3A 'train':4A");
        assert!(document.document.body.len() <= MAX_BODY);
        assert!(document.vector(5).len() < 1_000_000);
    }

    #[test]
    fn languages_have_configurations() {
        assert_eq!(configuration("pt-BR"), Some("portuguese"));
        assert_eq!(configuration("nb"), Some("norwegian"));
        assert_eq!(configuration("zh-Hant"), None);
    }
}
