//! The spellings of tags, and their folded forms.

use crate::{
    content::hashtag,
    store::database::{Conn, Result, Tx, execute, fetch_optional_scalar, fetch_scalars, to_json},
};

/// The number of spellings to fold in one batch.
const BATCH: i64 = 1000;

impl Conn {
    /// Returns the key of the tag that a former tag became; `None` if the tag was not renamed.
    pub async fn successor_of_tag(&mut self, tag: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT successor FROM former_tags WHERE folded = $1",
            hashtag::key(tag)
        )
    }

    /// Returns the key under which the posts of a tag are listed, and the keys of its former names.
    pub(super) async fn keys_of(&mut self, tag: &str) -> Result<Vec<String>> {
        let key = hashtag::key(tag);
        let key = self.successor_of_tag(&key).await?.unwrap_or(key);
        let mut keys: Vec<String> = fetch_scalars!(
            self,
            "SELECT folded FROM former_tags WHERE successor = $1",
            &key
        )?;
        keys.push(key);
        Ok(keys)
    }

    /// Returns the spellings of tags by their keys.
    pub(super) async fn spellings_of(&mut self, keys: &[String]) -> Result<Vec<String>> {
        let mut spellings: Vec<String> = fetch_scalars!(
            self,
            texts(
                "SELECT tag FROM tag_spellings WHERE folded IN ",
                "$1",
                " ORDER BY tag"
            ),
            to_json(keys)
        )?;
        let unseen = self.tags_without_key().await?.into_iter();
        spellings.extend(unseen.filter(|tag| keys.contains(&hashtag::key(tag))));
        Ok(spellings)
    }

    async fn tags_without_key(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT tag FROM tag_spellings WHERE folded IS NULL LIMIT $1",
            BATCH
        )
    }
}

impl Tx {
    /// Folds the spellings that are not folded yet.
    pub async fn fold_tag_spellings(&mut self) -> Result<()> {
        loop {
            let tags = self.tags_without_key().await?;
            for tag in &tags {
                execute!(
                    self,
                    "UPDATE tag_spellings SET folded = $2 WHERE tag = $1",
                    tag,
                    hashtag::key(tag)
                )?;
            }
            if (tags.len() as i64) < BATCH {
                return Ok(());
            }
        }
    }
}
