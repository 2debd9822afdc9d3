//! User names of the authors that exported actors become.

use super::{error::AdoptionError, export::ExportedActor};
use crate::{
    node::Node,
    protocol::{address_candidates, address_host},
    store::{Conn, Tx},
};
use std::collections::HashSet;
use url::Url;

/// The maximum length of a user name, without room for a number.
const MAX: usize = 60;
/// The name of an author whose login has no letter or digit.
const NAMELESS: &str = "author";

/// Returns the user name of the author that an actor becomes: of the author that was imported with its page, or one made
/// of its login. `used` has the actors here that others of the export became, and those that are nobody's.
pub(super) async fn of_author(
    node: &Node,
    tx: &mut Tx,
    actor: &ExportedActor,
    used: &HashSet<i64>,
) -> Result<String, AdoptionError> {
    for address in std::iter::once(&actor.id).chain(&actor.addresses) {
        if let Some(path) = path_of(tx, address).await?
            && let Some(name) = path
                .strip_prefix("/authors/")
                .or_else(|| path.strip_prefix("/users/"))
            && tx.author_by_username(name).await?.is_some()
            && is_free(node, tx, name, used).await?
        {
            return Ok(name.to_owned());
        }
    }
    let login = actor.login.as_deref().unwrap_or(&actor.handle);
    let wanted = from_login(login);
    let mut name = wanted.clone();
    for number in 2.. {
        if is_free(node, tx, &name, used).await? {
            break;
        }
        name = format!("{wanted}_{number}");
    }
    Ok(name)
}

/// Returns whether an exported actor can become the author with a name, who may be new.
async fn is_free(
    node: &Node,
    tx: &mut Tx,
    name: &str,
    used: &HashSet<i64>,
) -> Result<bool, AdoptionError> {
    if tx.is_retired_name(name).await? {
        return Ok(false);
    }
    let author = tx.author_by_username(name).await?;
    let actor = tx.local_actor(name).await?;
    Ok(match (author, actor) {
        (Some(author), Some(actor)) => {
            actor.author_id == Some(author.id) && !used.contains(&actor.id)
        }
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => name != node.config.comments.username.as_str(),
    })
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

/// Makes a user name of a login, as the import of articles does: `Ada.Writes` becomes `ada_writes`.
fn from_login(login: &str) -> String {
    let login = login.split('@').next().unwrap_or(login);
    let mut name = String::new();
    for c in deunicode::deunicode(login).chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.truncate(MAX);
    let name = name.trim_end_matches('_');
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::from_login;

    #[test]
    fn user_names_are_made_of_logins() {
        for (login, username) in [
            ("Ada.Writes", "ada_writes"),
            ("ada@example.org", "ada"),
            ("Żółć", "zolc"),
            ("Ада", "ada"),
            ("__", "author"),
            ("", "author"),
        ] {
            assert_eq!(from_login(login), username, "{login}");
        }
        assert_eq!(from_login(&"x".repeat(99)).len(), 60);
    }
}
