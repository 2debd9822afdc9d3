//! Identifies the person whose data is to be exported or erased.

use super::lookup::remote_actor;
use crate::store::{Conn, PersonalDataCounts, RemoteActorRow};
use anyhow::{Result, bail};
use clap::Args;

/// A person whose data is stored.
#[derive(Debug, Args)]
pub(crate) struct PersonArg {
    /// A handle (@user@example.org), an actor URL (https://...), or the email address of a guest who comments without
    /// an account.
    #[arg(value_name = "HANDLE|URL|MAIL")]
    who: String,
}

/// A person, as their data is stored.
pub(crate) enum Person {
    Actor(Box<RemoteActorRow>),
    Mail(String),
}

impl PersonArg {
    /// Returns the argument as it was given.
    pub(crate) fn text(&self) -> &str {
        self.who.trim()
    }

    /// Finds the person. `user@example.org` can be a handle or an email address: the prefix `@` or `mailto:` tells
    /// which.
    ///
    /// # Errors
    /// If nothing is stored about them, or the name is ambiguous.
    pub(crate) async fn find(&self, conn: &mut Conn) -> Result<Person> {
        let text = self.who.trim();
        let (address, is_mail) = match text.strip_prefix("mailto:") {
            Some(address) => (address, true),
            None => (text, false),
        };
        if !is_mail && (text.starts_with('@') || text.contains(':') && !has_port(text)) {
            return Ok(Person::Actor(Box::new(remote_actor(conn, text).await?)));
        }
        if !address.contains('@') {
            bail!(
                "{text} is not a handle (@user@example.org), an actor URL (https://...) or an email address"
            );
        }
        let has_mail = conn.counts_of_mail(address).await? != PersonalDataCounts::default();
        let actor = if is_mail {
            None
        } else {
            remote_actor(conn, address).await.ok()
        };
        match (has_mail, actor) {
            (true, None) => Ok(Person::Mail(address.to_owned())),
            (false, Some(actor)) => Ok(Person::Actor(Box::new(actor))),
            (true, Some(_)) => bail!(
                "{address} is both an email address and a handle: prefix it with `mailto:` or `@`"
            ),
            (false, None) => bail!("no data is stored about {address}"),
        }
    }
}

/// Returns whether the colon is that of a port, as in `user@example.org:8080`.
fn has_port(text: &str) -> bool {
    let port = text.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok()) && !text.contains("://")
}
