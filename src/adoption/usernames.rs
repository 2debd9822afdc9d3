//! User names of the authors that exported actors become.

use super::{error::AdoptionError, export::ExportedActor};
use crate::{
    content::Username,
    node::Node,
    protocol::{address_candidates, address_host},
    store::{Conn, Tx},
};
use url::Url;

/// The maximum length of a user name.
const MAX: usize = 64;

/// Returns the user name of the author that an actor becomes: of the author that was imported with its page, or one made
/// of its login.
pub(super) async fn of_author(
    node: &Node,
    tx: &mut Tx,
    actor: &ExportedActor,
) -> Result<String, AdoptionError> {
    for address in std::iter::once(&actor.id).chain(&actor.addresses) {
        if let Some(path) = path_of(tx, address).await?
            && let Some(name) = path
                .strip_prefix("/authors/")
                .or_else(|| path.strip_prefix("/users/"))
            && tx.author_by_username(name).await?.is_some()
        {
            return Ok(name.to_owned());
        }
    }
    let login = actor.login.as_deref().unwrap_or(&actor.handle);
    let wanted = from_login(login)
        .ok_or_else(|| AdoptionError::NoUsername(actor.id.clone(), login.to_owned()))?;
    let mut name = wanted.clone();
    for number in 2.. {
        let is_author = tx.author_by_username(&name).await?.is_some();
        let is_free = name != node.config.site.username.as_str()
            && tx.local_actor(&name).await?.is_none()
            && !tx.is_retired_name(&name).await?;
        if is_author || is_free {
            break;
        }
        name = format!("{wanted}_{number}");
    }
    Ok(name)
}

/// Returns the path here that an address stands for.
pub(super) async fn path_of(
    conn: &mut Conn,
    address: &str,
) -> Result<Option<String>, AdoptionError> {
    let Ok(url) = Url::parse(address) else {
        return Ok(None);
    };
    let host = address_host(&url).unwrap_or_default();
    let mut candidates = address_candidates(&host, url.path(), url.query());
    // The whole address only: `/?p=12` is not `/`.
    candidates.retain(|candidate| candidate.rest.is_empty());
    Ok(conn.path_at(&candidates).await?)
}

/// Makes a user name of a login: `Ada.Writes` becomes `ada_writes`.
fn from_login(login: &str) -> Option<String> {
    let mut name = String::new();
    for c in login.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.truncate(MAX - 4);
    let name = name.trim_end_matches('_');
    name.parse::<Username>().ok()?;
    Some(name.to_owned())
}
