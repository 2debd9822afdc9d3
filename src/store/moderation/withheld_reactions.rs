//! Reactions that readers do not see, because they wait for the admin or because their actor is blocked; and what
//! decides that. `reactions` has only what readers may see, since other programs read it.

use crate::store::database::{Conn, Raw, Result, on};
use sqlx::{FromRow, QueryBuilder};

/// A reaction as the admin sees it.
#[derive(Debug, Clone, FromRow)]
pub struct ListedReaction {
    pub id: i64,
    pub kind: String,
    pub emoji: String,
    pub uri: String,
    pub url: Option<String>,
    pub created_at: i64,
    /// `visible`, `held` or `blocked`.
    pub state: String,
    pub article_slug: String,
    /// The comment that it is about; `None` for the article itself.
    pub comment_number: Option<i64>,
    pub actor_id: i64,
    pub actor_uri: String,
    pub username: String,
    pub handle_host: String,
}

/// Which reactions a list has; all of this must hold.
#[derive(Debug, Clone, Default)]
pub struct ReactionFilter {
    pub article_id: Option<i64>,
    pub actor_id: Option<i64>,
    /// The hosts of their actors: see [`Conn::hosts_below`].
    pub hosts: Option<Vec<String>>,
    /// Only those in this state.
    pub state: Option<&'static str>,
}

/// The columns that both tables have.
macro_rules! columns {
    () => {
        "id, actor_id, article_id, comment_id, kind, emoji, uri, created_at, url, emoji_url"
    };
}
pub(super) use columns;

const SELECT: &str = concat!(
    "SELECT r.id, r.kind, r.emoji, r.uri, r.url, r.created_at, r.state, w.slug AS article_slug,
        c.number AS comment_number, r.actor_id, a.uri AS actor_uri, a.username, a.handle_host
     FROM (SELECT ",
    columns!(),
    ", 'visible' AS state FROM reactions UNION ALL SELECT ",
    columns!(),
    ", reason FROM withheld_reactions) r
     JOIN articles w ON w.id = r.article_id JOIN remote_actors a ON a.id = r.actor_id
     LEFT JOIN comments c ON c.id = r.comment_id WHERE r.id < "
);

impl Conn {
    /// Has a reaction wait for the admin.
    pub async fn withhold_reaction(&mut self, id: i64) -> Result<()> {
        for statement in [
            concat!(
                "INSERT INTO withheld_reactions (",
                columns!(),
                ", reason) SELECT ",
                columns!(),
                ", 'held' FROM reactions WHERE id = $1 ON CONFLICT DO NOTHING"
            ),
            "DELETE FROM reactions WHERE id = $1",
        ] {
            on!(self, |c| sqlx::query(statement)
                .bind(id)
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }

    /// Forgets the withheld reaction that a visible one repeats.
    pub async fn forget_withheld_twin(&mut self, id: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "DELETE FROM withheld_reactions WHERE EXISTS (SELECT 1 FROM reactions r WHERE r.id = $1
                    AND r.actor_id = withheld_reactions.actor_id AND r.article_id = withheld_reactions.article_id
                    AND COALESCE(r.comment_id, 0) = COALESCE(withheld_reactions.comment_id, 0)
                    AND r.kind = withheld_reactions.kind AND r.emoji = withheld_reactions.emoji
                    AND (r.kind <> 'quote' OR r.uri = withheld_reactions.uri))",
            )
            .bind(id)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Shows a reaction that waited. Returns false if it does not wait.
    pub async fn show_reaction(&mut self, id: i64) -> Result<bool> {
        let shown = on!(self, |c| sqlx::query(concat!(
            "INSERT INTO reactions (",
            columns!(),
            ") SELECT ",
            columns!(),
            " FROM withheld_reactions WHERE id = $1 AND reason = 'held' ON CONFLICT DO NOTHING"
        ))
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?;
        if shown {
            self.delete_withheld(id).await?;
        }
        Ok(shown)
    }

    async fn delete_withheld(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM withheld_reactions WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Deletes a reaction, whether readers see it or not.
    pub async fn delete_reaction(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query("DELETE FROM reactions WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        self.delete_withheld(id).await
    }

    /// The next `limit` reactions with ids below `before`, newest first; dislikes too.
    pub async fn listed_reactions(
        &mut self,
        filter: &ReactionFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<ListedReaction>> {
        let (list, end) = match self.raw() {
            Raw::Sqlite(_) => ("(SELECT value FROM json_each(", "))"),
            Raw::Postgres(_) => ("(SELECT json_array_elements_text(", "::json))"),
        };
        Ok(on!(self, |c| {
            let mut query = QueryBuilder::new(SELECT);
            query.push_bind(before);
            if let Some(id) = filter.article_id {
                query.push(" AND r.article_id = ").push_bind(id);
            }
            if let Some(id) = filter.actor_id {
                query.push(" AND r.actor_id = ").push_bind(id);
            }
            if let Some(hosts) = &filter.hosts {
                query
                    .push(" AND a.host IN ")
                    .push(list)
                    .push_bind(serde_json::to_string(hosts).unwrap_or_default())
                    .push(end);
            }
            if let Some(state) = filter.state {
                query.push(" AND r.state = ").push_bind(state);
            }
            query.push(" ORDER BY r.id DESC LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?)
    }
}
