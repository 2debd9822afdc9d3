//! The ActivityPub ids of articles that other software published.

use crate::{
    protocol::address_key,
    store::database::{Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, to_json},
};

impl Conn {
    /// Returns the ActivityPub id that an article got from other software, even if the article is deleted.
    pub async fn object_uri(&mut self, article_uid: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT uri FROM object_uris WHERE article_uid = $1",
            article_uid
        )
    }

    /// Returns the uids of some articles with the ids that they got from other software. Most articles have none.
    pub async fn object_uris(&mut self, article_uids: &[&str]) -> Result<Vec<(String, String)>> {
        if article_uids.is_empty() {
            return Ok(Vec::new());
        }
        fetch_all!(
            self,
            texts(
                "SELECT article_uid, uri FROM object_uris WHERE article_uid IN ",
                "$1",
                ""
            ),
            to_json(article_uids)
        )
    }
}

fn article_path(uid: &str) -> String {
    format!("/articles/{uid}")
}

impl Tx {
    /// Sets the ActivityPub id of an article: it is sent, served and accepted as this one from now on. A new uid, which a
    /// withdrawn article gets when it is published again, ends that.
    pub async fn set_object_uri(&mut self, article_uid: &str, uri: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM object_uris WHERE uri = $1 AND article_uid <> $2",
            uri,
            article_uid
        )?;
        execute!(
            self,
            "INSERT INTO object_uris (article_uid, uri) VALUES ($1, $2)
             ON CONFLICT (article_uid) DO UPDATE SET uri = excluded.uri",
            article_uid,
            uri
        )?;
        self.add_address(uri, &article_path(article_uid)).await
    }

    /// Stores the form in which other software published an article: see [`FederatedForm`](crate::content::FederatedForm).
    /// Its id keeps the type that it has.
    pub async fn set_object_form(&mut self, article_uid: &str, form: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE object_uris SET form = $2 WHERE article_uid = $1",
            article_uid,
            form
        )?;
        Ok(())
    }

    /// Gives an article that was published here to nobody, under the id `own`, to the actor that other servers know it from,
    /// in the form in which they know it. Its `Create` under that id is no longer served. An article that was announced
    /// stays as it is.
    pub async fn adopt_publication(
        &mut self,
        article_uid: &str,
        local_actor_id: i64,
        form: Option<&str>,
        own: &str,
    ) -> Result<()> {
        let changed = execute!(
            self,
            "UPDATE publications SET local_actor_id = $2,
                form = CASE WHEN form = 'no' THEN form ELSE COALESCE($3, form) END
             WHERE article_uid = $1 AND state = 'live' AND NOT announced",
            article_uid,
            local_actor_id,
            form
        )?;
        if changed > 0 {
            execute!(
                self,
                "UPDATE activities SET public = FALSE WHERE object_uri = $1 AND kind IN ('Create', 'Announce')",
                own
            )?;
        }
        Ok(())
    }

    /// Moves the addresses of an article to its new uid, except the ActivityPub id.
    pub(in crate::store) async fn move_addresses(&mut self, old: &str, new: &str) -> Result<()> {
        let id = self.object_uri(old).await?;
        let id = id.and_then(|id| address_key(&id)).unwrap_or_default();
        execute!(
            self,
            "UPDATE addresses SET path = $2 WHERE path = $1 AND address <> $3",
            article_path(old),
            article_path(new),
            id
        )?;
        Ok(())
    }
}
