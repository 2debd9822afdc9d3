//! People of other servers, and those who comment without an account: whom a text names, what is kept about
//! them, and its end.

mod erase;
mod export;

pub use erase::Erase;
pub use export::Export;

use crate::{
    content::Handle,
    protocol::is_address,
    store::{Conn, Kept, RemoteActorRow},
};
use anyhow::{Context, Result, bail};

/// Somebody about whom something is kept.
enum Named {
    Actor(Box<RemoteActorRow>),
    Mail(String),
}

/// The actor with a handle (`@user@example.org`) or an address (`https://...`).
///
/// # Errors
/// If nothing is known of them here.
pub async fn actor(conn: &mut Conn, text: &str) -> Result<RemoteActorRow> {
    let text = text.trim();
    let found = match is_address(text) {
        true => conn.actor_at(text).await?,
        false => {
            let handle: Handle = text.parse()?;
            let host = handle.host().to_string();
            conn.remote_actor_by_handle(handle.user(), &host).await?
        }
    };
    found.with_context(|| format!("{text} is not known here"))
}

/// Whom a handle, an address or a mail address names. `user@example.org` can be a handle or a mail address:
/// `@` or `mailto:` before it says which.
async fn person(conn: &mut Conn, text: &str) -> Result<Named> {
    let text = text.trim();
    let (address, is_mail) = match text.strip_prefix("mailto:") {
        Some(address) => (address, true),
        None => (text, false),
    };
    if !is_mail && (text.starts_with('@') || text.contains(':') && !is_port(text)) {
        return Ok(Named::Actor(Box::new(actor(conn, text).await?)));
    }
    if !address.contains('@') {
        bail!(
            "name a handle (@user@example.org), an actor's address (https://...) or a mail address"
        );
    }
    let has_mail = conn.kept_of_mail(address).await? != Kept::default();
    let account = match is_mail {
        true => None,
        false => actor(conn, address).await.ok(),
    };
    match (has_mail, account) {
        (true, None) => Ok(Named::Mail(address.to_owned())),
        (false, Some(actor)) => Ok(Named::Actor(Box::new(actor))),
        (true, Some(_)) => {
            bail!(
                "that is a mail address and a handle here: put `mailto:` or `@` before it to say which"
            )
        }
        (false, None) => bail!("nothing is kept about somebody of that name or mail address"),
    }
}

/// Whether the colon is that of a port, as in `user@example.org:8080`.
fn is_port(text: &str) -> bool {
    let port = text.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok()) && !text.contains("://")
}
