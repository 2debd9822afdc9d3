//! Withheld reactions, which wait for the admin or whose actor is blocked. The table `reactions` has only visible ones,
//! since other programs read it.

use crate::store::{
    database::{Conn, Raw, Result, Tx, execute, on, text_enum, to_json},
    interactions::ReactionKind,
};
use sqlx::{FromRow, QueryBuilder};

text_enum! {
    /// Whether readers see a reaction.
    pub enum ReactionState ("state of a reaction") {
        Visible = "visible",
        /// It waits for the admin's decision.
        Held = "held",
        /// Its actor or host is blocked.
        Blocked = "blocked",
    }
}

/// A reaction for the admin.
#[derive(Debug, Clone, FromRow)]
pub struct ListedReaction {
    pub id: i64,
    pub kind: ReactionKind,
    pub emoji: String,
    pub uri: String,
    pub url: Option<String>,
    pub created_at: i64,
    /// Whether readers see it.
    pub state: ReactionState,
    pub article_slug: String,
    /// The number of the comment; `None` for the article itself.
    pub comment_number: Option<i64>,
    pub actor_id: i64,
    pub actor_uri: String,
    pub username: String,
    pub handle_host: String,
}

/// A filter for lists of reactions. All conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct ReactionFilter {
    pub article_id: Option<i64>,
    pub actor_id: Option<i64>,
    /// The hosts of their actors: see [`Conn::hosts_below`].
    pub hosts: Option<Vec<String>>,
    /// Only reactions in this state.
    pub state: Option<ReactionState>,
}

/// The columns that both tables have.
macro_rules! columns {
    () => {
        "id, actor_id, article_id, comment_id, kind, emoji, uri, created_at, url, emoji_url"
    };
}
pub(super) use columns;

const SELECT: &str = "SELECT r.id, r.kind, r.emoji, r.uri, r.url, r.created_at, r.state, w.slug AS article_slug,
        c.number AS comment_number, r.actor_id, a.uri AS actor_uri, a.username, a.handle_host FROM (";

const VISIBLE: &str = concat!(
    "SELECT * FROM (SELECT ",
    columns!(),
    ", 'visible' AS state FROM reactions WHERE id < "
);

const WITHHELD: &str = concat!(
    " UNION ALL SELECT * FROM (SELECT ",
    columns!(),
    ", reason FROM withheld_reactions WHERE id < "
);

const JOINS: &str =
    ") r JOIN articles w ON w.id = r.article_id JOIN remote_actors a ON a.id = r.actor_id
     LEFT JOIN comments c ON c.id = r.comment_id ORDER BY r.id DESC LIMIT ";

impl Conn {
    /// Returns the next `limit` reactions with ids below `before`, newest first, including dislikes.
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
            // Each table is limited by itself, so that no database sorts all rows.
            for table in [VISIBLE, WITHHELD] {
                query.push(table).push_bind(before);
                if let Some(id) = filter.article_id {
                    query.push(" AND article_id = ").push_bind(id);
                }
                if let Some(id) = filter.actor_id {
                    query.push(" AND actor_id = ").push_bind(id);
                }
                if let Some(hosts) = &filter.hosts {
                    query
                        .push(" AND actor_id IN (SELECT id FROM remote_actors WHERE host IN ")
                        .push(list)
                        .push_bind(to_json(hosts))
                        .push(end)
                        .push(")");
                }
                match filter.state {
                    Some(ReactionState::Visible) if table == WITHHELD => {
                        query.push(" AND FALSE");
                    }
                    Some(ReactionState::Held | ReactionState::Blocked) if table == VISIBLE => {
                        query.push(" AND FALSE");
                    }
                    Some(state) if table == WITHHELD => {
                        query.push(" AND reason = ").push_bind(state.as_str());
                    }
                    _ => {}
                }
                query
                    .push(" ORDER BY id DESC LIMIT ")
                    .push_bind(limit)
                    .push(") t");
            }
            query.push(JOINS).push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?)
    }
}

impl Tx {
    /// Withholds a reaction until the admin decides.
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
            execute!(self, statement, id)?;
        }
        Ok(())
    }

    /// Deletes the withheld reaction that a visible one repeats.
    pub async fn delete_withheld_duplicate(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM withheld_reactions WHERE EXISTS (SELECT 1 FROM reactions r WHERE r.id = $1
             AND r.actor_id = withheld_reactions.actor_id AND r.article_id = withheld_reactions.article_id
             AND COALESCE(r.comment_id, 0) = COALESCE(withheld_reactions.comment_id, 0)
             AND r.kind = withheld_reactions.kind AND r.emoji = withheld_reactions.emoji
             AND (r.kind <> 'quote' OR r.uri = withheld_reactions.uri))",
            id
        )?;
        Ok(())
    }

    /// Shows a held reaction. Returns false if it is not held.
    pub async fn show_reaction(&mut self, id: i64) -> Result<bool> {
        let shown = execute!(
            self,
            concat!(
                "INSERT INTO reactions (",
                columns!(),
                ") SELECT ",
                columns!(),
                " FROM withheld_reactions WHERE id = $1 AND reason = 'held' ON CONFLICT DO NOTHING"
            ),
            id
        )? > 0;
        if shown {
            self.delete_withheld(id).await?;
        }
        Ok(shown)
    }

    async fn delete_withheld(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM withheld_reactions WHERE id = $1", id)?;
        Ok(())
    }

    /// Deletes a reaction, visible or withheld.
    pub async fn delete_reaction(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM reactions WHERE id = $1", id)?;
        self.delete_withheld(id).await
    }
}
