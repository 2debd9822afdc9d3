//! What the filter learned of the admin's decisions: in how many comments of each kind a word stood.
//!
//! The empty word counts the comments. It is written first, so that two who learn at once wait for each other
//! there and nowhere else.

use crate::store::{
    comments::Comment,
    database::{Conn, Raw, Result, now, on},
};
use sqlx::FromRow;

/// Words that are kept at the most; the rarest go first.
const MOST_WORDS: i64 = 50_000;

/// As what a comment is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// It is good.
    Ham,
    Spam,
}

impl Lesson {
    pub fn as_str(self) -> &'static str {
        match self {
            Lesson::Ham => "ham",
            Lesson::Spam => "spam",
        }
    }
}

impl std::str::FromStr for Lesson {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "ham" => Ok(Lesson::Ham),
            "spam" => Ok(Lesson::Spam),
            _ => Err(format!("unknown lesson: {text}")),
        }
    }
}

/// A row of `learned_words`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LearnedWord {
    pub word: String,
    pub ham: i64,
    pub spam: i64,
}

impl Conn {
    /// Returns an actor's comments that were learned as good.
    pub async fn lessons_of(&mut self, actor_id: i64) -> Result<Vec<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE actor_id = $1 AND trained = 'ham'"
        )
        .bind(actor_id)
        .fetch_all(c)
        .await)?)
    }

    /// Those of `words` that were learned.
    pub async fn learned(&mut self, words: &[String]) -> Result<Vec<LearnedWord>> {
        let list = serde_json::to_string(words).unwrap_or_default();
        macro_rules! select {
            ($list:literal, $c:expr) => {
                sqlx::query_as(concat!(
                    "SELECT word, ham, spam FROM learned_words WHERE word IN (SELECT value FROM ",
                    $list,
                    ")"
                ))
                .bind(list)
                .fetch_all($c)
                .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => select!("json_each($1)", c),
            Raw::Postgres(c) => select!("json_array_elements_text($1::json) AS l (value)", c),
        })
    }

    /// Learns the words (each once, in order) of a comment of a kind.
    pub async fn learn(&mut self, words: &[String], lesson: Lesson) -> Result<()> {
        let list = with_total(words);
        let (ham, spam) = counts(lesson);
        macro_rules! insert {
            ($list:literal, $c:expr) => {
                sqlx::query(concat!(
                    "INSERT INTO learned_words (word, ham, spam) SELECT value, $2, $3 FROM ",
                    $list,
                    " WHERE TRUE ON CONFLICT (word) DO UPDATE SET ham = learned_words.ham + excluded.ham,
                        spam = learned_words.spam + excluded.spam"
                ))
                .bind(list)
                .bind(ham)
                .bind(spam)
                .execute($c)
                .await
                .map(drop)?
            };
        }
        match self.raw() {
            Raw::Sqlite(c) => insert!("json_each($1)", c),
            Raw::Postgres(c) => insert!("json_array_elements_text($1::json) AS l (value)", c),
        }
        Ok(())
    }

    /// Unlearns what was learned so.
    pub async fn unlearn(&mut self, words: &[String], lesson: Lesson) -> Result<()> {
        let list = with_total(words);
        let (ham, spam) = counts(lesson);
        macro_rules! update {
            ($list:literal, $c:expr) => {{
                sqlx::query(
                    "UPDATE learned_words SET ham = ham - $1, spam = spam - $2 WHERE word = ''",
                )
                .bind(ham)
                .bind(spam)
                .execute(&mut *$c)
                .await?;
                // Words that were forgotten since have nothing to lose.
                sqlx::query(concat!(
                    "UPDATE learned_words SET ham = CASE WHEN ham > $2 THEN ham - $2 ELSE 0 END,
                        spam = CASE WHEN spam > $3 THEN spam - $3 ELSE 0 END
                     WHERE word <> '' AND word IN (SELECT value FROM ",
                    $list,
                    ")"
                ))
                .bind(list)
                .bind(ham)
                .bind(spam)
                .execute(&mut *$c)
                .await?;
                sqlx::query("DELETE FROM learned_words WHERE ham = 0 AND spam = 0")
                    .execute($c)
                    .await?;
            }};
        }
        match self.raw() {
            Raw::Sqlite(c) => update!("json_each($1)", c),
            Raw::Postgres(c) => update!("json_array_elements_text($1::json) AS l (value)", c),
        }
        Ok(())
    }

    /// Remembers as what a comment was learned. False if it was so already.
    pub async fn set_trained(&mut self, comment_id: i64, lesson: Option<Lesson>) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE comments SET trained = $2, trained_at = $3
             WHERE id = $1 AND COALESCE(trained, '') <> COALESCE($2, '')"
        )
        .bind(comment_id)
        .bind(lesson.map(Lesson::as_str))
        .bind(lesson.map(|_| now()))
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// The text of a comment, as it was when it was learned: its author may have edited it since.
    pub async fn content_when_trained(&mut self, comment_id: i64) -> Result<Option<String>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COALESCE(
                (SELECT e.content FROM comment_edits e WHERE e.comment_id = c.id AND e.replaced_at > c.trained_at
                    ORDER BY e.replaced_at, e.id LIMIT 1), c.content)
             FROM comments c WHERE c.id = $1"
        )
        .bind(comment_id)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Forgets the rarest words, where there are too many; counts of comments and hosts stay.
    pub async fn forget_rare_words(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM learned_words WHERE word IN (
                SELECT word FROM learned_words WHERE word <> '' AND word NOT LIKE '@%'
                ORDER BY ham + spam DESC, word LIMIT 1000000 OFFSET $1)"
        )
        .bind(MOST_WORDS)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

/// The words as a JSON list, the empty one first.
fn with_total(words: &[String]) -> String {
    let empty = String::new();
    let all: Vec<&String> = std::iter::once(&empty).chain(words).collect();
    serde_json::to_string(&all).unwrap_or_default()
}

/// What one comment of a kind counts, as good and as spam.
fn counts(lesson: Lesson) -> (i64, i64) {
    match lesson {
        Lesson::Ham => (1, 0),
        Lesson::Spam => (0, 1),
    }
}
