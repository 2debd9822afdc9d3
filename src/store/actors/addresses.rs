//! The addresses of local actors that other software served before.

use crate::{
    protocol::address_host,
    store::database::{Result, Tx, execute, fetch_optional_scalar},
};
use sqlx::FromRow;
use url::Url;

/// The addresses of a local actor that differ from the computed ones, as whole URLs; and its handle.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct ActorAddresses {
    pub uri: Option<String>,
    /// The name in its handle (`preferredUsername`), as others know it: with dots, hyphens and capitals.
    pub handle: Option<String>,
    pub inbox: Option<String>,
    pub outbox: Option<String>,
    pub followers: Option<String>,
    pub following: Option<String>,
    pub featured: Option<String>,
    pub shared_inbox: Option<String>,
}

/// The name of the instance actor whose usual name, the domain, another actor has.
const INSTANCE: &str = "instance.actor";

impl Tx {
    /// Gives a local actor the addresses and the handle that others know; what is `None` stays computed. Requests for these
    /// addresses are served, and ids in activities are understood. If the handle is the host's name, the instance actor
    /// gives it up.
    pub async fn adopt_actor_addresses(
        &mut self,
        local_actor_id: i64,
        addresses: &ActorAddresses,
    ) -> Result<()> {
        let username: Option<String> = fetch_optional_scalar!(
            self,
            "SELECT username FROM local_actors WHERE id = $1",
            local_actor_id
        )?;
        let Some(username) = username else {
            return Ok(());
        };
        if takes_name_of_instance(addresses) {
            execute!(
                self,
                "UPDATE local_actors SET handle = $1 WHERE kind = 'instance' AND id <> $2",
                INSTANCE,
                local_actor_id
            )?;
        }
        execute!(
            self,
            "UPDATE local_actors SET uri = $2, handle = $3, inbox = $4, outbox = $5, followers = $6, following = $7,
                featured = $8, shared_inbox = $9 WHERE id = $1",
            local_actor_id,
            addresses.uri.as_deref(),
            addresses.handle.as_deref(),
            addresses.inbox.as_deref(),
            addresses.outbox.as_deref(),
            addresses.followers.as_deref(),
            addresses.following.as_deref(),
            addresses.featured.as_deref(),
            addresses.shared_inbox.as_deref()
        )?;
        let own = format!("/users/{username}");
        for (address, path) in [
            (&addresses.uri, own.clone()),
            (&addresses.inbox, format!("{own}/inbox")),
            (&addresses.outbox, format!("{own}/outbox")),
            (&addresses.followers, format!("{own}/followers")),
            (&addresses.following, format!("{own}/following")),
            (&addresses.featured, format!("{own}/featured")),
            (&addresses.shared_inbox, "/inbox".to_owned()),
        ] {
            if let Some(address) = address {
                self.add_address(address, &path).await?;
            }
        }
        Ok(())
    }
}

/// Returns whether the handle is `@example.org@example.org`, by which other servers know the instance actor.
fn takes_name_of_instance(addresses: &ActorAddresses) -> bool {
    let uri = addresses.uri.as_deref();
    let host = uri
        .and_then(|uri| Url::parse(uri).ok())
        .and_then(|url| address_host(&url));
    match (&addresses.handle, host) {
        (Some(handle), Some(host)) => handle.eq_ignore_ascii_case(&host),
        _ => false,
    }
}
