//! The words that the spam filter learned from the admin's decisions, with the numbers of good comments and of spam
//! that contain them.
//!
//! The row of the empty word counts the comments. It is written first, so that concurrent transactions wait for each
//! other there and can't deadlock.

use crate::store::{
    comments::Comment,
    database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, fetch_scalar, now, text_enum,
        to_json,
    },
};
use sqlx::FromRow;

/// The maximum number of words. The rarest are deleted first.
const MOST_WORDS: i64 = 50_000;

text_enum! {
    /// What the spam filter learns a comment as.
    pub enum SpamLabel ("lesson") {
        /// It is no spam.
        Ham = "ham",
        Spam = "spam",
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
    pub async fn comments_learned_as_good(&mut self, actor_id: i64) -> Result<Vec<Comment>> {
        fetch_all!(
            self,
            "SELECT * FROM comments WHERE actor_id = $1 AND trained = 'ham'",
            actor_id
        )
    }

    /// Returns those of `words` that were learned.
    pub async fn learned_words(&mut self, words: &[String]) -> Result<Vec<LearnedWord>> {
        fetch_all!(
            self,
            texts(
                "SELECT word, ham, spam FROM learned_words WHERE word IN ",
                "$1",
                ""
            ),
            to_json(words)
        )
    }

    /// Returns the text of a comment when it was learned. Its author may have edited it since.
    pub async fn content_when_trained(&mut self, comment_id: i64) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT COALESCE(
                (SELECT e.content FROM comment_edits e WHERE e.comment_id = c.id AND e.replaced_at > c.trained_at
                    ORDER BY e.replaced_at, e.id LIMIT 1), c.content)
             FROM comments c WHERE c.id = $1",
            comment_id
        )
    }
}

impl Tx {
    /// Learns the words of a comment (each once, in order).
    pub async fn learn(&mut self, words: &[String], lesson: SpamLabel) -> Result<()> {
        let (ham, spam) = counts(lesson);
        execute!(
            self,
            texts(
                "INSERT INTO learned_words (word, ham, spam) SELECT value, $2, $3 FROM ",
                "$1",
                " l WHERE TRUE ON CONFLICT (word) DO UPDATE SET ham = learned_words.ham + excluded.ham,
                    spam = learned_words.spam + excluded.spam"
            ),
            with_total(words),
            ham,
            spam
        )?;
        Ok(())
    }

    /// Undoes the learning of a comment's words.
    pub async fn unlearn(&mut self, words: &[String], lesson: SpamLabel) -> Result<()> {
        let (ham, spam) = counts(lesson);
        execute!(
            self,
            "UPDATE learned_words SET ham = ham - $1, spam = spam - $2 WHERE word = ''",
            ham,
            spam
        )?;
        // A word that was forgotten and learned again since may count less than this comment.
        execute!(
            self,
            texts(
                "UPDATE learned_words SET ham = CASE WHEN ham > $2 THEN ham - $2 ELSE 0 END,
                    spam = CASE WHEN spam > $3 THEN spam - $3 ELSE 0 END
                 WHERE word <> '' AND word IN ",
                "$1",
                ""
            ),
            to_json(words),
            ham,
            spam
        )?;
        execute!(self, "DELETE FROM learned_words WHERE ham = 0 AND spam = 0")?;
        Ok(())
    }

    /// Stores what a comment was learned as. Returns false if that is stored already.
    pub async fn set_trained(
        &mut self,
        comment_id: i64,
        lesson: Option<SpamLabel>,
    ) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE comments SET trained = $2, trained_at = $3
             WHERE id = $1 AND COALESCE(trained, '') <> COALESCE($2, '')",
            comment_id,
            lesson.map(SpamLabel::as_str),
            lesson.map(|_| now())
        )? > 0)
    }

    /// Deletes the rarest words above the maximum. The counts of comments and hosts stay.
    pub async fn forget_rare_words(&mut self) -> Result<()> {
        let count: i64 = fetch_scalar!(self, "SELECT COUNT(*) FROM learned_words")?;
        if count <= MOST_WORDS {
            return Ok(());
        }
        execute!(
            self,
            "DELETE FROM learned_words WHERE word IN (
             SELECT word FROM learned_words WHERE word <> '' AND word NOT LIKE '@%'
             ORDER BY ham + spam DESC, word LIMIT 1000000 OFFSET $1)",
            MOST_WORDS
        )?;
        Ok(())
    }
}

/// Returns the words as a JSON list, the empty word first.
fn with_total(words: &[String]) -> String {
    let empty = String::new();
    let all: Vec<&String> = std::iter::once(&empty).chain(words).collect();
    to_json(&all)
}

/// Returns what a comment adds to the counts of good comments and of spam.
fn counts(lesson: SpamLabel) -> (i64, i64) {
    match lesson {
        SpamLabel::Ham => (1, 0),
        SpamLabel::Spam => (0, 1),
    }
}
