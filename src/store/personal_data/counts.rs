//! How much is stored about a remote actor or under a guest's mail address.

use crate::store::{
    actors::RemoteActorRow,
    database::{Conn, Result, fetch_one},
};
use serde::Serialize;
use sqlx::FromRow;

/// The numbers of rows about a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
#[sqlx(default)]
pub struct PersonalDataCounts {
    pub comments: i64,
    pub reactions: i64,
    /// The number of local actors that they follow, or asked to.
    pub follows: i64,
    /// The number of likes, boosts, follows and reports by local actors.
    pub interactions: i64,
    pub quotes: i64,
    /// The number of their collections that feature local actors.
    pub features: i64,
    /// The number of their replies, likes and boosts that asked for approval.
    pub approvals: i64,
    pub mentions: i64,
    pub notices: i64,
    pub keys: i64,
    /// The number of names that they used as a guest.
    pub names: i64,
    pub mails: i64,
}

impl Conn {
    /// Counts the rows about an actor.
    pub async fn counts_of_actor(&mut self, actor: &RemoteActorRow) -> Result<PersonalDataCounts> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM comments WHERE actor_id = $1)
                 + (SELECT COUNT(*) FROM bin_rows WHERE actor_id = $1 AND origin = 'comments') AS comments,
             (SELECT COUNT(*) FROM reactions WHERE actor_id = $1 AND kind <> 'quote')
                 + (SELECT COUNT(*) FROM withheld_reactions WHERE actor_id = $1 AND kind <> 'quote') AS reactions,
             (SELECT COUNT(*) FROM followers WHERE actor_id = $1) AS follows,
             (SELECT COUNT(*) FROM interactions WHERE actor_id = $1) AS interactions,
             (SELECT COUNT(*) FROM quotes WHERE actor_id = $1) AS quotes,
             (SELECT COUNT(*) FROM features WHERE actor_id = $1) AS features,
             (SELECT COUNT(*) FROM approvals WHERE actor_id = $1) AS approvals,
             (SELECT COUNT(*) FROM mentions WHERE actor_id = $1) AS mentions,
             (SELECT COUNT(*) FROM notices WHERE actor_uri = $2 OR object_uri = $2
                 OR object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)) AS notices,
             (SELECT COUNT(*) FROM remote_keys WHERE actor_id = $1) AS keys",
            actor.id,
            &actor.uri
        )
    }

    /// Counts the rows under a guest's mail address.
    pub async fn counts_of_mail(&mut self, mail: &str) -> Result<PersonalDataCounts> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM comments WHERE guest_id IN
                 (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)))
                 + (SELECT COUNT(*) FROM bin_rows WHERE origin = 'comments' AND guest_id IN
                 (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1))) AS comments,
             (SELECT COUNT(*) FROM guests WHERE LOWER(mail) = LOWER($1)) AS names,
             (SELECT COUNT(*) FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)) AS mails",
            mail
        )
    }
}
